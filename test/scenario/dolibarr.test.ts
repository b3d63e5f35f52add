import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dolibarrBooks, productRow } from "../support/dolibarr-books.js";
import { type FakeDolibarr, leakedDb, startFakeDolibarr } from "../support/dolibarr-fake.js";
import { eventually } from "../support/eventually.js";
import { type ErpShop, startErpShop } from "./erp-shop.js";

const query = `query ($skus: [ID!]!) { products(skus: $skus) { sku price { net { amount currency } } stock { status } } }`;
const skus = ["A-1", "B.2", "NO-SUCH"];

let shop: ErpShop<FakeDolibarr>;

beforeAll(async () => {
  const erp = await startFakeDolibarr(dolibarrBooks("22.0.1", { apiKey: "the-key-of-the-user" }));
  shop = await startErpShop(erp, {
    ERP_CONNECTOR: "dolibarr",
    ERP_TOKEN: "the-key-of-the-user",
    DOLIBARR_CURRENCY: "EUR",
  });
});

afterAll(() => shop?.stop());

describe("a shop before Dolibarr", () => {
  test("is told public prices and stock, and null for what Dolibarr does not know", async () => {
    const answer = await shop.client.ask(query, { variables: { skus } });
    expect(answer.errors).toEqual([]);
    expect(answer.data).toEqual({
      products: [
        { sku: "A-1", price: { net: { amount: "10", currency: "EUR" } }, stock: { status: "IN_STOCK" } },
        { sku: "B.2", price: { net: { amount: "20", currency: "EUR" } }, stock: { status: "LOW_STOCK" } },
        null,
      ],
    });
  });

  test("is told each buyer's own price", async () => {
    expect(await shop.pricesOf("A-1", ["CU-1", "CU-2"])).toEqual(["8.5", "9.25"]);
  });

  test("finds that one SKU which Dolibarr takes for an attack spoils no other", async () => {
    shop.erp.books.products.push(productRow(21, "UNION-1", "5"), productRow(22, "SELECT-1", "6"));
    const answer = await shop.client.ask(query, { variables: { skus: ["UNION-1", "A-1", "SELECT-1"] } });
    expect(answer.at("products.0.price.net.amount")).toBe("5");
    expect(answer.at("products.1.price.net.amount")).toBe("10");
    expect(answer.at("products.2.price.net.amount")).toBe("6");
  });

  test("the log tells the version, and neither the key nor what Dolibarr's database leaks", async () => {
    await eventually("the log tells it", () => shop.gateway.logs.some(({ msg }) => msg === "Dolibarr answers"));
    expect(shop.gateway.printed).not.toContain("the-key-of-the-user");
    for (const secret of Object.values(leakedDb)) expect(shop.gateway.printed).not.toContain(secret);
    expect(shop.client.texts.join("")).not.toMatch(/llx_|db\.internal/);
  });
});
