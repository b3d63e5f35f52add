import fc from "fast-check";
import { getOperationAST, parse } from "graphql";
import { describe, expect, test } from "vitest";
import { Pages } from "../../schema/page/pages.js";
import { ErpTimeout } from "../../src/errors.js";
import { failed } from "../../src/pricing/source.js";
import { customerCaller, foundAt, ladderOf, stockOf } from "../support/samples.js";
import { ask, createContext, createSources, now, schema, writePage } from "./request.js";

const money = ["amount", "currency", "__typename", "sum: amount"];
const freshness = ["source", "computedAt", "ageSeconds", "freshUntil", "staleReason", "__typename"];
const tier = ["minimumQuantity", "net { amount }", "gross { amount currency }"];
const priceFields = [
  ...["audience", "quantity", "unit", "priceUnit", "taxRate", "taxBasis", "minimumQuantity", "quantityIncrement"],
  ...["priceList", "validUntil", "__typename", "basis: taxBasis"],
];
const stockFields = ["status", "available", "restockDate", "leadTimeDays", "warehouses { code status available }"];

const someOf = (fields: readonly string[]) =>
  fc.subarray([...fields], { minLength: 1 }).chain((some) => fc.shuffledSubarray(some, { minLength: some.length }));

const block = (name: string, fields: fc.Arbitrary<string[]>) => fields.map((some) => `${name} { ${some.join(" ")} }`);

const priceSelection = fc
  .tuple(
    someOf(priceFields),
    fc.subarray(["net", "gross", "tiers", "freshness", "age: freshness"]),
    fc.tuple(...[money, money, tier, freshness, freshness].map((fields) => someOf(fields))),
  )
  .map(([plain, nested, blocks]) => {
    const names = ["net", "gross", "tiers", "freshness", "age: freshness"];
    return [...nested.map((name) => `${name} { ${(blocks[names.indexOf(name)] as string[]).join(" ")} }`), ...plain];
  });

const productField = fc.oneof(
  fc.constantFrom("sku", "__typename", "code: sku"),
  block("price", priceSelection),
  block('many: price(quantity: "25.5", currency: "EUR")', priceSelection),
  block("publicPrice", priceSelection),
  block("stock", someOf([...stockFields, "freshness { source ageSeconds }"])),
  block('there: stock(warehouses: ["MAIN", "NONE"])', someOf(stockFields)),
  block("... on Product { price", priceSelection).map((text) => `${text} }`),
  fc.constantFrom("...P", "price @include(if: true) { unit }"),
);

