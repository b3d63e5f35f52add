import { ErpBadAnswer } from "../../errors.js";
import { compareDecimals, type Decimal, isPositive } from "../../pricing/decimal.js";
import { parseDate, parseDecimal, parseInstant, parseText, parseWholeNumber, shown } from "../parse.js";

// Cells as the drivers hand them: texts wherever there is a choice, whole numbers where there is none.

/** A code may be a number in the database. */
export function readText(value: unknown, what: string): string {
  return parseText(typeof value === "number" && Number.isSafeInteger(value) ? String(value) : value, what);
}

/** A decimal of more than 6 decimals passes where the others are zeros, as of a NUMERIC(20, 8). */
export function readDecimal(value: unknown, what: string): Decimal {
  if (typeof value === "number" && Number.isSafeInteger(value)) return String(value);
  const match = typeof value === "string" ? /^(-?\d+)\.(\d{6})0+$/.exec(value) : null;
  return parseDecimal(match === null ? value : `${match[1]}.${match[2]}`, what);
}

export function readNotNegative(value: unknown, what: string): Decimal {
  const decimal = readDecimal(value, what);
  if (compareDecimals(decimal, "0") < 0) throw new ErpBadAnswer(`${what} should not be below 0, as ${decimal} is`);
  return decimal;
}

export function readPositive(value: unknown, what: string): Decimal {
  const decimal = readDecimal(value, what);
  if (!isPositive(decimal)) throw new ErpBadAnswer(`${what} should be above 0, not ${decimal}`);
  return decimal;
}

export function readWhole(value: unknown, what: string): number {
  const isWhole = typeof value === "string" && /^\d{1,10}$/.test(value);
  return parseWholeNumber(isWhole ? Number(value) : value, what);
}

const yes: readonly unknown[] = [true, 1, "1", "t", "true"];
const no: readonly unknown[] = [false, 0, "0", "f", "false"];

export function readFlag(value: unknown, what: string): boolean {
  if (yes.includes(value)) return true;
  if (no.includes(value)) return false;
  throw new ErpBadAnswer(`${what} should be true or false, or 1 or 0, not ${shown(value)}`);
}

export function readDay(value: unknown, what: string): string {
  if (value instanceof Date)
    throw new ErpBadAnswer(`${what} should be a text: write CONVERT(VARCHAR(10), ${what}, 23)`);
  return parseDate(value, what);
}

/** @returns ms since the epoch */
export function readInstant(value: unknown, what: string): number {
  // PostgreSQL writes whole hours of a zone without their minutes.
  return parseInstant(typeof value === "string" ? value.replace(/([+-]\d{2})$/, "$1:00") : value, what);
}
