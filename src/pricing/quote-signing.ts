import { CompactSign } from "jose";
import type { QuoteKeys } from "./quote-keys.js";
import { rememberReadings } from "./quote-memory.js";
import { issuerOf, parsePayload, type QuoteContents, writePayload } from "./quote-payload.js";
import { judgeQuote, maxQuoteLength, type QuoteJudgement, quoteType, readQuote } from "./quote-reading.js";
import type { QuoteCheck, QuoteClaim, Quotes, QuoteTerms, SignedQuote } from "./quotes.js";

export interface QuotesOptions {
  readonly keys: QuoteKeys;
  /** The ERP company whose prices are promised; null where the server names none. */
  readonly company: string | null;
  /** How long a quote holds, in ms; whole seconds. */
  readonly lifetimeMs: number;
  /** An id that no other quote has, and nobody can guess. */
  readonly createId: () => string;
}

export function createQuotes(options: QuotesOptions): Quotes {
  const { keys, company } = options;
  const read = rememberReadings((token) => readQuote(token, keys.verifying));
  return {
    sign: (terms, now) => signQuote(terms, now, options),
    async check(token, claim, now): Promise<QuoteCheck> {
      const reading = await read(token);
      if (reading.kind === "invalid") return { status: "INVALID" };
      return toCheck(reading.quote, judgeQuote(reading.quote, toDemand(claim, company), now));
    },
  };
}

function toDemand({ customer, currency, sku, quantity }: QuoteClaim, company: string | null) {
  const line = { sku, quantity };
  return { issuer: issuerOf(company), customer, line, ...(currency === null ? {} : { currency }) };
}

function toCheck({ currency, expiresAt }: QuoteContents, judgement: QuoteJudgement): QuoteCheck {
  if (judgement.status !== "HONOURED") return judgement;
  const { line } = judgement;
  // A line was asked for, so one was found; a claim without would be honoured for nothing.
  return line === null ? { status: "OTHER_LINE" } : { status: "HONOURED", currency, line, expiresAt };
}

/** @throws {Error} for terms that could not be read back: a bug of the caller, or too many lines for one quote */
async function signQuote(terms: QuoteTerms, now: number, options: QuotesOptions): Promise<SignedQuote> {
  const { keys, company, lifetimeMs, createId } = options;
  const { latestExpiry, ...promised } = terms;
  const issuedAt = Math.floor(now / 1000) * 1000;
  const expiresAt = Math.min(issuedAt + lifetimeMs, latestExpiry ?? Number.POSITIVE_INFINITY);
  const contents = { ...promised, id: createId(), issuer: issuerOf(company), issuedAt, expiresAt };
  const payload = writePayload(contents);
  if (parsePayload(payload) === null) throw new Error("a quote needs lines, and exact decimals in them");
  const token = await new CompactSign(Buffer.from(payload))
    .setProtectedHeader({ alg: "EdDSA", kid: keys.signing.kid, typ: quoteType })
    .sign(keys.signing.privateKey);
  if (token.length > maxQuoteLength) {
    throw new Error(`a quote of ${terms.lines.length} lines is longer than ${maxQuoteLength} characters: quote fewer`);
  }
  return { id: contents.id, token, expiresAt: contents.expiresAt };
}
