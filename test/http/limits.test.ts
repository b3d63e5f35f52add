import { createServer } from "node:http";
import type { ApolloServer } from "@apollo/server";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { limitDocument } from "../../schema/document-limits.js";
import { refuseOperation } from "../../schema/operation-limits.js";
import { createApolloServer } from "../../src/http/apollo.js";
import { createExchange, type GraphQLContext } from "../../src/http/exchange.js";
import { createLogger } from "../../src/telemetry/logger.js";
import { noMetrics } from "../../src/telemetry/metrics.js";
import { createContext, createSources, now, type RecordingSources, schema } from "../schema/request.js";
import { customerCaller } from "../support/samples.js";

let apollo: ApolloServer<GraphQLContext>;
let sources: RecordingSources;
let contextValue: GraphQLContext;

beforeAll(async () => {
  apollo = createApolloServer({
    schema,
    httpServer: createServer(),
    isProduction: false,
    maxDocumentTokens: 200,
    documentRules: [limitDocument],
    refuseOperation: (operation) => refuseOperation(operation, 20),
    writePage: async () => null,
    knownPages: null,
    drainMs: 10,
    logger: createLogger({ level: "silent" }),
    metrics: noMetrics,
  });
  await apollo.start();
});

afterAll(() => apollo.stop());

/** What a client is told, and how many reads reached the ERP. */
async function send(query: string, variables: Record<string, unknown> = {}, isCustomer = false) {
  sources = createSources();
  const caller = isCustomer ? { caller: customerCaller("C1") } : {};
  contextValue = { ...createContext({ sources, ...caller }), exchange: createExchange("POST", now) };
  const { body, http } = await apollo.executeOperation({ query, variables }, { contextValue });
  if (body.kind !== "single") throw new Error("nothing here is delivered in parts");
  const { errors = [], data } = body.singleResult;
  const asked = [sources.prices, sources.stock, sources.customers].reduce(
    (sum, source) => sum + source.asked.length,
    0,
  );
  return {
    errors,
    data,
    asked,
    status: http.status ?? 200,
    codes: errors.map(({ extensions }) => extensions?.["code"]),
  };
}

const price = "price { quantity }";
const skus = (count: number) => Array.from({ length: count }, (_, at) => `S${at}`);

