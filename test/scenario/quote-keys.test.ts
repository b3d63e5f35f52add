import { expect, test } from "vitest";
import { startScenario } from "./scenario.js";

test("the public keys of quotes are open to all, for five minutes, without their private halves", async () => {
  const scenario = await startScenario();
  try {
    const url = `${scenario.gateway.url}/.well-known/jwks.json`;
    const answer = await fetch(url);
    expect(answer.headers.get("cache-control")).toBe("public, max-age=300");
    expect(answer.headers.get("access-control-allow-origin")).toBe("*");
    const { keys } = (await answer.json()) as { keys: object[] };
    expect(keys.map((key) => Object.keys(key).sort())).toEqual([["alg", "crv", "kid", "kty", "use", "x"]]);
    const tag = answer.headers.get("etag") ?? "";
    const again = await fetch(url, { headers: { "if-none-match": `"another", W/${tag}` } });
    expect([again.status, await again.text()]).toEqual([304, ""]);
    const other = await fetch(url, { headers: { "if-none-match": '"another"' } });
    expect([other.status, await other.json()]).toEqual([200, { keys }]);
  } finally {
    await scenario.stop();
  }
});

test("a page elsewhere may ask beforehand, HEAD tells what GET would, and any other method is told which there are", async () => {
  const scenario = await startScenario();
  try {
    const url = `${scenario.gateway.url}/.well-known/jwks.json`;
    const asked = { origin: "https://shop.example", "access-control-request-method": "GET" };
    const preflight = await fetch(url, {
      method: "OPTIONS",
      headers: { ...asked, "access-control-request-headers": "if-none-match" },
    });
    expect([preflight.status, await preflight.text()]).toEqual([204, ""]);
    expect(Object.fromEntries(preflight.headers)).toMatchObject({
      "access-control-allow-origin": "*",
      "access-control-allow-methods": "GET, HEAD",
      "access-control-allow-headers": "If-None-Match",
    });
    const [got, head] = [await fetch(url), await fetch(url, { method: "HEAD" })];
    expect([head.status, await head.text()]).toEqual([200, ""]);
    for (const name of ["content-type", "content-length", "cache-control", "etag", "access-control-allow-origin"]) {
      expect([name, head.headers.get(name)]).toEqual([name, got.headers.get(name)]);
    }
    expect(Number(head.headers.get("content-length"))).toBe((await got.text()).length);
    for (const method of ["POST", "PUT", "PATCH", "DELETE"]) {
      const { status, headers } = await fetch(url, { method });
      expect([method, status, headers.get("allow")]).toEqual([method, 405, "GET, HEAD, OPTIONS"]);
      expect([headers.get("cache-control"), headers.get("etag")]).toEqual(["no-store", null]);
    }
  } finally {
    await scenario.stop();
  }
});
