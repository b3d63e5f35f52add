import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dolibarrBooks, productRow } from "../support/dolibarr-books.js";
import { type FakeDolibarr, leakedDb, startFakeDolibarr } from "../support/dolibarr-fake.js";
import { GatewayProcess } from "../support/gateway-process.js";
import { authSecrets, buyer, GraphQLClient } from "../support/graphql-client.js";

const query = `query ($skus: [ID!]!) { products(skus: $skus) { sku price { net { amount currency } } stock { status } } }`;
const skus = ["A-1", "B.2", "NO-SUCH"];

let erp: FakeDolibarr;
let gateway: GatewayProcess;
let client: GraphQLClient;

beforeAll(async () => {
  erp = await startFakeDolibarr(dolibarrBooks("22.0.1", { apiKey: "the-key-of-the-user" }));
  gateway = await GatewayProcess.start({
    NODE_ENV: "production",
    ERP_CONNECTOR: "dolibarr",
    ERP_URL: erp.url.href,
    ERP_TOKEN: "the-key-of-the-user",
    DOLIBARR_CURRENCY: "EUR",
    AUTH_SECRETS: authSecrets,
    LOG_LEVEL: "debug",
  });
  client = new GraphQLClient(gateway.url);
});

afterAll(async () => {
  await gateway?.stop();
  await erp?.stop();
});

describe("a shop before Dolibarr", () => {
  test("is told public prices and stock, and null for what Dolibarr does not know", async () => {
    const answer = await client.ask(query, { variables: { skus } });
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
    const priceOf = async (code: string) =>
      (await client.ask(query, { variables: { skus }, token: buyer(code) })).at("products.0.price.net.amount");
    expect(await Promise.all([priceOf("CU-1"), priceOf("CU-2")])).toEqual(["8.5", "9.25"]);
  });

  test("finds that one SKU which Dolibarr takes for an attack spoils no other", async () => {
    erp.books.products.push(productRow(21, "UNION-1", "5"), productRow(22, "SELECT-1", "6"));
    const answer = await client.ask(query, { variables: { skus: ["UNION-1", "A-1", "SELECT-1"] } });
    expect(answer.at("products.0.price.net.amount")).toBe("5");
    expect(answer.at("products.1.price.net.amount")).toBe("10");
    expect(answer.at("products.2.price.net.amount")).toBe("6");
  });

  test("the log tells the version, and neither the key nor what Dolibarr's database leaks", () => {
    expect(gateway.logs.map(({ msg }) => msg)).toContain("Dolibarr answers");
    expect(gateway.printed).not.toContain("the-key-of-the-user");
    for (const secret of Object.values(leakedDb)) expect(gateway.printed).not.toContain(secret);
    expect(client.texts.join("")).not.toMatch(/llx_|db\.internal/);
  });
});
