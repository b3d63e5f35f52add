import { describe, expect, test } from "vitest";
import { ErpTimeout, ErpUnavailable } from "../../src/errors.js";
import type { Caller } from "../../src/pricing/caller.js";
import { failed } from "../../src/pricing/source.js";
import { customerCaller, foundAt, ladderOf, stockOf, unknownAt } from "../support/samples.js";
import { ask, createSources, now, type RequestOptions } from "./request.js";

const customer = customerCaller("C1");
const machine: Caller = { kind: "machine", customer: null, lane: "feed", scopes: new Set(["feed"]), budgetId: null };

/** What became of `field` of one SKU's product, or of the product itself. */
async function productOf(selection: string, options: RequestOptions = {}, sku = "A") {
  const { data, errors } = await ask(`{ product(sku: "${sku}") { ${selection} } }`, options);
  return { product: data?.["product"] as Record<string, unknown> | null | undefined, errors };
}

describe("products", () => {
  test("stand in the order asked, doubles twice, and null where the ERP knows no such SKU", async () => {
    const { data, errors } = await ask('{ products(skus: ["B", "?", "A", "B"]) { sku price { net { amount } } } }');
    expect(errors).toBeUndefined();
    const price = { net: { amount: "10.00" } };
    expect(data?.["products"]).toEqual([{ sku: "B", price }, null, { sku: "A", price }, { sku: "B", price }]);
  });

  test("prices and stock of a whole list are one read each", async () => {
    const sources = createSources();
    const fields = "sku price { net { amount } } stock { status }";
    await ask(`{ products(skus: ["A", "B", "C"]) { ${fields} } }`, { sources });
    expect([sources.prices.asked.length, sources.stock.asked.length]).toEqual([1, 1]);
  });

  test("a price that could not be had is null with its code's error at its path; its neighbours stand", async () => {
    const sources = createSources();
    const { outcomeOf } = sources.prices;
    sources.prices.outcomeOf = (key, given) => (key.sku === "B" ? failed(new ErpTimeout("x")) : outcomeOf(key, given));
    const { data, errors } = await ask('{ products(skus: ["A", "B"]) { price { net { amount } } stock { status } } }', {
      sources,
    });
    expect(data?.["products"]).toEqual([
      { price: { net: { amount: "10.00" } }, stock: { status: "OUT_OF_STOCK" } },
      { price: null, stock: { status: "OUT_OF_STOCK" } },
    ]);
    expect(errors?.map(({ path, originalError }) => [path, originalError])).toEqual([
      [["products", 1, "price"], expect.objectContaining({ code: "ERP_TIMEOUT" })],
    ]);
  });

  test.each([
    ["{ products(skus: []) { sku } }", "`skus` is empty"],
    ['{ products(skus: ["A", ""]) { sku } }', "An SKU is empty"],
    ['{ product(sku: "") { sku } }', "An SKU is empty"],
    ['{ products(skus: ["A", "B", "C", "D"]) { sku } }', "holds 4 SKUs, and at most 3"],
    [`{ product(sku: "${"x".repeat(201)}") { sku } }`, "has 201 characters"],
    ['{ product(sku: "a\\u0000") { sku } }', "control character"],
  ])("%s is refused by name, and nothing is asked", async (document, message) => {
    const sources = createSources();
    const { errors } = await ask(document, { sources, rules: { maxSkus: 3 } });
    expect(errors?.map((error) => error.originalError)).toEqual([
      expect.objectContaining({ code: "BAD_USER_INPUT", message: expect.stringContaining(message) }),
    ]);
    expect([sources.prices, sources.stock].flatMap(({ asked }) => asked)).toEqual([]);
  });

  test("as many SKUs as are allowed, of the longest that is taken, are answered", async () => {
    const skus = JSON.stringify(["A", "B", "x".repeat(200)]);
    const { errors } = await ask(`{ products(skus: ${skus}) { sku } }`, { rules: { maxSkus: 3 } });
    expect(errors).toBeUndefined();
  });
});

