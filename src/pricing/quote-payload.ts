import { canonical, isDecimal } from "./decimal.js";
import type { QuotedLine, QuoteTerms } from "./quotes.js";

/** The format of what is signed, in docs/quotes.md. A reader refuses another one: what it says is not known here. */
const formatVersion = 1;

/** What a quote says. Who reads it has verified the signature, and not yet whom it is for. */
export interface QuoteContents extends Omit<QuoteTerms, "customer" | "latestExpiry"> {
  readonly id: string;
  /** The ERP company; see {@link issuerOf}. */
  readonly issuer: string;
  readonly customer: string | null;
  /** In ms since the epoch, whole seconds. */
  readonly issuedAt: number;
  /** From this instant on it holds no more. */
  readonly expiresAt: number;
  /** The line of this SKU and quantity, the quantity compared by value; the first where several are alike. */
  findLine(sku: string, quantity: string): QuotedLine | null;
}

/** The name of the company whose prices are promised. */
export function issuerOf(company: string | null): string {
  return company ?? "pricelane";
}

export function writePayload(contents: Omit<QuoteContents, "findLine">): string {
  const { issuer, id, customer, currency, lines, issuedAt, expiresAt } = contents;
  return JSON.stringify({
    v: formatVersion,
    iss: issuer,
    jti: id,
    // Absent rather than null: `sub` is a text wherever it stands (RFC 7519).
    ...(customer === null ? {} : { sub: customer }),
    cur: currency,
    iat: issuedAt / 1000,
    exp: expiresAt / 1000,
    lines: lines.map(({ sku, quantity, net, priceUnit, unit, taxBasis, taxRate }) => ({
      sku,
      qty: quantity,
      net,
      per: priceUnit,
      unit,
      basis: taxBasis,
      tax: taxRate,
    })),
  });
}

type Untrusted = Readonly<Record<string, unknown>>;

/** @returns null where the text is no payload of this format */
export function parsePayload(text: string): QuoteContents | null {
  const payload = parseObject(text);
  if (payload === null || payload["v"] !== formatVersion) return null;
  const { iss, jti, sub, cur, iat, exp, lines } = payload;
  if (!isText(iss) || !isText(jti) || !isText(cur) || !isInstant(iat) || !isInstant(exp)) return null;
  if (sub !== undefined && !isText(sub)) return null;
  const parsed = parseLines(lines);
  if (parsed === null) return null;
  return {
    id: jti,
    issuer: iss,
    customer: sub ?? null,
    currency: cur,
    issuedAt: iat * 1000,
    expiresAt: exp * 1000,
    lines: parsed,
    findLine: createFinder(parsed),
  };
}

function parseLines(lines: unknown): QuotedLine[] | null {
  if (!Array.isArray(lines) || lines.length === 0) return null;
  const parsed = lines.map(parseLine).filter((line) => line !== null);
  return parsed.length === lines.length ? parsed : null;
}

function parseLine(line: unknown): QuotedLine | null {
  if (!isRecord(line)) return null;
  const { sku, qty, net, per, unit, basis, tax } = line;
  if (!isText(sku) || !isDecimal(qty) || !isDecimal(net) || !isDecimal(per)) return null;
  if (unit !== null && typeof unit !== "string") return null;
  if (tax !== null && !isDecimal(tax)) return null;
  if (basis !== "NET" && basis !== "GROSS") return null;
  return { sku, quantity: qty, net, priceUnit: per, unit, taxBasis: basis, taxRate: tax };
}

/** By a map: every line of a long cart may look for its own in a quote of the whole cart. */
function createFinder(lines: readonly QuotedLine[]): QuoteContents["findLine"] {
  // A decimal holds no space, so no SKU can be chosen to look like another line.
  const nameOf = (sku: string, quantity: string) => `${canonical(quantity)} ${sku}`;
  const byName = new Map<string, QuotedLine>();
  for (const line of lines) {
    const name = nameOf(line.sku, line.quantity);
    if (!byName.has(name)) byName.set(name, line);
  }
  return (sku, quantity) => (isDecimal(quantity) ? (byName.get(nameOf(sku, quantity)) ?? null) : null);
}

function parseObject(text: string): Untrusted | null {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : null;
  } catch {
    return null;
  }
}

function isRecord(value: unknown): value is Untrusted {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

/** In seconds since the epoch, up to the year 5138: past it somebody counted in milliseconds. */
function isInstant(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 100_000_000_000;
}
