import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { lineNetOf, totalsOf } from "../../../src/pricing/cart/amounts.js";
import type { UnitCharge } from "../../../src/pricing/cart/cart.js";
import { minorUnitOf } from "../../../src/pricing/minor-units.js";
import { withOtherSide } from "../../../src/pricing/price.js";
import { divide, type Fraction, fraction, plus, round, times } from "./oracle.js";

const decimal = (maxWhole: bigint, least = 0n) =>
  fc
    .tuple(
      fc.bigInt({ min: least, max: maxWhole }),
      fc.integer({ min: 0, max: 6 }),
      fc.integer({ min: 0, max: 999_999 }),
    )
    .map(([whole, scale, part]) =>
      scale === 0 ? `${whole}` : `${whole}.${String(part).padStart(6, "0").slice(0, scale)}`,
    );

// Halves of the last decimal are what roundings differ on, so prices that give them come often.
const price = fc.oneof(
  decimal(999_999_999_999_999n),
  decimal(100n),
  fc.constantFrom("0.005", "0.125", "1.0005", "2.5", "0.5"),
);
const quantity = fc.oneof(decimal(999_999_999_999_999n, 1n), fc.integer({ min: 1, max: 20 }).map(String));
const priceUnit = fc.constantFrom("1", "1", "10", "100", "3", "0.75", "999999999999999.999999");
const taxRate = fc.constantFrom("20", "5.5", "0", "19.6", "8.1", "2.10");
const currency = fc.constantFrom("EUR", "JPY", "TND", "CLF", "XXX");
const rounding = fc.constantFrom("half-up" as const, "half-even" as const);

const lineArbitrary = fc
  .record({ quantity, price, priceUnit, taxRate: fc.option(taxRate, { freq: 20 }), isGross: fc.boolean() })
  .map(({ quantity, price, priceUnit, taxRate, isGross }) => {
    const terms = { taxBasis: isGross && taxRate !== null ? ("GROSS" as const) : ("NET" as const), taxRate };
    return { quantity, charge: { ...withOtherSide(price, terms), ...terms, priceUnit, unit: null } };
  });

const hundred = fraction("100");
const perUnit = (quantity: string, price: string, priceUnit: string) =>
  divide(times(fraction(quantity), fraction(price)), fraction(priceUnit));

function exactGross({ quantity, charge }: { quantity: string; charge: UnitCharge }): Fraction {
  if (charge.taxBasis === "GROSS") return perUnit(quantity, charge.gross!, charge.priceUnit);
  const factor = plus(fraction("1"), divide(fraction(charge.taxRate!), hundred));
  return times(perUnit(quantity, charge.net, charge.priceUnit), factor);
}

const sumText = (texts: readonly string[], scale: number) => round(texts.map(fraction).reduce(plus), scale, "half-up");

describe("the amounts of any cart", () => {
  test("are exact rational arithmetic, rounded once a line", () => {
    fc.assert(
      fc.property(fc.array(lineArbitrary, { minLength: 1, maxLength: 12 }), currency, rounding, (drawn, code, mode) => {
        const lines = drawn.map(({ quantity, charge }) => ({ quantity, charge: { ...charge, currency: code } }));
        const scale = minorUnitOf(code);
        const nets = lines.map(({ quantity, charge }) =>
          round(perUnit(quantity, charge.net, charge.priceUnit), scale, mode),
        );
        expect(lines.map((line) => lineNetOf(line, mode))).toEqual(nets);
        const totals = totalsOf(lines, { rounding: mode, taxRounding: "line", breaksCount: "line" });
        expect(totals.net).toBe(sumText(nets, scale));
        const isTaxKnown = lines.every(({ charge }) => charge.taxRate !== null);
        const grosses = isTaxKnown ? lines.map((line) => round(exactGross(line), scale, mode)) : [];
        expect(totals.gross).toBe(isTaxKnown ? sumText(grosses, scale) : null);
      }),
      { numRuns: 300 },
    );
  });

  test("are, where the ERP rounds each tax of an order once, so for each rate", () => {
    fc.assert(
      fc.property(fc.array(lineArbitrary, { minLength: 1, maxLength: 12 }), currency, rounding, (drawn, code, mode) => {
        const taxed = drawn.filter(({ charge }) => charge.taxRate !== null);
        fc.pre(taxed.length > 0);
        const lines = taxed.map(({ quantity, charge }) => ({ quantity, charge: { ...charge, currency: code } }));
        const scale = minorUnitOf(code);
        const rates = [...new Set(lines.map(({ charge }) => String(Number(charge.taxRate))))];
        const taxes = rates.map((rate) => {
          const ofRate = lines.filter(({ charge }) => Number(charge.taxRate) === Number(rate));
          const exact = ofRate
            .map(({ quantity, charge }) => perUnit(quantity, charge.net, charge.priceUnit))
            .reduce(plus);
          return round(divide(times(exact, fraction(rate)), hundred), scale, mode);
        });
        const totals = totalsOf(lines, { rounding: mode, taxRounding: "tax", breaksCount: "line" });
        expect(totals.gross).toBe(sumText([totals.net, ...taxes], scale));
      }),
      { numRuns: 300 },
    );
  });

  test("tell taxes of one rate apart where the ERP does, and those of one line", () => {
    const charge = (taxes: { id: string; rate: string }[], taxRate: string): UnitCharge => ({
      ...{ net: "0.12", gross: "0.13", taxBasis: "NET", taxRate, taxes, priceUnit: "1", unit: null, currency: "EUR" },
    });
    const grossOf = (...charges: UnitCharge[]) =>
      totalsOf(
        charges.map((each) => ({ quantity: "1", charge: each })),
        { rounding: "half-even", taxRounding: "tax", breaksCount: "line" },
      ).gross;
    const [one, other] = [
      { id: "1", rate: "20" },
      { id: "2", rate: "20" },
    ];
    expect(grossOf(charge([one], "20"), charge([one], "20"))).toBe("0.29"); // 0.048 is 0.05
    expect(grossOf(charge([one], "20"), charge([other], "20"))).toBe("0.28"); // twice 0.024
    expect(grossOf(charge([one, { id: "3", rate: "4" }], "24"))).toBe("0.14"); // 0.024 and 0.0048
  });

  test.each([
    ["1", "2.675", "1", "EUR", "half-up", "2.68"],
    ["1", "2.665", "1", "EUR", "half-even", "2.66"],
    ["3", "33.333333", "100", "EUR", "half-up", "1.00"],
    ["1", "0.5", "1", "JPY", "half-up", "1"],
    ["1", "0.5", "1", "JPY", "half-even", "0"],
    ["1", "1.5", "1", "JPY", "half-even", "2"],
    ["1", "1.0005", "1", "TND", "half-up", "1.001"],
    ["1", "1.00005", "1", "CLF", "half-even", "1.0000"],
    ["1", "-2.675", "1", "EUR", "half-up", "-2.68"],
    ["1", "-0.004", "1", "EUR", "half-up", "0.00"],
    ["999999999999999.999999", "999999999999999.999999", "1", "EUR", "half-up", "999999999999999999998000000000.00"],
  ] as const)("%s × %s ÷ %s in %s, %s, is %s", (quantity, net, priceUnit, code, mode, wanted) => {
    const charge: UnitCharge = {
      net,
      gross: null,
      taxBasis: "NET",
      taxRate: null,
      priceUnit,
      unit: null,
      currency: code,
    };
    expect(lineNetOf({ quantity, charge }, mode)).toBe(wanted);
  });
});
