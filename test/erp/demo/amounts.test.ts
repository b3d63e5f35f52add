import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { scaled, toDecimal, toMicros, toShortDecimal } from "../../../src/erp/demo/amounts.js";

describe("amounts of the demonstration ERP", () => {
  test("a decimal read and written again with 6 decimals is the same value", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 21n - 1n }), (micros) => {
        expect(toMicros(toDecimal(micros, 6))).toBe(micros);
        expect(toMicros(toShortDecimal(micros))).toBe(micros);
      }),
    );
  });

  test.each([
    ["0.000001", 1n],
    ["12", 12_000_000n],
    ["-1.5", -1_500_000n],
    ["-0.5", -500_000n],
  ])("%s is %s millionths", (text, micros) => {
    expect(toMicros(text)).toBe(micros);
  });

  test.each([
    [1_500_000n, "1.5"],
    [100_000_000n, "100"],
    [1n, "0.000001"],
    [0n, "0"],
  ])("%s millionths are written shortest as %s", (micros, text) => {
    expect(toShortDecimal(micros)).toBe(text);
  });

  test.each([
    ["10.00", [8_750n], 2, "8.75"],
    ["1.01", [5_000n], 2, "0.51"], // 0.505, half up
    ["1.00", [3_333n], 2, "0.33"],
    ["100.00", [9_000n, 9_500n], 4, "85.5000"],
    ["0.000001", [5_000n], 6, "0.000001"], // half of the least there is, up
    ["0.000001", [4_999n], 6, "0.000000"],
  ])("%s times %s, to %i decimals, is %s", (amount, factors, decimals, expected) => {
    expect(toDecimal(scaled(toMicros(amount), factors, decimals), decimals)).toBe(expected);
  });

  test("several factors are rounded once, not one after the other", () => {
    // 1.45 × 0.9 = 1.305 (1.31 if rounded) × 0.9 = 1.1745: 1.17, where twice rounded says 1.18.
    expect(toDecimal(scaled(toMicros("1.45"), [9_000n, 9_000n], 2), 2)).toBe("1.17");
  });
});
