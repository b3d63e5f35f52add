import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type CallSample, ConcurrencyLimit, type OnDecrease } from "../../src/dispatch/concurrency-limit.js";

/** Tells the limit of calls one after the other, each 50 ms and of a full house unless said otherwise. */
class Calls {
  readonly limit: ConcurrencyLimit;
  now = 1_000_000;

  constructor(most: number, onDecrease?: OnDecrease) {
    this.limit = new ConcurrencyLimit(most, most, onDecrease);
  }

  end(parts: Partial<CallSample> & { readonly ms?: number } = {}): void {
    const { ms = 50, ...sample } = parts;
    this.now += ms;
    this.limit.onCallEnd({
      kind: "price",
      keys: 24,
      sentAt: this.now - ms,
      endedAt: this.now,
      inFlight: this.limit.current,
      outcome: "success",
      holdMs: null,
      ...sample,
    });
    this.now += 1;
  }

  endMany(count: number, parts: Partial<CallSample> & { readonly ms?: number } = {}): void {
    for (let call = 0; call < count; call++) this.end(parts);
  }
}

describe("the concurrency limit", () => {
  test("starts at its most, and a healthy ERP keeps it there", () => {
    const calls = new Calls(8);
    expect(calls.limit.current).toBe(8);
    calls.endMany(200);
    expect(calls.limit.current).toBe(8);
  });

  test("is halved by a dropped call, and never falls below 1", () => {
    const calls = new Calls(8);
    const seen = Array.from({ length: 5 }, () => {
      calls.end({ outcome: "dropped" });
      return calls.limit.current;
    });
    expect(seen).toEqual([4, 2, 1, 1, 1]);
  });

  test("falls once for all calls of one round trip that are dropped", () => {
    const calls = new Calls(8);
    const sentAt = calls.now;
    for (let call = 0; call < 8; call++) calls.end({ outcome: "dropped", sentAt });
    expect(calls.limit.current).toBe(4);
    calls.end({ outcome: "dropped" });
    expect(calls.limit.current).toBe(2);
  });

  test("grows by one with each full house of answers while it is in use", () => {
    const calls = new Calls(8);
    calls.endMany(3, { outcome: "dropped" });
    const grown: number[] = [];
    for (let call = 0; call < 60; call++) {
      calls.end();
      grown.push(calls.limit.current);
    }
    expect(new Set(grown)).toEqual(new Set([2, 3, 4, 5, 6, 7, 8]));
    expect(grown.indexOf(3) - grown.indexOf(2)).toBeGreaterThanOrEqual(2);
    expect(grown.indexOf(8) - grown.indexOf(7)).toBeGreaterThanOrEqual(7);
  });

  test("does not grow while half of it lies idle: nothing was proved", () => {
    const calls = new Calls(8);
    calls.end({ outcome: "dropped" });
    calls.endMany(100, { inFlight: 2 });
    expect(calls.limit.current).toBe(4);
  });

  test("is not moved by calls that say nothing of load, be they as quick as they may", () => {
    const calls = new Calls(8);
    calls.end({ outcome: "dropped" });
    calls.endMany(100, { outcome: "ignored", ms: 1 });
    expect(calls.limit.current).toBe(4);
    calls.endMany(40); // had the quick ones been taken for the ERP's latency, these would stand in a queue
    expect(calls.limit.current).toBe(8);
  });

  test("falls while calls stand in a queue at the ERP, and grows again once they do not", () => {
    const calls = new Calls(8);
    calls.endMany(20, { ms: 200 });
    calls.endMany(24, { ms: 800 });
    const inQueue = calls.limit.current;
    expect(inQueue).toBeLessThanOrEqual(4);
    calls.endMany(60, { ms: 200 });
    expect(calls.limit.current).toBe(8);
  });

  test("takes a bigger batch that takes longer for no queue", () => {
    const calls = new Calls(8);
    for (const keys of [1, 10, 50]) calls.endMany(8, { keys, ms: 20 + 3 * keys });
    calls.endMany(50, { keys: 200, ms: 620 });
    expect(calls.limit.current).toBe(8);
  });

  test("takes single slow calls for no queue, nor what is slow by little", () => {
    const calls = new Calls(4);
    calls.endMany(20, { ms: 20 });
    for (let call = 0; call < 60; call++) calls.end({ ms: call % 4 === 0 ? 20 : 2_000 });
    calls.endMany(60, { ms: 65 });
    expect(calls.limit.current).toBe(4);
  });

  test("measures each kind of question against itself", () => {
    const calls = new Calls(8);
    for (let call = 0; call < 60; call++) {
      calls.end({ kind: "stock", ms: 10 });
      calls.end({ kind: "price", ms: 600 });
    }
    expect(calls.limit.current).toBe(8);
  });

  test("an ERP that grew slow for good gets its limit back within minutes", () => {
    const calls = new Calls(8);
    calls.endMany(20, { ms: 200 });
    calls.endMany(40, { ms: 900 });
    expect(calls.limit.current).toBeLessThan(8);
    calls.endMany(240, { ms: 900 }); // 3.6 minutes
    expect(calls.limit.current).toBe(8);
  });

  test("after a quiet night a slower morning is not held against the ERP", () => {
    const calls = new Calls(8);
    calls.endMany(20, { ms: 100 });
    calls.now += 8 * 3_600_000;
    calls.endMany(40, { ms: 500 });
    expect(calls.limit.current).toBe(8);
  });

  test("a limit that fell in the evening is still there in the morning, and grows with the first answers", () => {
    const calls = new Calls(8);
    calls.endMany(3, { outcome: "dropped" });
    calls.now += 8 * 3_600_000;
    expect(calls.limit.current).toBe(1);
    calls.endMany(40);
    expect(calls.limit.current).toBe(8);
  });

  test("Retry-After holds from the answer on, and a shorter one does not shorten it", () => {
    const calls = new Calls(8);
    calls.end({ outcome: "dropped", holdMs: 7_000 });
    const until = calls.now - 1 + 7_000;
    expect(calls.limit.heldUntil).toBe(until);
    calls.end({ outcome: "dropped", holdMs: 1_000 });
    expect(calls.limit.heldUntil).toBe(until);
  });

  test("is a whole number from 1 to its most, whatever happens, and falls by no more than half at once", () => {
    const sample = fc.record({
      outcome: fc.constantFrom("success" as const, "ignored" as const, "dropped" as const),
      ms: fc.oneof(fc.nat(100), fc.nat(10_000)),
      keys: fc.integer({ min: 1, max: 500 }),
      kind: fc.constantFrom("price" as const, "stock" as const),
      inFlight: fc.integer({ min: 1, max: 12 }),
    });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.array(sample, { maxLength: 200 }), (most, samples) => {
        const calls = new Calls(most);
        for (const each of samples) {
          const before = calls.limit.current;
          calls.end(each);
          const { current } = calls.limit;
          expect(Number.isInteger(current) && current >= 1 && current <= most).toBe(true);
          expect(current).toBeGreaterThanOrEqual(Math.floor(before / 2));
          expect(current).toBeLessThanOrEqual(before + 1);
        }
      }),
    );
  });
});

