import { afterEach, describe, expect, test } from "vitest";
import { eventually } from "../support/eventually.js";
import { GatewayProcess } from "../support/gateway-process.js";
import { authSecrets, GraphQLClient, mintToken } from "../support/graphql-client.js";
import { type FakeOdoo, fakeDatabase, fakeUser, startFakeOdoo } from "../support/odoo-fake.js";

const key = "odoo-key-of-the-scenarios";
let odoo: FakeOdoo;
let gateway: GatewayProcess;

async function start(version: string, env: Readonly<Record<string, string>> = {}): Promise<GraphQLClient> {
  odoo = await startFakeOdoo(version);
  odoo.key = key;
  odoo.action = "installed";
  gateway = await GatewayProcess.start({
    ...{ NODE_ENV: "production", ERP_CONNECTOR: "odoo", ERP_URL: odoo.url.href, AUTH_SECRETS: authSecrets },
    ...{ ODOO_DATABASE: fakeDatabase, ODOO_USER: fakeUser, ODOO_API_KEY: key, ODOO_PRICE_ACTION: "77" },
    ...env,
  });
  return new GraphQLClient(gateway.url);
}

afterEach(async () => {
  const { printed } = gateway;
  expect(await gateway.stop()).toBe(0);
  await odoo.stop();
  expect(printed).not.toContain(key);
  expect(printed).not.toMatch(/Traceback|secret-path/);
});

const query = `query ($skus: [ID!]!) {
  products(skus: $skus) { sku price { net { amount currency } tiers { minimumQuantity net { amount } } } stock { available } }
}`;

describe.each(["16.0", "18.0", "19.0"])("a shop before Odoo %s", (version) => {
  test("shows a buyer's own prices with their breaks, and the stock; the version is in the log", async () => {
    const client = await start(version);
    const token = mintToken({ sub: "C-QUANTITY", scope: "storefront" });
    const answer = await client.ask(query, { token, variables: { skus: ["CHAIR", "NO-SUCH"] } });
    expect(answer.at("products.0.price")).toEqual({
      net: { amount: "74.8", currency: "EUR" },
      tiers: [
        { minimumQuantity: "1", net: { amount: "74.8" } },
        { minimumQuantity: "10", net: { amount: "70" } },
        { minimumQuantity: "100", net: { amount: "60" } },
      ],
    });
    expect(answer.at("products.0.stock")).toEqual({ available: "13" });
    expect(answer.at("products.1")).toBeNull();
    const said = gateway.logs.find(({ msg }) => msg === "this is the Odoo that is asked");
    expect(said).toMatchObject({ level: "info", version });
  });
});

test("a key that Odoo refuses is said at the start, before any shop asks", async () => {
  const client = await start("18.0", { ODOO_API_KEY: `${key}-that-ended` });
  const said = await eventually("the log says so", () =>
    gateway.logs.find(({ msg }) => msg === "Odoo cannot be asked yet"),
  );
  expect(JSON.stringify(said)).toContain("ODOO_API_KEY");
  const answer = await client.ask(query, { variables: { skus: ["CHAIR"] } });
  expect(answer.codes).toContain("ERP_UNAVAILABLE");
});
