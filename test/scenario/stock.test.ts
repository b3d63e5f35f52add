import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buyer, mintToken } from "../support/graphql-client.js";
import { type Scenario, startScenario } from "./scenario.js";

const query = `query ($sku: ID!, $warehouses: [ID!]) { product(sku: $sku) { stock(warehouses: $warehouses) {
  status available warehouses { code status available } restockDate leadTimeDays
} } }`;

let scenario: Scenario;
beforeAll(async () => {
  scenario = await startScenario();
  const { stock, customers } = scenario.erp;
  customers.set("C1", {});
  stock.set("MANY", { warehouses: { LYON: "12", PARIS: "7.5", LILLE: "0.000001" } });
  stock.set("SPLIT", {
    warehouses: { LYON: "0", PARIS: "3", LILLE: "50" },
    restockDate: "2026-12-01",
    leadTimeDays: 4,
  });
  stock.set("ALONE", { warehouses: { LYON: "12.500000" } });
});
afterAll(() => scenario.stop());

const askAs = (token: string | undefined, sku: string, warehouses?: string[]) =>
  scenario.ask(query, { ...(token === undefined ? {} : { token }), variables: { sku, warehouses } });

describe("of quantities", () => {
  test.each([
    ["a customer", buyer("C1")],
    ["a customer at the checkout", buyer("C1", "checkout")],
    ["a checkout without a customer", mintToken({ scope: "checkout" })],
    ["a feed", mintToken({ scope: "feed" })],
  ])("%s sees the sum and every warehouse, exactly", async (_who, token) => {
    const answer = await askAs(token, "MANY");
    expect(answer.errors).toEqual([]);
    expect(answer.at("product.stock.available")).toBe("19.500001");
    expect(answer.at("product.stock.warehouses")).toEqual([
      { code: "LYON", status: "IN_STOCK", available: "12" },
      { code: "PARIS", status: "IN_STOCK", available: "7.5" },
      { code: "LILLE", status: "LOW_STOCK", available: "0.000001" },
    ]);
    expect((await askAs(token, "ALONE")).at("product.stock.available")).toBe("12.500000");
  });

  test("an anonymous caller sees the status alone, not even in the text of the answer", async () => {
    const answer = await askAs(undefined, "MANY");
    expect(answer.at("product.stock")).toMatchObject({ status: "IN_STOCK", available: null });
    expect(answer.text).not.toContain("19.5");
    expect(answer.text).not.toContain("7.5");
    for (const index of [0, 1, 2]) expect(answer.at(`product.stock.warehouses.${index}.available`)).toBeNull();
  });

  test("a machine of the storefront lane, with no customer, sees no more than an anonymous caller", async () => {
    const answer = await askAs(mintToken({ scope: "storefront" }), "MANY");
    expect(answer.at("product.stock")).toMatchObject({ status: "IN_STOCK", available: null });
  });
});

describe("warehouses", () => {
  test("asked for are the only ones told and counted", async () => {
    const answer = await askAs(buyer("C1"), "SPLIT", ["PARIS", "LYON"]);
    expect(answer.at("product.stock")).toMatchObject({ status: "LOW_STOCK", available: "3" });
    const told = answer.at("product.stock.warehouses") as { code: string }[];
    expect(told.map(({ code }) => code).sort()).toEqual(["LYON", "PARIS"]);
  });

  test("asked for one after another do not stand in each other's way", async () => {
    const available = async (...codes: string[]) =>
      (await askAs(buyer("C1"), "SPLIT", codes)).at("product.stock.available");
    expect([await available("LYON"), await available("LILLE"), await available("LYON", "LILLE")]).toEqual([
      "0",
      "50",
      "50",
    ]);
  });

  test("twice in the list count once", async () => {
    expect((await askAs(buyer("C1"), "SPLIT", ["PARIS", "PARIS"])).at("product.stock.available")).toBe("3");
  });
});

test("restock date and lead time come as the ERP told them, for everybody", async () => {
  for (const token of [undefined, buyer("C1")]) {
    const answer = await askAs(token, "SPLIT");
    expect(answer.at("product.stock")).toMatchObject({ restockDate: "2026-12-01", leadTimeDays: 4 });
  }
  expect((await askAs(undefined, "ALONE")).at("product.stock")).toMatchObject({
    restockDate: null,
    leadTimeDays: null,
  });
});

test.each([
  ["6", false, "IN_STOCK"],
  ["5.000001", false, "IN_STOCK"],
  ["5", false, "LOW_STOCK"],
  ["5.000000", false, "LOW_STOCK"],
  ["0.000001", true, "LOW_STOCK"],
  ["0", false, "OUT_OF_STOCK"],
  ["0.000000", true, "BACKORDER"],
  ["-3", false, "OUT_OF_STOCK"],
  ["-3", true, "BACKORDER"],
  ["100", true, "IN_STOCK"],
])("%s available, with orders beyond it %s, is %s", async (available, backorder, status) => {
  const sku = `STATUS-${available}-${backorder}`;
  scenario.erp.stock.set(sku, { warehouses: { LYON: available }, backorder });
  for (const token of [undefined, buyer("C1")]) {
    expect((await askAs(token, sku)).at("product.stock.status")).toBe(status);
  }
});

test("an SKU without any warehouse is out of stock", async () => {
  scenario.erp.stock.set("NOWHERE", { warehouses: {} });
  expect((await askAs(buyer("C1"), "NOWHERE")).at("product.stock")).toMatchObject({
    status: "OUT_OF_STOCK",
    warehouses: [],
  });
});
