import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bcBooks } from "../support/business-central.js";
import { bcError, type FakeBc, startFakeBc } from "../support/business-central-fake.js";
import { eventually } from "../support/eventually.js";
import { type ErpShop, startErpShop } from "./erp-shop.js";

const query = `query ($skus: [ID!]!) { products(skus: $skus) { sku price { net { amount currency } gross { amount } } stock { available } } }`;
const skus = ["A-1", "NO-SUCH"];

let shop: ErpShop<FakeBc>;

beforeAll(async () => {
  const erp = await startFakeBc(bcBooks());
  shop = await startErpShop(erp, {
    ERP_CONNECTOR: "business-central",
    BC_LOGIN_URL: erp.url.href,
    BC_TENANT: "contoso.example",
    BC_CLIENT_ID: "the-client",
    BC_CLIENT_SECRET: "the-secret",
    BC_COMPANY: "CRONUS FR",
    BC_LOCATIONS: "EAST",
    BC_TAX_RATE: "20",
    BC_TIME_ZONE: "Europe/Paris",
    STOCK_PUBLIC_DETAIL: "quantity",
  });
});

afterAll(() => shop?.stop());

describe("a shop before Business Central", () => {
  test("is told public prices and stock, and null for what Business Central does not know", async () => {
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
    expect(await shop.pricesOf("A-1", ["C1", "C2"])).toEqual(["80", "90"]);
  });

  test("is told that Business Central refused, and nothing of how; no secret and no token is in the log", async () => {
    shop.erp.books.fault = (url) => (url.includes("/items?") ? bcError(400, "Application_DialogException") : null);
    const answer = await shop.client.ask(query, { variables: { skus: ["SERVICE"] } });
    expect(answer.codeAt("products.0.price")).toBe("ERP_BAD_ANSWER");
    await eventually("the log tells it", () => shop.gateway.printed.includes("Application_DialogException"));
    expect(shop.told()).not.toMatch(/Jane Doe|the-secret|token-\d/);
  });
});
