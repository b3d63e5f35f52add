import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { lookBackMs, lowestOf, type PriceHistory, withPrice } from "../../src/feed/price-history.js";
import { compareDecimals } from "../../src/pricing/decimal.js";

const day = 24 * 3600 * 1000;
const start = Date.UTC(2026, 0, 1);

/** @param prices the day each was first said, and the price */
function historyOf(...prices: readonly (readonly [number, string])[]): PriceHistory {
  let history: PriceHistory | undefined;
  for (const [at, net] of prices)
    history = withPrice(history, { currency: "EUR", measure: "1 ", net, saidAt: start + at * day });
  if (history === undefined) throw new Error("no price was given");
  return history;
}

const lowestOn = (history: PriceHistory, at: number) => lowestOf(history, start + at * day);

describe("the lowest price of 30 days", () => {
  test("is not told before the price was watched for 30 days", () => {
    const history = historyOf([0, "10.00"], [5, "8.00"]);
    expect([29.9, 30].map((at) => lowestOn(history, at))).toEqual([null, "8.00"]);
  });

  test("counts the price that was valid when the window began", () => {
    const history = historyOf([0, "8.00"], [40, "10.00"]);
    expect([69.9, 70, 200].map((at) => lowestOn(history, at))).toEqual(["8.00", "10.00", "10.00"]);
  });

  test("a price that stands through a long quiet time is the lowest, and the prior one was not one of the last 30 days", () => {
    const history = historyOf([0, "10.00"], [400, "9.00"]);
    expect(lowestOn(history, 800)).toBe("9.00");
    expect(history.prior).toBe("10.00");
  });

  test("a reduction is measured against the lowest of the 30 days before it, not against itself", () => {
    const history = historyOf([0, "10.00"], [35, "12.00"], [40, "7.00"]);
    expect(history.prior).toBe("10.00");
    expect(lowestOn(history, 41)).toBe("7.00");
    expect(historyOf([0, "10.00"], [20, "7.00"]).prior).toBeNull();
  });

  test("what the ERP said before the present price and comes after it changes nothing", () => {
    const history = historyOf([0, "10.00"], [35, "9.00"]);
    expect(withPrice(history, { currency: "EUR", measure: "1 ", net: "1.00", saidAt: start + 34 * day })).toBe(history);
  });

  test("the same price written another way is no other price, and keeps what is written down", () => {
    const history = historyOf([0, "10.00"]);
    const after = withPrice(history, { currency: "EUR", measure: "1 ", net: "10.0", saidAt: start + day });
    expect(after.prices).toBe(history.prices);
  });

  test("a price for another measure begins a history of its own", () => {
    const history = historyOf([0, "10.00"]);
    const after = withPrice(history, { currency: "EUR", measure: "100 ", net: "900.00", saidAt: start + 40 * day });
    expect(after).toMatchObject({ since: start + 40 * day, prices: [{ net: "900.00", until: null }], prior: null });
  });

  test("is what a look at every price of the window finds, and is kept in few words", () => {
    const change = fc.tuple(fc.integer({ min: 1, max: 25 }), fc.integer({ min: 1, max: 9 }));
    fc.assert(
      fc.property(
        fc.array(change, { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 0, max: 60 }),
        (changes, wait) => {
          let at = 0;
          const prices: [number, string][] = [[0, "5"]];
          for (const [days, net] of changes) {
            at += days;
            prices.push([at, String(net)]);
          }
          const history = historyOf(...prices);
          const now = at + wait;
          const lowestIn = (from: number, to: number) =>
            prices
              .filter(([begins], index) => begins < to && (prices[index + 1]?.[0] ?? Number.POSITIVE_INFINITY) > from)
              .map(([, net]) => net)
              .sort(compareDecimals)[0] ?? null;
          expect(lowestOn(history, now)).toBe(now < 30 ? null : lowestIn(now - 30, now + 1));
          expect(history.prices.length).toBeLessThanOrEqual(9);
          let begins = 0;
          for (const [index, [day, net]] of prices.entries()) if (net !== prices[index - 1]?.[1]) begins = day;
          expect(history.prior).toBe(begins < 30 ? null : lowestIn(begins - 30, begins));
        },
      ),
    );
    expect(lookBackMs).toBe(30 * day);
  });
});
