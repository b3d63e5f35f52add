import { describe, expect, test } from "vitest";
import { GatewayProcess } from "../support/gateway-process.js";
import { authSecrets } from "../support/graphql-client.js";

const secret = "this-secret-must-not-be-printed";

describe.concurrent("with settings that cannot be used the start stops", () => {
  test("and names every mistake at once, with its value and the mend, but no secret", async () => {
    const { code, printed } = await GatewayProcess.run({
      PORT: "70000",
      ERP_CONNECTOR: "port",
      ERP_TIMEOUT_MS: "soon",
      ERP_MAX_CONCURRENCY: "0",
      PRICE_FRESH_SECONDS: "100",
      PRICE_STALE_SECONDS: "50",
      STOCK_PUBLIC_DETAIL: "everything",
      STOCK_LOW_AT: "-1",
      AUTH_SECRETS: `shop-1:${secret}`,
      CORS_ORIGINS: "shop.example.com",
      MAX_SKUS: "1e3",
      LOG_LEVEL: "loud",
    });
    expect(code).not.toBe(0);
    expect(code).not.toBeNull();
    const named = [
      "PORT",
      "ERP_URL",
      "ERP_TIMEOUT_MS",
      "ERP_MAX_CONCURRENCY",
      "PRICE_FRESH_SECONDS",
      "STOCK_PUBLIC_DETAIL",
      "STOCK_LOW_AT",
      "AUTH_SECRETS",
      "CORS_ORIGINS",
      "MAX_SKUS",
      "LOG_LEVEL",
    ];
    expect(named.filter((name) => !printed.includes(name))).toEqual([]);
    for (const value of ["70000", "soon", "everything", "1e3", "loud"]) expect(printed).toContain(value);
    expect(printed).not.toContain(secret);
    expect(printed).not.toMatch(/^\s+at /m);
  });

  test.each([
    ["an ERP address with a password in it", { ERP_URL: `http://user:${secret}@erp.example.com` }, "ERP_URL"],
    ["a key file that is not there", { AUTH_JWKS_FILE: "/nowhere/keys.json" }, "AUTH_JWKS_FILE"],
  ])("for %s", async (_what, env, name) => {
    const { code, printed } = await GatewayProcess.run({
      ERP_CONNECTOR: "port",
      ERP_URL: "http://127.0.0.1:9",
      AUTH_SECRETS: authSecrets,
      ...env,
    });
    expect(code).not.toBe(0);
    expect(printed).toContain(name);
    expect(printed).not.toContain(secret);
  });

  test("for a port that is taken", async () => {
    const first = await GatewayProcess.start({ ERP_CONNECTOR: "port", ERP_URL: "http://127.0.0.1:9" });
    const { port } = new URL(first.url);
    const second = await GatewayProcess.run({ ERP_CONNECTOR: "port", ERP_URL: "http://127.0.0.1:9", PORT: port });
    expect(await first.stop()).toBe(0);
    expect(second.code).not.toBe(0);
    expect(second.printed).toContain(port);
  });
});
