import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { eventually } from "../support/eventually.js";
import { buyer } from "../support/graphql-client.js";
import { createGate } from "../support/port-answers.js";
import { skus } from "./book.js";
import { readMetric } from "./read-metric.js";
import { type Scenario, startScenario } from "./scenario.js";

const page = `query ($skus: [ID!]!) {
  products(skus: $skus) { sku price { net { amount } freshness { source } } stock { status freshness { source } } }
}`;

const lookups = ({ gateway }: Scenario) => readMetric(gateway.url, "pricelane_cache_outcomes_total", { kind: "price" });

let scenario: Scenario;
beforeAll(async () => {
  scenario = await startScenario();
});
afterAll(() => scenario.stop());
beforeEach(() => scenario.erp.behave());

describe("a page of 24 SKUs", () => {
  test("costs one customer call, one price call and one stock call, and nothing at its second view", async () => {
    const { erp, ask } = scenario;
    const view = () => ask(page, { token: buyer("C1"), variables: { skus: skus(24) } });
    const first = await view();
    expect(first.errors).toEqual([]);
    expect(erp.calls.map(({ kind }) => kind).sort()).toEqual(["customer", "price", "stock"]);
    expect(first.at("products.23.price.freshness.source")).toBe("ERP");

    erp.forgetCalls();
    const second = await view();
    expect(erp.calls).toEqual([]);
    expect(second.at("products.23.price.freshness.source")).toBe("CACHE");
    expect(second.at("products.23.stock.freshness.source")).toBe("CACHE");
    expect(second.at("products.23.price.net.amount")).toBe(first.at("products.23.price.net.amount"));
  });

  test("that was seen but for one SKU asks the ERP for that SKU alone", async () => {
    const { erp, ask } = scenario;
    await ask(page, { token: buyer("C2"), variables: { skus: skus(23) } });
    erp.forgetCalls();
    const { errors } = await ask(page, { token: buyer("C2"), variables: { skus: skus(24) } });
    expect(errors).toEqual([]);
    expect(erp.calls.flatMap(({ lines }) => lines.map(({ sku }) => sku))).toEqual(["SKU-24"]);
  });
});

test("products come in the order asked, doubles twice, and a double is asked of the ERP once", async () => {
  const { erp, ask } = scenario;
  const asked = ["SKU-9", "SKU-3", "SKU-9", "SKU-1", "SKU-3"];
  const answer = await ask(page, { token: buyer("C3"), variables: { skus: asked } });
  expect(asked.map((_, index) => answer.at(`products.${index}.sku`))).toEqual(asked);
  expect(asked.map((_, index) => answer.at(`products.${index}.price.net.amount`))).toEqual([
    "309.35",
    "303.35",
    "309.35",
    "301.35",
    "303.35",
  ]);
  expect(erp.calls.flatMap(({ lines }) => lines.map(({ sku }) => sku)).sort()).toEqual(["SKU-1", "SKU-3", "SKU-9"]);
});

test("many requests for the same keys at the same time ask the ERP once", async () => {
  const { erp, ask } = scenario;
  const gate = createGate();
  const before = await lookups(scenario);
  erp.answer("price", async (_call, regular) => {
    await gate.opened;
    return regular;
  });
  const query = `{ products(skus: ["SKU-1", "SKU-2"]) { price { net { amount } } } }`;
  const token = buyer("C4");
  const views = Array.from({ length: 30 }, () => ask(query, { token }));
  // The ERP answers only once all of them wait, so that none is merely served from what another one left.
  await eventually("all 30 look up both keys", async () => (await lookups(scenario)) === before + 60 || null);
  gate.open();
  const answers = await Promise.all(views);
  for (const answer of answers) expect(answer.at("products.1.price.net.amount")).toBe("402.45");
  const asked = erp.calls.flatMap(({ lines }) => lines.map(({ sku }) => sku));
  expect(asked.sort()).toEqual(["SKU-1", "SKU-2"]);
  expect(erp.count("customer")).toBe(1);
});

test("aliases of one product with different quantities share one line of the ERP, whose ladder answers them all", async () => {
  const { erp, ask } = scenario;
  const { errors } = await ask(
    `{ product(sku: "SKU-5") { a: price { quantity } b: price(quantity: "10") { quantity } c: price(quantity: "250") { quantity } } }`,
    { token: buyer("C5") },
  );
  expect(errors).toEqual([]);
  expect(erp.calls.flatMap(({ lines }) => lines)).toHaveLength(1);
});

test("every call carries the ERP's credential and asks each line once", async () => {
  const { erp, ask } = scenario;
  await ask(page, { token: buyer("C6"), variables: { skus: skus(24) } });
  expect(erp.calls.length).toBeGreaterThan(0);
  for (const call of erp.calls) {
    expect(call.headers.authorization).toBe("Bearer erp-credential-of-the-scenarios");
    expect(new Set(call.lines.map(({ ref }) => ref)).size).toBe(call.lines.length);
  }
});
