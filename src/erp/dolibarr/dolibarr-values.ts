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

/**
 * When a row was written, in seconds. 22 tells it as seconds since the epoch, 18 to 20 a product's as its database writes it,
 * "2026-11-24 19:33:04", in a time zone that it does not tell: good to tell newer from older, and for nothing else.
 */
export function parseWritten(value: unknown, what: string): number {
  const [, day, time] = (typeof value === "string" && /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)$/.exec(value)) || [];
  const ms = day === undefined ? Number.NaN : Date.parse(`${day}T${time}Z`);
  return Number.isNaN(ms) ? parseNumber(value, what) : ms / 1000;
}

/** Seconds since the epoch. @returns ms */
export function parseInstant(value: unknown, what: string): number {
  return parseNumber(value, what) * 1000;
}
