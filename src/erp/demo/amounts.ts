import type { Decimal } from "../../pricing/decimal.js";

/** An amount or a quantity in millionths: whole numbers alone, so nothing is ever lost. */
export type Micros = bigint;

/** Hundredths of a percent: 10000n leaves an amount as it is, 8750n takes 12.5 % off. */
export type BasisPoints = bigint;

export const unchanged: BasisPoints = 10_000n;

/** @param text as {@link Decimal}: up to 6 decimals */
export function toMicros(text: Decimal): Micros {
  const [whole, fraction = ""] = text.replace("-", "").split(".");
  const micros = BigInt(whole + fraction.padEnd(6, "0"));
  return text.startsWith("-") ? -micros : micros;
}

/** Written with exactly `decimals` decimals. @param micros not below 0, with nothing behind those decimals */
export function toDecimal(micros: Micros, decimals: number): Decimal {
  const digits = micros.toString().padStart(7, "0");
  const whole = digits.slice(0, -6);
  return decimals === 0 ? whole : `${whole}.${digits.slice(-6).slice(0, decimals)}`;
}

/** Written as short as it goes. @param micros not below 0 */
export function toShortDecimal(micros: Micros): Decimal {
  return toDecimal(micros, 6).replace(/\.?0+$/, "");
}

/** The amount times all factors, rounded once: half up to `decimals` decimals. @param amount not below 0 */
export function scaled(amount: Micros, factors: readonly BasisPoints[], decimals: number): Micros {
  const grain = 10n ** BigInt(6 - decimals);
  let numerator = amount;
  let denominator = grain;
  for (const factor of factors) {
    if (factor === unchanged) continue;
    numerator *= factor;
    denominator *= unchanged;
  }
  return ((2n * numerator + denominator) / (2n * denominator)) * grain;
}
