import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { eventually } from "../support/eventually.js";
import { createGate } from "../support/port-answers.js";
import { readMetric } from "./read-metric.js";
import { type Scenario, startScenario } from "./scenario.js";

const query = `query ($sku: ID!, $age: Int) { product(sku: $sku) {
  price(maxAgeSeconds: $age) { net { amount } freshness { computedAt } }
} }`;

let scenario: Scenario;
beforeAll(async () => {
  scenario = await startScenario({ ERP_MAX_CONCURRENCY: "1" });
});
afterAll(() => scenario.stop());
beforeEach(() => scenario.erp.behave());

/** Holds the first price call back until the gate is opened; the later ones are answered at once. */
function holdFirstPriceCall() {
  const gate = createGate();
  scenario.erp.answer("price", async (_call, regular) => {
    if (scenario.erp.count("price") === 1) await gate.opened;
    return regular;
  });
  return gate;
}

const askedSkus = () => scenario.erp.calls.flatMap(({ lines }) => lines.map(({ sku }) => sku));
const keysWaiting = () => readMetric(scenario.gateway.url, "pricelane_erp_waiting_keys", { kind: "price" });
/** Every look at the cache so far, whatever it found. */
const lookUps = () => readMetric(scenario.gateway.url, "pricelane_cache_outcomes_total", { kind: "price" });

test("keys that find every slot taken leave together once one is free", async () => {
  const { erp, ask } = scenario;
  const gate = holdFirstPriceCall();
  const first = ask(query, { variables: { sku: "SKU-1" } });
  await eventually("the ERP is asked", () => erp.count("price") === 1);
  const others = Array.from({ length: 20 }, (_, index) => ask(query, { variables: { sku: `SKU-${index + 2}` } }));
  await eventually("all the others wait", async () => (await keysWaiting()) === 20);
  gate.open();
  const answers = await Promise.all([first, ...others]);
  expect(answers.map((answer) => answer.at("product.price.net.amount"))).toEqual(
    answers.map((_, index) => `${1001 + index}.00`),
  );
  expect(erp.count("price")).toBe(2);
});

test("questions for the ERP's own word do not join a read that began before them, but share the one that follows", async () => {
  const { erp, ask } = scenario;
  const gate = holdFirstPriceCall();
  const early = ask(query, { variables: { sku: "SKU-30" } });
  await eventually("the ERP is asked", () => erp.count("price") === 1);
  const before = await lookUps();
  const live = Array.from({ length: 10 }, () => ask(query, { variables: { sku: "SKU-30", age: 0 } }));
  await eventually("all of them have looked", async () => (await lookUps()) === before + 10);
  erp.prices.set("|SKU-30", { unitPrice: "5.00", tiers: [] });
  gate.open();
  expect((await early).at("product.price.net.amount")).toBe("1030.00");
  for (const answer of await Promise.all(live)) expect(answer.at("product.price.net.amount")).toBe("5.00");
  expect(askedSkus()).toEqual(["SKU-30", "SKU-30"]);
});

test("a question that takes any age joins the read under way", async () => {
  const { erp, ask } = scenario;
  const gate = holdFirstPriceCall();
  const early = ask(query, { variables: { sku: "SKU-31", age: 0 } });
  await eventually("the ERP is asked", () => erp.count("price") === 1);
  const before = await lookUps();
  const joining = ask(query, { variables: { sku: "SKU-31" } });
  await eventually("it has looked", async () => (await lookUps()) === before + 1);
  gate.open();
  expect((await joining).at("product.price.net.amount")).toBe("1031.00");
  expect((await early).at("product.price.net.amount")).toBe("1031.00");
  expect(askedSkus()).toEqual(["SKU-31"]);
});
