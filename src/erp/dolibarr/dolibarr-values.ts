import { ErpBadAnswer } from "../../errors.js";
import { canonical, type Decimal, isDecimal, ratioOf, roundRatio } from "../../pricing/decimal.js";
import { parseRow, type Row, shown } from "../parse.js";

// Dolibarr writes what stands in its database as text, "48.79000000", and what PHP computed as a JSON number, 48.79.

/** The gateway tells 6 decimals; Dolibarr keeps 5 of a unit price unless `MAIN_MAX_DECIMALS_UNIT` says otherwise, 8 at most. */
const mostDecimals = 6;

/** Half up at {@link mostDecimals}, as Dolibarr rounds. */
export function parseAmount(value: unknown, what: string): Decimal {
  // The shortest text of a number is the one that PHP wrote, so no digit is lost or made up.
  const text = typeof value === "number" ? String(value) : value;
  if (typeof text !== "string" || !/^-?\d{1,15}(\.\d{1,20})?(e-\d{1,2})?$/i.test(text)) {
    throw new ErpBadAnswer(`${what} should be a number, not ${shown(value)}`);
  }
  const amount = canonical(roundRatio(ratioOf([text]), mostDecimals, "half-up"));
  if (!isDecimal(amount)) throw new ErpBadAnswer(`${what} is ${amount}, which has more digits than can be told`);
  return amount;
}

/** An id or a small count: "7", 7. */
export function parseNumber(value: unknown, what: string): number {
  const text = typeof value === "number" ? String(value) : value;
  if (typeof text !== "string" || !/^\d{1,15}$/.test(text)) {
    throw new ErpBadAnswer(`${what} should be a whole number, not ${shown(value)}`);
  }
  return Number(text);
}

/** Null where the field is absent, null or empty: PHP has all three for "none". */
export function given<T>(value: unknown, what: string, parse: (value: unknown, what: string) => T): T | null {
  return value === undefined || value === null || value === "" ? null : parse(value, what);
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
