import type { QuoteCheck, QuoteClaim, Quotes, QuoteTerms, SignedQuote } from "../../src/pricing/quotes.js";

/** Quotes whose token is their own text, for tests that are not about signatures. */
export class FakeQuotes implements Quotes {
  readonly signed: QuoteTerms[] = [];
  readonly #expire: number[] = [];
  readonly checked: QuoteClaim[] = [];

  async sign(terms: QuoteTerms, now: number): Promise<SignedQuote> {
    const expiresAt = Math.min(now + 900_000, terms.latestExpiry ?? Number.POSITIVE_INFINITY);
    this.signed.push(terms);
    this.#expire.push(expiresAt);
    return { id: String(this.signed.length), token: `quote-${this.signed.length}`, expiresAt };
  }

  async check(token: string, claim: QuoteClaim): Promise<QuoteCheck> {
    this.checked.push(claim);
    const index = Number(/^quote-(\d+)$/.exec(token)?.[1]) - 1;
    const [terms, expiresAt] = [this.signed[index], this.#expire[index]];
    if (terms === undefined || expiresAt === undefined) return { status: "INVALID" };
    if (terms.customer !== claim.customer) return { status: "FOREIGN" };
    if (claim.currency !== null && claim.currency !== terms.currency) return { status: "OTHER_LINE" };
    const line = terms.lines.find(({ sku, quantity }) => sku === claim.sku && quantity === claim.quantity);
    if (line === undefined) return { status: "OTHER_LINE" };
    return { status: "HONOURED", currency: terms.currency, line, expiresAt };
  }
}
