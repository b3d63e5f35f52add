import { ErpBadAnswer } from "../../errors.js";
import { withoutControlCharacters } from "../../pricing/control-characters.js";
import type { Decimal } from "../../pricing/decimal.js";
import { type Exact, exactToDecimal, readExact } from "../exact.js";
import { parseList, parseWholeNumber, shown } from "../parse.js";

// Odoo says `false` for what is empty, and gives money as floats.

/** A record that another one points at, as Odoo writes it: `[4, "Trade"]`. */
export interface Reference {
  readonly id: number;
  readonly name: string;
}

/** Null for Odoo's empty values. */
export function optionalValue<T>(value: unknown, what: string, parse: (value: unknown, what: string) => T): T | null {
  return value === false || value === null || value === undefined || value === "" ? null : parse(value, what);
}

export function parseReference(value: unknown, what: string): Reference {
  const [id, name] = parseList(value, what);
  return { id: parseWholeNumber(id, what), name: toName(name) };
}

/** A name that Odoo requires: whatever stands in it, it spoils nothing but itself. */
export function toName(value: unknown): string {
  return withoutControlCharacters(String(value)).trim().slice(0, 200);
}

export function parseIds(value: unknown, what: string): number[] {
  return parseList(value, what).map((id) => parseWholeNumber(id, what));
}

export function parseNumber(value: unknown, what: string): number {
  if (typeof value === "number" && Number.isFinite(value)) return value;
  throw new ErpBadAnswer(`${what} should be a number, not ${shown(JSON.stringify(value))}`);
}

/** How Odoo rounds a float for storage. */
export interface Rounding {
  /** Decimals that are kept, 0 to 6. */
  readonly digits: number;
  /** What lies below a half by less than this share of it, 2 to the power of minus so much, counts as the half. */
  readonly graceBits: 50 | 52;
}

/**
 * An amount of money, rounded as Odoo rounds: half away from zero, with a grace for what floats lose. With two digits
 * 22.439999999999998 is 22.44, and 1.0049999999999999 is 1.01.
 */
export function parseAmount(value: unknown, what: string, rounding: Rounding): Decimal {
  return exactToDecimal(roundAsOdoo(parseExact(value, what), rounding), what);
}

/** As many decimals as the gateway tells, for what Odoo keeps as it is: what is beyond them is a float's error. */
export const unrounded: Rounding = { digits: 6, graceBits: 50 };

/** @returns what is written, such as a tax's rate, without its float's last digits. */
export function parseRate(value: unknown, what: string): Decimal {
  return parseAmount(value, what, unrounded);
}

/**
 * Of a float, JavaScript writes the shortest digits that lead back to it, and so does Python, in which Odoo wrote them:
 * this is the text that Odoo sent, though it went through a float. Nothing was computed on the way.
 */
function parseExact(value: unknown, what: string): Exact {
  const exact = readExact(String(parseNumber(value, what)));
  if (exact === null) throw new ErpBadAnswer(`${what} is ${shown(value)}, which has more digits than can be read`);
  return exact;
}

function roundAsOdoo({ coefficient, scale }: Exact, { digits, graceBits }: Rounding): Exact {
  if (scale <= digits) return { coefficient, scale };
  const grace = 2n ** BigInt(graceBits);
  const magnitude = (coefficient < 0n ? -coefficient : coefficient) * (grace + 1n);
  const unit = 10n ** BigInt(scale - digits) * grace;
  const rounded = (2n * magnitude + unit) / (2n * unit);
  return { coefficient: coefficient < 0n ? -rounded : rounded, scale: digits };
}

/** Odoo's instants are in UTC, to the second, without a zone: "2026-12-01 23:59:59". @returns ms since the epoch */
export function parseStamp(value: unknown, what: string): number {
  const match = /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}:\d{2})/.exec(typeof value === "string" ? value : "");
  const instant = match === null ? Number.NaN : Date.parse(`${match[1]}T${match[2]}Z`);
  if (Number.isNaN(instant))
    throw new ErpBadAnswer(
      `${what} should be an instant, such as "2026-12-01 23:59:59", not ${shown(JSON.stringify(value))}`,
    );
  return instant;
}

/** @param instant ms since the epoch; what is below a second is dropped */
export function toStamp(instant: number): string {
  return new Date(instant).toISOString().slice(0, 19).replace("T", " ");
}