describe("a round of calls", () => {
  /** Twelve rounds at 8, of which nothing is left over. */
  function afterCalm(most: number, ms = 50): Calls {
    const calls = new Calls(most);
    calls.endMany(96, { ms });
    return calls;
  }

  test("is as many calls as the limit: fewer slow ones are no queue", () => {
    const calls = afterCalm(8);
    calls.endMany(7, { ms: 1_000 });
    expect(calls.limit.current).toBe(8);
    calls.end({ ms: 1_000 });
    expect(calls.limit.current).toBe(4);
  });

  test("is four calls where the limit is lower", () => {
    const calls = afterCalm(2);
    calls.endMany(3, { ms: 1_000 });
    expect(calls.limit.current).toBe(2);
    calls.end({ ms: 1_000 });
    expect(calls.limit.current).toBe(1);
  });

  test("that held a single quick call is no queue", () => {
    const calls = afterCalm(8);
    calls.endMany(7, { ms: 1_000 });
    calls.end();
    expect(calls.limit.current).toBe(8);
  });

  test("of calls that are late by no more than noise is none either", () => {
    const calls = afterCalm(8);
    calls.endMany(80, { ms: 100 });
    expect(calls.limit.current).toBe(8);
  });

  test("takes off as much as it is too slow, between a tenth and a half", () => {
    const slightly = afterCalm(8, 200);
    slightly.endMany(8, { ms: 330 });
    expect(slightly.limit.current).toBe(7); // 0.9, as 1.5 ÷ 1.65 would be less than a tenth
    const more = afterCalm(8, 200);
    more.endMany(8, { ms: 440 });
    expect(more.limit.current).toBe(5); // 1.5 ÷ 2.2
  });
});

describe("whoever listens", () => {
  test("is told of each fall, from what, to what and why, and of nothing else", () => {
    const falls: unknown[] = [];
    const calls = new Calls(8, (fall) => falls.push(fall));
    calls.endMany(96);
    expect(falls).toEqual([]);
    calls.endMany(8, { ms: 1_000 });
    for (let drop = 0; drop < 4; drop++) calls.end({ outcome: "dropped" });
    expect(falls).toEqual([
      { from: 8, to: 4, reason: "queue" },
      { from: 4, to: 2, reason: "dropped" },
      { from: 2, to: 1, reason: "dropped" },
    ]);
  });
});
