import { compactVerify, decodeProtectedHeader } from "jose";
import type { VerifyingQuoteKeys } from "./quote-keys.js";
import { parsePayload, type QuoteContents } from "./quote-payload.js";
import type { QuotedLine } from "./quotes.js";

/** The `typ` of a quote's header, so that no quote passes for an access token, nor the reverse. */
export const quoteType = "pricelane-quote+jwt";

/** The longest quote that is made or looked at, in characters: half of the largest request. About 4,000 lines. */
export const maxQuoteLength = 512 * 1024;

const compactJws = /^[\w-]+\.[\w-]+\.([\w-]+)$/;

export type QuoteReading =
  | { readonly kind: "genuine"; readonly kid: string; readonly quote: QuoteContents }
  /** `why` goes on after "the quote", and holds nothing of it. */
  | { readonly kind: "invalid"; readonly why: string };

/**
 * Tells whether a quote was signed by one of the keys, and what it says. Whom it is for, and until when, is not judged.
 * Never throws for any text.
 */
export async function readQuote(token: string, keys: VerifyingQuoteKeys): Promise<QuoteReading> {
  if (token.length > maxQuoteLength) return invalid(`is longer than ${maxQuoteLength} characters`);
  const signature = compactJws.exec(token)?.[1];
  // The last character holds bits that nobody reads: of the spellings of one signature the first alone is taken.
  if (signature === undefined || !isCanonical(signature)) return invalid("is no JWS in compact form");
  try {
    const { alg, typ, kid } = decodeProtectedHeader(token);
    if (typ !== quoteType) return invalid(`has another typ than ${quoteType}: it is something else`);
    if (alg !== "EdDSA") return invalid("has another alg than EdDSA");
    const key = kid === undefined ? undefined : keys.get(kid);
    if (kid === undefined || key === undefined) return invalid("was signed by a key that is not known here");
    const { payload } = await compactVerify(token, key, { algorithms: ["EdDSA"] });
    const quote = parsePayload(new TextDecoder("utf-8", { fatal: true }).decode(payload));
    return quote === null ? invalid("is of a format that is not known here") : { kind: "genuine", kid, quote };
  } catch {
    return invalid("has a broken header or a wrong signature: it was changed or forged");
  }
}

/** What is compared; what is left out is not. */
export interface QuoteDemand {
  readonly issuer?: string;
  /** Null for an order at public prices. */
  readonly customer?: string | null;
  readonly currency?: string;
  readonly line?: Pick<QuotedLine, "sku" | "quantity">;
}

export type QuoteJudgement =
  | { readonly status: "HONOURED"; readonly line: QuotedLine | null }
  | { readonly status: "INVALID" | "FOREIGN" | "EXPIRED" | "OTHER_LINE" };

/**
 * Where several things are wrong the first of INVALID, FOREIGN, EXPIRED, OTHER_LINE is told: of another customer's
 * quote nobody learns whether it still holds, nor what is in it.
 * @param now ms since the epoch; a quote holds no more at its `expiresAt`
 */
export function judgeQuote(quote: QuoteContents, demand: QuoteDemand, now: number): QuoteJudgement {
  const { issuer, customer, currency, line } = demand;
  // Another company's customers only look like ours.
  if (issuer !== undefined && issuer !== quote.issuer) return { status: "INVALID" };
  if (customer !== undefined && customer !== quote.customer) return { status: "FOREIGN" };
  if (now >= quote.expiresAt) return { status: "EXPIRED" };
  if (currency !== undefined && currency !== quote.currency) return { status: "OTHER_LINE" };
  if (line === undefined) return { status: "HONOURED", line: null };
  const found = quote.findLine(line.sku, line.quantity);
  return found === null ? { status: "OTHER_LINE" } : { status: "HONOURED", line: found };
}

function isCanonical(base64url: string): boolean {
  return Buffer.from(base64url, "base64url").toString("base64url") === base64url;
}

function invalid(why: string): QuoteReading {
  return { kind: "invalid", why };
}
