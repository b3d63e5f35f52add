import { expect, test } from "vitest";
import { eventually } from "../support/eventually.js";
import { createGate } from "../support/port-answers.js";
import { readMetric } from "./read-metric.js";
import { startScenario } from "./scenario.js";

test("pricelane_requests_in_flight counts what waits for the ERP, and nothing that was answered, refused or cut", async () => {
  const { erp, gateway, ask, stop } = await startScenario();
  const gate = createGate();
  erp.answer("stock", async (_call, regular) => {
    await gate.opened;
    return regular;
  });
  const inFlight = () => readMetric(gateway.url, "pricelane_requests_in_flight");
  const views = [1, 2, 3].map((number) => ask(`{ product(sku: "SKU-${number}") { stock { status } } }`));
  await eventually("three wait", async () => (await inFlight()) === 3);
  gate.open();
  await Promise.all(views);
  expect(await inFlight()).toBe(0);
  await fetch(`${gateway.url}/graphql`, { method: "POST", headers: { "content-type": "application/json" }, body: "{" });
  expect(await inFlight()).toBe(0);
  const leaving = new AbortController();
  const gone = fetch(`${gateway.url}/graphql?query={viewer{audience}}`, { signal: leaving.signal }).catch(() => null);
  leaving.abort();
  await gone;
  await eventually("nobody is left", async () => (await inFlight()) === 0);
  await stop();
});
