import { ErpBadAnswer } from "../../errors.js";
import { canonical, type Decimal } from "../../pricing/decimal.js";
import { type Exact, exactToDecimal, readExact } from "../exact.js";
import { parseRow, type Row } from "../parse.js";

// Tryton tags what JSON has no type for: {"__class__": "Decimal", "decimal": "84.1900"}. Quantities are plain numbers.

/**
 * An amount of money, rounded as Tryton rounds the unit price of a sale: half to even. No float on the way.
 * @param digits decimals to keep
 */
export function parseAmount(value: unknown, what: string, digits: number): Decimal {
  return exactToDecimal(roundHalfEven(parseExact(value, what), digits), what);
}

/** A share such as 0.055, in percent: "5.5". */
export function parsePercentage(value: unknown, what: string): Decimal {
  const { coefficient, scale } = parseExact(value, what);
  return exactToDecimal({ coefficient: coefficient * 100n, scale }, what);
}

function parseExact(value: unknown, what: string): Exact {
  const { __class__: tag, decimal } = parseRow(value, what);
  const exact = tag === "Decimal" && typeof decimal === "string" ? readExact(decimal) : null;
  if (exact === null) throw new ErpBadAnswer(`${what} is no Tryton decimal`);
  return exact;
}

function roundHalfEven({ coefficient, scale }: Exact, digits: number): Exact {
  if (scale <= digits) return { coefficient, scale };
  const unit = 10n ** BigInt(scale - digits);
  const magnitude = coefficient < 0n ? -coefficient : coefficient;
  const [kept, rest] = [magnitude / unit, (magnitude % unit) * 2n];
  const up = rest > unit || (rest === unit && kept % 2n === 1n);
  const rounded = up ? kept + 1n : kept;
  return { coefficient: coefficient < 0n ? -rounded : rounded, scale: digits };
}

/** Tryton's quantities are floats, which stand for a decimal of the unit's own digits. @param digits 0 to 6 */
export function toQuantity(value: number, digits: number): Decimal {
  return canonical(value.toFixed(digits));
}

export function parseNumber(value: unknown, what: string): number {
  if (typeof value !== "number" || !Number.isFinite(value)) throw new ErpBadAnswer(`${what} is no number`);
  return value;
}

/** SQLite's booleans come as 0 and 1, PostgreSQL's as they are. */
export function isTrue(value: unknown): boolean {
  return value === true || value === 1;
}

/**
 * @returns microseconds since the epoch, as PostgreSQL keeps them: milliseconds would call two writes the same
 */
export function parseStamp(value: unknown, what: string): number {
  const row = parseRow(value, what);
  const [year, month, day, hour, minute, second, microsecond] = [
    "year",
    "month",
    "day",
    "hour",
    "minute",
    "second",
    "microsecond",
  ].map((part) => parseNumber(row[part], what)) as [number, number, number, number, number, number, number];
  return Date.UTC(year, month - 1, day, hour, minute, second) * 1000 + microsecond;
}

/** @param stamp microseconds since the epoch */
export function toStamp(stamp: number): Row {
  const at = new Date(Math.floor(stamp / 1000));
  return {
    __class__: "datetime",
    year: at.getUTCFullYear(),
    month: at.getUTCMonth() + 1,
    day: at.getUTCDate(),
    hour: at.getUTCHours(),
    minute: at.getUTCMinutes(),
    second: at.getUTCSeconds(),
    microsecond: at.getUTCMilliseconds() * 1000 + (stamp % 1000),
  };
}

/** @returns the day as "2026-12-01" */
export function parseDay(value: unknown, what: string): string {
  const row = parseRow(value, what);
  const [year, month, day] = ["year", "month", "day"].map((part) => parseNumber(row[part], what)) as [
    number,
    number,
    number,
  ];
  return new Date(Date.UTC(year, month - 1, day)).toISOString().slice(0, 10);
}