describe("which word says that a SKU is unknown", () => {
  const unknownHere = (kind: "own price" | "public price" | "stock") => {
    const sources = createSources();
    if (kind === "stock") sources.stock.outcomeOf = () => unknownAt(now);
    else {
      sources.prices.outcomeOf = ({ scope, quantity }) =>
        (scope.kind === "public") === (kind === "public price")
          ? unknownAt(now)
          : foundAt(ladderOf({ onlyQuantity: quantity }), now);
    }
    return sources;
  };
  const [price, publicPrice, stock] = ["price { quantity }", "publicPrice { quantity }", "stock { status }"];

  test.each([
    ["own price", `${price} ${publicPrice} ${stock}`, true],
    ["public price", `${price} ${publicPrice} ${stock}`, false],
    ["stock", `${price} ${stock}`, false],
    ["stock", `${publicPrice} ${stock}`, true],
    ["public price", `${publicPrice} ${stock}`, false],
    ["public price", publicPrice, true],
    ["public price", "sku", true],
    ["own price", "sku", false],
  ] as const)("a customer's product whose %s is unknown, asked %s: gone is %s", async (kind, selection, isGone) => {
    const { product, errors } = await productOf(selection ?? "", { caller: customer, sources: unknownHere(kind) });
    expect(errors).toBeUndefined();
    expect(product === null).toBe(isGone);
  });

  test.each([
    ["public price", true],
    ["stock", false],
  ] as const)(
    "an anonymous caller's own price is the public one: with its %s unknown it is gone: %s",
    async (kind, isGone) => {
      const { product } = await productOf(`${publicPrice} ${stock}`, { sources: unknownHere(kind) });
      expect(product === null).toBe(isGone);
    },
  );

  test("where every field has bad arguments nothing is asked", async () => {
    const sources = createSources();
    const { product, errors } = await productOf('sku price(quantity: "0") { quantity }', { sources });
    expect(product).toEqual({ sku: "A", price: null });
    expect(errors).toHaveLength(1);
    expect(sources.prices.asked).toHaveLength(0);
  });

  test("a word that could not be had leaves the product standing", async () => {
    const sources = createSources();
    sources.prices.outcomeOf = () => failed(new ErpUnavailable("down"));
    const { product, errors } = await productOf("sku", { sources });
    expect([product, errors]).toEqual([{ sku: "A" }, undefined]);
  });

  test("bad arguments of one field are told at its own path, once, and the others are asked", async () => {
    const { product, errors } = await productOf('sku price(quantity: "0") { quantity } stock { status }');
    expect(product).toEqual({ sku: "A", price: null, stock: { status: "OUT_OF_STOCK" } });
    expect(errors?.map(({ path, message }) => [path, message])).toEqual([
      [["product", "price"], "`quantity` should be above 0, not 0."],
    ]);
  });

  test("a null where a variable may have none fails its own field alone", async () => {
    const document =
      'query ($q: Decimal) { product(sku: "A") { sku price(quantity: $q) { quantity } stock { status } } }';
    const { data, errors } = await ask(document, { variables: { q: null } });
    expect(data?.["product"]).toEqual({ sku: "A", price: null, stock: { status: "OUT_OF_STOCK" } });
    expect(errors?.map(({ path }) => path)).toEqual([["product", "price"]]);
  });
});

