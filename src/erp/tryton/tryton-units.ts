import type { Unit } from "./tryton-ground.js";

// Quantities are floats in Tryton, not money. They are converted step by step as there, even from a unit to itself,
// so that a break falls at the same quantity.

/** @param quantity in `from` @returns the same in `to`, not rounded */
export function convert(quantity: number, from: Unit, to: Unit): number {
  const inBase = isFactorExact(from) ? quantity * from.factor : quantity / from.rate;
  return isFactorExact(to) ? inBase / to.factor : inBase * to.rate;
}

/** Of a factor and its inverse the one with fewer decimals is the exact one. */
function isFactorExact({ factor, rate }: Unit): boolean {
  const [ofFactor, ofRate] = [decimalsOf(factor), decimalsOf(rate)];
  return ofFactor === ofRate ? factor >= 1 : ofFactor < ofRate;
}

function decimalsOf(value: number): number {
  return value.toFixed(12).replace(/0+$/, "").split(".")[1]?.length ?? 0;
}

/** The smallest quantity that can be sold in this unit. */
export function smallest(unit: Unit): number {
  return unit.rounding > 0 ? unit.rounding : 1;
}

/**
 * The smallest quantity, in whole steps of `saleUnit`, that reaches a break.
 * @param from the break, in `listUnit`
 */
export function stepFrom(from: number, listUnit: Unit, saleUnit: Unit): number {
  const step = smallest(saleUnit);
  let steps = Math.max(1, Math.floor(convert(from, listUnit, saleUnit) / step) - 1);
  while (convert(toSteps(steps, saleUnit), saleUnit, listUnit) < from) steps += 1;
  return toSteps(steps, saleUnit);
}

/** Down to whole steps of `unit`: what is left of the last one cannot be sold. */
export function wholeSteps(quantity: number, unit: Unit): number {
  // A millionth of a step forgives what floats lose: 0.1 + 0.2 is less than three steps of 0.1.
  return toSteps(Math.floor(quantity / smallest(unit) + 1e-6), unit);
}

function toSteps(steps: number, unit: Unit): number {
  return Number((steps * smallest(unit)).toFixed(12));
}
