import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually } from "../support/eventually.js";
import { b1Books } from "../support/sap-business-one.js";
import { b1Error, type FakeB1, startFakeB1 } from "../support/sap-business-one-fake.js";
import { type ErpShop, startErpShop } from "./erp-shop.js";

const query = `query ($skus: [ID!]!) { products(skus: $skus) { sku price { net { amount currency } gross { amount } } stock { available } } }`;
const skus = ["A-1", "NO-SUCH"];

let shop: ErpShop<FakeB1>;

beforeAll(async () => {
  const erp = await startFakeB1(b1Books());
  shop = await startErpShop(erp, {
    ERP_CONNECTOR: "sap-business-one",
    SAPB1_COMPANY_DB: "SBODEMOFR",
    SAPB1_USER: "pricelane",
    SAPB1_PASSWORD: "the-password",
    SAPB1_WAREHOUSES: "01",
    SAPB1_TIME_ZONE: "Europe/Paris",
    STOCK_PUBLIC_DETAIL: "quantity",
  });
});

afterAll(() => shop?.stop());

describe("a shop before SAP Business One", () => {
  test("is told public prices and stock, and null for what SAP Business One does not know", async () => {
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

  test("is told each buyer's own price, all of it in one session", async () => {
    expect(await shop.pricesOf("A-1", ["C1", "C3"])).toEqual(["80", "100"]);
    expect(shop.erp.logins).toBe(1);
  });

  test("is told that SAP Business One refused, and nothing of how; no password and no cookie is in the log", async () => {
    shop.erp.books.fault = (request) => (request.startsWith("GET Items?") ? b1Error("v2", 400, -5002) : null);
    const answer = await shop.client.ask(query, { variables: { skus: ["SERVICE"] } });
    expect(answer.codeAt("products.0.price")).toBe("ERP_BAD_ANSWER");
    await eventually("the log tells it", () => shop.gateway.printed.includes("HTTP 400 (-5002)"));
    expect(shop.gateway.printed).toContain('"version":"1000190"');
    expect(shop.told()).not.toMatch(/Jane Doe|the-password|session-\d|B1SESSION/);
  });

  test("leaves no session behind when it stops", async () => {
    await shop.gateway.stop();
    await eventually("the session is ended", () => shop.erp.logouts === 1);
    expect(shop.erp.sessions.size).toBe(0);
  });
});
