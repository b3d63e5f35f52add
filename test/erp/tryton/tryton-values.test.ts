import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { dayAt, startOfDay } from "../../../src/erp/calendar.js";
import type { Unit } from "../../../src/erp/tryton/tryton-ground.js";
import { stepFrom, wholeSteps } from "../../../src/erp/tryton/tryton-units.js";
import {
  parseAmount,
  parsePercentage,
  parseStamp,
  toQuantity,
  toStamp,
} from "../../../src/erp/tryton/tryton-values.js";
import { ErpBadAnswer } from "../../../src/errors.js";

const tagged = (decimal: unknown) => ({ __class__: "Decimal", decimal });
const amount = (decimal: unknown, digits = 4) => parseAmount(tagged(decimal), "a price", digits);

describe("an amount of Tryton", () => {
  test.each([
    ["84.19000000000000", "84.19"],
    ["0.01125", "0.0112"],
    ["0.03375", "0.0338"],
    ["0.011250000000000000001", "0.0113"],
    ["-0.01125", "-0.0112"],
    ["-0.00001", "0"],
    ["0E-8", "0"],
    ["1E+3", "1000"],
    ["1.5E-3", "0.0015"],
    ["9.99995", "10"],
    ["123456789012345.00005", "123456789012345"],
  ])("%s is %s, rounded half to even as a sale does", (decimal, rounded) => {
    expect(amount(decimal)).toBe(rounded);
  });

  test.each(["NaN", "Infinity", "", "12,5", "1e5 ", "0x10", 84.19, null])("%j is refused", (decimal) => {
    expect(() => amount(decimal)).toThrow(ErpBadAnswer);
  });

  test.each([84.19, "84.19", null, { __class__: "float", decimal: "84.19" }])("%j untagged is refused", (value) => {
    expect(() => parseAmount(value, "a price", 4)).toThrow(ErpBadAnswer);
  });

  test("with more digits than the gateway can tell is refused, not cut", () => {
    expect(() => amount("0.12345678", 8)).toThrow(/more digits/);
    expect(() => amount("1E+20")).toThrow(/more digits/);
  });

  test("is never further from what Tryton said than half of its last decimal", () => {
    const fractions = fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n });
    fc.assert(
      fc.property(fractions, (units) => {
        const sign = units < 0n ? "-" : "";
        const digits = (units < 0n ? -units : units).toString().padStart(11, "0");
        const rounded = amount(`${sign}${digits.slice(0, -10)}.${digits.slice(-10)}`);
        const [whole = "0", fraction = ""] = rounded.replace("-", "").split(".");
        const back = BigInt(whole + fraction.padEnd(10, "0")) * (rounded.startsWith("-") ? -1n : 1n);
        const off = back > units ? back - units : units - back;
        expect(off <= 500_000n).toBe(true);
      }),
    );
  });

  test("as a share is told in percent", () => {
    expect(parsePercentage(tagged("0.055"), "a rate")).toBe("5.5");
    expect(parsePercentage(tagged("0.2000000000"), "a rate")).toBe("20");
    expect(parsePercentage(tagged("0"), "a rate")).toBe("0");
  });
});

test("an instant keeps its microseconds there and back", () => {
  const stamp = Date.UTC(2026, 10, 24, 9, 30, 1, 234) * 1000 + 567;
  expect(parseStamp(toStamp(stamp), "a date")).toBe(stamp);
});

describe("quantities", () => {
  const unit: Unit = { name: "Unit", factor: 1, rate: 1, rounding: 1, digits: 0 };
  const dozen: Unit = { name: "Dozen", factor: 12, rate: 0.083333333333, rounding: 1, digits: 0 };
  const gram: Unit = { name: "Gram", factor: 0.001, rate: 1000, rounding: 0.01, digits: 2 };
  const kilogram: Unit = { name: "Kilogram", factor: 1, rate: 1, rounding: 0.01, digits: 2 };

  const hour: Unit = { name: "Hour", factor: 1, rate: 1, rounding: 0.01, digits: 2 };
  const minute: Unit = { name: "Minute", factor: 0.016666666667, rate: 60, rounding: 1, digits: 0 };

  test.each([
    [10, unit, unit, 10],
    [2.5, unit, unit, 3],
    [30, unit, dozen, 3],
    [36, unit, dozen, 3],
    [37, unit, dozen, 4],
    [3, dozen, dozen, 3],
    [2500.5, gram, kilogram, 2.51],
    [2500, gram, kilogram, 2.5],
    [0, unit, dozen, 1],
    [90, minute, hour, 1.5], // by the rate, which is exact: the factor would make it 1.51
    [1.5, hour, minute, 90],
  ])("a break at %d is reached by the first whole step that is as much", (from, listUnit, saleUnit, reached) => {
    expect(stepFrom(from, listUnit, saleUnit)).toBe(reached);
  });

  test("only whole steps of the unit can be sold", () => {
    expect(wholeSteps(0.1 + 0.2, { ...kilogram, rounding: 0.1 })).toBe(0.3);
    expect(wholeSteps(8.99, dozen)).toBe(8);
    expect(wholeSteps(12.345, kilogram)).toBe(12.34);
  });

  test("are written as exact decimals without the dust of floats", () => {
    expect(toQuantity(0.1 + 0.2, 2)).toBe("0.3");
    expect(toQuantity(1000, 0)).toBe("1000");
  });
});

describe("the company's calendar", () => {
  test("a day begins at midnight there, on both sides of a change of the clocks", () => {
    const begins = (day: string, zone: string) => new Date(startOfDay(day, zone)).toISOString();
    expect(begins("2026-12-01", "UTC")).toBe("2026-12-01T00:00:00.000Z");
    expect(begins("2026-12-01", "Europe/Paris")).toBe("2026-11-30T23:00:00.000Z");
    expect(begins("2026-07-01", "Europe/Paris")).toBe("2026-06-30T22:00:00.000Z");
    expect(begins("2026-03-29", "Europe/Paris")).toBe("2026-03-28T23:00:00.000Z");
    expect(begins("2026-03-30", "Europe/Paris")).toBe("2026-03-29T22:00:00.000Z");
    expect(begins("2026-12-01", "Pacific/Auckland")).toBe("2026-11-30T11:00:00.000Z");
  });

  test("today is the company's day, not that of UTC", () => {
    expect(dayAt(Date.UTC(2026, 10, 30, 23, 30), "Europe/Paris")).toBe("2026-12-01");
    expect(dayAt(Date.UTC(2026, 10, 30, 23, 30), "UTC")).toBe("2026-11-30");
  });
});
