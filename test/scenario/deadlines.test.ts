import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { eventually } from "../support/eventually.js";
import { mintToken } from "../support/graphql-client.js";
import { createGate } from "../support/port-answers.js";
import { type Scenario, startScenario } from "./scenario.js";

const query =
  "query ($sku: ID!) { product(sku: $sku) { price { net { amount } freshness { source } } stock { status } } }";

let scenario: Scenario;
beforeAll(async () => {
  scenario = await startScenario({
    DEADLINE_STOREFRONT_MS: "300",
    DEADLINE_CHECKOUT_MS: "600",
    DEADLINE_FEED_MS: "900",
    ERP_TIMEOUT_MS: "4000",
  });
});
afterAll(() => scenario.stop());
beforeEach(() => scenario.erp.behave());

/** Holds every price call back until the gate is opened. */
function holdPrices() {
  const gate = createGate();
  scenario.erp.answer("price", async (_call, regular) => {
    await gate.opened;
    return regular;
  });
  return gate;
}

test.each([
  ["the storefront", undefined, 300],
  ["the checkout", mintToken({ scope: "checkout" }), 600],
  ["the feed", mintToken({ scope: "feed" }), 900],
])(
  "a request of %s is answered by its lane's deadline, however slow the ERP, and stock beside it stands",
  async (_lane, token, deadlineMs) => {
    const gate = holdPrices();
    const before = Date.now();
    const sku = `SKU-${deadlineMs / 100}`;
    const answer = await scenario.ask(query, { ...(token === undefined ? {} : { token }), variables: { sku } });
    const tookMs = Date.now() - before;
    gate.open();
    expect(answer.codeAt("product.price")).toBe("ERP_TIMEOUT");
    expect(answer.at("product.stock.status")).not.toBeNull();
    expect(tookMs).toBeGreaterThanOrEqual(deadlineMs - 20);
    // Generous, for a machine that is busy; the ERP itself would never have answered.
    expect(tookMs).toBeLessThan(deadlineMs + 1_000);
  },
);

test("what the ERP says after the request that asked it has gone is kept for the next one", async () => {
  const gate = holdPrices();
  const late = await scenario.ask(query, { variables: { sku: "SKU-20" } });
  expect(late.codeAt("product.price")).toBe("ERP_TIMEOUT");
  gate.open();
  const next = await eventually("the late answer is kept", async () => {
    const answer = await scenario.ask(query, { variables: { sku: "SKU-20" } });
    return answer.at("product.price.freshness.source") === "CACHE" && answer;
  });
  expect(next.at("product.price.net.amount")).toBe("1020.00");
  expect(scenario.erp.count("price")).toBe(1);
});

test("a question that many ask is not given up because the first of them left", async () => {
  const gate = holdPrices();
  const leaving = new AbortController();
  const first = scenario.ask(query, { variables: { sku: "SKU-21" }, signal: leaving.signal }).catch(() => "left");
  await eventually("the ERP is asked", () => scenario.erp.count("price") === 1);
  const second = scenario.ask(query, { variables: { sku: "SKU-21" } });
  leaving.abort();
  expect(await first).toBe("left");
  gate.open();
  expect((await second).at("product.price.net.amount")).toBe("1021.00");
  expect(scenario.erp.count("price")).toBe(1);
});
