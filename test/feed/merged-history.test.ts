import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mergeHistories } from "../../src/feed/merged-history.js";
import { lowestOf, type PriceHistory, withPrice } from "../../src/feed/price-history.js";

const day = 24 * 3_600_000;
const eur = { currency: "EUR", measure: "1 " };

/** What is known to whom saw these prices, by the days that they were said. */
function seen(...prices: [day: number, net: string][]): PriceHistory[] {
  let history: PriceHistory | undefined;
  for (const [at, net] of prices) history = withPrice(history, { ...eur, net, saidAt: at * day });
  return history === undefined ? [] : [history];
}

const only = ([history]: readonly PriceHistory[]) => history as PriceHistory;

describe("what two journals know of prices together", () => {
  test("is the lowest that either saw, for 30 days from when it ended", () => {
    const dip = seen([1, "10"], [10, "8"], [12, "10"]);
    const merged = mergeHistories(seen([0, "10"], [14, "10"]), dip);
    expect(lowestOf(only(merged), 31 * day)).toBe("8");
    expect(lowestOf(only(merged), 43 * day)).toBe("10");
  });

  test("is the price that was said last, though the other one began to watch it", () => {
    const merged = only(mergeHistories(seen([0, "10"]), seen([20, "12"])));
    expect(merged).toMatchObject({ since: 0, saidAt: 20 * day });
    expect(lowestOf(merged, 31 * day)).toBe("10");
    expect(lowestOf(merged, 51 * day)).toBe("12");
  });

  test("takes nothing of another measure, and all of another currency", () => {
    const boxes = [{ ...only(seen([5, "1"])), measure: "10 " }];
    const francs = [{ ...only(seen([5, "1"])), currency: "CHF" }];
    expect(mergeHistories(seen([6, "9"]), boxes)).toEqual(seen([6, "9"]));
    expect(mergeHistories(seen([6, "9"]), francs)).toEqual([...francs, ...seen([6, "9"])]);
  });

  test("tells no price before the present one that is higher than one the other saw meanwhile", () => {
    const first = seen([0, "12"], [40, "10"], [60, "10"]);
    expect(only(first).prior).toBe("12");
    expect(only(mergeHistories(first, seen([41, "10"], [50, "8"], [55, "10"]))).prior).toBe("8");
  });

  const price = fc.record({ at: fc.integer({ min: 0, max: 70 }), net: fc.constantFrom("5", "7", "9"), by: fc.nat(1) });

  test("is the same in either order, does not change when told again, and forgets no low that either knows", () => {
    fc.assert(
      fc.property(fc.uniqueArray(price, { selector: ({ at }) => at, minLength: 1, maxLength: 25 }), (prices) => {
        const inOrder = [...prices].sort((one, other) => one.at - other.at);
        const [first, second] = [0, 1].map((by) =>
          seen(...inOrder.filter((each) => each.by === by).map(({ at, net }): [number, string] => [at, net])),
        ) as [PriceHistory[], PriceHistory[]];
        const merged = mergeHistories(first, second);
        expect(mergeHistories(second, first)).toEqual(merged);
        expect(mergeHistories(merged, first)).toEqual(merged);
        expect(mergeHistories(merged, second)).toEqual(merged);
        const now = 75 * day;
        const latest = inOrder.at(-1) ?? { net: "" };
        expect(only(merged).prices.at(-1)?.net).toBe(latest.net);
        const told = lowestOf(only(merged), now);
        const within = inOrder.filter(({ at }) => at * day > now - 30 * day).map(({ net }) => Number(net));
        if (told !== null) expect(Number(told)).toBeLessThanOrEqual(Math.min(...within, Number(latest.net)));
      }),
      { numRuns: 1_000 },
    );
  });
});
