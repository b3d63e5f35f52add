import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { buyer, type GraphQLAnswer } from "../support/graphql-client.js";
import { skus } from "./book.js";
import { type Scenario, startScenario } from "./scenario.js";

let scenario: Scenario;
beforeAll(async () => {
  scenario = await startScenario({ MAX_SKUS: "50", MAX_KEYS_PER_REQUEST: "100", MAX_DOCUMENT_TOKENS: "600" });
});
afterAll(() => scenario.stop());
// Whatever is refused here must have cost the ERP nothing; a test that asks it forgets its calls itself.
afterEach(() => expect(scenario.erp.calls).toEqual([]));

const page = "query ($skus: [ID!]!) { products(skus: $skus) { sku price { net { amount } } } }";

function expectBadInput(answer: GraphQLAnswer): void {
  expect(answer.codes).toEqual(["BAD_USER_INPUT"]);
  expect(answer.errors[0]?.extensions?.["retryAfterSeconds"]).toBeUndefined();
  expect(answer.errors[0]?.message).not.toBe("");
}

describe("a list", () => {
  test("of MAX_SKUS is answered, of one more it is BAD_USER_INPUT", async () => {
    const most = await scenario.ask(page, { variables: { skus: skus(50) } });
    expect(most.errors).toEqual([]);
    scenario.erp.forgetCalls();
    expectBadInput(await scenario.ask(page, { variables: { skus: skus(51) } }));
  });

  test.each([
    ["an empty list", []],
    ["an empty SKU", ["SKU-1", ""]],
  ])("%s is BAD_USER_INPUT", async (_what, list) => {
    expectBadInput(await scenario.ask(page, { variables: { skus: list } }));
  });

  test("with something in it that is no SKU is BAD_USER_INPUT", async () => {
    for (const list of [[null], [{ sku: "SKU-1" }], "x".repeat(0)]) {
      const answer = await scenario.ask(page, { variables: { skus: list } });
      expect(answer.codes).toEqual(["BAD_USER_INPUT"]);
    }
  });

  test("an empty SKU of a single product is BAD_USER_INPUT", async () => {
    expectBadInput(await scenario.ask('{ product(sku: "") { price { net { amount } } } }'));
  });
});

describe("the keys of one request", () => {
  test("count over aliases of the same field with other arguments", async () => {
    const field = (index: number) => `a${index}: price(quantity: "${index + 1}") { net { amount } }`;
    const query = (count: number) =>
      `query ($skus: [ID!]!) { products(skus: $skus) { ${Array.from({ length: count }, (_, index) => field(index)).join(" ")} } }`;
    expect((await scenario.ask(query(2), { variables: { skus: skus(50) } })).errors).toEqual([]);
    scenario.erp.forgetCalls();
    expectBadInput(await scenario.ask(query(5), { variables: { skus: skus(50) } }));
  });

  test("count over root fields", async () => {
    const list = (from: number) => JSON.stringify(skus(30, from));
    expectBadInput(
      await scenario.ask(`{
        a: products(skus: ${list(1)}) { price { net { amount } } stock { status } }
        b: products(skus: ${list(31)}) { price { net { amount } } stock { status } }
      }`),
    );
  });

  test("count through fragments", async () => {
    const query = `query ($a: [ID!]!, $b: [ID!]!) { a: products(skus: $a) { ...F } b: products(skus: $b) { ... on Product { ...F } } }
      fragment F on Product { price { net { amount } } stock { status } }`;
    expectBadInput(await scenario.ask(query, { variables: { a: skus(26), b: skus(26, 30) } }));
  });

  test("count a customer's own price and the public one as two, which for the public are one", async () => {
    const query =
      "query ($skus: [ID!]!) { products(skus: $skus) { price { net { amount } } publicPrice { net { amount } } stock { status } } }";
    expectBadInput(await scenario.ask(query, { token: buyer("C1"), variables: { skus: skus(40) } }));
    const open = await scenario.ask(query, { variables: { skus: skus(40) } });
    expect(open.errors).toEqual([]);
    scenario.erp.forgetCalls();
  });

  test("many aliases of one and the same question are not many questions to the ERP", async () => {
    const aliases = Array.from({ length: 9 }, (_, index) => `a${index}: price { net { amount } }`);
    const same = `query ($skus: [ID!]!) { products(skus: $skus) { ${aliases.join(" ")} } }`;
    const answer = await scenario.ask(same, { variables: { skus: skus(50) } });
    expect(answer.errors).toEqual([]);
    scenario.erp.forgetCalls();
  });
});

