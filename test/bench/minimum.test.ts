import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Demand, leastCalls, leastKeys } from "../../bench/erp-load/minimum.js";

const demand = (id: string, at: number, freshMs = 10, group = "g"): Demand => ({ id, group, at, freshMs });
const instants = (demands: readonly Demand[]) => demands.map(({ at }) => at);

/** The fewest windows [start, start + freshMs) that begin at a demand and cover all of them, by trying every choice. */
function fewestByTrying(at: readonly number[], freshMs: number): number {
  let fewest = at.length;
  for (let choice = 0; choice < 2 ** at.length; choice++) {
    const starts = at.filter((_, index) => choice & (1 << index));
    const isCovered = at.every((instant) => starts.some((start) => start <= instant && instant < start + freshMs));
    if (isCovered) fewest = Math.min(fewest, starts.length);
  }
  return fewest;
}

describe("the least number of ERP keys", () => {
  test("is one for demands within one fresh window, however many", () => {
    expect(instants(leastKeys([demand("a", 0), demand("a", 0), demand("a", 9)]))).toEqual([0]);
  });

  test("grows by one with the demand that comes just when the window is over", () => {
    expect(instants(leastKeys([demand("a", 0), demand("a", 10), demand("a", 19), demand("a", 20)]))).toEqual([
      0, 10, 20,
    ]);
  });

  test("counts each key for itself", () => {
    expect(leastKeys([demand("a", 0), demand("b", 1), demand("a", 2), demand("b", 11)])).toHaveLength(3);
  });

  test("is never more than what the best of all choices needs, nor less", () => {
    const times = fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(times, fc.integer({ min: 1, max: 15 }), (some, freshMs) => {
        const at = some.toSorted((a, b) => a - b);
        const least = leastKeys(at.map((instant) => demand("a", instant, freshMs)));
        expect(least).toHaveLength(fewestByTrying([...new Set(at)], freshMs));
      }),
    );
  });
});

describe("the least number of ERP calls", () => {
  const rules = { keysPerCall: 2, roundTripMs: 50 };

  test("is one for each full or begun call of a group in a round trip", () => {
    expect(leastCalls([demand("a", 0), demand("b", 10), demand("c", 49)], rules)).toBe(2);
    expect(leastCalls([demand("a", 0), demand("b", 50)], rules)).toBe(2);
  });

  test("never puts two groups into one call", () => {
    expect(leastCalls([demand("a", 0, 10, "g"), demand("b", 0, 10, "h")], rules)).toBe(2);
  });
});
