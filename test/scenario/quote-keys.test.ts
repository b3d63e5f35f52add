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
    const again = await fetch(url, { headers: { "if-none-match": answer.headers.get("etag") ?? "" } });
    expect([again.status, (await fetch(url, { method: "POST" })).status]).toEqual([304, 405]);
    expect(await (await fetch(url, { method: "HEAD" })).text()).toBe("");
  } finally {
    await scenario.stop();
  }
});
