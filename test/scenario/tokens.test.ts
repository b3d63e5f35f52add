import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { buyer, type GraphQLAnswer, mintToken } from "../support/graphql-client.js";
import { type Scenario, startScenario } from "./scenario.js";

const query = `{ product(sku: "SKU-1") { sku price { audience net { amount } } publicPrice { net { amount } } } }`;

let scenario: Scenario;
beforeAll(async () => {
  scenario = await startScenario({ ERP_COMPANY: "acme" });
});
afterAll(() => scenario.stop());
beforeEach(() => scenario.erp.forgetCalls());

/** Refused as a whole: no data, not even the public ones, and the ERP was not asked. */
function expectRefused(answer: GraphQLAnswer, status: number, code: string): void {
  expect(answer.status).toBe(status);
  expect(answer.headers.get("content-type")).toContain("application/json");
  expect(answer.codes).toEqual([code]);
  expect(answer.errors[0]?.message).not.toBe("");
  expect(answer.data ?? null).toBeNull();
  expect(answer.text).not.toContain("1001.00");
  expect(scenario.erp.calls).toEqual([]);
}

const unsigned = (claims: object) => {
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString("base64url");
  return `${encode({ alg: "none", typ: "JWT", kid: "shop-1" })}.${encode({ aud: "pricelane", exp: 4e9, ...claims })}.`;
};
const [header, , signature] = buyer("C1").split(".");
const swapped = Buffer.from(JSON.stringify({ aud: "pricelane", exp: 4e9, sub: "C2" })).toString("base64url");

describe("a credential that is not good is UNAUTHENTICATED, never an anonymous caller", () => {
  test.each([
    ["expired beyond the tolerance", mintToken({ sub: "C1", expiresIn: -60 })],
    ["for another audience", mintToken({ sub: "C1", aud: "other-service" })],
    ["signed by a stranger", mintToken({ sub: "C1", secret: "another-secret-of-no-less-than-32-bytes" })],
    ["signed by an unknown key", mintToken({ sub: "C1", kid: "shop-2" })],
    ["with the claims of another", `${header}.${swapped}.${signature}`],
    ["not signed at all", unsigned({ sub: "C1" })],
    ["cut short", buyer("C1").slice(0, -5)],
    ["not a token", "hello"],
    ["without a customer in its sub", mintToken({ sub: "" })],
  ])("%s", async (_what, token) => {
    expectRefused(await scenario.ask(query, { token }), 401, "UNAUTHENTICATED");
  });

  test.each([
    ["an empty bearer", "Bearer "],
    ["another scheme", "Basic dXNlcjpwYXNz"],
    ["two tokens", `Bearer ${buyer("C1")} ${buyer("C2")}`],
    ["the bare token", buyer("C1")],
  ])("%s", async (_what, authorization) => {
    expectRefused(await scenario.ask(query, { headers: { authorization } }), 401, "UNAUTHENTICATED");
  });

  test("by GET just as by POST", async () => {
    const answer = await scenario.client.get({ query }, { token: mintToken({ sub: "C1", expiresIn: -60 }) });
    expectRefused(answer, 401, "UNAUTHENTICATED");
  });
});

test("a token that ended less than 30 s ago is still believed", async () => {
  const answer = await scenario.ask(query, { token: mintToken({ sub: "C1", expiresIn: -10 }) });
  expect(answer.at("product.price.audience")).toBe("CUSTOMER");
});

test("a token for another company is FORBIDDEN, one for this company or none is served", async () => {
  expectRefused(await scenario.ask(query, { token: mintToken({ sub: "C1", company: "umbrella" }) }), 200, "FORBIDDEN");
  for (const company of [{ company: "acme" }, {}]) {
    const answer = await scenario.ask(query, { token: mintToken({ sub: "C1", ...company }) });
    expect(answer.at("product.price.net.amount")).toBe("101.15");
  }
});

test("the customer is whom the token names, and nothing in the request can name another", async () => {
  const token = buyer("C1");
  const answer = await scenario.ask(query, {
    token,
    variables: { sub: "C2", customer: "C2" },
    headers: { "x-customer": "C2", "x-pricelane-customer": "C2", cookie: `token=${buyer("C2")}` },
  });
  expect(answer.at("product.price.net.amount")).toBe("101.15");
  for (const argument of ['customer: "C2"', 'customerId: "C2"', 'sub: "C2"']) {
    const refused = await scenario.ask(`{ product(sku: "SKU-1") { price(${argument}) { net { amount } } } }`, {
      token,
    });
    expect(refused.codes).toEqual(["GRAPHQL_VALIDATION_FAILED"]);
  }
});

test("scopes that are no lane leave a customer in the storefront lane, at its own prices", async () => {
  for (const scope of [undefined, "", "invalidate", "unheard-of"]) {
    const answer = await scenario.ask(query, {
      token: mintToken({ sub: "C1", ...(scope === undefined ? {} : { scope }) }),
    });
    expect(answer.at("product.price")).toEqual({ audience: "CUSTOMER", net: { amount: "101.15" } });
  }
});
