import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { buyer, mintToken } from "../support/graphql-client.js";
import { problem } from "../support/port-answers.js";
import { type Scenario, startScenario } from "./scenario.js";

const both = `query ($sku: ID!) { product(sku: $sku) {
  price { audience net { amount } } publicPrice { audience net { amount } } stock { status }
} }`;
const viewer = `{ viewer { audience customer {
  code name currency paymentTerms blocked creditLimit { amount currency } creditAvailable { amount currency }
  freshness { source }
} } }`;

let scenario: Scenario;
beforeAll(async () => {
  scenario = await startScenario();
});
afterAll(() => scenario.stop());
beforeEach(() => scenario.erp.behave());

describe("a customer that the ERP does not know", () => {
  test("gets CUSTOMER_UNKNOWN where a private price would stand, never a public one, and the public fields stand", async () => {
    const answer = await scenario.ask(both, { token: buyer("NOBODY"), variables: { sku: "SKU-1" } });
    expect(answer.status).toBe(200);
    expect(answer.at("product.price")).toBeNull();
    expect(answer.errorAt("product.price")).toEqual({ code: "CUSTOMER_UNKNOWN", retryAfterSeconds: undefined });
    expect(answer.at("product.publicPrice")).toEqual({ audience: "PUBLIC", net: { amount: "1001.00" } });
    expect(answer.at("product.stock.status")).toBe("IN_STOCK");
  });

  test("is asked about once in a while, not with every view, and no private price is asked for it", async () => {
    const { erp, ask } = scenario;
    await ask(both, { token: buyer("NOBODY-2"), variables: { sku: "SKU-1" } });
    const again = await ask(both, { token: buyer("NOBODY-2"), variables: { sku: "SKU-2" } });
    expect(again.codeAt("product.price")).toBe("CUSTOMER_UNKNOWN");
    expect(erp.count("customer")).toBe(1);
    expect(erp.calls.flatMap(({ lines }) => lines).every(({ customer }) => customer === null)).toBe(true);
  });

  test("gets CUSTOMER_UNKNOWN as viewer", async () => {
    const answer = await scenario.ask(viewer, { token: buyer("NOBODY") });
    expect(answer.codes).toEqual(["CUSTOMER_UNKNOWN"]);
    expect(answer.at("viewer.customer.code")).toBeUndefined();
  });

  test("that turns out so in the price call alone gets CUSTOMER_UNKNOWN there, too", async () => {
    const { erp, ask } = scenario;
    erp.answerLines("price", ({ ref, customer, sku }) => ({ ref, customer, sku, status: "unknown-customer" }));
    const answer = await ask('{ product(sku: "SKU-3") { price { net { amount } } stock { status } } }', {
      token: buyer("C1"),
    });
    expect(answer.at("product.price")).toBeNull();
    expect(answer.codeAt("product.price")).toBe("CUSTOMER_UNKNOWN");
    expect(answer.at("product.stock.status")).toBe("IN_STOCK");
  });
});

test("while the customer's record cannot be had, private fields carry the ERP's error and public ones stand", async () => {
  const { erp, ask } = scenario;
  erp.answer("customer", () => problem(500));
  const answer = await ask(both, { token: buyer("C2"), variables: { sku: "SKU-1" } });
  expect(answer.at("product.price")).toBeNull();
  expect(answer.errorAt("product.price")).toEqual({ code: "ERP_UNAVAILABLE", retryAfterSeconds: 1 });
  expect(answer.at("product.publicPrice.net.amount")).toBe("1001.00");
  expect(answer.at("product.stock.status")).toBe("IN_STOCK");
  expect(erp.calls.flatMap(({ lines }) => lines).every(({ customer }) => customer === null)).toBe(true);
});

test("a record that is malformed, or another customer's, is a bad answer and opens nothing", async () => {
  const { erp, ask } = scenario;
  const bodies = [
    { code: "C4" },
    {},
    [],
    { code: "C3", priceScope: 7 },
    { code: "C3", currency: "euro" },
    { code: "C3", creditLimit: "12,50" },
    { code: "C3", blocked: "no" },
  ];
  for (const [index, body] of bodies.entries()) {
    const code = `C3${index}`;
    const text = JSON.stringify(body).replace("C3", code);
    erp.answer("customer", () => ({ kind: "raw", status: 200, type: "application/json", text, headers: {} }));
    const answer = await ask(both, { token: buyer(code), variables: { sku: "SKU-1" } });
    expect([text, answer.codeAt("product.price")]).toEqual([text, "ERP_BAD_ANSWER"]);
    expect(answer.at("product.price")).toBeNull();
    expect(answer.at("product.publicPrice.net.amount")).toBe("1001.00");
  }
});

describe("viewer", () => {
  test("is the public for a caller without a token, and for a machine", async () => {
    for (const options of [{}, { token: mintToken({ scope: "storefront" }) }]) {
      const answer = await scenario.ask(viewer, options);
      expect(answer.errors).toEqual([]);
      expect(answer.data).toEqual({ viewer: { audience: "PUBLIC", customer: null } });
    }
    expect(scenario.erp.calls).toEqual([]);
  });

  test("tells a customer its trading terms as the ERP keeps them, amounts in the customer's currency", async () => {
    scenario.erp.customers.set("V1", {
      name: "Menuiserie Vidal",
      currency: "CHF",
      paymentTerms: "45 days end of month",
      creditLimit: "50000.00",
      creditAvailable: "-12.500000",
      blocked: true,
    });
    const answer = await scenario.ask(viewer, { token: buyer("V1") });
    expect(answer.data).toEqual({
      viewer: {
        audience: "CUSTOMER",
        customer: {
          code: "V1",
          name: "Menuiserie Vidal",
          currency: "CHF",
          paymentTerms: "45 days end of month",
          blocked: true,
          creditLimit: { amount: "50000.00", currency: "CHF" },
          creditAvailable: { amount: "-12.500000", currency: "CHF" },
          freshness: { source: "ERP" },
        },
      },
    });
  });

  test("leaves null what the ERP does not tell", async () => {
    const answer = await scenario.ask(viewer, { token: buyer("C5") });
    expect(answer.errors).toEqual([]);
    expect(answer.at("viewer.customer")).toMatchObject({ code: "C5", name: null, creditLimit: null, blocked: false });
  });

  test("carries the ERP's error while it is down, and says nothing of the customer", async () => {
    scenario.erp.answer("customer", () => problem(503));
    const answer = await scenario.ask(viewer, { token: buyer("C6") });
    expect(answer.codes).toEqual(["ERP_OVERLOADED"]);
    expect(answer.at("viewer.customer.code")).toBeUndefined();
  });
});
