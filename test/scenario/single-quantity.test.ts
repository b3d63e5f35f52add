import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type Scenario, startScenario } from "./scenario.js";

let scenario: Scenario;
beforeAll(async () => {
  scenario = await startScenario();
  for (let sku = 1; sku <= 5; sku += 1) {
    scenario.erp.prices.set(`|SINGLE-${sku}`, { unitPrice: "5.00", unit: "single" });
  }
});
afterAll(() => scenario.stop());
beforeEach(() => scenario.erp.behave());

const askedQuantities = () => scenario.erp.calls.flatMap(({ lines }) => lines.map(({ quantity }) => quantity));

test("an ERP that is known to have no ladders is asked each quantity for itself, once", async () => {
  await scenario.ask('{ product(sku: "SINGLE-4") { price { unit } } }');
  scenario.erp.forgetCalls();
  const query = `{ product(sku: "SINGLE-1") {
    one: price { unit tiers { minimumQuantity } } ten: price(quantity: "10") { unit } half: price(quantity: "0.5") { unit }
  } }`;
  for (const view of ["first", "second"]) {
    const answer = await scenario.ask(query);
    expect([view, answer.data]).toEqual([
      view,
      { product: { one: { unit: "at 1", tiers: [] }, ten: { unit: "at 10" }, half: { unit: "at 0.5" } } },
    ]);
    expect(answer.errors).toEqual([]);
  }
  expect(askedQuantities().sort()).toEqual(["0.5", "1", "10"]);
});

test("the quantity that came first decides nothing for the next one", async () => {
  const at = (quantity: string) =>
    scenario.ask(`{ product(sku: "SINGLE-2") { price(quantity: "${quantity}") { unit } } }`);
  expect((await at("7")).at("product.price.unit")).toBe("at 7");
  expect((await at("1")).at("product.price.unit")).toBe("at 1");
  expect((await at("7")).at("product.price.unit")).toBe("at 7");
});

test("a ladder that was told is not asked again because other SKUs have none", async () => {
  const both = `{ products(skus: ["SKU-1", "SINGLE-3"]) { a: price { quantity } b: price(quantity: "10") { quantity } } }`;
  const first = await scenario.ask(both);
  expect(first.errors).toEqual([]);
  for (let view = 0; view < 3; view += 1) await scenario.ask(both);
  const asked = scenario.erp.calls.flatMap(({ lines }) => lines.map(({ sku, quantity }) => `${sku} at ${quantity}`));
  expect(asked.filter((line) => line.startsWith("SKU-1 "))).toHaveLength(1);
  expect(asked.filter((line) => line.startsWith("SINGLE-3 ")).sort()).toEqual(["SINGLE-3 at 1", "SINGLE-3 at 10"]);
});
