import { describe, expect, test } from "vitest";
import { ErpTimeout, ErpUnavailable } from "../../src/errors.js";
import { usualCharges } from "../../src/pricing/cart/cart.js";
import { createCustomerKey, createPriceKey, verifiedCustomer } from "../../src/pricing/keys.js";
import { failed } from "../../src/pricing/source.js";
import { FakeQuotes } from "../support/fake-quotes.js";
import { customerCaller, customerOf, foundAt, ladderOf, stockOf, unknownAt } from "../support/samples.js";
import { ask, createSources, keysAsked, now, type RequestOptions } from "./request.js";

const fields = `verdict reasons { code messageKey } netTotal { amount currency } grossTotal { amount } quote { id token expiresAt } validatedAt
  lines { key sku quantity price stock net { amount currency } priceUnit lineNet { amount } reasons { code } quoteStatus available
    restockDate freshness { source ageSeconds } }`;
const query = `query ($input: ValidateCartInput!) { validateCart(input: $input) { ${fields} } }`;
const checkout = customerCaller("C1", { lane: "checkout", scopes: new Set(["checkout"]) });
const line = (parts: Record<string, unknown> = {}) => ({ key: "1", sku: "A", quantity: "1", ...parts });

/** Knows that a hundred of everything are there. */
function createStockedSources() {
  const sources = createSources();
  sources.stock.outcomeOf = ({ sku }) =>
    sku.startsWith("?")
      ? unknownAt(now)
      : foundAt(stockOf({ sku, warehouses: [{ code: "LYON", available: "100" }] }), now);
  return sources;
}

function validate(lines: unknown[], options: RequestOptions & { currency?: string; quote?: string } = {}) {
  const { currency, quote, ...rest } = options;
  return ask(query, {
    caller: checkout,
    sources: createStockedSources(),
    quotes: new FakeQuotes(),
    ...rest,
    variables: { input: { lines, currency, quote } },
  });
}

interface Judged {
  readonly verdict: string;
  readonly reasons: { readonly code: string }[];
  readonly quote: { readonly token: string; readonly expiresAt: string } | null;
  readonly validatedAt: string;
  readonly netTotal: { readonly amount: string } | null;
  readonly lines: {
    readonly price: string;
    readonly stock: string;
    readonly net: { readonly amount: string } | null;
    readonly freshness: { readonly source: string; readonly ageSeconds: number } | null;
    readonly quoteStatus: string | null;
  }[];
}
async function judged(...args: Parameters<typeof validate>): Promise<Judged> {
  const { data, errors } = await validate(...args);
  expect(errors).toBeUndefined();
  return data?.["validateCart"] as Judged;
}

describe("what is asked for a cart", () => {
  test("is one read a kind, in the checkout lane, and never an answer from before", async () => {
    const sources = createStockedSources();
    const lines = [line(), line({ key: "2", sku: "B" }), line({ key: "3", quantity: "4" })];
    expect((await judged(lines, { sources })).verdict).toBe("ACCEPT");
    for (const source of Object.values(sources)) {
      expect(source.asked[0]?.ask).toMatchObject({ lane: "checkout", maxAgeMs: 0 });
    }
    expect(sources.customers.asked).toHaveLength(1);
    expect(sources.stock.askedIds).toEqual([["1:A", "1:B"]]);
    // This ERP tells one quantity at a time, so the second quantity of A is only known to be missing with the answer.
    expect(sources.prices.asked.map(({ keys }) => keys.map(({ sku }) => sku))).toEqual([["A", "B"], ["A"]]);
    expect(sources.prices.asked[0]?.keys[0]?.scope).toEqual({ kind: "customer", customer: "C1" });
  });

  test("is priced at the sum of an SKU's lines where the ERP's breaks look at it", async () => {
    const sources = createStockedSources();
    const charges = { ...usualCharges, breaksCount: "sku" as const };
    await judged([line({ quantity: "1.5" }), line({ key: "2", quantity: "2.5" })], { sources, cart: { charges } });
    expect(sources.prices.asked.flatMap(({ keys }) => keys.map(({ quantity }) => quantity))).toEqual(["4"]);
  });

  test("is public for a token without a customer", async () => {
    const sources = createStockedSources();
    const caller = { ...checkout, kind: "machine" as const, customer: null };
    expect((await judged([line()], { sources, caller })).verdict).toBe("ACCEPT");
    expect(sources.customers.asked).toEqual([]);
    expect(sources.prices.asked[0]?.keys[0]?.scope).toEqual({ kind: "public" });
  });

  test("may be kept by nobody", async () => {
    const noted: number[] = [];
    await judged([line()], { noteAnswer: (until) => noted.push(until) });
    expect(noted).toEqual([0]);
  });

  test("is dated by when all of it was there, however long the ERP took, and so is what is promised", async () => {
    const quotes = new FakeQuotes();
    const sources = createStockedSources();
    let at = now;
    sources.prices.outcomeOf = ({ sku }) => {
      at = now + 2_900;
      return foundAt(ladderOf({ sku }), now + 40);
    };
    const { validatedAt, quote, lines } = await judged([line()], { sources, quotes, clock: { now: () => at } });
    expect(validatedAt).toBe(new Date(now + 2_900).toISOString());
    expect(quote?.expiresAt).toBe(new Date(now + 2_900 + 900_000).toISOString());
    expect(lines[0]?.freshness?.ageSeconds).toBe(2.86);
  });

  test("and said from before the question passes as live by no way", async () => {
    const sources = createStockedSources();
    sources.prices.outcomeOf = ({ sku }) => foundAt(ladderOf({ sku }), now - 1);
    sources.stock.outcomeOf = ({ sku }) => foundAt(stockOf({ sku }), now - 1);
    const { verdict, lines } = await judged([line()], { sources });
    expect([verdict, lines[0]?.price, lines[0]?.stock]).toEqual(["UNVERIFIED", "UNVERIFIED", "UNVERIFIED"]);
  });
});