describe("limits on requests", () => {
  test("a document of too many tokens is bad input", async () => {
    const fields = Array.from({ length: 100 }, (_, at) => `f${at}: audience`).join(" ");
    const { errors, codes, asked } = await send(`{ viewer { ${fields} } }`);
    expect(codes).toEqual(["BAD_USER_INPUT"]);
    expect(errors[0]?.message).toContain("200 tokens");
    expect(asked).toBe(0);
  });

  test("a document that is too deep or too broad is bad input", async () => {
    const broad = `{ ${Array.from({ length: 31 }, (_, at) => `f${at}: __typename`).join(" ")} }`;
    expect((await send(broad)).codes).toEqual(["BAD_USER_INPUT"]);
  });

  test("as many ERP keys as are allowed are asked, one more refuses the whole request unasked", async () => {
    const query = `query ($skus: [ID!]!) { products(skus: $skus) { ${price} } }`;
    expect(await send(query, { skus: skus(20) })).toMatchObject({ codes: [], asked: 1 });
    const refused = await send(query, { skus: skus(21) });
    expect(refused).toMatchObject({ codes: ["BAD_USER_INPUT"], asked: 0, status: 400 });
    expect(refused.errors[0]?.message).toContain("more than 20 prices");
  });

  test("a customer's record is one of the keys", async () => {
    const query = `query ($skus: [ID!]!) { products(skus: $skus) { ${price} } }`;
    expect((await send(query, { skus: skus(20) }, true)).codes).toEqual(["BAD_USER_INPUT"]);
    expect((await send(query, { skus: skus(19) }, true)).codes).toEqual([]);
  });

  test("keys are counted over all aliases", async () => {
    const aliases = Array.from(
      { length: 7 },
      (_, at) => `p${at}: product(sku: "S${at}") { ${price} stock { status } x: price(quantity: "2") { quantity } }`,
    );
    expect((await send(`{ ${aliases.slice(0, 6).join(" ")} }`)).codes).toEqual([]);
    expect(await send(`{ ${aliases.join(" ")} }`)).toMatchObject({ codes: ["BAD_USER_INPUT"], asked: 0 });
  });

  test("fragments of fragments, which would open to more fields than there are atoms, are refused at once", async () => {
    const levels = 12;
    const fragments = Array.from(
      { length: levels },
      (_, at) => `fragment F${at} on Product { ...F${at + 1} ...F${at + 1} }`,
    );
    const query = `{ product(sku: "A") { ...F0 } } ${fragments.join(" ")} fragment F${levels} on Product { sku }`;
    expect(await send(query)).toMatchObject({ codes: ["BAD_USER_INPUT"], asked: 0 });
  });

  test("a fragment that is spread twice is opened once", async () => {
    const query = `{ product(sku: "A") { ...F ...F } } fragment F on Product { price { quantity } }`;
    expect(await send(query)).toMatchObject({ codes: [], asked: 1 });
  });

  test("doubles cost no key, but an answer that they make too large is refused before anything is asked", async () => {
    const doubles = (count: number) => ({ skus: Array.from({ length: count }, () => "A") });
    const query = `query ($skus: [ID!]!) { products(skus: $skus) { sku ${price} } }`;
    expect(await send(query, doubles(200))).toMatchObject({ codes: [], asked: 1 });
    const root = `products(skus: $skus) { sku ${price} }`;
    const many = `query ($skus: [ID!]!) { ${[1, 2, 3].map((at) => `r${at}: ${root}`).join(" ")} }`;
    const refused = await send(many, doubles(200));
    expect(refused).toMatchObject({ codes: ["BAD_USER_INPUT"], asked: 0, status: 400 });
    expect(refused.errors[0]?.message).toContain("2400 fields, doubles counted, and at most 1000");
  });

  test("more warehouses than any ERP has, or a name that none can have, are bad input", async () => {
    const query = `query ($of: [ID!]!) { product(sku: "A") { stock(warehouses: $of) { status } } }`;
    expect((await send(query, { of: skus(50) })).codes).toEqual([]);
    expect(await send(query, { of: skus(51) })).toMatchObject({ codes: ["BAD_USER_INPUT"], asked: 0 });
    expect((await send(query, { of: ["x".repeat(201)] })).codes).toEqual(["BAD_USER_INPUT"]);
  });

  test.each(["mutation", "subscription"])("a %s, of which the schema has none, is refused and no bug", async (kind) => {
    expect(await send(`${kind} { nothing }`)).toMatchObject({ status: 400, data: undefined });
    expect(contextValue.exchange.outcome).toBe("refused");
  });

  test.each([
    ["in the document", '{ product(sku: "A") { price(quantity: "1e3") { quantity } } }', {}],
    ["in a variable", 'query ($q: Decimal!) { product(sku: "A") { price(quantity: $q) { quantity } } }', { q: 1.5 }],
    [
      "in a variable that is missing",
      'query ($q: Decimal!) { product(sku: "A") { price(quantity: $q) { quantity } } }',
      {},
    ],
  ])("a bad value %s is bad input, and nothing is asked", async (_where, query, variables) => {
    expect(await send(query, variables)).toMatchObject({ codes: ["BAD_USER_INPUT"], asked: 0 });
  });

  test("a document that cannot be parsed or is not valid has Apollo's own code", async () => {
    expect((await send("{")).codes).toEqual(["GRAPHQL_PARSE_FAILED"]);
    expect((await send("{ nothing }")).codes).toEqual(["GRAPHQL_VALIDATION_FAILED"]);
    expect((await send("query a { viewer { audience } } query b { viewer { audience } }")).codes).toEqual([
      "OPERATION_RESOLUTION_FAILURE",
    ]);
  });

  test("a null that came by way of a variable is told as what it is, at its own field", async () => {
    const query = `query ($q: Decimal) { product(sku: "A") { price(quantity: $q) { quantity } stock { status } } }`;
    const { codes, data } = await send(query, { q: null });
    expect(data).toMatchObject({ product: { price: null, stock: { status: "OUT_OF_STOCK" } } });
    expect(codes).toEqual(["BAD_USER_INPUT"]);
  });

  test.each([
    ["ok", "{ viewer { audience } }"],
    ["partial", '{ product(sku: "A") { price(quantity: "0") { quantity } } }'],
    ["refused", "{ nothing }"],
    ["failed", "{ products(skus: []) { sku } }"],
  ])("a request is counted as %s where it was: %s", async (outcome, query) => {
    await send(query);
    expect(contextValue.exchange.outcome).toBe(outcome);
  });
});
