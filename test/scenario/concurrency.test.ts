import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { eventually } from "../support/eventually.js";
import { buyer } from "../support/graphql-client.js";
import { createGate, hang } from "../support/port-answers.js";
import { readMetric } from "./read-metric.js";
import { type Scenario, startScenario } from "./scenario.js";

const query = `query ($sku: ID!) { product(sku: $sku) { price(maxAgeSeconds: 0) { net { amount } } stock(maxAgeSeconds: 0) { status } } }`;
const most = 3;

let scenario: Scenario;
beforeAll(async () => {
  scenario = await startScenario({ ERP_MAX_CONCURRENCY: String(most), ERP_TIMEOUT_MS: "1000" });
});
afterAll(() => scenario.stop());
beforeEach(() => scenario.erp.behave());

const askAll = (count: number, signal?: AbortSignal) =>
  Array.from({ length: count }, (_, index) =>
    scenario.ask(query, {
      token: buyer(`C${(index % 40) + 1}`),
      variables: { sku: `SKU-${(index % 60) + 1}` },
      ...(signal === undefined ? {} : { signal }),
    }),
  );

test("no more calls are in flight than ERP_MAX_CONCURRENCY, of all kinds together, and every slot is used", async () => {
  const { erp } = scenario;
  for (const kind of ["price", "stock", "customer"] as const) {
    erp.answer(kind, async (_call, regular) => {
      await setTimeout(2);
      return regular;
    });
  }
  const answers = await Promise.all(askAll(120));
  expect(answers.flatMap(({ errors }) => errors)).toEqual([]);
  expect(erp.peakInFlight).toBe(most);
});

test("callers that leave set no slot free while the ERP still works", async () => {
  const { erp } = scenario;
  const gate = createGate();
  for (const kind of ["price", "stock", "customer"] as const) {
    erp.answer(kind, async (_call, regular) => {
      await gate.opened;
      return regular;
    });
  }
  const leaving = new AbortController();
  const left = askAll(20, leaving.signal);
  await eventually("every slot is taken", () => erp.inFlight === most);
  leaving.abort();
  await Promise.allSettled(left);
  const others = askAll(20);
  await eventually(
    "keys of the others wait for a slot",
    async () => (await readMetric(scenario.gateway.url, "pricelane_erp_waiting_keys")) > 0,
  );
  expect(erp.peakInFlight).toBe(most);
  gate.open();
  await Promise.all(others);
  expect(erp.peakInFlight).toBe(most);
});

test("calls that hang until their time is up count all the while", async () => {
  const { erp } = scenario;
  let calls = 0;
  erp.answer("price", (_call, regular) => {
    calls += 1;
    return calls % 3 === 0 ? hang : regular;
  });
  for (let round = 0; round < 2; round += 1) await Promise.all(askAll(40));
  expect(calls).toBeGreaterThan(3);
  expect(erp.peakInFlight).toBeLessThanOrEqual(most);
});