describe("arguments of price and stock", () => {
  test.each([
    ['price(quantity: "-1") { quantity }', "`quantity` should be above 0, not -1."],
    ["price(maxAgeSeconds: -1) { quantity }", "`maxAgeSeconds` should be 0 or more, not -1."],
    ["publicPrice(maxAgeSeconds: -1) { quantity }", "`maxAgeSeconds` should be 0 or more, not -1."],
    ["stock(maxAgeSeconds: -1) { status }", "`maxAgeSeconds` should be 0 or more, not -1."],
    ["stock(warehouses: []) { status }", "`warehouses` is empty: name at least one, or leave it out for all."],
  ])("%s is refused by name", async (selection, message) => {
    const { errors } = await productOf(selection);
    expect(errors?.map((error) => error.originalError)).toEqual([
      expect.objectContaining({ code: "BAD_USER_INPUT", message }),
    ]);
  });

  test.each([
    ["maxAgeSeconds: 0", 0],
    ["maxAgeSeconds: 60", 60_000],
    ["maxAgeSeconds: null", null],
  ])("%s asks for answers of at most that age, in ms: %s", async (argument, maxAgeMs) => {
    const sources = createSources();
    await productOf(`price(${argument}) { quantity } stock(${argument}) { status }`, { sources });
    expect(sources.prices.asked.map((read) => read.ask.maxAgeMs)).toEqual([maxAgeMs]);
    expect(sources.stock.asked.map((read) => read.ask.maxAgeMs)).toEqual([maxAgeMs]);
  });

  test("in the checkout lane every answer is live, whatever age the question allows", async () => {
    const sources = createSources();
    const caller = customerCaller("C1", { lane: "checkout" });
    await productOf("price(maxAgeSeconds: 600) { quantity } stock { status }", { sources, caller });
    expect([sources.prices, sources.stock].flatMap(({ asked }) => asked.map((read) => read.ask.maxAgeMs))).toEqual([
      0, 0,
    ]);
  });

  test("the price is told for the quantity as it was written, and in the currency asked", async () => {
    const sources = createSources();
    const { product } = await productOf('price(quantity: "2.50", currency: "CHF") { quantity }', { sources });
    expect(product).toEqual({ price: { quantity: "2.50" } });
    expect(sources.prices.asked[0]?.keys[0]).toMatchObject({ quantity: "2.5", currency: "CHF" });
  });
});

