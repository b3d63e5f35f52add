import fc from "fast-check";
import { type FragmentDefinitionNode, getVariableValues, Kind, parse, validate } from "graphql";
import { describe, expect, test } from "vitest";
import { countErpKeys } from "../../schema/key-count.js";
import { anonymous, type Caller } from "../../src/pricing/caller.js";
import { customerCaller } from "../support/samples.js";
import { ask, createSources, keysAsked, schema } from "./request.js";

const customer = customerCaller("C1");

function count(text: string, caller: Caller = anonymous, variables: Record<string, unknown> = {}, most = 1e9): number {
  const document = parse(text);
  expect(validate(schema, document)).toEqual([]);
  const definition = document.definitions.find((node) => node.kind === Kind.OPERATION_DEFINITION);
  if (definition === undefined) throw new Error("the document has an operation");
  const fragments: Record<string, FragmentDefinitionNode> = {};
  for (const node of document.definitions)
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments[node.name.value] = node;
  const { coerced, errors } = getVariableValues(schema, definition.variableDefinitions ?? [], variables);
  if (coerced === undefined) throw new Error(errors[0]?.message);
  return countErpKeys({ schema, definition, fragments, variableValues: coerced, caller }, most);
}

const net = "{ net { amount } }";

describe("counting the ERP keys of an operation", () => {
  test.each([
    [`{ product(sku: "A") { price ${net} } }`, 1],
    [`{ products(skus: ["A", "B", "A"]) { price ${net} stock { status } } }`, 4],
    [`{ a: product(sku: "A") { price ${net} } b: product(sku: "A") { price ${net} } }`, 1],
    [`{ product(sku: "A") { a: price(quantity: "1") ${net} b: price(quantity: "2") ${net} } }`, 2],
    [`{ product(sku: "A") { a: price(currency: EUR) ${net} } }`.replace("EUR", '"EUR"'), 1],
    [`{ product(sku: "A") { a: stock(warehouses: ["1"]) { status } b: stock(warehouses: ["2"]) { status } } }`, 1],
    [`{ product(sku: "A") { price ${net} publicPrice ${net} } }`, 1],
    [`{ product(sku: "A") { sku } }`, 1],
    ["{ viewer { audience } }", 1],
    ["{ __typename }", 0],
  ])("%s costs an anonymous caller at most %i", (text, keys) => {
    expect(count(text)).toBe(keys);
  });

  test("a customer's own price and the public one are two, and the customer's record one more", () => {
    expect(count(`{ product(sku: "A") { price ${net} publicPrice ${net} } }`, customer)).toBe(3);
    expect(count(`{ product(sku: "A") { price ${net} } viewer { audience } }`, customer)).toBe(2);
    expect(count(`{ product(sku: "A") { publicPrice ${net} } }`, customer)).toBe(1);
  });

  test("a cart costs a price and a stock a line, an SKU's stock once, and the customer's record; without the scope nothing", () => {
    const text = `query ($input: ValidateCartInput!) { validateCart(input: $input) { verdict } }`;
    const line = (n: number, sku: string, quantity = "1") => ({ key: `${n}`, sku, quantity });
    const input = { lines: [line(1, "A"), line(2, "A", "2"), line(3, "B")] };
    const checkout = customerCaller("C1", { lane: "checkout", scopes: new Set(["checkout"]) });
    expect(count(text, checkout, { input })).toBe(6);
    expect(count(text, { ...checkout, customer: null }, { input })).toBe(5);
    expect(count(text, customer, { input })).toBe(0);
    const many = { lines: Array.from({ length: 3_000 }, (_, n) => line(n, `S${n}`)) };
    expect(count(text, checkout, { input: many })).toBe(403);
  });

  test("aliases, fragments, variables and defaults hide nothing", () => {
    const text = `query ($skus: [ID!]! = ["A", "B"], $q: Decimal! = "3") {
      products(skus: $skus) { ...own ... on Product { stock { status } } }
      product(sku: "C") { ...own }
    }
    fragment own on Product { price(quantity: $q) ${net} ...other }
    fragment other on Product { more: price(quantity: "9") ${net} }`;
    expect(count(text)).toBe(8);
    expect(count(text, anonymous, { skus: ["A", "B", "D"] })).toBe(11);
  });

  test("what is skipped is not counted", () => {
    const text = `query ($yes: Boolean!) {
      products(skus: ["A", "B"]) { price @include(if: $yes) ${net} stock @skip(if: $yes) { status } }
      more: product(sku: "C") @skip(if: $yes) { price ${net} }
    }`;
    expect(count(text, anonymous, { yes: true })).toBe(2);
    expect(count(text, anonymous, { yes: false })).toBe(3);
  });

  test("it stops soon after it is past the most that is allowed", () => {
    const skus = Array.from({ length: 5_000 }, (_, index) => `S${index}`);
    const text = `query ($skus: [ID!]!) { products(skus: $skus) { price ${net} } }`;
    const counted = count(text, anonymous, { skus }, 100);
    expect(counted).toBeGreaterThan(100);
    expect(counted).toBeLessThan(200);
  });

  test("is never below what the loaders really ask, for any selection", async () => {
    await fc.assert(
      fc.asyncProperty(operation, fc.boolean(), variables, async (text, isCustomer, values) => {
        const caller = isCustomer ? customer : anonymous;
        const sources = createSources();
        const { errors } = await ask(text, { caller, sources, variables: values });
        expect(errors).toBeUndefined();
        expect(count(text, caller, values)).toBeGreaterThanOrEqual(keysAsked(sources).size);
      }),
      { numRuns: 250 },
    );
  });
});

