import type { Decimal } from "../../pricing/decimal.js";
import { canonical } from "../../pricing/decimal.js";

// Quantities are floats in Odoo, not money. Here they are whole millionths, so that steps and breaks add up.

const micro = 1e6;

/** A unit of measure. */
export interface Unit {
  readonly name: string;
  /** The smallest quantity that a sale can hold, and what it grows by, in millionths: Odoo's rounding of the unit. */
  readonly step: number;
}

export function toMicros(quantity: number): number {
  return Math.round(quantity * micro);
}

/** Of a step below a millionth, or none, one unit. */
export function toStep(rounding: number): number {
  const step = toMicros(rounding);
  return step > 0 ? step : micro;
}

/** The smallest quantity in whole steps that reaches `from`. Both in millionths. */
export function stepsFrom(from: number, { step }: Unit): number {
  return Math.max(1, Math.ceil(from / step)) * step;
}

/** Down to whole steps: what is left of the last one cannot be sold. Never below 0. */
export function wholeSteps(quantity: number, { step }: Unit): number {
  return Math.max(0, Math.floor(quantity / step)) * step;
}

export function toQuantity(micros: number): Decimal {
  return canonical((micros / micro).toFixed(6));
}
