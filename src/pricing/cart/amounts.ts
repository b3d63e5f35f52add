import {
  canonical,
  type Decimal,
  type Ratio,
  type Rounding,
  ratioOf,
  roundRatio,
  sumDecimals,
  sumRatios,
} from "../decimal.js";
import type { TaxShare } from "../ladder.js";
import { minorUnitOf } from "../minor-units.js";
import type { ChargeRules, UnitCharge } from "./cart.js";

/** So many units at such a price. */
export interface ChargedLine {
  readonly quantity: Decimal;
  readonly charge: UnitCharge;
}

export interface Totals {
  readonly net: Decimal;
  /** Null where some line's tax is not told. */
  readonly gross: Decimal | null;
}

/** quantity ÷ priceUnit × net, rounded once to the currency's own decimals. */
export function lineNetOf({ quantity, charge }: ChargedLine, rounding: Rounding): Decimal {
  const { net, priceUnit, currency } = charge;
  return roundRatio(ratioOf([quantity, net], [priceUnit]), minorUnitOf(currency), rounding);
}

/** @param lines of one currency */
export function totalsOf(lines: readonly ChargedLine[], rules: ChargeRules): Totals {
  const net = sumDecimals(lines.map((line) => lineNetOf(line, rules.rounding)));
  if (lines.some(({ charge }) => charge.gross === null)) return { net, gross: null };
  if (rules.taxRounding === "tax") return { net, gross: sumDecimals([net, ...taxAmounts(lines, rules.rounding)]) };
  return { net, gross: sumDecimals(lines.map((line) => lineGrossOf(line, rules.rounding))) };
}

/** Never from the rounded line before tax: that would round twice. */
function lineGrossOf({ quantity, charge }: ChargedLine, rounding: Rounding): Decimal {
  const { net, gross, taxBasis, taxRate, priceUnit, currency } = charge;
  const exact =
    taxBasis === "GROSS"
      ? ratioOf([quantity, gross ?? "0"], [priceUnit])
      : ratioOf([quantity, net, taxFactorOf(taxRate)], [priceUnit, "100"]);
  return roundRatio(exact, minorUnitOf(currency), rounding);
}

/** What each tax comes to on the exact amounts of its lines, rounded once. */
function taxAmounts(lines: readonly ChargedLine[], rounding: Rounding): Decimal[] {
  const byTax = new Map<string, Ratio[]>();
  for (const { quantity, charge } of lines) {
    for (const { id, rate } of taxesOf(charge)) {
      const amounts = byTax.get(id) ?? [];
      amounts.push(ratioOf([quantity, charge.net, rate], [charge.priceUnit, "100"]));
      byTax.set(id, amounts);
    }
  }
  const scale = minorUnitOf(lines[0]?.charge.currency ?? "");
  return [...byTax.values()].map((amounts) => roundRatio(sumRatios(amounts), scale, rounding));
}

/** Where the ERP does not tell its taxes apart, one rate is one tax. */
function taxesOf({ taxes, taxRate }: UnitCharge): readonly TaxShare[] {
  const rate = canonical(taxRate ?? "0");
  return taxes ?? [{ id: `rate ${rate}`, rate }];
}

function taxFactorOf(taxRate: Decimal | null): Decimal {
  return sumDecimals(["100", taxRate ?? "0"]);
}
