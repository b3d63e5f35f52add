import { readFileSync } from "node:fs";
import { composeServices } from "@apollo/composition";
import { parse, print } from "graphql";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { buyer } from "../support/graphql-client.js";
import { skus } from "./book.js";
import { type Scenario, startScenario } from "./scenario.js";

const entities = `query ($keys: [_Any!]!) {
  _entities(representations: $keys) { __typename ... on Product { sku price { net { amount } audience } stock { status } } }
}`;

const keysOf = (names: readonly string[]) => names.map((sku) => ({ __typename: "Product", sku }));

let scenario: Scenario;
beforeAll(async () => {
  scenario = await startScenario({ FEDERATION: "subgraph", MAX_SKUS: "30" });
});
afterAll(() => scenario.stop());
beforeEach(() => scenario.erp.behave());

describe("a router's question for entities", () => {
  test("costs one call for each kind, whatever their number, and says what `products` says", async () => {
    const { erp, ask } = scenario;
    const token = buyer("C1");
    const asked = await ask(entities, { token, variables: { keys: keysOf(skus(24)) } });
    expect(asked.errors).toEqual([]);
    expect(erp.calls.map(({ kind }) => kind).sort()).toEqual(["customer", "price", "stock"]);
    const list = await ask(
      "query ($skus: [ID!]!) { products(skus: $skus) { sku price { net { amount } audience } } }",
      {
        token,
        variables: { skus: skus(24) },
      },
    );
    expect(asked.at("_entities.7.__typename")).toBe("Product");
    for (const field of ["sku", "price.net.amount", "price.audience"]) {
      expect(asked.at(`_entities.7.${field}`)).toBe(list.at(`products.7.${field}`));
    }
    expect(asked.at("_entities.7.price.audience")).toBe("CUSTOMER");
  });

  test("has null for an SKU that the ERP does not know, and the others stand", async () => {
    const { data, errors } = await scenario.ask(entities, { variables: { keys: keysOf(["SKU-1", "NO-SUCH-SKU"]) } });
    expect(errors).toEqual([]);
    expect(data).toMatchObject({ _entities: [{ sku: "SKU-1", price: { audience: "PUBLIC" } }, null] });
  });

  test.each([
    ["of another type", [{ __typename: "Customer", sku: "SKU-1" }], "should be {"],
    ["without a key", [{ __typename: "Product" }], "should be {"],
    ["that are no object", ["SKU-1"], "should be {"],
    ["whose key is no text", [{ __typename: "Product", sku: { of: 1 } }], "`sku` no text"],
    ["none", [], "holds 0 keys"],
    ["too many", keysOf(skus(31)), "1 to 30 are answered at once (MAX_SKUS)"],
    ["with an empty SKU", keysOf([""]), "An SKU is empty"],
  ])("representations %s are refused, and the ERP is not asked", async (_, keys, complaint) => {
    scenario.erp.forgetCalls();
    const { errors } = await scenario.ask(entities, { variables: { keys } });
    expect(errors[0]?.message).toContain(complaint);
    expect(errors[0]?.extensions?.code).toBe("BAD_USER_INPUT");
    expect(scenario.erp.calls).toEqual([]);
  });

  test("is refused by its mend where a representation is lists in lists, deeper than can be written", async () => {
    const nested = "[".repeat(100_000) + "]".repeat(100_000);
    const body = `{ "query": ${JSON.stringify(entities)}, "variables": { "keys": [${nested}] } }`;
    const { errors } = await scenario.client.post(body);
    expect(errors[0]?.message).toContain("`__typename` is missing, `sku` missing");
  });

  test("counts its keys against MAX_KEYS_PER_REQUEST as a list of products does", async () => {
    const prices = Array.from(
      { length: 40 },
      (_, index) => `p${index}: price(quantity: "${index + 1}") { net { amount } }`,
    );
    const { errors } = await scenario.ask(
      `query ($keys: [_Any!]!) { _entities(representations: $keys) { ... on Product { ${prices.join(" ")} } } }`,
      { variables: { keys: keysOf(skus(30)) } },
    );
    expect(errors[0]?.message).toContain("more than 1000 prices");
  });
});

test("nobody is told by a header how long which field took", async () => {
  const headers = { "apollo-federation-include-trace": "ftv1" };
  const { text } = await scenario.ask(entities, { variables: { keys: keysOf(["SKU-1"]) }, headers });
  expect(Object.keys(JSON.parse(text))).toEqual(["data"]);
});

test("the subgraph that the gateway tells is the one that is shipped", async () => {
  const { data } = await scenario.ask("{ _service { sdl } }");
  const { sdl } = (data as { _service: { sdl: string } })._service;
  // Read back first: the formatter lays descriptions out in its own way.
  expect(print(parse(sdl))).toBe(print(parse(readFileSync("schema/subgraph.graphql", "utf8"))));
});

test("it composes with another subgraph that says what a product is called", () => {
  const { supergraphSdl, errors } = composeServices([
    { name: "prices", url: "http://prices.example", typeDefs: parse(readFileSync("schema/subgraph.graphql", "utf8")) },
    {
      name: "catalogue",
      url: "http://catalogue.example",
      typeDefs: parse(`
        extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])
        type Product @key(fields: "sku") { sku: ID! name: String }
        type Query { search(text: String!): [Product!]! }
      `),
    },
  ]);
  expect(errors).toBeUndefined();
  expect(supergraphSdl).toMatch(
    /type Product\s+@join__type\(graph: CATALOGUE, key: "sku"\)\s+@join__type\(graph: PRICES, key: "sku"\)/,
  );
});

test("without FEDERATION=subgraph there are no such fields", async () => {
  const plain = await startScenario();
  const { errors } = await plain.ask("{ _service { sdl } }");
  expect(errors[0]?.extensions?.code).toBe("GRAPHQL_VALIDATION_FAILED");
  await plain.stop();
});
