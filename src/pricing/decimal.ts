import { Big } from "big.js";

// A constructor of our own, so that no other user of big.js can change how we round.
const Exact = Big();
Exact.strict = true; // refuses JavaScript numbers: a float never gets this far

const pattern = /^-?[0-9]{1,15}(\.[0-9]{1,6})?$/;

const wholeNumber = /^[1-9][0-9]{0,14}$/;

/** An exact decimal in a string: up to 15 digits, up to 6 decimals, no exponent, no plus sign. */
export type Decimal = string;

export function isDecimal(value: unknown): value is Decimal {
  return typeof value === "string" && pattern.test(value);
}

export function isPositive(value: Decimal): boolean {
  return new Exact(value).gt(new Exact("0"));
}

/** Below 0 where a is the smaller, 0 where they are equal, above 0 where a is the larger. */
export function compareDecimals(a: Decimal, b: Decimal): -1 | 0 | 1 {
  return new Exact(a).cmp(new Exact(b));
}

/** The exact sum, with as many decimals as the addend that has most; "0" for none. */
export function sumDecimals(values: readonly Decimal[]): Decimal {
  const scale = Math.max(0, ...values.map(scaleOf));
  return values.reduce((sum, value) => sum.plus(new Exact(value)), new Exact("0")).toFixed(scale);
}

/** The same value written the one way: no trailing zeros, no "-0". */
export function canonical(value: Decimal): Decimal {
  if (typeof value === "string" && wholeNumber.test(value)) return value;
  const text = new Exact(value).toFixed();
  return text === "-0" ? "0" : text;
}

/** Net × (1 + rate ÷ 100), half up to 6 decimals. @param taxRate in percent */
export function grossFromNet(net: Decimal, taxRate: Decimal): Decimal {
  return new Exact(net).times(taxFactor(taxRate)).round(6, Exact.roundHalfUp).toFixed();
}

/** Gross ÷ (1 + rate ÷ 100), half up to 6 decimals. @param taxRate in percent, not below 0 */
export function netFromGross(gross: Decimal, taxRate: Decimal): Decimal {
  // The quotient is cut once, at 6 decimals: big.js rounds a division by DP and RM in a single step.
  return new Quotient(gross).div(taxFactor(taxRate)).toFixed();
}

const Quotient = Big();
Quotient.strict = true;
Quotient.DP = 6;
Quotient.RM = Quotient.roundHalfUp;

function taxFactor(taxRate: Decimal): Big {
  return new Exact(taxRate).plus("100").times("0.01");
}

function scaleOf(value: Decimal): number {
  const point = value.indexOf(".");
  return point < 0 ? 0 : value.length - point - 1;
}
