import type { Customer } from "../customer.js";
import type { Decimal, Rounding } from "../decimal.js";
import type { Ladder, TaxShare } from "../ladder.js";
import type { QuoteCheck } from "../quotes.js";
import type { Found, Outcome } from "../source.js";
import type { Stock } from "../stock.js";
import type { ReasonCode } from "./reasons.js";

/** One line as the shop sent it. */
export interface CartLine {
  readonly key: string;
  readonly sku: string;
  /** Above 0. */
  readonly quantity: Decimal;
  /** What the buyer was shown, before tax, for `priceUnit` units; null where there is nothing to compare. */
  readonly shownNet: Decimal | null;
  /** A signed quote, in its compact form. */
  readonly quote: string | null;
  readonly warehouse: string | null;
}

/** How this ERP makes the amounts of an order out of its prices. */
export interface ChargeRules {
  readonly rounding: Rounding;
  /** LINE: each line's amount with tax is rounded. TAX: each tax is rounded once, on the whole order. */
  readonly taxRounding: "line" | "tax";
  /** Whether quantity breaks look at one line, or at all lines of an SKU together. */
  readonly breaksCount: "line" | "sku";
}

/** Of an ERP whose connector states no rules of its own. */
export const usualCharges: ChargeRules = { rounding: "half-up", taxRounding: "line", breaksCount: "line" };

/** What is known of one line by the time it is judged. */
export interface LineReading {
  readonly line: CartLine;
  /** The quantity whose price holds: the line's own, or that of all lines of its SKU. */
  readonly pricedQuantity: Decimal;
  /** Asked after the question came. */
  readonly price: Outcome<Ladder>;
  readonly stock: Outcome<Stock>;
  /** What the ERP said last, before the question came; null where nothing is kept, or it was not needed. */
  readonly lastKnown: Found<Ladder> | null;
  /** Null where no quote was given. */
  readonly quote: QuoteCheck | null;
}

export interface CartReading {
  /** ISO 4217; null where it was not named and is nowhere told. */
  readonly currency: string | null;
  /** The customer's record, read after the question came; null for a caller without a customer. */
  readonly customer: Outcome<Customer> | null;
  readonly lines: readonly LineReading[];
  /** When all of it was there, in ms since the epoch: what the cart is judged as of. */
  readonly readAt: number;
}

/** When prices that are only last known may be charged. */
export interface LastKnownRule {
  readonly maxAgeMs: number;
  /** The most that such a cart may come to, with tax, by currency; carts in another currency are not let through. */
  readonly maxTotals: ReadonlyMap<string, Decimal>;
}

export type CartVerdict = "ACCEPT" | "NEEDS_CONSENT" | "REJECT" | "UNVERIFIED";
export type PriceVerdict =
  | "UNCHANGED"
  | "DROPPED"
  | "RAISED"
  | "QUOTED"
  | "QUANTITY_NOT_ALLOWED"
  | "UNKNOWN_SKU"
  | "UNVERIFIED";
export type StockVerdict = "AVAILABLE" | "BACKORDER" | "PARTIAL" | "OUT_OF_STOCK" | "UNKNOWN_SKU" | "UNVERIFIED";

/** The price that a line of the order carries. */
export interface UnitCharge {
  readonly currency: string;
  readonly net: Decimal;
  /** With tax; null where no tax is told. */
  readonly gross: Decimal | null;
  readonly taxBasis: Ladder["taxBasis"];
  readonly taxRate: Decimal | null;
  /** As the ladder tells them. */
  readonly taxes?: readonly TaxShare[];
  readonly priceUnit: Decimal;
  readonly unit: string | null;
}

export interface JudgedPrice {
  readonly verdict: PriceVerdict;
  readonly reasons: readonly ReasonCode[];
  /** Where the verdict is UNVERIFIED: what is last known, for the shop to decide; null where nothing is. */
  readonly charge: UnitCharge | null;
  readonly freshness: Found<Ladder>["freshness"] | null;
  /** Null where no quote was given. */
  readonly quoteStatus: QuoteCheck["status"] | null;
  /** When the promise ends that `charge` stands under, in ms since the epoch; null where it is the ERP's own price. */
  readonly promisedUntil: number | null;
}

export interface JudgedStock {
  readonly verdict: StockVerdict;
  readonly reasons: readonly ReasonCode[];
  /** What this line can have, when the lines before it had theirs; null where it is not known. */
  readonly available: Decimal | null;
  /** Such as "2026-12-01". */
  readonly restockDate: string | null;
}

export interface JudgedLine {
  readonly line: CartLine;
  readonly price: JudgedPrice;
  readonly stock: JudgedStock;
  /** In the currency's own decimals; null where `price.charge` is. */
  readonly lineNet: Decimal | null;
}

export interface JudgedCart {
  readonly verdict: CartVerdict;
  readonly reasons: readonly ReasonCode[];
  readonly lines: readonly JudgedLine[];
  /** ISO 4217; null where no price tells one. */
  readonly currency: string | null;
  /** Null where some line's price is not certain. */
  readonly netTotal: Decimal | null;
  /** Null as well where some line's tax is not told. */
  readonly grossTotal: Decimal | null;
}
