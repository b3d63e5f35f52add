import { compareDecimals, type Decimal, isPositive, ratioOf, roundRatio, sumDecimals } from "../../pricing/decimal.js";
import { given, parseAmount } from "../amounts.js";
import { dayAfter } from "../calendar.js";
import { parseDate, parseText, type Row } from "../parse.js";
import type { Terms } from "./erpnext-terms.js";

/** What a pricing rule says of where a price changes. What it does to the price ERPNext works out itself. */
export interface PricingRule {
  readonly minQuantity: Decimal;
  /** 0 for none. */
  readonly maxQuantity: Decimal;
  readonly looksAtAmounts: boolean;
  /** Counts what the customer bought before. */
  readonly isCumulative: boolean;
  /** The one customer it is for; null for others. */
  readonly customer: string | null;
  readonly priceList: string | null;
  /** Days such as "2026-12-01"; null for no bound. */
  readonly from: string | null;
  readonly until: string | null;
}

export const ruleFields = [
  ...["name", "min_qty", "max_qty", "min_amt", "max_amt", "is_cumulative"],
  ...["customer", "for_price_list", "valid_from", "valid_upto"],
];

export function parseRule(row: Row): PricingRule {
  const number = (field: string) => given(row[field], `${field} of a pricing rule`, parseAmount) ?? "0";
  return {
    minQuantity: number("min_qty"),
    maxQuantity: number("max_qty"),
    looksAtAmounts: isPositive(number("min_amt")) || isPositive(number("max_amt")),
    isCumulative: isPositive(number("is_cumulative")),
    customer: given(row["customer"], "the customer of a pricing rule", parseText),
    priceList: given(row["for_price_list"], "the price list of a pricing rule", parseText),
    from: given(row["valid_from"], "the first day of a pricing rule", parseDate),
    until: given(row["valid_upto"], "the last day of a pricing rule", parseDate),
  };
}

/** Where prices can break under these terms. */
export interface Breaks {
  /** Whole quantities, lowest first, 1 among them; null where there are too many, or where amounts count. */
  readonly quantities: readonly Decimal[] | null;
  readonly looksAtAmounts: boolean;
  /** The first day after today on which a rule begins, or is over; null where none does. */
  readonly turnsOn: string | null;
}

/** Quantities that are asked for a whole ladder; with more of them each quantity is asked for itself. */
const mostBreaks = 8;

/** @param today the site's day. Which items a rule is for is not known here, so a break may turn out to be none. */
export function findBreaks(rules: readonly PricingRule[], { customer, priceList }: Terms, today: string): Breaks {
  const coming = rules.filter(
    (rule) =>
      (rule.customer === null || rule.customer === customer) &&
      (rule.priceList === null || rule.priceList === priceList) &&
      (rule.until === null || rule.until >= today),
  );
  const own = coming.filter(({ from }) => from === null || from <= today);
  const looksAtAmounts = own.some((rule) => rule.looksAtAmounts);
  const found = new Set<Decimal>(["1"]);
  for (const { minQuantity, maxQuantity } of own) {
    if (compareDecimals(minQuantity, "1") > 0) found.add(ceiling(minQuantity));
    if (isPositive(maxQuantity)) found.add(nextWhole(maxQuantity));
  }
  const quantities = [...found].sort(compareDecimals);
  return {
    quantities: looksAtAmounts || quantities.length > mostBreaks ? null : quantities,
    looksAtAmounts,
    turnsOn: findTurn(coming, today),
  };
}

function findTurn(rules: readonly PricingRule[], today: string): string | null {
  const days = rules.flatMap(({ from, until }) => [from ?? [], until === null ? [] : dayAfter(until)].flat());
  return days.filter((day) => day > today).sort()[0] ?? null;
}

function ceiling(quantity: Decimal): Decimal {
  const whole = roundRatio(ratioOf([quantity]), 0, "half-up");
  return compareDecimals(whole, quantity) < 0 ? sumDecimals([whole, "1"]) : whole;
}

/** The first whole quantity beyond. */
function nextWhole(quantity: Decimal): Decimal {
  const up = ceiling(quantity);
  return compareDecimals(up, quantity) > 0 ? up : sumDecimals([up, "1"]);
}
