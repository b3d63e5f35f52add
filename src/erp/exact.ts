import { ErpBadAnswer } from "../errors.js";
import { canonical, type Decimal, isDecimal } from "../pricing/decimal.js";

/** A coefficient and how many of its digits are decimals: 84.19 is 8419 and 2. For ERPs that round in ways of their own. */
export interface Exact {
  readonly coefficient: bigint;
  readonly scale: number;
}

/** @param text as Python or JavaScript write a number, with an exponent where it is very small or large: 0E-8. Null for another */
export function readExact(text: string): Exact | null {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d{1,3}))?$/i.exec(text);
  if (match === null) return null;
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = match;
  const scale = fraction.length - Number(exponent);
  const coefficient = BigInt(sign + whole + fraction);
  return scale >= 0 ? { coefficient, scale } : { coefficient: coefficient * 10n ** BigInt(-scale), scale: 0 };
}

/** @throws {ErpBadAnswer} where it has more digits than a {@link Decimal} */
export function exactToDecimal({ coefficient, scale }: Exact, what: string): Decimal {
  const digits = (coefficient < 0n ? -coefficient : coefficient).toString().padStart(scale + 1, "0");
  const point = digits.length - scale;
  const fraction = digits.slice(point).replace(/0+$/, "");
  const text = (coefficient < 0n ? "-" : "") + digits.slice(0, point) + (fraction === "" ? "" : `.${fraction}`);
  const fits: boolean = isDecimal(text);
  if (!fits) throw new ErpBadAnswer(`${what} is ${text.slice(0, 40)}, which has more digits than can be told`);
  return canonical(text);
}
