import { ErpBadAnswer } from "../errors.js";
import { canonical, type Decimal, isDecimal, ratioOf, roundRatio } from "../pricing/decimal.js";
import { shown } from "./parse.js";

// For ERPs that are careless about how they write numbers: "48.79000000" out of a database, 48.79 or 22.439999999999998 out of
// their program.

/** What the gateway tells. */
const mostDecimals = 6;

/** From here on the float that a JSON number becomes may be another one's hundredths as well: it keeps 15 digits. */
const largestExact = 1e13;

function mayBeAnother(value: number): boolean {
  return Number.isFinite(value) && !Number.isInteger(value) && Math.abs(value) >= largestExact;
}

/** An amount, text or JSON number, half up at 6 decimals. @throws {ErpBadAnswer} */
export function parseAmount(value: unknown, what: string): Decimal {
  if (typeof value === "number" && mayBeAnother(value)) {
    throw new ErpBadAnswer(`${what} is ${value}, a JSON number of more digits than are sure to arrive`);
  }
  // Up to 15 digits the shortest text of a float is the number that was written; beyond, it is as near as the ERP's own floats.
  const text = typeof value === "number" ? String(value) : value;
  if (typeof text !== "string" || !/^-?\d{1,15}(\.\d{1,20})?(e-\d{1,2})?$/i.test(text)) {
    throw new ErpBadAnswer(`${what} should be a number, not ${shown(value)}`);
  }
  const amount = canonical(roundRatio(ratioOf([text]), mostDecimals, "half-up"));
  if (!isDecimal(amount)) throw new ErpBadAnswer(`${what} is ${amount}, which has more digits than can be told`);
  return amount;
}

/** Null where the field is absent, null or empty: some languages have all three for "none". */
export function given<T>(value: unknown, what: string, parse: (value: unknown, what: string) => T): T | null {
  return value === undefined || value === null || value === "" ? null : parse(value, what);
}
