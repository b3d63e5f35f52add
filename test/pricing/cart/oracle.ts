/** Exact arithmetic on whole numbers alone, written apart from the product's, to hold it against. */
export interface Fraction {
  readonly over: bigint;
  readonly under: bigint;
}

export function fraction(text: string): Fraction {
  const [whole = "0", decimals = ""] = text.replace("-", "").split(".");
  const over = BigInt(whole + decimals);
  return { over: text.startsWith("-") ? -over : over, under: 10n ** BigInt(decimals.length) };
}

export const times = (...all: readonly Fraction[]): Fraction =>
  all.reduce((a, b) => ({ over: a.over * b.over, under: a.under * b.under }));
export const divide = (a: Fraction, b: Fraction): Fraction => times(a, { over: b.under, under: b.over });
export const plus = (a: Fraction, b: Fraction): Fraction => ({
  over: a.over * b.under + b.over * a.under,
  under: a.under * b.under,
});

export function isLess(a: Fraction, b: Fraction): boolean {
  return a.over * b.under < b.over * a.under;
}

/** Of what is not below 0. */
export function round({ over, under }: Fraction, scale: number, rounding: "half-up" | "half-even"): string {
  const scaled = over * 10n ** BigInt(scale);
  const whole = scaled / under;
  const twice = 2n * (scaled % under);
  const isUp = twice > under || (twice === under && (rounding === "half-up" || whole % 2n === 1n));
  const digits = String(isUp ? whole + 1n : whole).padStart(scale + 1, "0");
  return scale === 0 ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}
