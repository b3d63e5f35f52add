import { ErpBadAnswer } from "../../errors.js";
import type { Decimal } from "../../pricing/decimal.js";
import { given, parseAmount } from "../amounts.js";
import { parseRow, type Row, shown } from "../parse.js";

/** An id or a small count: "7", 7. */
export function parseNumber(value: unknown, what: string): number {
  const text = typeof value === "number" ? String(value) : value;
  if (typeof text !== "string" || !/^\d{1,15}$/.test(text)) {
    throw new ErpBadAnswer(`${what} should be a whole number, not ${shown(value)}`);
  }
  return Number(text);
}

/** A PHP array with keys, which comes as a list where it is empty or its keys happen to be 0, 1, 2… */
export function parseKeyed(value: unknown, what: string): Row {
  if (value === undefined || value === null) return {};
  return parseRow(Array.isArray(value) ? { ...value } : value, what);
}

export function parseTaxRate(value: unknown, what: string): Decimal | null {
  return given(value, what, parseAmount);
}

/** Seconds since the epoch. @returns ms */
export function parseInstant(value: unknown, what: string): number {
  return parseNumber(value, what) * 1000;
}
