import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { eventually } from "../support/eventually.js";
import { createGate, hang, hangUp } from "../support/port-answers.js";
import { readMetric } from "./read-metric.js";
import { type Scenario, startScenario } from "./scenario.js";

const query = `query ($skus: [ID!]!) { products(skus: $skus) { price(maxAgeSeconds: 0) { net { amount } } } }`;

let scenario: Scenario;
beforeAll(async () => {
  scenario = await startScenario({ ERP_MAX_CONCURRENCY: "4", ERP_TIMEOUT_MS: "400", ERP_ABANDON_MS: "600" });
});
afterAll(() => scenario.stop());
beforeEach(() => scenario.erp.behave());

const limit = () => readMetric(scenario.gateway.url, "pricelane_erp_concurrency_limit");
const view = (...skus: string[]) => scenario.ask(query, { variables: { skus } });

test("sixty pages at once leave in a handful of calls, and none is shed or refused", async () => {
  const gate = createGate();
  scenario.erp.answer("price", async (_call, regular) => {
    await gate.opened;
    return regular;
  });
  const views = Array.from({ length: 60 }, (_, index) => view(`SKU-${index + 1}`));
  await eventually(
    "all that found no slot wait",
    async () => (await readMetric(scenario.gateway.url, "pricelane_erp_waiting_keys")) === 56,
  );
  gate.open();
  const answers = await Promise.all(views);
  expect(answers.flatMap(({ errors }) => errors)).toEqual([]);
  expect(scenario.erp.count("price")).toBeLessThanOrEqual(8);
});

test("calls that hang lower the limit and keep their slots for a while, and the limit comes back with the answers", async () => {
  const { erp, gateway } = scenario;
  expect(await limit()).toBe(4);
  erp.answer("price", () => hang);
  const late = await view("SKU-1");
  expect(late.codeAt("products.0.price")).toBe("ERP_TIMEOUT");
  erp.behave();
  expect(await limit()).toBe(2);
  expect(await readMetric(gateway.url, "pricelane_erp_in_flight")).toBe(1);
  await eventually("the slot is free", async () => (await readMetric(gateway.url, "pricelane_erp_in_flight")) === 0);
  await eventually("the limit has come back", async () => {
    await Promise.all([view("SKU-1"), view("SKU-2"), view("SKU-3"), view("SKU-4")]);
    return (await limit()) === 4;
  });
});

test("a call that finds the ERP away for a moment is made again, and its page never knows", async () => {
  const { erp, gateway } = scenario;
  for (let call = 0; call < 12; call += 1) await view(`SKU-${call + 1}`);
  erp.forgetCalls();
  erp.answer("price", (_call, regular) => (erp.count("price") === 1 ? hangUp : regular));
  const answer = await view("SKU-20", "SKU-21");
  expect(answer.errors).toEqual([]);
  expect(erp.count("price")).toBe(2);
  const retried = { kind: "price", lane: "storefront", decision: "retried" };
  expect(await readMetric(gateway.url, "pricelane_dispatch_decisions_total", retried)).toBe(2);
});
