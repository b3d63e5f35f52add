import { compareDecimals, type Decimal } from "../decimal.js";
import { type ChargedLine, lineNetOf, totalsOf } from "./amounts.js";
import type {
  CartReading,
  CartVerdict,
  ChargeRules,
  JudgedCart,
  JudgedLine,
  JudgedPrice,
  LastKnownRule,
} from "./cart.js";
import { judgePrice, type PriceTerms } from "./judge-price.js";
import { judgeStock } from "./judge-stock.js";
import type { ReasonCode } from "./reasons.js";

export interface JudgeRules {
  readonly charges: ChargeRules;
  /** Null where last known prices are never charged. */
  readonly lastKnown: LastKnownRule | null;
}

/** Is this cart still true? Decides from what was read alone: no clock, nothing asked. */
export function judgeCart(reading: CartReading, { charges, lastKnown }: JudgeRules): JudgedCart {
  const currency = currencyOf(reading);
  const strict = judge(reading, { currency, mayCharge: () => false }, charges);
  if (lastKnown === null || strict.verdict !== "UNVERIFIED") return strict;
  const lenient = judge(reading, { currency, mayCharge: holdsAt(lastKnown, reading.readAt) }, charges);
  // Where it is unverified all the same, nothing is charged.
  return lenient.verdict !== "UNVERIFIED" && isWithin(lenient, lastKnown) ? lenient : strict;
}

/** Young enough, and not over by the ERP's own word. @param now ms since the epoch */
function holdsAt({ maxAgeMs }: LastKnownRule, now: number): PriceTerms["mayCharge"] {
  return ({ answer, freshness }) =>
    freshness.computedAt >= now - maxAgeMs && (answer.validUntil ?? Number.POSITIVE_INFINITY) > now;
}

/** The merchant's bound is on the whole cart, so a cart whose total is not known is never within it. */
function isWithin({ currency, netTotal, grossTotal }: JudgedCart, { maxTotals }: LastKnownRule): boolean {
  const total = grossTotal ?? netTotal;
  const most = currency === null ? undefined : maxTotals.get(currency);
  return total !== null && most !== undefined && compareDecimals(total, most) <= 0;
}

/** The shop's word, else the customer's record, else what the first price tells. */
function currencyOf({ currency, lines }: CartReading): string | null {
  if (currency !== null) return currency;
  for (const { price } of lines) if (price.kind === "found") return price.answer.currency;
  for (const { quote } of lines) if (quote?.status === "HONOURED") return quote.currency;
  for (const { lastKnown } of lines) if (lastKnown !== null) return lastKnown.answer.currency;
  return null;
}

function judge(reading: CartReading, terms: PriceTerms, charges: ChargeRules): JudgedCart {
  const stock = judgeStock(reading.lines);
  const lines = reading.lines.map((each, index): JudgedLine => {
    const price = judgePrice(each, terms);
    const { line } = each;
    return {
      line,
      price,
      stock: stock[index] as JudgedLine["stock"],
      lineNet:
        price.charge === null ? null : lineNetOf({ quantity: line.quantity, charge: price.charge }, charges.rounding),
    };
  });
  const charged = lines.flatMap(toCharged);
  const totals = charged.length === lines.length ? totalsOf(charged, charges) : { net: null, gross: null };
  const reasons = cartReasons(reading, lines, totals.gross ?? totals.net, terms.currency);
  return {
    verdict: verdictOf(reasons),
    reasons,
    lines,
    currency: terms.currency,
    netTotal: totals.net,
    grossTotal: totals.gross,
  };
}

function toCharged({ line, price }: JudgedLine): ChargedLine[] {
  const isCertain = price.charge !== null && price.verdict !== "UNVERIFIED";
  return isCertain ? [{ quantity: line.quantity, charge: price.charge }] : [];
}

function cartReasons(
  reading: CartReading,
  lines: readonly JudgedLine[],
  total: Decimal | null,
  currency: string | null,
): ReasonCode[] {
  const reasons: ReasonCode[] = [];
  const { customer } = reading;
  if (customer?.kind === "found" && customer.answer.blocked) reasons.push("CUSTOMER_BLOCKED");
  if (isOverCredit(reading, total, currency)) reasons.push("CREDIT_EXCEEDED");
  if (lines.some(isRejected)) reasons.push("LINES_REJECTED");
  if (customer !== null && customer.kind !== "found") reasons.push("CUSTOMER_UNVERIFIED");
  if (lines.some(isUnverified)) reasons.push("LINES_UNVERIFIED");
  if (lines.some(needsConsent)) reasons.push("LINES_NEED_CONSENT");
  return reasons;
}

const verdictOfReason: Partial<Record<ReasonCode, CartVerdict>> = {
  CUSTOMER_BLOCKED: "REJECT",
  CREDIT_EXCEEDED: "REJECT",
  LINES_REJECTED: "REJECT",
  CUSTOMER_UNVERIFIED: "UNVERIFIED",
  LINES_UNVERIFIED: "UNVERIFIED",
  LINES_NEED_CONSENT: "NEEDS_CONSENT",
};

/** The gravest first. */
const order: readonly CartVerdict[] = ["REJECT", "UNVERIFIED", "NEEDS_CONSENT"];

function verdictOf(reasons: readonly ReasonCode[]): CartVerdict {
  const verdicts = new Set(reasons.map((reason) => verdictOfReason[reason]));
  return order.find((verdict) => verdicts.has(verdict)) ?? "ACCEPT";
}

/** Nothing is ever converted. A record that names no currency is taken at its number: else naming the cart's would lift the limit. */
function isOverCredit({ customer }: CartReading, total: Decimal | null, currency: string | null) {
  if (customer?.kind !== "found" || customer.answer.creditAvailable === null || total === null) return false;
  const { currency: own, creditAvailable } = customer.answer;
  return (own === null || own === currency) && compareDecimals(total, creditAvailable) > 0;
}

const rejectedPrices: ReadonlySet<JudgedPrice["verdict"]> = new Set(["UNKNOWN_SKU", "QUANTITY_NOT_ALLOWED"]);

function isRejected({ price, stock }: JudgedLine): boolean {
  return rejectedPrices.has(price.verdict) || stock.verdict === "UNKNOWN_SKU" || stock.verdict === "OUT_OF_STOCK";
}

function isUnverified({ price, stock }: JudgedLine): boolean {
  return price.verdict === "UNVERIFIED" || stock.verdict === "UNVERIFIED";
}

function needsConsent({ price, stock }: JudgedLine): boolean {
  return price.verdict === "RAISED" || stock.verdict === "PARTIAL";
}