describe("a document", () => {
  test("with more tokens than MAX_DOCUMENT_TOKENS is refused", async () => {
    const answer = await scenario.ask(`{ viewer { ${"audience ".repeat(700)} } }`);
    expect(answer.codes).toEqual(["BAD_USER_INPUT"]);
    const comments = await scenario.ask(`{ viewer { audience } } ${"fragment F on Viewer { audience } ".repeat(150)}`);
    expect(comments.codes).toEqual(["BAD_USER_INPUT"]);
  });

  test("with more bad variables than are told is the caller's mistake all the way, and no bug", async () => {
    const answer = await scenario.ask(page, { variables: { skus: new Array(60).fill(null) } });
    expect(new Set(answer.codes)).toEqual(new Set(["BAD_USER_INPUT"]));
    expect(answer.errors.at(-1)?.message).toMatch(/^Too many errors processing variables/);
  });

  test("of more than 12 levels is refused, be they written out or in fragments", async () => {
    // No field of the schema leads so deep; what is refused for its depth need not be valid otherwise.
    const deep = (levels: number, end: string): string => (levels === 0 ? end : `a { ${deep(levels - 1, end)} }`);
    const depthRefused = (answer: GraphQLAnswer) =>
      answer.status === 400 && answer.errors.some(({ message }) => message.includes("levels"));
    expect(depthRefused(await scenario.ask(`{ viewer { ${deep(10, "b")} } }`))).toBe(false);
    const written = await scenario.ask(`{ viewer { ${deep(11, "b")} } }`);
    expect(depthRefused(written)).toBe(true);
    expect(written.codes).toContain("BAD_USER_INPUT");
    const inFragments = `{ viewer { ...A } } fragment A on Viewer { ${deep(6, "...B")} } fragment B on Viewer { ${deep(6, "b")} }`;
    expect(depthRefused(await scenario.ask(inFragments))).toBe(true);
  });

  test("of fragments in a circle is refused", async () => {
    const answer = await scenario.ask(
      "{ viewer { ...A } } fragment A on Viewer { ...B } fragment B on Viewer { ...A }",
    );
    expect(answer.errors.length).toBeGreaterThan(0);
    expect(["BAD_USER_INPUT", "GRAPHQL_VALIDATION_FAILED"]).toContain(answer.codes[0]);
  });

  test("of 30 root fields is answered, of 31 it is refused, through fragments, too", async () => {
    const fields = (count: number) =>
      Array.from({ length: count }, (_, index) => `v${index}: viewer { audience }`).join(" ");
    expect((await scenario.ask(`{ ${fields(30)} }`)).errors).toEqual([]);
    expect((await scenario.ask(`{ ${fields(31)} }`)).codes).toEqual(["BAD_USER_INPUT"]);
    const inFragment = `{ ...A w: viewer { audience } } fragment A on Query { ${fields(30)} }`;
    expect((await scenario.ask(inFragment)).codes).toEqual(["BAD_USER_INPUT"]);
  });
});

describe("a body", () => {
  test("over 1 MiB is 413 in GraphQL shape", async () => {
    const body = JSON.stringify({ query: "{ viewer { audience } }", variables: { padding: "x".repeat(1_048_576) } });
    const answer = await scenario.client.post(body);
    expect(answer.status).toBe(413);
    expect(answer.headers.get("content-type")).toContain("application/json");
    expect(answer.codes).toEqual(["BAD_USER_INPUT"]);
  });

  test("just under 1 MiB is answered", async () => {
    const body = JSON.stringify({ query: "{ viewer { audience } }", variables: { padding: "x".repeat(1_000_000) } });
    expect((await scenario.client.post(body)).errors).toEqual([]);
  });

  test.each([
    ["that is not JSON", "{ viewer", "application/json", 400],
    ["that is nothing", "", "application/json", 400],
    ["that is a number", "7", "application/json", 400],
    ["without a query", "{}", "application/json", 400],
    ["of text", "{ viewer { audience } }", "text/plain", undefined],
    ["of a form", "query=%7Bviewer%7Baudience%7D%7D", "application/x-www-form-urlencoded", undefined],
  ])("%s is refused as a client's mistake", async (_what, body, type, status) => {
    const answer = await scenario.client.post(body, { headers: { "content-type": type } });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    if (status !== undefined) expect(answer.status).toBe(status);
    expect(answer.data ?? null).toBeNull();
    expect(answer.text).not.toContain('viewer":');
  });

  test("that is a batch of operations does not get around the limits", async () => {
    const one = { query: page, variables: { skus: skus(50) } };
    const answer = await scenario.client.post(JSON.stringify([one, one, one]));
    expect(answer.status).toBe(400);
  });
});
