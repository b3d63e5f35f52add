import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { GatewayProcess } from "../support/gateway-process.js";
import { authSecrets, buyer } from "../support/graphql-client.js";
import { type Scenario, startScenario } from "./scenario.js";

const shop = "https://shop.example.com";

let scenario: Scenario;
beforeAll(async () => {
  scenario = await startScenario({
    CORS_ORIGINS: `${shop},https://other.example.com`,
    STOCK_PUBLIC_DETAIL: "quantity",
  });
});
afterAll(() => scenario.stop());

const preflight = (origin: string) =>
  fetch(`${scenario.gateway.url}/graphql`, {
    method: "OPTIONS",
    headers: {
      origin,
      "access-control-request-method": "POST",
      "access-control-request-headers": "authorization,content-type",
    },
  });

describe("pages of other origins", () => {
  test("that are named in CORS_ORIGINS may ask", async () => {
    const response = await preflight(shop);
    expect(response.ok).toBe(true);
    expect(response.headers.get("access-control-allow-origin")).toBe(shop);
    expect(response.headers.get("access-control-allow-headers")?.toLowerCase()).toMatch(/authorization/);
    expect(response.headers.get("access-control-allow-methods")).toContain("POST");
    const answer = await scenario.ask("{ viewer { audience } }", { headers: { origin: shop } });
    expect(answer.headers.get("access-control-allow-origin")).toBe(shop);
    expect(answer.headers.get("vary")?.toLowerCase()).toContain("origin");
  });

  test.each(["https://evil.example.com", "https://shop.example.com.evil.com", "http://shop.example.com", "null"])(
    "%s may not",
    async (origin) => {
      const response = await preflight(origin);
      expect(response.headers.get("access-control-allow-origin")).toBeNull();
      const answer = await scenario.ask("{ viewer { audience } }", { headers: { origin } });
      expect(answer.headers.get("access-control-allow-origin")).toBeNull();
    },
  );

  test("may read the refusal of a token, too", async () => {
    const answer = await scenario.ask("{ viewer { audience } }", { token: "bad", headers: { origin: shop } });
    expect(answer.status).toBe(401);
    expect(answer.headers.get("access-control-allow-origin")).toBe(shop);
  });
});

describe("probes", () => {
  test("are 200 though the ERP is gone", async () => {
    await scenario.erp.stop();
    for (const path of ["/healthz", "/readyz"]) {
      const response = await fetch(scenario.gateway.url + path);
      expect([path, response.status]).toEqual([path, 200]);
    }
    await scenario.erp.listen();
    // The gateway itself asks once, as it starts, whether the ERP keeps changes.
    expect(scenario.erp.calls.filter(({ path }) => !path.startsWith("/v1/changes"))).toEqual([]);
  });

  test("do not open other paths", async () => {
    for (const path of ["/nothing", "/healthz/more", "/graphql/more", "/.env"]) {
      expect([path, (await fetch(scenario.gateway.url + path)).status]).toEqual([path, 404]);
    }
  });
});

describe("metrics", () => {
  test("tell requests, cache, ERP calls and breaker, and name neither customers nor SKUs", async () => {
    await scenario.ask('{ product(sku: "SKU-7") { price { net { amount } } } }', { token: buyer("C7") });
    const response = await fetch(`${scenario.gateway.url}/metrics`);
    expect(response.headers.get("content-type")).toContain("text/plain");
    const text = await response.text();
    expect(text).toMatch(/^pricelane_requests_total\{.*outcome="ok".*\} [1-9]/m);
    expect(text).toMatch(/^pricelane_request_seconds_bucket\{/m);
    expect(text).toMatch(/^pricelane_cache_outcomes_total\{.*outcome="absent".*\} [1-9]/m);
    expect(text).toMatch(/^pricelane_erp_calls_total\{.*outcome="success".*\} [1-9]/m);
    expect(text).toMatch(/^pricelane_erp_keys_total\{kind="price"\} 1$/m);
    expect(text).toMatch(/^pricelane_erp_in_flight 0$/m);
    expect(text).toMatch(/^pricelane_breaker_state\{.*state="closed".*\} 1$/m);
    expect(text).toMatch(/^process_cpu_/m);
    expect(text).not.toMatch(/SKU-7|"C7"/);
  });

  test("stand on METRICS_PORT alone where that is set", async () => {
    const port = await freePort();
    const gateway = await GatewayProcess.start({
      NODE_ENV: "production",
      ERP_CONNECTOR: "port",
      ERP_URL: scenario.erp.url,
      AUTH_SECRETS: authSecrets,
      METRICS_PORT: String(port),
    });
    const open = await fetch(`${gateway.url}/metrics`);
    const own = await fetch(`http://127.0.0.1:${port}/metrics`);
    const questions = await fetch(`http://127.0.0.1:${port}/graphql?query={viewer{audience}}`);
    expect(await gateway.stop()).toBe(0);
    expect([open.status, own.status, questions.status]).toEqual([404, 200, 404]);
    expect(await own.text()).toContain("pricelane_requests_total");
  });
});

test("with STOCK_PUBLIC_DETAIL=quantity anonymous callers see quantities", async () => {
  const answer = await scenario.ask('{ product(sku: "SKU-8") { stock { available } } }');
  expect(answer.at("product.stock.available")).toBe("25.5");
});

test.each(["PUT", "DELETE", "PATCH"])("%s is no way to ask", async (method) => {
  const response = await fetch(`${scenario.gateway.url}/graphql`, {
    method,
    body: '{"query":"{ viewer { audience } }"}',
  });
  expect(response.status).toBeGreaterThanOrEqual(400);
  expect(response.status).toBeLessThan(500);
});

/** Free a moment ago; the fake ERP's server knows how to find one. */
async function freePort(): Promise<number> {
  const { PortFake } = await import("../support/port-fake.js");
  const probe = await PortFake.start();
  await probe.stop();
  return probe.port;
}
