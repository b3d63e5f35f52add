import { ErpBadAnswer } from "../errors.js";
import { hasControlCharacter } from "../pricing/control-characters.js";
import { type Decimal, isDecimal } from "../pricing/decimal.js";

/** A JSON object as it came from an ERP: nothing is known of its fields. */
export type Row = Partial<Record<string, unknown>>;

export function parseRow(value: unknown, what: string): Row {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw bad(what, "an object", value);
  return value as Row;
}

export function parseList(value: unknown, what: string): unknown[] {
  if (!Array.isArray(value)) throw bad(what, "a list", value);
  return value;
}

export function parseText(value: unknown, what: string): string {
  if (typeof value !== "string" || value === "" || hasControlCharacter(value)) throw bad(what, "a text", value);
  return value;
}

export function parseDecimal(value: unknown, what: string): Decimal {
  if (!isDecimal(value)) throw bad(what, 'an exact decimal in a string, such as "12.50"', value);
  return value;
}

export function parseCurrency(value: unknown, what: string): string {
  if (typeof value !== "string" || !/^[A-Z]{3}$/.test(value)) throw bad(what, 'an ISO 4217 code, such as "EUR"', value);
  return value;
}

export function parseDate(value: unknown, what: string): string {
  if (typeof value !== "string" || !/^\d{4}-\d{2}-\d{2}$/.test(value) || !isInCalendar(value))
    throw bad(what, 'a day, such as "2026-12-01"', value);
  return value;
}

// Date.parse alone takes 30 February for 2 March.
function isInCalendar(day: string): boolean {
  const instant = Date.parse(day);
  return !Number.isNaN(instant) && new Date(instant).toISOString().startsWith(day);
}

/** @returns ms since the epoch */
export function parseInstant(value: unknown, what: string): number {
  const hasZone = typeof value === "string" && /^\d{4}-\d{2}-\d{2}[Tt ].*([Zz]|[+-]\d{2}:\d{2})$/.test(value);
  const instant = hasZone ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(instant)) throw bad(what, "an RFC 3339 instant with its zone", value);
  return instant;
}

export function parseWholeNumber(value: unknown, what: string): number {
  // GraphQL's Int ends here.
  const isWhole = Number.isInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 31;
  if (!isWhole) throw bad(what, "a whole number from 0 to 2147483647", value);
  return value as number;
}

export function parseBoolean(value: unknown, what: string): boolean {
  if (typeof value !== "boolean") throw bad(what, "true or false", value);
  return value;
}

/** Null where the ERP left the field out, or said null. */
export function optional<T>(value: unknown, what: string, parse: (value: unknown, what: string) => T): T | null {
  return value === undefined || value === null ? null : parse(value, what);
}

/** What the ERP wrote, short enough for a line of the log. */
export function shown(value: unknown): string {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "nothing");
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}

function bad(what: string, wanted: string, value: unknown): ErpBadAnswer {
  return new ErpBadAnswer(`${what} should be ${wanted}, not ${shown(JSON.stringify(value))}`);
}
