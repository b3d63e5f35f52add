import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  canonical,
  compareDecimals,
  grossFromNet,
  isDecimal,
  isPositive,
  netFromGross,
  roundUpToStep,
  sumDecimals,
  wholePart,
} from "../../src/pricing/decimal.js";

/** A rational number, computed with integers alone: the yardstick that owes nothing to the decimal library. */
interface Rational {
  readonly over: bigint;
  readonly under: bigint;
}

const million = 1_000_000n;

function toRational(decimal: string): Rational {
  const [, sign, whole, fraction = ""] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(decimal) ?? [];
  const over = BigInt(`${whole}${fraction}`);
  return { over: sign === "-" ? -over : over, under: 10n ** BigInt(fraction.length) };
}

/** Millionths, half away from zero. */
function toMillionths({ over, under }: Rational): bigint {
  const size = (over < 0n ? -over : over) * million;
  const rounded = (2n * size + under) / (2n * under);
  return over < 0n ? -rounded : rounded;
}

const factorOf = (rate: string): Rational => {
  const { over, under } = toRational(rate);
  return { over: over + 100n * under, under: 100n * under };
};

const times = (a: Rational, b: Rational): Rational => ({ over: a.over * b.over, under: a.under * b.under });
const dividedBy = (a: Rational, b: Rational): Rational => ({ over: a.over * b.under, under: a.under * b.over });

const fraction = fc.option(
  fc
    .integer({ min: 1, max: 6 })
    .chain((digits) => fc.nat(10 ** digits - 1).map((value) => `.${String(value).padStart(digits, "0")}`)),
  { nil: "" },
);
const whole = fc.bigInt({ min: 0n, max: 999_999_999_999_999n }).map(String);
const notNegative = fc.tuple(whole, fraction).map((parts) => parts.join(""));
const decimal = fc.tuple(fc.constantFrom("", "-"), notNegative).map((parts) => parts.join(""));
const taxRate = fc.oneof(
  fc.constantFrom("0", "5.5", "7.7", "8.1", "19", "20", "25.5"),
  fc.tuple(fc.nat(200).map(String), fraction).map((parts) => parts.join("")),
);

describe("decimals", () => {
  test.each(["0", "-0", "1", "-12.5", "0.000001", "999999999999999.999999", "007", "1.50"])("%s is one", (text) => {
    expect(isDecimal(text)).toBe(true);
  });

  test.each([
    "",
    " 1",
    "1 ",
    "1\n",
    "+1",
    "1.",
    ".5",
    "1e3",
    "1,5",
    "NaN",
    "Infinity",
    "0x10",
    "١",
    "1000000000000000",
    "0.0000001",
    "--1",
  ])("%j is none", (text) => {
    expect(isDecimal(text)).toBe(false);
  });

  test("a JavaScript number is no decimal, nor passes for one where a decimal is computed with", () => {
    expect(isDecimal(1)).toBe(false);
    expect(() => grossFromNet(10.5 as unknown as string, "20")).toThrow();
    expect(() => netFromGross(10.5 as unknown as string, "20")).toThrow();
    expect(() => canonical(1 as unknown as string)).toThrow();
  });

  test("gross is net × (1 + rate ÷ 100), half up to 6 decimals, for every net and rate", () => {
    fc.assert(
      fc.property(decimal, taxRate, (net, rate) => {
        const exact = times(toRational(net), factorOf(rate));
        expect(toMillionths(toRational(grossFromNet(net, rate)))).toBe(toMillionths(exact));
      }),
    );
  });

  test("net is gross ÷ (1 + rate ÷ 100), half up to 6 decimals, for every gross and rate", () => {
    fc.assert(
      fc.property(notNegative, taxRate, (gross, rate) => {
        const exact = dividedBy(toRational(gross), factorOf(rate));
        expect(toMillionths(toRational(netFromGross(gross, rate)))).toBe(toMillionths(exact));
      }),
    );
  });

  test("half a millionth goes up", () => {
    expect(grossFromNet("0.000005", "10")).toBe("0.000006"); // 0.0000055
    expect(grossFromNet("0.000001", "50")).toBe("0.000002"); // 0.0000015
    expect(netFromGross("0.000001", "100")).toBe("0.000001"); // 0.0000005
    expect(netFromGross("0.000003", "100")).toBe("0.000002"); // 0.0000015
  });

  test("what is derived is written plainly, whatever its size", () => {
    fc.assert(
      fc.property(notNegative, taxRate, (amount, rate) => {
        expect(netFromGross(amount, rate)).toMatch(/^\d+(\.\d{1,6})?$/);
        expect(grossFromNet(amount, rate)).toMatch(/^\d+(\.\d{1,6})?$/);
      }),
    );
  });

  test("a sum is exact, and keeps the decimals of the addend that has most", () => {
    fc.assert(
      fc.property(fc.array(decimal, { maxLength: 20 }), (values) => {
        const sum = sumDecimals(values);
        const millionths = values.reduce((total, value) => total + toMillionths(toRational(value)), 0n);
        expect(toMillionths(toRational(sum))).toBe(millionths);
        const scaleOf = (text: string) => text.split(".")[1]?.length ?? 0;
        expect(scaleOf(sum)).toBe(Math.max(0, ...values.map(scaleOf)));
      }),
    );
    expect(sumDecimals([])).toBe("0");
    expect(sumDecimals(["0.1", "0.2"])).toBe("0.3");
  });

  test("comparing agrees with exact arithmetic", () => {
    fc.assert(
      fc.property(decimal, decimal, (a, b) => {
        const difference = toMillionths(toRational(a)) - toMillionths(toRational(b));
        expect(compareDecimals(a, b)).toBe(difference < 0n ? -1 : difference > 0n ? 1 : 0);
        expect(isPositive(a)).toBe(toMillionths(toRational(a)) > 0n);
      }),
    );
  });

  test("the whole part is what stands before the point", () => {
    fc.assert(
      fc.property(decimal, (value) => {
        expect(toMillionths(toRational(wholePart(value)))).toBe(
          (toMillionths(toRational(value)) / 1_000_000n) * 1_000_000n,
        );
      }),
    );
    expect([wholePart("26.5"), wholePart("0.999999"), wholePart("-0.5"), wholePart("7")]).toEqual([
      "26",
      "0",
      "0",
      "7",
    ]);
  });

  test("rounded up to a step is the smallest multiple that is not below", () => {
    fc.assert(
      fc.property(decimal, decimal, (value, step) => {
        const rounded = toMillionths(toRational(roundUpToStep(value, step)));
        const [given, by] = [toMillionths(toRational(value)), toMillionths(toRational(step))];
        if (by <= 0n) expect(rounded).toBe(given);
        else expect([rounded % by, rounded >= given && rounded - given < by]).toEqual([0n, true]);
      }),
    );
    expect([roundUpToStep("1", "0.3"), roundUpToStep("7", "5"), roundUpToStep("10", "5")]).toEqual(["1.2", "10", "10"]);
  });

  test("two decimals have one canonical writing exactly where they are one value", () => {
    fc.assert(
      fc.property(decimal, fc.nat(3), decimal, (a, zeros, b) => {
        const longer = a.includes(".") ? a : `${a}.${"0".repeat(zeros + 1)}`;
        expect(canonical(longer)).toBe(canonical(a));
        expect(canonical(a) === canonical(b)).toBe(compareDecimals(a, b) === 0);
      }),
    );
    expect([canonical("-0"), canonical("-0.00"), canonical("007.50"), canonical("1000")]).toEqual([
      "0",
      "0",
      "7.5",
      "1000",
    ]);
  });
});
