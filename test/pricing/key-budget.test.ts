import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TokenBucket } from "../../src/pricing/key-budget.js";

const start = Date.UTC(2026, 10, 24, 9, 30);
const year = 365 * 24 * 3_600_000;

function setUp(perSecond = 200, burst = 2_000) {
  let now = start;
  const bucket = new TokenBucket({ perSecond, burst }, now);
  return {
    bucket,
    /** Moves the clock, back where negative. */
    pass(ms: number) {
      now += ms;
    },
    take: (wanted: number) => bucket.take(wanted, now),
    granted: (wanted: number) => bucket.take(wanted, now).granted,
  };
}

describe("a budget of keys", () => {
  test("begins full, grants what it holds and not one key more", () => {
    const { granted } = setUp(200, 2_000);
    expect([granted(1_999), granted(5), granted(1)]).toEqual([1_999, 1, 0]);
  });

  test("fills up evenly, a key at a time", () => {
    const { granted, pass } = setUp(200, 2_000);
    granted(2_000);
    pass(4);
    expect(granted(1)).toBe(0);
    pass(1);
    expect(granted(10)).toBe(1);
    pass(1_000);
    expect(granted(1_000)).toBe(200);
  });

  test("loses nothing by being asked often: what came back in part stays", () => {
    const { granted, pass } = setUp(1, 1);
    granted(1);
    for (let quarter = 0; quarter < 3; quarter += 1) {
      pass(250);
      expect(granted(1)).toBe(0);
    }
    pass(250);
    expect(granted(1)).toBe(1);
  });

  test("holds no more than its burst after a quiet year, and then counts exactly", () => {
    const { granted, pass } = setUp(200, 2_000);
    granted(2_000);
    pass(year + 1);
    expect(granted(5_000)).toBe(2_000);
    pass(5);
    expect(granted(5_000)).toBe(1);
    pass(4);
    expect(granted(5_000)).toBe(0);
  });

  test("a clock set back brings nothing and takes nothing, and time counts from there", () => {
    const { granted, pass } = setUp(200, 2_000);
    granted(1_990);
    pass(-3_600_000);
    expect(granted(100)).toBe(10);
    pass(50);
    expect(granted(100)).toBe(10);
  });

  test("says in how many seconds what it refused will fit, rounded up, and the whole of it fits then", () => {
    const { take, granted, pass } = setUp(10, 100);
    expect(take(100)).toEqual({ granted: 100, retryAfterSeconds: 0 });
    expect(take(1)).toEqual({ granted: 0, retryAfterSeconds: 1 });
    expect(take(15)).toEqual({ granted: 0, retryAfterSeconds: 2 });
    pass(2_000);
    expect(granted(15)).toBe(15);
  });

  test("of more than it ever holds it says when it will be full", () => {
    const { take } = setUp(10, 100);
    expect(take(1_000)).toEqual({ granted: 100, retryAfterSeconds: 10 });
  });

  test("whatever is asked and however the clock goes, any stretch of time grants at most burst + rate × time", () => {
    const step = fc.record({
      ms: fc.oneof(fc.integer({ min: 0, max: 3_000 }), fc.integer({ min: -5_000, max: 0 }), fc.constant(year)),
      wanted: fc.integer({ min: 0, max: 60 }),
    });
    const rates = fc.record({ perSecond: fc.integer({ min: 1, max: 300 }), burst: fc.integer({ min: 1, max: 100 }) });
    fc.assert(
      fc.property(rates, fc.array(step, { maxLength: 40 }), ({ perSecond, burst }, steps) => {
        const { take, pass } = setUp(perSecond, burst);
        const grants: { readonly forwardMs: number; readonly granted: number }[] = [];
        for (const { ms, wanted } of steps) {
          pass(ms);
          const { granted } = take(wanted);
          expect(granted).toBeGreaterThanOrEqual(0);
          expect(granted).toBeLessThanOrEqual(wanted);
          grants.push({ forwardMs: Math.max(ms, 0), granted });
        }
        for (let from = 0; from < grants.length; from += 1) {
          let granted = 0;
          let elapsedMs = 0;
          for (const [index, grant] of grants.slice(from).entries()) {
            if (index > 0) elapsedMs += grant.forwardMs;
            granted += grant.granted;
            expect(granted).toBeLessThanOrEqual(burst + (perSecond * elapsedMs) / 1000);
          }
        }
      }),
    );
  });

  test("whoever waits as long as told gets what was refused, up to the burst", () => {
    const rate = fc.integer({ min: 1, max: 300 });
    const keys = fc.integer({ min: 1, max: 200 });
    fc.assert(
      fc.property(rate, keys, fc.array(keys, { maxLength: 5 }), keys, (perSecond, burst, before, wanted) => {
        const { take, granted, pass } = setUp(perSecond, burst);
        for (const each of before) take(each);
        const first = take(wanted);
        const refused = wanted - first.granted;
        pass(first.retryAfterSeconds * 1_000);
        expect(granted(refused)).toBe(Math.min(refused, burst));
      }),
    );
  });
});