describe("a request that cannot be meant", () => {
  test.each<[string, unknown[], RegExp[]]>([
    ["no lines", [], [/`lines` is empty/]],
    ["too many lines", Array.from({ length: 201 }, (_, n) => line({ key: `${n}` })), [/201 lines.*200/]],
    ["3,000 lines", Array.from({ length: 3000 }, (_, n) => line({ key: `${n}` })), [/3000 lines.*200/]],
    ["quantity 0", [line({ quantity: "0.00" })], [/Line 1.*`quantity`.*above 0.*0\.00/]],
    ["a negative quantity", [line({ quantity: "-1" })], [/`quantity`.*-1/]],
    ["an exponent", [line({ quantity: "1e3" })], [/Decimal.*1e3/]],
    ["NaN", [line({ quantity: "NaN" })], [/Decimal.*NaN/]],
    ["a float", [line({ quantity: 1.5 })], [/Decimal.*1\.5/]],
    ["an empty key", [line({ key: "" })], [/key is empty: give each line its own/]],
    ["a repeated key", [line(), line({ sku: "B" })], [/Line 2.*"1"/]],
    ["an empty SKU", [line({ sku: "" })], [/SKU is empty/]],
    ["a long SKU", [line({ sku: "x".repeat(201) })], [/201 characters/]],
    ["a negative shown price", [line({ shownNet: "-0.01" })], [/`shownNet`.*-0\.01/]],
    ["an empty warehouse", [line({ warehouse: "" })], [/warehouse is empty/]],
    [
      "several mistakes",
      [line({ quantity: "0" }), line({ sku: "", shownNet: "-1" })],
      [/Line 1: `quantity`/, /Line 2: An SKU/, /Line 2: The key/, /Line 2: `shownNet`/],
    ],
  ])("is refused whole, every mistake named, and the ERP is not asked: %s", async (_, lines, mends) => {
    const sources = createStockedSources();
    const { data, errors } = await validate(lines, { sources });
    expect(data ?? null).toBeNull();
    const told = errors?.map(({ message }) => message).join("\n") ?? "";
    for (const mend of mends) expect(told).toMatch(mend);
    expect(errors?.map(({ originalError, extensions }) => Object(originalError).code ?? extensions["code"])).toEqual(
      errors?.map(() => "BAD_USER_INPUT"),
    );
    expect(keysAsked(sources).size).toBe(0);
  });

  test("is refused without the scope, before its lines are looked at", async () => {
    const { errors } = await validate([], { caller: customerCaller("C1") });
    expect(errors?.[0]?.originalError).toMatchObject({ code: "FORBIDDEN" });
  });
});

