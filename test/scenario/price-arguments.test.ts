import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { buyer } from "../support/graphql-client.js";
import { problem } from "../support/port-answers.js";
import { type Scenario, startScenario } from "./scenario.js";

let scenario: Scenario;
beforeAll(async () => {
  scenario = await startScenario();
  const { prices } = scenario.erp;
  const tiers = [
    { from: "100", unitPrice: "7.00" },
    { from: "10", unitPrice: "8.50" },
    { from: "5", unitPrice: "9.250000" },
  ];
  prices.set("|LADDER", { unitPrice: "9.250000", taxRate: "20", tiers });
});
afterAll(() => scenario.stop());
beforeEach(() => scenario.erp.behave());

describe("quantity", () => {
  test("is answered at its own break from one line, below the lowest break by the lowest one", async () => {
    const quantities = ["1", "4.999999", "5", "9.999999", "10", "99", "100", "1000000", "0.000001"];
    const fields = quantities.map(
      (quantity, index) => `q${index}: price(quantity: "${quantity}") { quantity net { amount } }`,
    );
    const answer = await scenario.ask(`{ product(sku: "LADDER") { ${fields.join(" ")} } }`);
    expect(answer.errors).toEqual([]);
    expect(quantities.map((_, index) => answer.at(`product.q${index}.net.amount`))).toEqual([
      "9.250000",
      "9.250000",
      "9.250000",
      "9.250000",
      "8.50",
      "8.50",
      "7.00",
      "7.00",
      "9.250000",
    ]);
    expect(quantities.map((_, index) => answer.at(`product.q${index}.quantity`))).toEqual(quantities);
    expect(scenario.erp.calls.flatMap(({ lines }) => lines)).toHaveLength(1);
  });

  test("shows the breaks lowest first, each with its gross", async () => {
    const answer = await scenario.ask(
      `{ product(sku: "LADDER") { price { tiers { minimumQuantity net { amount currency } gross { amount } } } } }`,
    );
    expect(answer.at("product.price.tiers")).toEqual([
      { minimumQuantity: "5", net: { amount: "9.250000", currency: "EUR" }, gross: { amount: "11.1" } },
      { minimumQuantity: "10", net: { amount: "8.50", currency: "EUR" }, gross: { amount: "10.2" } },
      { minimumQuantity: "100", net: { amount: "7.00", currency: "EUR" }, gross: { amount: "8.4" } },
    ]);
  });

  test.each([
    "0",
    "-1",
    "0.000000",
    "1e3",
    "NaN",
    "",
    " 1",
    "+1",
    "1,5",
    "1.0000001",
    "1234567890123456",
    "0x10",
    "Infinity",
  ])("%j is the asker's mistake, and the ERP is not asked", async (quantity) => {
    const query = `query ($quantity: Decimal!) { product(sku: "SKU-39") { price(quantity: $quantity) { unit } } }`;
    const byVariable = await scenario.ask(query, { variables: { quantity } });
    expect(byVariable.codes).toEqual(["BAD_USER_INPUT"]);
    const literal = await scenario.ask(
      `{ product(sku: "SKU-39") { price(quantity: ${JSON.stringify(quantity)}) { unit } } }`,
    );
    expect(literal.codes).toHaveLength(1);
    expect(["BAD_USER_INPUT", "GRAPHQL_VALIDATION_FAILED"]).toContain(literal.codes[0]);
    expect(scenario.erp.count("price")).toBe(0);
  });
});

