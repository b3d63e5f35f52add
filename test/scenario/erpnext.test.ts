import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { erpNextBooks } from "../support/erpnext.js";
import { type FakeErpNext, frappeError, startFakeErpNext } from "../support/erpnext-fake.js";
import { eventually } from "../support/eventually.js";
import { type ErpShop, startErpShop } from "./erp-shop.js";

const query = `query ($skus: [ID!]!) { products(skus: $skus) { sku price { net { amount currency } gross { amount } } stock { available } } }`;
const skus = ["A-1", "NO-SUCH"];

let shop: ErpShop<FakeErpNext>;

beforeAll(async () => {
  const erp = await startFakeErpNext(erpNextBooks());
  shop = await startErpShop(erp, {
    ERP_CONNECTOR: "erpnext",
    ERP_TOKEN: "the-key:the-secret",
    ERPNEXT_COMPANY: "Demo",
    ERPNEXT_WAREHOUSES: "Stores - D",
    ERPNEXT_TAX_RATE: "20",
    STOCK_PUBLIC_DETAIL: "quantity",
  });
});

afterAll(() => shop?.stop());

describe("a shop before ERPNext", () => {
  test("is told public prices and stock, and null for what ERPNext does not know", async () => {
    const answer = await shop.client.ask(query, { variables: { skus } });
    expect(answer.errors).toEqual([]);
    expect(answer.data).toEqual({
      products: [
        {
          sku: "A-1",
          price: { net: { amount: "100", currency: "EUR" }, gross: { amount: "120" } },
          stock: { available: "10.2" },
        },
        null,
      ],
    });
  });

  test("is told each buyer's own price", async () => {
    expect(await shop.pricesOf("A-1", ["CUST-1", "CUST-2"])).toEqual(["80", "90"]);
  });

  test("is told that the ERP refused, and nothing of how", async () => {
    shop.erp.books.fault = (method) =>
      method.endsWith("apply_price_list") ? frappeError(417, "ValidationError") : null;
    const answer = await shop.client.ask(query, { variables: { skus: ["SERVICE"] } });
    expect(answer.codeAt("products.0.price")).toBe("ERP_BAD_ANSWER");
    await eventually("the log tells it", () => shop.gateway.printed.includes("ValidationError"));
    expect(shop.told()).not.toMatch(/Traceback|tabUser|the-secret/);
  });
});
