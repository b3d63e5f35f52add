import { describe, expect, test } from "vitest";
import { CachedSource } from "../../src/cache/cached-source.js";
import { ErpTimeout, ErpUnavailable } from "../../src/errors.js";
import type { Ask } from "../../src/pricing/source.js";
import { Reading, setUpDispatcher } from "../dispatch/dispatcher-setup.js";
import { bySku, keysOf, type NamedKey } from "../support/fake-source.js";
import { askAt } from "../support/samples.js";
import { settle } from "../support/virtual-clock.js";

const windows = { freshMs: 60_000, staleMs: 600_000, unknownMs: 30_000, failureMs: 1_000 };

/** The two layers as the gateway stacks them. */
function setUp(limit = 1) {
  const under = setUpDispatcher({ limit, onAbort: new ErpTimeout("gone") });
  const { clock, dispatcher } = under;
  const cache = new CachedSource<NamedKey, string>(dispatcher, {
    windows,
    maxBytes: 1_000_000,
    clock,
    random: () => 0,
    validUntil: () => null,
    revalidateMs: 10_000,
    longestFlightMs: 5_000,
    namesOf: bySku,
    onLookup() {},
  });
  const read = (ids: string[], ask: Partial<Ask> = {}) =>
    new Reading(cache.readMany(keysOf(...ids), askAt(clock.now(), ask)));
  const warm = async (...ids: string[]) => {
    read(ids);
    under.erp.calls.at(-1)?.answer();
    await settle();
  };
  return { ...under, cache, read, warm };
}

describe("cache over dispatch", () => {
  test("however many callers meet a stale answer, all are served at once and it is read again once", async () => {
    const { clock, erp, read, warm } = setUp(8);
    await warm("a");
    await clock.advance(60_000);
    const callers = Array.from({ length: 20 }, () => read(["a"]));
    await clock.advance(100);
    const later = read(["a"]);
    await settle();
    expect([...callers, later].every(({ words }) => words?.[0] === "a")).toBe(true);
    expect(erp.asked).toEqual([["a"], ["a"]]);
  });

  test("an answer that comes after its caller's deadline is kept, and serves the next caller", async () => {
    const { clock, erp, read } = setUp();
    const hurried = read(["a"], { deadline: clock.now() + 50 });
    await clock.advance(50);
    expect(hurried.words).toEqual(["ErpTimeout"]);
    await clock.advance(1_000);
    erp.callAt(0).answer();
    await settle();
    const next = read(["a"]);
    await settle();
    expect(next.words).toEqual(["a"]);
    expect(next.outcomes[0]).toMatchObject({ freshness: { source: "CACHE", computedAt: clock.now() - 1_050 } });
    expect(erp.calls).toHaveLength(1);
  });

  test("a caller's own deadline is no failure of the ERP: the next caller joins the read under way", async () => {
    const { clock, erp, read } = setUp();
    read(["a"], { deadline: clock.now() + 50 });
    await clock.advance(50);
    const next = read(["a"]);
    erp.callAt(0).answer();
    await settle();
    expect(next.words).toEqual(["a"]);
    expect(erp.calls).toHaveLength(1);
  });

  test("reading again outlives the deadline of the caller who caused it", async () => {
    const { clock, erp, read, warm } = setUp();
    await warm("a", "busy");
    await clock.advance(60_000);
    read(["other"], { deadline: clock.now() + 60_000 });
    read(["a"], { deadline: clock.now() + 10 });
    await clock.advance(4_000);
    erp.callAt(1).answer();
    await settle();
    expect(erp.asked.at(-1)).toEqual(["a"]);
  });

  test("a live question asks the ERP beside a fresh answer, and what it brings serves the others", async () => {
    const { clock, erp, read, warm } = setUp(8);
    await warm("a");
    await clock.advance(10);
    const live = read(["a"], { maxAgeMs: 0, lane: "checkout" });
    const plain = read(["a"]);
    await settle();
    expect([live.words, plain.words]).toEqual([null, ["a"]]);
    erp.callAt(1).answer();
    await settle();
    expect(live.outcomes[0]).toMatchObject({ freshness: { source: "ERP", computedAt: clock.now() } });
    const after = read(["a"]);
    await settle();
    expect(after.outcomes[0]).toMatchObject({ freshness: { source: "CACHE", computedAt: clock.now() } });
  });

  test("while the ERP is down checkout has its error and the storefront the last known answer, until it is too old", async () => {
    const { clock, erp, read, warm } = setUp();
    await warm("a");
    await clock.advance(60_000);
    const checkout = read(["a"], { maxAgeMs: 0, lane: "checkout" });
    erp.callAt(1).fail(new ErpUnavailable("down"));
    await settle();
    const storefront = read(["a"]);
    await settle();
    expect([checkout.words, storefront.words]).toEqual([["ErpUnavailable"], ["a"]]);
    expect(storefront.outcomes[0]).toMatchObject({
      freshness: { source: "LAST_KNOWN", staleReason: "ERP_UNAVAILABLE" },
    });
    await clock.advance(540_000);
    const tooLate = read(["a"]);
    erp.callAt(2).fail(new ErpUnavailable("down"));
    await settle();
    expect(tooLate.words).toEqual(["ErpUnavailable"]);
  });
});
