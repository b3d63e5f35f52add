import { describe, expect, test } from "vitest";
import { type Answer, problem } from "../support/port-answers.js";
import { readMetric } from "./read-metric.js";
import { startScenario } from "./scenario.js";

const skuQuery = `query ($sku: ID!) { product(sku: $sku) { price { net { amount } } } }`;
const query = `{ product(sku: "SKU-1") { price { net { amount } } stock { status } } }`;

/** In a gateway of its own, since what an overloaded ERP says may hold back every later call. */
async function askOfOverloaded(answer: () => Answer) {
  const scenario = await startScenario();
  scenario.erp.answer("price", answer);
  const told = await scenario.ask(query);
  await scenario.stop();
  expect(told.at("product.price")).toBeNull();
  expect(told.errors).toHaveLength(1);
  expect(told.at("product.stock.status")).toBe("IN_STOCK");
  const { code, retryAfterSeconds } = told.errorAt("product.price") ?? {};
  expect(code).toBe("ERP_OVERLOADED");
  return Number(retryAfterSeconds);
}

describe.concurrent("an ERP that says it has too much to do is ERP_OVERLOADED, to be asked again", () => {
  test("after the seconds that it names", async () => {
    expect(await askOfOverloaded(() => problem(503, { "retry-after": "7" }))).toBe(7);
  });

  test("and not before: until then nobody asks it, and who comes is told the same", async () => {
    const { erp, gateway, ask, stop } = await startScenario();
    erp.answer("price", () => problem(429, { "retry-after": "30" }));
    await ask(query);
    erp.behave();
    const told = await ask(skuQuery, { variables: { sku: "SKU-2" } });
    expect(told.codeAt("product.price")).toBe("ERP_OVERLOADED");
    const { retryAfterSeconds } = told.errorAt("product.price") ?? {};
    expect(Number(retryAfterSeconds)).toBeGreaterThan(20);
    expect(erp.calls).toEqual([]);
    expect(await readMetric(gateway.url, "pricelane_erp_concurrency_limit")).toBe(0);
    const held = { kind: "price", lane: "storefront", decision: "held" };
    expect(await readMetric(gateway.url, "pricelane_dispatch_decisions_total", held)).toBe(1);
    await stop();
  });

  test("at the instant that it names", async () => {
    const inTenSeconds = () => new Date(Date.now() + 10_000).toUTCString();
    const seconds = await askOfOverloaded(() => problem(429, { "retry-after": inTenSeconds() }));
    // An HTTP date has no parts of a second.
    expect(seconds).toBeGreaterThanOrEqual(8);
    expect(seconds).toBeLessThanOrEqual(10);
  });

  test("in a while where it names no time, or none that can be read", async () => {
    expect(await askOfOverloaded(() => problem(503, { "retry-after": "soon" }))).toBeGreaterThanOrEqual(1);
  });
});
