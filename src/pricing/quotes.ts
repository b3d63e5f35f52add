import type { Decimal } from "./decimal.js";
import type { CustomerCode } from "./keys.js";

/** What one line of a cart was promised. */
export interface QuotedLine {
  readonly sku: string;
  readonly quantity: Decimal;
  /** The price before tax of `priceUnit` units. */
  readonly net: Decimal;
  readonly priceUnit: Decimal;
  readonly unit: string | null;
  readonly taxBasis: "NET" | "GROSS";
  /** In percent; null where the ERP tells none. */
  readonly taxRate: Decimal | null;
}

export interface QuoteTerms {
  /** Null for an order at public prices. */
  readonly customer: CustomerCode | null;
  /** ISO 4217. */
  readonly currency: string;
  /** At least one. */
  readonly lines: readonly QuotedLine[];
  /** What was promised before ends here, and is not prolonged: in ms since the epoch, whole seconds; else there is no such bound. */
  readonly latestExpiry?: number | null;
}

export interface SignedQuote {
  readonly id: string;
  /** A JWS in compact form. */
  readonly token: string;
  /** In ms since the epoch. */
  readonly expiresAt: number;
}

/** What somebody claims to have been promised. */
export interface QuoteClaim extends Pick<QuotedLine, "sku" | "quantity"> {
  readonly customer: CustomerCode | null;
  /** ISO 4217; null where the cart names none and the ERP could not be asked for it. */
  readonly currency: string | null;
}

export type QuoteCheck =
  | {
      readonly status: "HONOURED";
      readonly currency: string;
      readonly line: QuotedLine;
      /** In ms since the epoch. */
      readonly expiresAt: number;
    }
  /** Past its time; another customer's; not ours or not readable; no such line, quantity or currency in it. */
  | { readonly status: "EXPIRED" | "FOREIGN" | "INVALID" | "OTHER_LINE" };

/** Signs promises of prices, and says what a promise is worth. Instants in ms since the epoch. */
export interface Quotes {
  sign(terms: QuoteTerms, now: number): Promise<SignedQuote>;
  /** Never throws for what a client may have sent. */
  check(token: string, claim: QuoteClaim, now: number): Promise<QuoteCheck>;
}
