import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { GatewayProcess } from "../support/gateway-process.js";
import { GraphQLClient } from "../support/graphql-client.js";

let gateway: GatewayProcess;
let client: GraphQLClient;
beforeAll(async () => {
  gateway = await GatewayProcess.start({});
  client = new GraphQLClient(gateway.url);
});
afterAll(async () => expect(await gateway.stop()).toBe(0));

describe("started with no settings at all", () => {
  test("a landing page is served, with everything it needs from here alone", async () => {
    const response = await fetch(`${gateway.url}/`, { headers: { accept: "text/html" } });
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toContain("text/html");
    const html = await response.text();
    const linked = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address]) => String(address));
    const loaded = linked.filter((address) => /\.(js|css|svg|woff2?)/.test(address));
    expect(loaded.length).toBeGreaterThan(0);
    for (const address of loaded) {
      const url = new URL(address, gateway.url);
      expect(url.origin).toBe(gateway.url);
      expect([address, (await fetch(url)).status]).toEqual([address, 200]);
    }
  });

  test("the schema can be read", async () => {
    const answer = await client.ask("{ __schema { queryType { name } } }");
    expect(answer.at("__schema.queryType.name")).toBe("Query");
  });

  test("the page offers callers whose tokens are believed, and products that have a price and a stock", async () => {
    const html = await (await fetch(`${gateway.url}/`)).text();
    const [token] = html.match(/eyJ[\w-]+\.[\w-]+\.[\w-]+/) ?? [];
    expect(token).toBeDefined();
    const viewer = await client.ask("{ viewer { audience customer { code currency } } }", { token: String(token) });
    expect(viewer.errors).toEqual([]);
    expect(viewer.at("viewer.audience")).toBe("CUSTOMER");

    const [sku] = /products\(skus: \[\\?"([^"\\]+)/.exec(html.replaceAll("&quot;", '"'))?.slice(1) ?? [];
    expect(sku).toBeDefined();
    const query =
      "query ($sku: ID!) { product(sku: $sku) { price { audience net { amount } } publicPrice { net { amount } } stock { status available } } }";
    const answer = await client.ask(query, { token: String(token), variables: { sku } });
    expect(answer.errors).toEqual([]);
    expect(answer.at("product.price.audience")).toBe("CUSTOMER");
    expect(String(answer.at("product.price.net.amount"))).toMatch(/^\d+(\.\d+)?$/);
    expect(answer.at("product.stock.available")).not.toBeNull();
  });

  test("logs are JSON lines on standard output", () => {
    expect(gateway.logs.length).toBeGreaterThan(0);
    for (const { level, msg } of gateway.logs) expect([typeof level, typeof msg]).toEqual(["string", "string"]);
  });
});

test("in production the demonstration's open key is believed by nobody", async () => {
  const html = await (await fetch(`${gateway.url}/`)).text();
  const [token] = html.match(/eyJ[\w-]+\.[\w-]+\.[\w-]+/) ?? [];
  const production = await GatewayProcess.start({ NODE_ENV: "production" });
  const answer = await new GraphQLClient(production.url).ask("{ viewer { audience } }", { token: String(token) });
  expect(await production.stop()).toBe(0);
  expect([answer.status, answer.codes]).toEqual([401, ["UNAUTHENTICATED"]]);
});
