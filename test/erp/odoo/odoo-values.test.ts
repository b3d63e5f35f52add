import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { stepsFrom, toMicros, toQuantity, toStep, wholeSteps } from "../../../src/erp/odoo/odoo-quantities.js";
import {
  parseAmount,
  parseStamp,
  type Rounding,
  toName,
  toStamp,
  unrounded,
} from "../../../src/erp/odoo/odoo-values.js";
import { compareDecimals, isDecimal } from "../../../src/pricing/decimal.js";

/** What Odoo does to a float that is stored with so many decimals, in floats as there. Up to 17 it divided by 0.01, from then on it multiplies by 100. */
function roundedByOdoo(value: number, { digits, graceBits }: Rounding): number {
  const scaled = graceBits === 52 ? value / 10 ** -digits : value * 10 ** digits;
  const grace = 2 ** (Math.log2(Math.abs(scaled)) - graceBits);
  const rounded = Math.sign(scaled) * Math.floor(Math.abs(scaled) + grace + 0.5);
  return Number((rounded / 10 ** digits).toFixed(digits));
}

function isAtTheEnd(value: number, { digits, graceBits }: Rounding): boolean {
  const scaled = Math.abs(value) * 10 ** digits;
  const below = Math.ceil(scaled - 0.5) + 0.5 - scaled;
  const grace = scaled * 2 ** -graceBits;
  return Math.abs(below - grace) < scaled * 2 ** -51;
}

describe("amounts of Odoo", () => {
  test.each([
    [22.439999999999998, 2, "22.44"], // seen
    [74.8, 2, "74.8"],
    [2.675, 2, "2.68"], // the float is below the half
    [1.0049999999999999, 2, "1.01"], // by no more than a float's error
    [1.00499999, 2, "1"],
    [-2.675, 2, "-2.68"],
    [10.000023, 6, "10.000023"],
    [0.1 + 0.2, 6, "0.3"],
    [1e-7, 6, "0"],
    [-1e-7, 2, "0"],
    [1e14, 2, "100000000000000"],
    [0, 2, "0"],
    [5, 0, "5"],
    [2.5, 0, "3"],
  ])("%d with %d decimals is %s", (value, digits, told) => {
    for (const graceBits of [50, 52] as const) {
      expect(parseAmount(value, "a price", { digits, graceBits })).toBe(told);
    }
  });

  test("just below a half go up by the grace of their version", () => {
    // Three of a float's steps below 89589.935.
    const value = 89589.935 - 3 * 2 ** -36;
    expect(parseAmount(value, "a price", { digits: 2, graceBits: 52 })).toBe("89589.93");
    expect(parseAmount(value, "a price", { digits: 2, graceBits: 50 })).toBe("89589.94");
  });

  test.each([50, 52] as const)("are what Odoo itself would store, with a grace of 2 to the -%d", (graceBits) => {
    const cents = fc.integer({ min: 1, max: 10_000_000 });
    const share = fc.integer({ min: 1, max: 99_999 });
    const rules = fc.constantFrom<(price: number, share: number) => number>(
      (price, part) => price - price * (part / 1000 / 100),
      (price, part) => price * (1 - part / 100_000),
      (price, part) => price * 1.2 + part / 1000,
    );
    fc.assert(
      fc.property(cents, share, rules, fc.integer({ min: 0, max: 4 }), (price, part, rule, digits) => {
        const value = rule(price / 100, part);
        const rounding = { digits, graceBits };
        // Within half a float's step of the grace's end, Odoo's own floats decide by their errors.
        fc.pre(value !== 0 && !isAtTheEnd(value, rounding));
        expect(Number(parseAmount(value, "a price", rounding))).toBe(roundedByOdoo(value, rounding));
      }),
      { numRuns: 2000 },
    );
  });

  test("are never off by more than half of the last decimal", () => {
    fc.assert(
      fc.property(fc.double({ min: -1e9, max: 1e9, noNaN: true }), fc.integer({ min: 0, max: 6 }), (value, digits) => {
        const told = parseAmount(value, "a price", { digits, graceBits: 50 });
        expect(told).toSatisfy(isDecimal);
        expect(Math.abs(Number(told) - value)).toBeLessThanOrEqual(0.5 * 10 ** -digits + Math.abs(value) * 1e-15);
      }),
    );
  });

  test.each([
    [false, "a price should be a number, not false"],
    ["12.50", 'a price should be a number, not "12.50"'],
    [undefined, "a price should be a number, not nothing"],
    [Number.NaN, "a price should be a number"],
    [1e16, "a price is 10000000000000000"],
  ])("%s is none, and is named", (value, said) => {
    expect(() => parseAmount(value, "a price", unrounded)).toThrow(said);
  });
});

describe("quantities of Odoo", () => {
  test("go in the steps of their unit, up to a break and down from a stock", () => {
    const unit = (rounding: number) => ({ name: "u", step: toStep(rounding) });
    expect(toQuantity(stepsFrom(toMicros(2.5), unit(1)))).toBe("3");
    expect(toQuantity(stepsFrom(0, unit(0.01)))).toBe("0.01");
    expect(toQuantity(stepsFrom(toMicros(0.3), unit(0.1)))).toBe("0.3");
    expect(toQuantity(wholeSteps(toMicros(0.1 + 0.2), unit(0.1)))).toBe("0.3");
    expect(toQuantity(wholeSteps(toMicros(10.345), unit(0.01)))).toBe("10.34");
    expect(toQuantity(wholeSteps(toMicros(-4), unit(1)))).toBe("0");
    expect(toStep(0)).toBe(1_000_000);
  });

  test("a break's quantity reaches it, and is the first that does", () => {
    const steps = fc.constantFrom(1, 0.5, 0.1, 0.01, 0.001, 12);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e9 }), steps, (hundredths, rounding) => {
        const unit = { name: "u", step: toStep(rounding) };
        const from = toMicros(hundredths / 100);
        const first = stepsFrom(from, unit);
        expect(first).toBeGreaterThanOrEqual(from);
        expect(first - unit.step).toBeLessThan(Math.max(from, 1));
        expect(compareDecimals(toQuantity(first), "0")).toBe(1);
      }),
    );
  });
});

describe("instants and names of Odoo", () => {
  test("an instant is in UTC, to the second", () => {
    expect(parseStamp("2026-12-01 23:59:59", "x")).toBe(Date.UTC(2026, 11, 1, 23, 59, 59));
    expect(parseStamp("2026-12-01 23:59:59.123456", "x")).toBe(Date.UTC(2026, 11, 1, 23, 59, 59));
    expect(toStamp(Date.UTC(2026, 11, 1, 23, 59, 59, 900))).toBe("2026-12-01 23:59:59");
    for (const value of [false, "2026-12-01", "yesterday", 5])
      expect(() => parseStamp(value, "x")).toThrow(`not ${JSON.stringify(value)}`);
  });

  test("a name spoils nothing, whatever stands in it", () => {
    expect(toName("Trade\nprices\u0007")).toBe("Trade prices");
    expect(toName(false)).toBe("false");
  });
});
