import { describe, expect, test } from "vitest";
import { CachedSource } from "../../src/cache/cached-source.js";
import { ChargingSource } from "../../src/dispatch/charging-source.js";
import { ErpTimeout } from "../../src/errors.js";
import { type KeyBudget, TokenBucket } from "../../src/pricing/key-budget.js";
import type { Ask } from "../../src/pricing/source.js";
import { Reading, setUpDispatcher } from "../dispatch/dispatcher-setup.js";
import { bySku, keysOf, type NamedKey } from "../support/fake-source.js";
import { askAt } from "../support/samples.js";
import { settle } from "../support/virtual-clock.js";

/** Cache, budget and dispatch, as the gateway stacks them. */
function setUp() {
  const under = setUpDispatcher({ limit: 8, onAbort: new ErpTimeout("gone") });
  const { clock, dispatcher, erp } = under;
  const cache = new CachedSource<NamedKey, string>(new ChargingSource(dispatcher), {
    windows: { freshMs: 60_000, staleMs: 600_000, unknownMs: 30_000, failureMs: 1_000 },
    maxBytes: 1_000_000,
    clock,
    random: () => 0,
    longestFlightMs: 20_000,
    namesOf: bySku,
    revalidateMs: 10_000,
    onLookup() {},
  });
  const read = (ids: string[], budget: KeyBudget | null, ask: Partial<Ask> = {}) =>
    new Reading(cache.readMany(keysOf(...ids), askAt(clock.now(), { budget, ...ask })));
  const answerAll = async () => {
    for (const call of erp.inFlight) call.answer();
    await settle();
  };
  const warm = async (...ids: string[]) => {
    read(ids, null);
    await answerAll();
    erp.calls.length = 0;
  };
  /** So slow to fill up that within a test it holds what is given. */
  const createBudget = (keys: number): KeyBudget => {
    const bucket = new TokenBucket({ perSecond: 1, burst: 1_000_000 }, clock.now());
    bucket.take(1_000_000 - keys, clock.now());
    return { charge: (wanted) => bucket.take(wanted, clock.now()) };
  };
  return { ...under, read, warm, answerAll, createBudget };
}

const labelsOf = ({ outcomes }: Reading) =>
  outcomes.map((outcome) => (outcome.kind === "failed" ? outcome.error.constructor.name : outcome.freshness.source));

describe("what memory answers and a caller's budget", () => {
  test("hits are free: an empty budget is served what is fresh, for ever", async () => {
    const { erp, read, warm, createBudget } = setUp();
    await warm("a", "b");
    const budget = createBudget(0);
    for (let view = 0; view < 50; view += 1) {
      const reading = read(["a", "b"], budget);
      await settle();
      expect(labelsOf(reading)).toEqual(["CACHE", "CACHE"]);
    }
    expect(erp.calls).toEqual([]);
  });

  test("that the ERP knows no such thing is remembered, and free, too", async () => {
    const { erp, read, createBudget } = setUp();
    read(["?"], null);
    erp.callAt(0).answer(() => ({
      kind: "unknown",
      what: "sku",
      freshness: { source: "ERP", computedAt: erp.callAt(0).call.sentAt, freshUntil: 0, staleReason: null },
    }));
    await settle();
    const reading = read(["?"], createBudget(0));
    await settle();
    expect(reading.words).toEqual(["unknown"]);
  });

  test("a last known answer is read again on the account of who asks it, one key each", async () => {
    const { clock, erp, read, warm, answerAll, createBudget } = setUp();
    await warm("a", "b", "c");
    await clock.advance(60_000);
    const budget = createBudget(4);
    const reading = read(["a", "b", "c"], budget);
    await answerAll();
    expect(labelsOf(reading)).toEqual(["LAST_KNOWN", "LAST_KNOWN", "LAST_KNOWN"]);
    expect(erp.asked).toEqual([["a", "b", "c"]]);
    expect(budget.charge(4).granted).toBe(1);
  });

  test("where the budget is empty a last known answer is served, labelled as ever, and not read again", async () => {
    const { clock, erp, read, warm, createBudget } = setUp();
    await warm("a");
    await clock.advance(60_000);
    const reading = read(["a"], createBudget(0));
    await settle();
    expect(reading.outcomes[0]).toMatchObject({
      answer: "a",
      freshness: { source: "LAST_KNOWN", staleReason: "REVALIDATING" },
    });
    expect(erp.calls).toEqual([]);
  });

  test("the next caller has it read again", async () => {
    const { clock, erp, read, warm, createBudget } = setUp();
    await warm("a");
    await clock.advance(60_000);
    read(["a"], createBudget(0));
    read(["a"], createBudget(1));
    expect(erp.asked).toEqual([["a"]]);
  });

  test("a last known answer beyond the age that the caller bears is not served in place of the refusal", async () => {
    const { clock, read, warm, createBudget } = setUp();
    await warm("a");
    await clock.advance(60_000);
    const reading = [read(["a"], createBudget(0), { maxAgeMs: 0 }), read(["a"], createBudget(0), { maxAgeMs: 59_999 })];
    await settle();
    expect(reading.map(labelsOf)).toEqual([["RateLimited"], ["RateLimited"]]);
  });

  test("keys without any answer are paid for before answers that are only to be renewed", async () => {
    const { clock, erp, read, warm, answerAll, createBudget } = setUp();
    await warm("old-1", "old-2");
    await clock.advance(60_000);
    const reading = read(["old-1", "new-1", "old-2", "new-2"], createBudget(3));
    await answerAll();
    expect(labelsOf(reading)).toEqual(["LAST_KNOWN", "ERP", "LAST_KNOWN", "ERP"]);
    expect(erp.asked).toEqual([["new-1", "new-2"], ["old-1"]]);
  });

  test("one caller's refusal is nobody else's: the next one's question is asked at once", async () => {
    const { erp, read, answerAll, createBudget } = setUp();
    read(["a"], createBudget(0));
    await settle();
    const other = read(["a"], createBudget(1));
    await answerAll();
    expect(labelsOf(other)).toEqual(["ERP"]);
    expect(erp.asked).toEqual([["a"]]);
  });

  test("a refused key becomes a hit as soon as another caller has had it read", async () => {
    const { read, answerAll, createBudget } = setUp();
    const empty = createBudget(0);
    const refused = read(["a"], empty);
    read(["a"], createBudget(1));
    await answerAll();
    const again = read(["a"], empty);
    await settle();
    expect([refused, again].map(labelsOf)).toEqual([["RateLimited"], ["CACHE"]]);
  });
});
