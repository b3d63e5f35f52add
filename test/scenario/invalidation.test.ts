import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { eventually } from "../support/eventually.js";
import { buyer, mintToken } from "../support/graphql-client.js";
import { createGate } from "../support/port-answers.js";
import { skus } from "./book.js";
import { type Scenario, startScenario } from "./scenario.js";

const page = `query ($skus: [ID!]!) { products(skus: $skus) {
  price { net { amount } freshness { source } } stock { available freshness { source } }
} }`;
const mutation = "mutation ($input: InvalidateInput!) { invalidate(input: $input) { forgotten at } }";
const shop = mintToken({ scope: "invalidate" });

let scenario: Scenario;
beforeAll(async () => {
  scenario = await startScenario();
});
afterAll(() => scenario.stop());
beforeEach(async () => {
  scenario.erp.behave();
  await invalidate({ all: true });
});

async function invalidate(input: unknown, token: string | null = shop) {
  return scenario.ask(mutation, { variables: { input }, ...(token === null ? {} : { token }) });
}

async function view(codes: string[], customer: string | null = null) {
  const token = customer === null ? {} : { token: buyer(customer) };
  const answer = await scenario.ask(page, { ...token, variables: { skus: codes } });
  expect(answer.errors).toEqual([]);
  return answer;
}

/** What the ERP was asked since the last look: SKUs of price calls, of stock calls, and how many records. */
function asked() {
  const { erp } = scenario;
  const seen = {
    prices: erp.calls.flatMap(({ lines }) => lines.map(({ customer, sku }) => `${customer ?? "public"} ${sku}`)),
    stock: erp.calls.flatMap((call) => call.skus),
    records: erp.count("customer"),
  };
  erp.forgetCalls();
  return seen;
}

describe("invalidate", () => {
  test("makes the next view ask the ERP for the named SKU alone, in price and stock, and tells how much was forgotten", async () => {
    await view(skus(3));
    asked();
    const done = await invalidate({ skus: ["SKU-2", "NEVER-SEEN"] });
    expect(done.errors).toEqual([]);
    expect(done.at("invalidate.forgotten")).toBe(2);
    expect(Math.abs(Date.parse(String(done.at("invalidate.at"))) - Date.now())).toBeLessThan(5_000);
    const again = await view(skus(3));
    expect([0, 1, 2].map((index) => again.at(`products.${index}.price.freshness.source`))).toEqual([
      "CACHE",
      "ERP",
      "CACHE",
    ]);
    expect(asked()).toEqual({ prices: ["public SKU-2"], stock: ["SKU-2"], records: 0 });
  });

  test("of a kind leaves the others", async () => {
    await view(["SKU-1"]);
    asked();
    await invalidate({ kinds: ["STOCK"] });
    await view(["SKU-1"]);
    expect(asked()).toEqual({ prices: [], stock: ["SKU-1"], records: 0 });
  });

  test("of a customer reads its record and its prices again, and nobody else's", async () => {
    await view(["SKU-1"], "C1");
    await view(["SKU-1"], "C2");
    asked();
    expect((await invalidate({ customers: ["C1"] })).at("invalidate.forgotten")).toBe(2);
    await view(["SKU-1"], "C2");
    expect(asked()).toEqual({ prices: [], stock: [], records: 0 });
    await view(["SKU-1"], "C1");
    expect(asked()).toEqual({ prices: ["C1 SKU-1"], stock: [], records: 1 });
  });

  test("of a customer in a price scope also asks that scope's prices again, for all who are in it", async () => {
    await view(["SKU-1"], "G1");
    await view(["SKU-1"], "G2");
    asked();
    await invalidate({ customers: ["G2"] });
    await view(["SKU-1"], "G1");
    expect(asked()).toEqual({ prices: ["G1 SKU-1"], stock: [], records: 0 });
  });

  test("of a price scope asks its prices again, and no record", async () => {
    await view(["SKU-1"], "G1");
    await view(["SKU-1"], "C1");
    asked();
    expect((await invalidate({ priceScopes: ["GOLD"] })).at("invalidate.forgotten")).toBe(1);
    await view(["SKU-1"], "C1");
    await view(["SKU-1"], "G1");
    expect(asked()).toEqual({ prices: ["G1 SKU-1"], stock: [], records: 0 });
  });

  test("keeps nobody's question waiting on, nor answered by, a read that was sent before it", async () => {
    const { erp } = scenario;
    const gate = createGate();
    erp.answer("price", async (_call, regular) => {
      await gate.opened; // computed before the change, and slow to come
      return regular;
    });
    const before = view(["SKU-5"]);
    await eventually("the read to be sent", () => erp.count("price") === 1);
    erp.prices.set("|SKU-5", { unitPrice: "5.55", taxRate: "20", tiers: [] });
    await invalidate({ skus: ["SKU-5"] });
    const after = view(["SKU-5"]);
    // Its stock was forgotten too, so its question has come once the stock was asked a second time.
    await eventually("the second question to come", () => erp.count("stock") === 2);
    gate.open();
    expect((await before).at("products.0.price.net.amount")).toBe("1005.00");
    expect((await after).at("products.0.price.net.amount")).toBe("5.55");
    expect((await view(["SKU-5"])).at("products.0.price.net.amount")).toBe("5.55");
  });

  test("needs the scope: else FORBIDDEN with HTTP 200, and all is kept", async () => {
    await view(["SKU-1"]);
    asked();
    for (const token of [null, buyer("C1"), mintToken({ scope: "checkout feed ops" })]) {
      const refused = await invalidate({ all: true }, token);
      expect([refused.status, refused.codes]).toEqual([200, ["FORBIDDEN"]]);
    }
    await view(["SKU-1"]);
    expect(asked()).toEqual({ prices: [], stock: [], records: 0 });
  });

  test("names the mistake in an input that names nothing", async () => {
    for (const input of [{}, { skus: [] }, { all: false }]) {
      const refused = await invalidate(input);
      expect(refused.codes).toEqual(["BAD_USER_INPUT"]);
    }
  });

  test("goes by POST alone, and nobody may keep the answer", async () => {
    const parameters = { query: mutation, variables: JSON.stringify({ input: { all: true } }) };
    const got = await scenario.client.get(parameters, { token: shop });
    expect([got.status, got.data]).toEqual([405, undefined]);
    expect((await invalidate({ all: true })).headers.get("cache-control")).toBe("private, no-store");
  });
});
