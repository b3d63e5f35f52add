import { describe, expect, test } from "vitest";
import { cacheControl, createExchange, type Exchange } from "../../src/http/exchange.js";
import { anonymous, type Caller } from "../../src/pricing/caller.js";
import { customerCaller } from "../support/samples.js";

const now = 1_000_000;
const machine: Caller = { kind: "machine", customer: null, lane: "feed", scopes: new Set(["feed"]), budgetId: null };

/** What an anonymous caller got by GET, whole, and fresh for half a minute, but for what is given. */
function exchangeOf(parts: Partial<Exchange> = {}): Exchange {
  return { ...createExchange("GET", now), caller: anonymous, outcome: "ok", freshUntil: now + 30_000, ...parts };
}

const kept = "private, no-store";

describe("who may keep a response", () => {
  test("what an anonymous caller got by GET, whole and fresh: everybody, as long as its shortest-lived answer", () => {
    expect(cacheControl(exchangeOf(), 200, now)).toBe("public, max-age=30");
  });

  test("a response that was refused after the operation went well is kept by nobody", () => {
    expect(cacheControl(exchangeOf(), 406, now)).toBe(kept);
  });

  test("seconds are rounded down, so that nobody keeps it a moment too long", () => {
    expect(cacheControl(exchangeOf({ freshUntil: now + 1_999 }), 200, now)).toBe("public, max-age=1");
    expect(cacheControl(exchangeOf({ freshUntil: now + 999 }), 200, now)).toBe(kept);
  });

  test.each<[string, Partial<Exchange>]>([
    ["a customer's response", { caller: customerCaller("C1") }],
    ["a machine's response, public though its prices are", { caller: machine }],
    ["a response to nobody known", { caller: null }],
    ["a response to POST", { method: "POST" }],
    ["a response with an error in it", { outcome: "partial" }],
    ["a refusal", { outcome: "refused" }],
    ["a failure", { outcome: "failed" }],
    ["a response that holds a last known answer", { freshUntil: 0 }],
    ["a response that is stale by now", { freshUntil: now - 1 }],
    ["a response without any answer, such as introspection", { freshUntil: Number.POSITIVE_INFINITY }],
  ])("%s is kept by nobody", (_what, parts) => {
    expect(cacheControl(exchangeOf(parts), 200, now)).toBe(kept);
  });

  test("a new exchange is a refused one of an unknown caller, until it is answered", () => {
    const exchange = createExchange("GET", now);
    expect(exchange).toEqual({
      method: "GET",
      arrivedAt: now,
      variableValues: null,
      prove: null,
      caller: null,
      authentication: null,
      outcome: "refused",
      hasLeft: false,
      freshUntil: Number.POSITIVE_INFINITY,
    });
    expect(cacheControl(exchange, 200, now)).toBe(kept);
  });
});
