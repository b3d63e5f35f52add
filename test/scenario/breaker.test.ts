import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually } from "../support/eventually.js";
import { problem } from "../support/port-answers.js";
import { readMetric } from "./read-metric.js";
import { type Scenario, startScenario } from "./scenario.js";

const query = `query ($sku: ID!) { product(sku: $sku) { price { net { amount } } stock { status } } }`;

let scenario: Scenario;
beforeAll(async () => {
  scenario = await startScenario();
});
afterAll(() => scenario.stop());

test("after five failed price calls in a row no more are made, stock is still asked, and prices come back with the ERP", async () => {
  const { erp, ask, gateway } = scenario;
  erp.answer("price", () => problem(500));
  for (let view = 1; view <= 9; view += 1) {
    const answer = await ask(query, { variables: { sku: `SKU-${view}` } });
    expect(answer.errorAt("product.price")?.code).toBe("ERP_UNAVAILABLE");
    expect(answer.errorAt("product.price")?.retryAfterSeconds).toBeGreaterThanOrEqual(1);
    expect(answer.at("product.stock.status")).toBe("IN_STOCK");
  }
  expect(erp.count("price")).toBe(5);
  expect(erp.count("stock")).toBe(9);
  const stateIs = (state: string) => readMetric(gateway.url, "pricelane_breaker_state", { kind: "price", state });
  expect(await stateIs("open")).toBe(1);
  expect(await readMetric(gateway.url, "pricelane_breaker_state", { kind: "stock", state: "closed" })).toBe(1);

  // The first trial fails, too: one call, and the breaker stays open for longer.
  erp.forgetCalls();
  await eventually("a trial call is made", async () => {
    await ask(query, { variables: { sku: "SKU-30" } });
    return erp.count("price") > 0;
  });
  expect(erp.count("price")).toBe(1);

  erp.behave();
  await eventually("prices are answered again", async () => {
    const answer = await ask(query, { variables: { sku: "SKU-31" } });
    return answer.at("product.price.net.amount") === "1031.00";
  });
  await eventually("the breaker is closed", async () => (await stateIs("closed")) === 1);
  const after = await ask(query, { variables: { sku: "SKU-32" } });
  expect(after.at("product.price.net.amount")).toBe("1032.00");
});