describe("what a caller sees", () => {
  const withStock = () => {
    const sources = createSources();
    const warehouses = [
      { code: "W1", available: "3" },
      { code: "W2", available: "4.5" },
    ];
    sources.stock.outcomeOf = ({ sku }) => foundAt(stockOf({ sku, warehouses }), now);
    return sources;
  };

  test.each([
    ["nobody in particular", {}, null],
    ["nobody, where quantities are public", { rules: { stockPublicDetail: "quantity" } }, "7.5"],
    ["a customer", { caller: customer }, "7.5"],
    ["the feed", { caller: machine }, "7.5"],
    ["a shop's checkout", { caller: { ...machine, lane: "checkout" } }, "7.5"],
    ["a machine in the storefront lane", { caller: { ...machine, lane: "storefront" } }, null],
  ] as const)("of stock, %s", async (_who, options, available) => {
    const fields = "status available warehouses { code status available }";
    const { product } = await productOf(`stock { ${fields} }`, { ...options, sources: withStock() });
    expect(product?.["stock"]).toEqual({
      status: "IN_STOCK",
      available,
      warehouses: [
        { code: "W1", status: "LOW_STOCK", available: available && "3" },
        { code: "W2", status: "LOW_STOCK", available: available && "4.5" },
      ],
    });
  });

  test("of the warehouses asked alone", async () => {
    const selection = 'stock(warehouses: ["W2", "W9"]) { status available warehouses { code } }';
    const { product } = await productOf(selection, { caller: customer, sources: withStock() });
    expect(product?.["stock"]).toEqual({ status: "LOW_STOCK", available: "4.5", warehouses: [{ code: "W2" }] });
  });

  test("the price list is named to the scope `ops` alone", async () => {
    const sources = createSources();
    sources.prices.outcomeOf = () => foundAt(ladderOf({ priceList: "WINTER" }), now);
    const ops = { ...customer, scopes: new Set(["ops"]) };
    expect((await productOf("price { priceList }", { sources, caller: customer })).product).toEqual({
      price: { priceList: null },
    });
    expect((await productOf("price { priceList }", { sources, caller: ops })).product).toEqual({
      price: { priceList: "WINTER" },
    });
  });

  test.each([
    ["anonymous", {}, "PUBLIC", "PUBLIC"],
    ["a customer", { caller: customer }, "CUSTOMER", "PUBLIC"],
    ["a machine", { caller: machine }, "PUBLIC", "PUBLIC"],
  ] as const)("the audience of its prices: %s", async (_who, options, own, everybody) => {
    const { product } = await productOf("price { audience } publicPrice { audience }", options);
    expect(product).toEqual({ price: { audience: own }, publicPrice: { audience: everybody } });
  });

  test("both sides of the tax, every break, and how old the answer is", async () => {
    const sources = createSources();
    const tiers = [
      { from: "1", unitPrice: "10.00" },
      { from: "10", unitPrice: "9.00" },
    ];
    const freshness = { source: "LAST_KNOWN", computedAt: now - 90_500, freshUntil: now - 30_000 } as const;
    sources.prices.outcomeOf = () => ({
      kind: "found",
      answer: ladderOf({ tiers, validUntil: now + 1_000 }),
      freshness: { ...freshness, staleReason: "ERP_TIMEOUT" },
    });
    const notes: number[] = [];
    const money = "{ amount currency }";
    const { product } = await productOf(
      `price(quantity: "10") { net ${money} gross ${money} taxRate taxBasis validUntil
        tiers { minimumQuantity net ${money} gross ${money} }
        freshness { source computedAt ageSeconds freshUntil staleReason } }`,
      { sources, noteAnswer: (freshUntil) => notes.push(freshUntil) },
    );
    const eur = (amount: string) => ({ amount, currency: "EUR" });
    expect(product?.["price"]).toEqual({
      net: eur("9.00"),
      gross: eur("10.8"),
      taxRate: "20",
      taxBasis: "NET",
      validUntil: "2026-11-24T09:30:01.000Z",
      tiers: [
        { minimumQuantity: "1", net: eur("10.00"), gross: eur("12") },
        { minimumQuantity: "10", net: eur("9.00"), gross: eur("10.8") },
      ],
      freshness: {
        source: "LAST_KNOWN",
        computedAt: "2026-11-24T09:28:29.500Z",
        ageSeconds: 90.5,
        freshUntil: "2026-11-24T09:29:30.000Z",
        staleReason: "ERP_TIMEOUT",
      },
    });
    expect(notes).toEqual([0]); // nobody may keep a response that holds a last known answer
  });

  test("until when the response is good is noted for each answer, that a SKU is unknown included", async () => {
    const notes: number[] = [];
    const noteAnswer = (freshUntil: number) => notes.push(freshUntil);
    await ask('{ products(skus: ["A", "?"]) { price { quantity } } }', { noteAnswer });
    expect(notes).toEqual([now, now]);
  });
});

describe("the viewer", () => {
  test("is who asks, with its record where it has one", async () => {
    const document = "{ viewer { audience customer { code name currency blocked creditLimit { amount } } } }";
    expect((await ask(document)).data).toEqual({ viewer: { audience: "PUBLIC", customer: null } });
    expect((await ask(document, { caller: customer })).data).toEqual({
      viewer: {
        audience: "CUSTOMER",
        customer: { code: "C1", name: null, currency: "EUR", blocked: false, creditLimit: null },
      },
    });
  });

  test.each([
    ["CUSTOMER_UNKNOWN", unknownAt(now, "customer")],
    ["ERP_TIMEOUT", failed(new ErpTimeout("silent"))],
  ])("stands with %s at its record", async (code, outcome) => {
    const sources = createSources();
    sources.customers.outcomeOf = () => outcome;
    const { data, errors } = await ask("{ viewer { audience customer { code } } }", { caller: customer, sources });
    expect(data).toEqual({ viewer: { audience: "CUSTOMER", customer: null } });
    expect(errors?.map(({ originalError }) => originalError)).toEqual([expect.objectContaining({ code })]);
  });
});