describe("what is no verdict", () => {
  test("is a customer that the ERP does not know", async () => {
    const sources = createStockedSources();
    sources.customers.outcomeOf = () => unknownAt(now, "customer");
    const { errors } = await validate([line()], { sources });
    expect(errors?.[0]?.originalError).toMatchObject({ code: "CUSTOMER_UNKNOWN" });
    expect(sources.prices.asked).toEqual([]);
  });

  test("is not one line of which the ERP says so: that is the line's, and the others stand", async () => {
    const sources = createStockedSources();
    sources.prices.outcomeOf = ({ sku }) =>
      sku === "B" ? unknownAt(now, "customer") : foundAt(ladderOf({ sku }), now);
    const { verdict, lines } = await judged([line(), line({ key: "2", sku: "B" })], { sources });
    expect([verdict, lines.map(({ price }) => price)]).toEqual(["UNVERIFIED", ["UNCHANGED", "UNVERIFIED"]]);
    sources.prices.outcomeOf = () => unknownAt(now, "customer");
    const { errors } = await validate([line(), line({ key: "2", sku: "B" })], { sources });
    expect(errors?.[0]?.originalError).toMatchObject({ code: "CUSTOMER_UNKNOWN" });
  });

  test("is a bug: it is thrown, and not called the ERP's", async () => {
    const sources = createStockedSources();
    sources.prices.outcomeOf = () => failed(new TypeError("a bug"));
    expect((await validate([line()], { sources })).errors?.[0]?.originalError).toBeInstanceOf(TypeError);
  });
});

describe("when the ERP cannot be asked", () => {
  const key = (scope: Parameters<typeof createPriceKey>[0]["scope"]) =>
    createPriceKey({ scope, sku: "A", currency: "EUR", quantity: "1", exactQuantity: false }).id;
  const kept = <Answer>(answer: Answer, ageMs: number) => {
    const found = foundAt(answer, now - ageMs);
    return { ...found, freshness: { ...found.freshness, source: "LAST_KNOWN" as const } };
  };

  function createDeadSources() {
    const sources = createStockedSources();
    sources.prices.outcomeOf = () => failed(new ErpTimeout("late"));
    const customer = verifiedCustomer("C1");
    const record = customerOf({ code: "C1", currency: "EUR", priceScope: "GOLD" });
    sources.customers.kept.set(createCustomerKey(customer).id, kept(record, 9));
    sources.prices.kept.set(key({ kind: "price-scope", priceScope: "GOLD", customer }), kept(ladderOf(), 60_000));
    return sources;
  }

  test("the line is unverified, with the last known price under the customer's own scope; the rest is judged", async () => {
    const { verdict, lines, netTotal, quote } = await judged([line()], {
      sources: createDeadSources(),
      quotes: new FakeQuotes(),
    });
    expect([verdict, netTotal, quote]).toEqual(["UNVERIFIED", null, null]);
    expect(lines[0]).toMatchObject({
      ...{ price: "UNVERIFIED", stock: "AVAILABLE", net: { amount: "10.00" } },
      freshness: { source: "LAST_KNOWN" },
    });
  });

  test("the younger one of the customer's own and its scope's price is told", async () => {
    const sources = createDeadSources();
    const own = key({ kind: "customer", customer: verifiedCustomer("C1") });
    sources.prices.kept.set(own, kept(ladderOf({ unitPrice: "11" }), 59_999));
    expect((await judged([line()], { sources })).lines[0]?.net?.amount).toBe("11");
  });

  test("a dead record leaves the cart unverified, and asks no prices; nobody is shown public ones", async () => {
    const sources = createDeadSources();
    sources.customers.outcomeOf = () => failed(new ErpUnavailable("gone"));
    const { verdict, reasons, lines } = await judged([line()], { sources });
    expect(verdict).toBe("UNVERIFIED");
    expect(reasons.map(({ code }) => code)).toEqual(["CUSTOMER_UNVERIFIED", "LINES_UNVERIFIED"]);
    expect(lines[0]).toMatchObject({ price: "UNVERIFIED", stock: "AVAILABLE", net: { amount: "10.00" } });
    expect(sources.prices.asked).toEqual([]);
  });

  test("a setting may let the last known price through: marked, and without a promise", async () => {
    const quotes = new FakeQuotes();
    const lastKnown = { maxAgeMs: 60_000, maxTotals: new Map([["EUR", "12.00"]]) };
    const options = { sources: createDeadSources(), quotes };
    const passed = await judged([line()], { ...options, cart: { lastKnown } });
    expect(passed).toMatchObject({ verdict: "ACCEPT", quote: null, netTotal: { amount: "10.00" } });
    expect(passed.lines[0]).toMatchObject({
      ...{ price: "UNCHANGED", reasons: [{ code: "PRICE_LAST_KNOWN" }], freshness: { source: "LAST_KNOWN" } },
    });
    const tooOld = { ...lastKnown, maxAgeMs: 59_999 };
    expect((await judged([line()], { ...options, cart: { lastKnown: tooOld } })).verdict).toBe("UNVERIFIED");
    expect(quotes.signed).toEqual([]);
  });
});