const skuText = fc.constantFrom("A", "B", "C", "?");
const quantity = fc.constantFrom('"1"', '"1.0"', '"2"', '"10"', "$q");
const currency = fc.constantFrom("", ' currency: "EUR"', ' currency: "CHF"');
const maxAge = fc.constantFrom("", " maxAgeSeconds: 0", " maxAgeSeconds: 60");
const directive = fc.constantFrom("", "", " @include(if: $yes)", " @skip(if: $yes)");

const leaf = fc.oneof(
  fc.constant("sku"),
  fc
    .tuple(fc.constantFrom("price", "publicPrice"), quantity, currency, maxAge, directive)
    .map(([name, q, c, age, when]) => `${name}(quantity: ${q}${c}${age})${when} { net { amount } }`),
  fc
    .tuple(fc.constantFrom("", '(warehouses: ["W1"])', "(maxAgeSeconds: 0)"), directive)
    .map(([args, when]) => `stock${args}${when} { status }`),
);
const below = fc
  .array(fc.tuple(leaf, fc.constantFrom("", "", "... on Product ")), { minLength: 1, maxLength: 4 })
  // Every field has an alias of its own: two of one name with different arguments are no valid document.
  .map((leaves) => leaves.map(([text, inline], at) => (inline ? `${inline}{ f${at}: ${text} }` : `f${at}: ${text}`)));
const root = fc.oneof(
  fc.tuple(skuText, below).map(([sku, fields]) => `product(sku: "${sku}") { ${fields.join(" ")} }`),
  fc
    .tuple(fc.array(skuText, { minLength: 1, maxLength: 4 }), below)
    .map(([skus, fields]) => `products(skus: ${JSON.stringify(skus)}) { ${fields.join(" ")} }`),
  below.map((fields) => `products(skus: $skus) { ${fields.join(" ")} }`),
  fc.constant("viewer { customer { code } }"),
);
const operation = fc.array(root, { minLength: 1, maxLength: 4 }).map((roots) => {
  const fields = roots.map((text, at) => `r${at}: ${text}`).join("\n");
  // So that every variable is used, as a valid document must.
  const uses =
    'u: product(sku: "A") @skip(if: $yes) { price(quantity: $q) { quantity } } v: products(skus: $skus) { sku }';
  return `query ($yes: Boolean!, $q: Decimal! = "5", $skus: [ID!]!) { ${fields} ${uses} }`;
});
const variables = fc.record({ yes: fc.boolean(), skus: fc.array(skuText, { minLength: 1, maxLength: 3 }) });
