import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { erpNextBooks } from "../support/erpnext.js";
import { type FakeErpNext, frappeError, startFakeErpNext } from "../support/erpnext-fake.js";
import { eventually } from "../support/eventually.js";
import { GatewayProcess } from "../support/gateway-process.js";
import { authSecrets, buyer, GraphQLClient } from "../support/graphql-client.js";

const query = `query ($skus: [ID!]!) { products(skus: $skus) { sku price { net { amount currency } gross { amount } } stock { available } } }`;
const skus = ["A-1", "NO-SUCH"];

let erp: FakeErpNext;
let gateway: GatewayProcess;
let client: GraphQLClient;

beforeAll(async () => {
  erp = await startFakeErpNext(erpNextBooks());
  gateway = await GatewayProcess.start({
    NODE_ENV: "production",
    ERP_CONNECTOR: "erpnext",
    ERP_URL: erp.url.href,
    ERP_TOKEN: "the-key:the-secret",
    ERPNEXT_COMPANY: "Demo",
    ERPNEXT_WAREHOUSES: "Stores - D",
    ERPNEXT_TAX_RATE: "20",
    STOCK_PUBLIC_DETAIL: "quantity",
    AUTH_SECRETS: authSecrets,
    LOG_LEVEL: "debug",
  });
  client = new GraphQLClient(gateway.url);
});

afterAll(async () => {
  await gateway?.stop();
  await erp?.stop();
});

describe("a shop before ERPNext", () => {
  test("is told public prices and stock, and null for what ERPNext does not know", async () => {
    const answer = await client.ask(query, { variables: { skus } });
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
    const priceOf = async (code: string) =>
      (await client.ask(query, { variables: { skus }, token: buyer(code) })).at("products.0.price.net.amount");
    expect(await Promise.all([priceOf("CUST-1"), priceOf("CUST-2")])).toEqual(["80", "90"]);
  });

  test("is told that the ERP refused, and nothing of how", async () => {
    erp.books.fault = (method) => (method.endsWith("apply_price_list") ? frappeError(417, "ValidationError") : null);
    const answer = await client.ask(query, { variables: { skus: ["SERVICE"] } });
    expect(answer.codeAt("products.0.price")).toBe("ERP_BAD_ANSWER");
    await eventually("the log tells it", () => gateway.printed.includes("ValidationError"));
    expect(`${gateway.printed}${client.texts.join("")}`).not.toMatch(/Traceback|tabUser|the-secret/);
  });
});
