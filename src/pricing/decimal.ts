import { Big } from "big.js";

// A constructor of our own, so that no other user of big.js can change how we round.
const Exact = Big();
Exact.strict = true; // refuses JavaScript numbers: a float never gets this far

const pattern = /^-?[0-9]{1,15}(\.[0-9]{1,6})?$/;

const codeOfZero = "0".charCodeAt(0);

const wholeNumber = /^[1-9][0-9]{0,14}$/;

/** Not below 0, written so that its digits alone tell how it compares: without leading zeros. */
const plain = /^(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,6})?$/;

/** An exact decimal in a string: up to 15 digits, up to 6 decimals, no exponent, no plus sign. */
export type Decimal = string;

export function isDecimal(value: unknown): value is Decimal {
  return typeof value === "string" && pattern.test(value);
}

// Most decimals are plain, and a big number for each of a feed's would be most of what it allocates.
export function isPositive(value: Decimal): boolean {
  if (isPlain(value)) return /[1-9]/.test(value);
  return new Exact(value).gt(new Exact("0"));
}

/** Below 0 where a is the smaller, 0 where they are equal, above 0 where a is the larger. */
export function compareDecimals(a: Decimal, b: Decimal): -1 | 0 | 1 {
  if (isPlain(a) && isPlain(b)) return comparePlain(a, b);
  return new Exact(a).cmp(new Exact(b));
}

/** The exact sum, with as many decimals as the addend that has most; "0" for none. */
export function sumDecimals(values: readonly Decimal[]): Decimal {
  if (values.every(isWhole)) return String(values.reduce((sum, value) => sum + BigInt(value), 0n));
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

/** What becomes of a half: away from zero, or to the even neighbour. */
export type Rounding = "half-up" | "half-even";

/** An exact quotient: sums and products of money stay so until they are rounded, once. */
export interface Ratio {
  readonly over: Decimal;
  readonly under: Decimal;
}

/** @param times multiplied with each other, at least one. @param dividedBy likewise, none of them 0 */
export function ratioOf(times: readonly Decimal[], dividedBy: readonly Decimal[] = []): Ratio {
  return { over: product(times), under: product(dividedBy) };
}

export function sumRatios(ratios: readonly Ratio[]): Ratio {
  return ratios.reduce(addRatios, { over: "0", under: "1" });
}

function addRatios(a: Ratio, b: Ratio): Ratio {
  // Most lines of a cart are priced for one unit: with one denominator the sum grows no digits that it does not need.
  if (a.under === b.under) return { over: new Exact(a.over).plus(new Exact(b.over)).toFixed(), under: a.under };
  const over = new Exact(product([a.over, b.under])).plus(new Exact(product([b.over, a.under])));
  return { over: over.toFixed(), under: product([a.under, b.under]) };
}

/** The one rounding. @param scale decimals that are left, from 0; they are all written */
export function roundRatio({ over, under }: Ratio, scale: number, rounding: Rounding): Decimal {
  const Rounded = roundedTo(scale, rounding);
  // big.js cuts a quotient with all that was left over in view, so this is no rounding of a rounded number.
  const text = new Rounded(over).div(new Rounded(under)).toFixed(scale);
  return /^-[0.]*$/.test(text) ? text.slice(1) : text;
}

/** Whether a quantity can be had in steps; exact, and true where the step is not above 0. */
export function isMultipleOf(quantity: Decimal, step: Decimal): boolean {
  return !isPositive(step) || new Exact(quantity).mod(new Exact(step)).eq(new Exact("0"));
}

/** What is left without the decimals. */
export function wholePart(value: Decimal): Decimal {
  return canonical(new Exact(value).round(0, Exact.roundDown).toFixed());
}

/** The smallest multiple of a step that is not below a value, exact; the value itself where the step is not above 0. */
export function roundUpToStep(value: Decimal, step: Decimal): Decimal {
  if (isMultipleOf(value, step)) return canonical(value);
  const over = new Exact(value).mod(new Exact(step));
  const below = new Exact(value).minus(over);
  return (over.lt(new Exact("0")) ? below : below.plus(new Exact(step))).toFixed();
}

export function subtractDecimals(a: Decimal, b: Decimal): Decimal {
  return new Exact(a).minus(new Exact(b)).toFixed();
}

export function greatestDecimal(a: Decimal, b: Decimal): Decimal {
  return compareDecimals(a, b) >= 0 ? a : b;
}

export function leastDecimal(a: Decimal, b: Decimal): Decimal {
  return compareDecimals(a, b) <= 0 ? a : b;
}

function product(factors: readonly Decimal[]): Decimal {
  return factors.reduce((made, factor) => made.times(new Exact(factor)), new Exact("1")).toFixed();
}

const roundedConstructors = new Map<string, ReturnType<typeof Big>>();

function roundedTo(scale: number, rounding: Rounding): ReturnType<typeof Big> {
  const name = `${scale} ${rounding}`;
  const known = roundedConstructors.get(name);
  if (known !== undefined) return known;
  const made = Big();
  made.strict = true;
  made.DP = scale;
  made.RM = rounding === "half-up" ? made.roundHalfUp : made.roundHalfEven;
  roundedConstructors.set(name, made);
  return made;
}

function taxFactor(taxRate: Decimal): Big {
  return new Exact(taxRate).plus("100").times("0.01");
}

function isPlain(value: Decimal): boolean {
  return typeof value === "string" && plain.test(value);
}

function isWhole(value: Decimal): boolean {
  return isPlain(value) && !value.includes(".");
}

/** Digit by digit, from the highest: where the whole parts are of one length, the points stand at one place. */
function comparePlain(a: Decimal, b: Decimal): -1 | 0 | 1 {
  const [wholeOfA, wholeOfB] = [a.length - lengthBehindWhole(a), b.length - lengthBehindWhole(b)];
  if (wholeOfA !== wholeOfB) return wholeOfA < wholeOfB ? -1 : 1;
  const length = Math.max(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const difference = digitAt(a, at) - digitAt(b, at);
    if (difference !== 0) return difference < 0 ? -1 : 1;
  }
  return 0;
}

/** What is not written is 0, and so is the point, which stands in both or behind one of them. */
function digitAt(value: Decimal, at: number): number {
  return at < value.length ? Math.max(value.charCodeAt(at) - codeOfZero, 0) : 0;
}

function lengthBehindWhole(value: Decimal): number {
  const scale = scaleOf(value);
  return scale === 0 ? 0 : scale + 1;
}

function scaleOf(value: Decimal): number {
  const point = value.indexOf(".");
  return point < 0 ? 0 : value.length - point - 1;
}