/** Doubles of one name with other arguments are no valid documents; those are left to the validation. */
const page = fc.uniqueArray(productField, { minLength: 1, maxLength: 5, selector: (text) => text.split(/[({ ]/)[0] });

/** Writes the same page each time it is called. */
function writerOfOnePage() {
  const pages = new Pages(schema);
  const definition = getOperationAST(parse('{ product(sku: "A") { stock { status } } }'));
  if (!definition) throw new Error("no operation");
  return () => pages.write(definition, {}, {}, createContext());
}

describe("a page that is written", () => {
  test("is, to the last character, what graphql-js answers, whatever is selected and whoever asks", async () => {
    let written = 0;
    await fc.assert(
      fc.asyncProperty(page, fc.constantFrom("C1", null), fc.boolean(), async (fields, code, isOps) => {
        const sources = createSources();
        sources.prices.outcomeOf = ({ sku, quantity }) =>
          foundAt(ladderOf({ sku, onlyQuantity: quantity, tiers: [{ from: "10", unitPrice: "9.5" }] }), now - 1_500);
        sources.stock.outcomeOf = ({ sku }) =>
          foundAt(stockOf({ sku, warehouses: [{ code: "MAIN", available: "7.25" }] }), now);
        const caller = code === null ? {} : { caller: customerCaller(code) };
        if (isOps && "caller" in caller) (caller.caller.scopes as Set<string>).add("ops");
        const fragment = fields.includes("...P") ? " fragment P on Product { sku stock { status } }" : "";
        const document = `{ list: products(skus: ["A", "?x", "B", "A"]) { ${fields.join(" ")} } }${fragment}`;
        // `ask` compares.
        await ask(document, { sources, ...caller });
        if ((await writePage(parse(document), createContext({ sources, ...caller }))) !== null) written++;
      }),
      { numRuns: 300 },
    );
    expect(written).toBeGreaterThan(100);
  });

  test("reads each kind of answer once for the whole list", async () => {
    const sources = createSources();
    const document = parse('{ products(skus: ["A", "B"]) { price { net { amount } } stock { status } } }');
    expect(await writePage(document, createContext({ sources }))).not.toBeNull();
    expect([sources.prices.asked.length, sources.stock.asked.length]).toEqual([1, 1]);
  });

  test("is left to graphql-js where an answer is an error, and nothing is asked twice for it", async () => {
    const sources = createSources();
    const { outcomeOf } = sources.prices;
    sources.prices.outcomeOf = (key, given) => (key.sku === "B" ? failed(new ErpTimeout("x")) : outcomeOf(key, given));
    const document = '{ products(skus: ["A", "B"]) { price(maxAgeSeconds: 0) { net { amount } } stock { status } } }';
    const { data, errors } = await ask(document, { sources });
    expect(data?.["products"]).toMatchObject([{ price: { net: { amount: "10.00" } } }, { price: null }]);
    expect(errors).toHaveLength(1);
    expect([sources.prices.asked.length, sources.stock.asked.length]).toEqual([1, 1]);
  });

  test.each([
    ["a directive", '{ products(skus: ["A"]) { price @include(if: true) { unit } } }'],
    ["two lists", '{ a: products(skus: ["A"]) { stock { status } } b: products(skus: ["B"]) { stock { status } } }'],
    ["another field", "{ viewer { audience } }"],
    ["nothing that is read", '{ products(skus: ["A"]) { sku } }'],
    ["bad input", '{ products(skus: [""]) { stock { status } } }'],
    ["bad arguments", '{ products(skus: ["A"]) { price(quantity: "0") { unit } } }'],
  ])("is none where there is %s", async (_what, document) => {
    expect(await writePage(parse(document), createContext())).toBeNull();
  });

  test("is never written again once graphql-js said otherwise", async () => {
    const write = writerOfOnePage();
    const first = await write();
    expect(first?.prove?.({ product: { stock: { status: "IN_STOCK" } } })).toBe(false);
    expect(await write()).toBeNull();
  });

  test("is believed once graphql-js said the same", async () => {
    const write = writerOfOnePage();
    const first = await write();
    expect(first?.prove?.(JSON.parse(first.text))).toBe(true);
    expect((await write())?.prove).toBeNull();
  });

  test("shows no price list to who may not see it, nor quantities, after one who may", async () => {
    const sources = createSources();
    const ladder = ladderOf({ sku: "A", priceList: "Secret" });
    const stock = stockOf({ sku: "A", warehouses: [{ code: "MAIN", available: "7" }] });
    sources.prices.outcomeOf = () => foundAt(ladder, now);
    sources.stock.outcomeOf = () => foundAt(stock, now);
    const document = parse('{ product(sku: "A") { price { priceList audience } stock { available } } }');
    const ops = { ...customerCaller("C1"), scopes: new Set(["ops"]) };
    const seen = await writePage(document, createContext({ sources, caller: ops }));
    expect(JSON.parse(seen?.text ?? "")).toMatchObject({ product: { price: { priceList: "Secret" } } });
    const other = await writePage(document, createContext({ sources }));
    expect(JSON.parse(other?.text ?? "")).toEqual({
      product: { price: { priceList: null, audience: "PUBLIC" }, stock: { available: null } },
    });
  });
});
