import { describe, expect, test } from "vitest";
import { given, parseAmount } from "../../src/erp/amounts.js";

describe("amounts of an ERP that is careless about how it writes numbers", () => {
  test.each([
    ["48.79000000", "48.79"],
    ["0.00000000", "0"],
    ["12.34567850", "12.345679"],
    [48.79, "48.79"],
    [22.439999999999998, "22.44"],
    [1e-7, "0"],
    ["-15.0000", "-15"],
  ])("%j is %s", (written, amount) => {
    expect(parseAmount(written, "a price")).toBe(amount);
  });

  test.each([null, "", "12,50", "abc", Number.NaN, Number.POSITIVE_INFINITY, {}, "1234567890123456"])(
    "%j is no amount, and the error names what it should be",
    (written) => {
      expect(() => parseAmount(written, "the price of A")).toThrow(/^the price of A should be a number/);
    },
  );

  test("a JSON number that a float may have changed by a hundredth is refused; a text of as many digits, and a whole number, are told", () => {
    const changed: unknown = JSON.parse("123456789012345.63"); // and .62 is the same float
    expect(() => parseAmount(changed, "the price of A")).toThrow(/^the price of A is .* more digits/);
    expect(parseAmount("123456789012345.68", "a price")).toBe("123456789012345.68");
    expect(parseAmount(JSON.parse("123456789012345"), "a price")).toBe("123456789012345");
    expect(parseAmount(JSON.parse("9999999999999.99"), "a price")).toBe("9999999999999.99");
  });

  test.each([undefined, null, ""])("%j stands for none", (written) => {
    expect(given(written, "a price", parseAmount)).toBeNull();
    expect(given("0", "a price", parseAmount)).toBe("0");
  });
});
