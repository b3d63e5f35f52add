import { request } from "node:http";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { eventually } from "../support/eventually.js";
import { createGate } from "../support/port-answers.js";
import { readMetric } from "./read-metric.js";
import { type Scenario, startScenario } from "./scenario.js";

const query = "query ($sku: ID!) { product(sku: $sku) { price { net { amount } } } }";

let scenario: Scenario;
beforeAll(async () => {
  scenario = await startScenario({ ERP_MAX_CONCURRENCY: "1" });
});
afterAll(() => scenario.stop());
beforeEach(() => scenario.erp.behave());

const keysWaiting = () => readMetric(scenario.gateway.url, "pricelane_erp_waiting_keys", { kind: "price" });
const askedSkus = () => scenario.erp.calls.flatMap(({ lines }) => lines.map(({ sku }) => sku));
const left = () =>
  readMetric(scenario.gateway.url, "pricelane_dispatch_decisions_total", {
    kind: "price",
    lane: "storefront",
    decision: "left",
  });

/** Asks as a client that will hang up. @returns what hangs up */
function askInVain(sku: string): () => void {
  const asking = request(new URL("/graphql", scenario.gateway.url), {
    method: "POST",
    headers: { "content-type": "application/json" },
  });
  asking.on("error", () => {}); // its own hanging up
  asking.end(JSON.stringify({ query, variables: { sku } }));
  return () => asking.destroy();
}

/** Takes the only slot until the gate is opened. */
async function takeTheSlot(sku: string) {
  const gate = createGate();
  scenario.erp.answer("price", async (_call, regular) => {
    if (scenario.erp.count("price") === 1) await gate.opened;
    return regular;
  });
  const first = scenario.ask(query, { variables: { sku } });
  await eventually("the ERP is asked", () => scenario.erp.count("price") === 1);
  return { gate, first };
}

test("what a client asked that hung up while it waited is never asked of the ERP", async () => {
  const { gate, first } = await takeTheSlot("SKU-1");
  const before = await left();
  const hangUp = askInVain("SKU-2");
  await eventually("it waits", async () => (await keysWaiting()) === 1);
  hangUp();
  await eventually("it waits no more", async () => (await keysWaiting()) === 0);
  gate.open();
  expect((await first).at("product.price.net.amount")).toBe("1001.00");
  expect((await scenario.ask(query, { variables: { sku: "SKU-3" } })).at("product.price.net.amount")).toBe("1003.00");
  expect(askedSkus()).toEqual(["SKU-1", "SKU-3"]);
  expect(await left()).toBe(before + 1);
});

test("what another caller waits for too is asked all the same", async () => {
  const { gate, first } = await takeTheSlot("SKU-11");
  const hangUp = askInVain("SKU-12");
  await eventually("it waits", async () => (await keysWaiting()) === 1);
  const lookUps = () => readMetric(scenario.gateway.url, "pricelane_cache_outcomes_total", { kind: "price" });
  const seen = await lookUps();
  const other = scenario.ask(query, { variables: { sku: "SKU-12" } });
  await eventually("the other has looked", async () => (await lookUps()) === seen + 1);
  hangUp();
  gate.open();
  expect((await other).at("product.price.net.amount")).toBe("1012.00");
  await first;
  expect(askedSkus()).toEqual(["SKU-11", "SKU-12"]);
});

test("what was sent before its client hung up is kept for the next one", async () => {
  const gate = createGate();
  scenario.erp.answer("price", async (_call, regular) => {
    await gate.opened;
    return regular;
  });
  const kept = () => readMetric(scenario.gateway.url, "pricelane_cache_entries", { kind: "price" });
  const before = await kept();
  const hangUp = askInVain("SKU-21");
  await eventually("the ERP is asked", () => scenario.erp.count("price") === 1);
  hangUp();
  gate.open();
  await eventually("the answer is kept", async () => (await kept()) === before + 1);
  expect((await scenario.ask(query, { variables: { sku: "SKU-21" } })).at("product.price.net.amount")).toBe("1021.00");
  expect(askedSkus()).toEqual(["SKU-21"]);
});