describe("a quote", () => {
  test("is signed for what can be ordered, at the prices charged, and honoured when it comes back", async () => {
    const quotes = new FakeQuotes();
    const sources = createStockedSources();
    const first = await judged([line({ quantity: "2.00", shownNet: "9" })], { quotes, sources });
    expect(first).toMatchObject({ verdict: "NEEDS_CONSENT", quote: { token: "quote-1", id: "1" } });
    expect(quotes.signed[0]).toMatchObject({
      customer: "C1",
      currency: "EUR",
      lines: [{ quantity: "2", net: "10.00" }],
    });
    sources.prices.outcomeOf = ({ sku }) => foundAt(ladderOf({ sku, unitPrice: "12" }), now);
    const again = [line({ quantity: "2.0", shownNet: "9", quote: "quote-1" })];
    expect(await judged(again, { quotes, sources })).toMatchObject({
      ...{ verdict: "ACCEPT", netTotal: { amount: "20.00" } },
      lines: [{ price: "QUOTED", quoteStatus: "HONOURED" }],
    });
    sources.prices.outcomeOf = () => failed(new ErpUnavailable("gone"));
    expect((await judged(again, { quotes, sources })).verdict).toBe("ACCEPT");
  });

  test("is another customer's, or nobody's, or for another line, and the live price is judged instead", async () => {
    const quotes = new FakeQuotes();
    await judged([line()], { quotes });
    const other = customerCaller("C2", { lane: "checkout", scopes: new Set(["checkout"]) });
    const withQuote = (parts: Record<string, unknown>, options: RequestOptions = {}) =>
      judged([line({ quote: "quote-1", ...parts })], { quotes, ...options });
    expect((await withQuote({}, { caller: other })).lines[0]).toMatchObject({
      quoteStatus: "FOREIGN",
      price: "UNCHANGED",
    });
    expect((await withQuote({ quantity: "2" })).lines[0]?.quoteStatus).toBe("OTHER_LINE");
    expect((await withQuote({ quote: "forged" })).lines[0]?.quoteStatus).toBe("INVALID");
  });

  test("of a whole cart may be sent once, for all lines that give none of their own", async () => {
    const quotes = new FakeQuotes();
    const lines = [line(), line({ key: "2", sku: "B" })];
    await judged(lines, { quotes });
    const again = await judged([...lines, line({ key: "3", sku: "B", quote: "forged" })], { quotes, quote: "quote-1" });
    expect(again.lines.map(({ quoteStatus }) => quoteStatus)).toEqual(["HONOURED", "HONOURED", "INVALID"]);
  });

  test("is never prolonged by being given back: what comes of its price ends when it ends", async () => {
    const quotes = new FakeQuotes();
    const sources = createStockedSources();
    const expiryOf = ({ quote }: Judged) => Date.parse(quote?.expiresAt ?? "") - now;
    let at = now;
    const priceIs = (unitPrice: string) => {
      sources.prices.outcomeOf = ({ sku }) => foundAt(ladderOf({ sku, unitPrice }), at);
    };
    const clock = { now: () => at };
    const renew = (quote: string) =>
      judged([line({ quote }), line({ key: "2", sku: "B" })], { quotes, sources, clock });
    priceIs("10");
    expect(expiryOf(await judged([line()], { quotes, sources, clock }))).toBe(900_000);
    at = now + 600_000;
    priceIs("12");
    expect(expiryOf(await renew("quote-1"))).toBe(900_000);
    sources.prices.outcomeOf = ({ sku }) =>
      sku === "A" ? failed(new ErpUnavailable("gone")) : foundAt(ladderOf({ sku }), at);
    expect(expiryOf(await renew("quote-2"))).toBe(900_000);
    // A price that fell below the promised one is promised anew.
    priceIs("9");
    expect(expiryOf(await renew("quote-2"))).toBe(1_500_000);
  });

  test("is not given for a cart that cannot be ordered", async () => {
    const quotes = new FakeQuotes();
    expect(await judged([line({ sku: "?" })], { quotes })).toMatchObject({ verdict: "REJECT", quote: null });
    expect(quotes.signed).toEqual([]);
  });
});
