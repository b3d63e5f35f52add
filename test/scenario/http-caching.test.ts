import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buyer } from "../support/graphql-client.js";
import { problem } from "../support/port-answers.js";
import { type Scenario, startScenario } from "./scenario.js";

const query = `{ product(sku: "SKU-1") { price { net { amount } freshness { freshUntil } } } }`;

let scenario: Scenario;
beforeAll(async () => {
  scenario = await startScenario({ PRICE_FRESH_SECONDS: "60", STOCK_FRESH_SECONDS: "15" });
});
afterAll(() => scenario.stop());

const cacheControl = (answer: { headers: Headers }) => answer.headers.get("cache-control") ?? "";
const maxAge = (answer: { headers: Headers }) => Number(/max-age=(\d+)/.exec(cacheControl(answer))?.[1]);

describe("what shared caches may keep", () => {
  test("is an anonymous GET, no longer than the answer is fresh", async () => {
    const answer = await scenario.client.get({ query });
    const leftSeconds = (Date.parse(String(answer.at("product.price.freshness.freshUntil"))) - Date.now()) / 1000;
    expect(cacheControl(answer)).toMatch(/\bpublic\b/);
    expect(maxAge(answer)).toBeGreaterThan(0);
    // Half a second for the way from there to here.
    expect(maxAge(answer)).toBeLessThanOrEqual(leftSeconds + 0.5);
  });

  test("is asked by plain GET: without a token there is nothing that a foreign page could misuse", async () => {
    const headers = { "apollo-require-preflight": "" };
    const plain = await fetch(`${scenario.client.url}/graphql?${new URLSearchParams({ query })}`);
    expect([plain.status, plain.headers.get("cache-control")]).toEqual([
      200,
      expect.stringMatching(/^public, max-age=/),
    ]);
    const withToken = await scenario.client.get({ query }, { token: buyer("C1"), headers });
    expect(withToken.status).toBe(400);
    const foreignForm = { method: "POST", headers: { "content-type": "text/plain" }, body: JSON.stringify({ query }) };
    expect((await fetch(`${scenario.client.url}/graphql`, foreignForm)).status).toBe(400);
  });

  test("is never a refusal, though the operation itself went well", async () => {
    const refused = await scenario.client.get({ query }, { headers: { accept: "text/event-stream" } });
    expect(refused.status).toBe(406);
    expect(cacheControl(refused)).toMatch(/no-store/);
  });

  test("ends with the first of several answers that ends", async () => {
    const both = await scenario.client.get({
      query: `{ product(sku: "SKU-2") { price { net { amount } } stock { status } } }`,
    });
    expect(maxAge(both)).toBeGreaterThan(0);
    expect(maxAge(both)).toBeLessThanOrEqual(15);
  });

  test("is never what a token was shown", async () => {
    for (const answer of [
      await scenario.client.get({ query }, { token: buyer("C1") }),
      await scenario.ask(query, { token: buyer("C1") }),
      await scenario.client.get({ query: "{ viewer { audience } }" }, { token: buyer("C1") }),
    ]) {
      expect(answer.errors).toEqual([]);
      expect(cacheControl(answer)).toMatch(/private/);
      expect(cacheControl(answer)).toMatch(/no-store/);
      expect(cacheControl(answer)).not.toMatch(/public|max-age=[1-9]/);
    }
  });

  test("is never an answer with an error in it", async () => {
    scenario.erp.answer("price", () => problem(500));
    const failed = await scenario.client.get({
      query: `{ product(sku: "SKU-3") { price { net { amount } } stock { status } } }`,
    });
    scenario.erp.behave();
    expect(failed.codes).toEqual(["ERP_UNAVAILABLE"]);
    for (const answer of [
      failed,
      await scenario.client.get({ query: "{ nonsense }" }),
      await scenario.client.get({ query }, { token: "bad" }),
      await scenario.client.get({}),
    ]) {
      expect(answer.errors.length).toBeGreaterThan(0);
      expect(cacheControl(answer)).toMatch(/no-store/);
      expect(cacheControl(answer)).not.toMatch(/public|max-age=[1-9]/);
    }
  });

  test("is never an answer to a POST", async () => {
    expect(cacheControl(await scenario.ask(query))).not.toMatch(/public|max-age=[1-9]/);
  });

  test("is never what was asked to be the ERP's own word", async () => {
    const live = await scenario.client.get({
      query: `{ product(sku: "SKU-4") { price(maxAgeSeconds: 0) { net { amount } } } }`,
    });
    expect(live.errors).toEqual([]);
    // A cache that kept it would answer the next such question with an older word.
    expect(cacheControl(live)).not.toMatch(/public|max-age=[1-9]/);
  });

  test("tells caches that the answer depends on the token and the origin", async () => {
    const answer = await scenario.client.get({ query });
    expect((answer.headers.get("vary") ?? "").toLowerCase()).toContain("authorization");
  });
});

describe("a persisted query", () => {
  const persisted = '{ product(sku: "SKU-5") { price { net { amount } } } }';
  const sha256Hash = createHash("sha256").update(persisted).digest("hex");
  const extensions = JSON.stringify({ persistedQuery: { version: 1, sha256Hash } });

  test("is not found by its hash, then registered, then found, and cached like any GET", async () => {
    const unknown = await scenario.client.get({ extensions });
    expect(unknown.codes).toEqual(["PERSISTED_QUERY_NOT_FOUND"]);
    expect(unknown.errors[0]?.message).toBe("PersistedQueryNotFound");
    expect(cacheControl(unknown)).not.toMatch(/public|max-age=[1-9]/);

    const registered = await scenario.client.get({ query: persisted, extensions });
    expect(registered.at("product.price.net.amount")).toBe("1005.00");
    const found = await scenario.client.get({ extensions });
    expect(found.at("product.price.net.amount")).toBe("1005.00");
    expect(cacheControl(found)).toMatch(/public, max-age=[1-9]/);

    const own = await scenario.client.get({ extensions }, { token: buyer("C1") });
    expect(own.at("product.price.net.amount")).toBe("105.15");
    expect(cacheControl(own)).toMatch(/no-store/);
  });

  test("whose hash is another text's is refused", async () => {
    const answer = await scenario.client.get({ query: "{ viewer { audience } }", extensions });
    expect(answer.codes).toEqual(["BAD_REQUEST"]);
    expect(answer.errors[0]?.message).toBe("provided sha does not match query");
    expect(answer.data ?? null).toBeNull();
  });

  test("of a version that there is not is the caller's mistake, and no bug", async () => {
    const version = JSON.stringify({ persistedQuery: { version: 2, sha256Hash } });
    const answer = await scenario.client.get({ query: persisted, extensions: version });
    expect(answer.codes).toEqual(["BAD_REQUEST"]);
    expect(answer.errors[0]?.message).toBe("Unsupported persisted query version");
  });
});

test("a GET that a form or an image on a foreign page could send is refused", async () => {
  const answer = await scenario.client.get({ query }, { headers: { "apollo-require-preflight": "" } });
  expect(answer.status).toBe(400);
  expect(answer.data ?? null).toBeNull();
});
