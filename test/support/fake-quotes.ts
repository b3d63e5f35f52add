import type { QuoteCheck, QuoteClaim, Quotes, QuoteTerms, SignedQuote } from "../../src/pricing/quotes.js";

/** Quotes whose token is their own text, for tests that are not about signatures. */
export class FakeQuotes implements Quotes {
  readonly signed: QuoteTerms[] = [];
  readonly checked: QuoteClaim[] = [];

  async sign(terms: QuoteTerms, now: number): Promise<SignedQuote> {
    this.signed.push(terms);
    return { id: String(this.signed.length), token: `quote-${this.signed.length}`, expiresAt: now + 900_000 };
  }

  async check(token: string, claim: QuoteClaim): Promise<QuoteCheck> {
    this.checked.push(claim);
    const terms = this.signed[Number(/^quote-(\d+)$/.exec(token)?.[1]) - 1];
    if (terms === undefined) return { status: "INVALID" };
    if (terms.customer !== claim.customer) return { status: "FOREIGN" };
    if (claim.currency !== null && claim.currency !== terms.currency) return { status: "OTHER_LINE" };
    const line = terms.lines.find(({ sku, quantity }) => sku === claim.sku && quantity === claim.quantity);
    return line === undefined ? { status: "OTHER_LINE" } : { status: "HONOURED", currency: terms.currency, line };
  }
}
