import { canonical } from "../decimal.js";
import type { CustomerCode } from "../keys.js";
import type { QuotedLine, QuoteTerms } from "../quotes.js";
import type { JudgedCart, JudgedLine } from "./cart.js";

/**
 * What may be promised of a cart: all its lines at the prices charged. Null unless the order can be placed, and where a
 * price is only last known: that one is the merchant's risk for this order, and no promise for the next. A price that stands
 * under an earlier promise is promised no longer than it was: else giving a quote back in time would keep it forever.
 */
export function quoteTermsOf(
  { verdict, currency, lines }: JudgedCart,
  customer: CustomerCode | null,
): QuoteTerms | null {
  if ((verdict !== "ACCEPT" && verdict !== "NEEDS_CONSENT") || currency === null) return null;
  const quoted = lines.flatMap(toQuotedLine);
  return quoted.length === lines.length ? { customer, currency, lines: quoted, latestExpiry: earliestOf(lines) } : null;
}

function earliestOf(lines: readonly JudgedLine[]): number | null {
  const ends = lines.flatMap(({ price }) => price.promisedUntil ?? []);
  return ends.length === 0 ? null : Math.min(...ends);
}

function toQuotedLine({ line, price }: JudgedLine): QuotedLine[] {
  if (price.charge === null || price.freshness?.source === "LAST_KNOWN") return [];
  const { net, priceUnit, unit, taxBasis, taxRate } = price.charge;
  return [{ sku: line.sku, quantity: canonical(line.quantity), net, priceUnit, unit, taxBasis, taxRate }];
}