describe("currency", () => {
  const priceIn = (sku: string, currency: string | null, token?: string) =>
    scenario.ask(
      `query ($currency: Currency) { product(sku: "${sku}") { price(currency: $currency) { net { amount currency } } } }`,
      { ...(token === undefined ? {} : { token }), variables: { currency } },
    );

  test("is asked of the ERP, and two currencies of one SKU never meet", async () => {
    const { erp } = scenario;
    erp.answerLines("price", (line) => ({ ...line, unitPrice: line["currency"] === "USD" ? "2.00" : "1.00" }));
    for (let view = 0; view < 2; view += 1) {
      expect((await priceIn("SKU-40", "USD")).at("product.price.net")).toEqual({ amount: "2.00", currency: "USD" });
      expect((await priceIn("SKU-40", "EUR")).at("product.price.net")).toEqual({ amount: "1.00", currency: "EUR" });
      expect((await priceIn("SKU-40", null)).at("product.price.net")).toEqual({ amount: "1.00", currency: "EUR" });
    }
    expect(erp.calls.flatMap(({ lines }) => lines.map(({ currency }) => currency ?? null))).toEqual([
      "USD",
      "EUR",
      null,
    ]);
  });

  test("left out is the customer's own", async () => {
    scenario.erp.customers.set("SWISS", { currency: "CHF" });
    const answer = await priceIn("SKU-41", null, buyer("SWISS"));
    expect(answer.at("product.price.net.currency")).toBe("CHF");
  });

  test("another one than was asked for is a bad answer, never converted", async () => {
    const { erp } = scenario;
    erp.customers.set("SWISS-2", { currency: "CHF" });
    erp.answerLines("price", (line) => ({ ...line, currency: "EUR" }));
    const asked = await priceIn("SKU-42", "USD");
    expect([asked.at("product.price"), asked.codeAt("product.price")]).toEqual([null, "ERP_BAD_ANSWER"]);
    const own = await priceIn("SKU-42", null, buyer("SWISS-2"));
    expect([own.at("product.price"), own.codeAt("product.price")]).toEqual([null, "ERP_BAD_ANSWER"]);
    expect((await priceIn("SKU-42", "EUR")).at("product.price.net.currency")).toBe("EUR");
  });

  test.each(["eur", "EURO", "", "E1R", "€"])(
    "%j is the asker's mistake, and the ERP is not asked",
    async (currency) => {
      const answer = await priceIn("SKU-43", currency);
      expect(answer.codes).toEqual(["BAD_USER_INPUT"]);
      expect(scenario.erp.calls).toEqual([]);
    },
  );
});

describe("maxAgeSeconds", () => {
  const ask = (sku: string, maxAgeSeconds: number) =>
    scenario.ask(
      `query ($age: Int) { product(sku: "${sku}") {
        price(maxAgeSeconds: $age) { freshness { source } } stock(maxAgeSeconds: $age) { freshness { source } }
      } }`,
      { variables: { age: maxAgeSeconds } },
    );

  test("0 asks the ERP every time, a larger one takes what is young enough", async () => {
    for (const source of ["ERP", "ERP", "ERP"]) {
      const live = await ask("SKU-50", 0);
      expect(live.at("product.price.freshness.source")).toBe(source);
      expect(live.at("product.stock.freshness.source")).toBe(source);
    }
    expect([scenario.erp.count("price"), scenario.erp.count("stock")]).toEqual([3, 3]);
    const held = await ask("SKU-50", 3600);
    expect(held.at("product.price.freshness.source")).toBe("CACHE");
    expect(held.at("product.stock.freshness.source")).toBe("CACHE");
    expect([scenario.erp.count("price"), scenario.erp.count("stock")]).toEqual([3, 3]);
  });

  test("0 while the ERP is ill is an error, though an older answer is at hand", async () => {
    await ask("SKU-51", 3600);
    scenario.erp.answer("price", () => problem(500));
    const live = await ask("SKU-51", 0);
    expect(live.at("product.price")).toBeNull();
    expect(live.codeAt("product.price")).toBe("ERP_UNAVAILABLE");
    expect(live.at("product.stock.freshness.source")).toBe("ERP");
    scenario.erp.behave();
    expect((await ask("SKU-51", 3600)).at("product.price.freshness.source")).toBe("CACHE");
  });

  test("below 0 is the asker's mistake, and the ERP is not asked", async () => {
    const answer = await ask("SKU-52", -1);
    expect(answer.codes.length).toBeGreaterThan(0);
    expect(new Set(answer.codes)).toEqual(new Set(["BAD_USER_INPUT"]));
    expect(scenario.erp.calls).toEqual([]);
  });
});
