import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { problem } from "../support/port-answers.js";
import { skus } from "./book.js";
import { type Scenario, startScenario } from "./scenario.js";

const page = "query ($skus: [ID!]!) { products(skus: $skus) { sku price { net { amount } } } }";

let scenario: Scenario;
beforeAll(async () => {
  // More keys than the budget of an anonymous caller holds by default.
  scenario = await startScenario({ MAX_SKUS: "2000", MAX_KEYS_PER_REQUEST: "5000", CALLER_KEYS_PER_SECOND: "0" });
  for (let sku = 1; sku <= 1100; sku += 1) {
    scenario.erp.prices.set(`|BIG-${sku}`, { unitPrice: `${sku}.5`, tiers: [] });
    scenario.erp.stock.set(`BIG-${sku}`, { warehouses: { LYON: "3" } });
  }
});
afterAll(() => scenario.stop());
beforeEach(() => scenario.erp.behave());

test("more keys than one call may carry leave in as few calls as carry them, and come back in order", async () => {
  const { erp, ask } = scenario;
  const asked = Array.from({ length: 1100 }, (_, index) => `BIG-${index + 1}`);
  const query = "query ($skus: [ID!]!) { products(skus: $skus) { sku price { net { amount } } stock { status } } }";
  const answer = await ask(query, { variables: { skus: asked } });
  expect(answer.errors).toEqual([]);
  const seen = answer.at("products") as { sku: string; price: { net: { amount: string } } }[];
  expect(seen.map(({ sku }) => sku)).toEqual(asked);
  expect(seen.map(({ price }) => price.net.amount)).toEqual(asked.map((_, index) => `${index + 1}.5`));
  for (const { lines, skus: inStock } of erp.calls)
    expect(Math.max(lines.length, inStock.length)).toBeLessThanOrEqual(500);
  expect([erp.count("price"), erp.count("stock")]).toEqual([3, 3]);
});

test.each([[400], [422], [500]])(
  "one key that makes the ERP answer %s to the whole call is found by halving, and its neighbours stand",
  async (status) => {
    const { erp, ask } = scenario;
    const poisoned = "SKU-13";
    // Calls that go well before it, since an ERP whose last calls all failed is not asked more often.
    for (let call = 0; call < 3; call += 1) {
      const well = await ask(page.replace("price {", "price(maxAgeSeconds: 0) {"), { variables: { skus: ["SKU-60"] } });
      expect(well.errors).toEqual([]);
    }
    erp.forgetCalls();
    erp.answer("price", ({ lines }, regular) =>
      lines.some(({ sku }) => sku === poisoned) ? problem(status) : regular,
    );
    const live = page.replace("price {", "price(maxAgeSeconds: 0) {");
    const answer = await ask(live, { variables: { skus: skus(24) } });
    expect(answer.errors.map(({ path }) => path?.join("."))).toEqual(["products.12.price"]);
    expect(answer.at("products.0.price.net.amount")).toBe("1001.00");
    expect(answer.at("products.23.price.net.amount")).toBe("1024.00");
    // The call itself, and at most 2 × log2(24) + 2 more.
    expect(erp.count("price")).toBeLessThanOrEqual(1 + 2 * Math.log2(24) + 2);
  },
);
