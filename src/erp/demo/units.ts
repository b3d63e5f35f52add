import type { Decimal } from "../../pricing/decimal.js";

/** How a product is counted, priced and sold. */
export interface Unit {
  /** As the ERP writes it. */
  readonly name: string;
  /** How many units a price pays for. */
  readonly priceUnit: Decimal;
  readonly minimumQuantity: Decimal;
  readonly quantityIncrement: Decimal;
  /** What one piece of counted stock holds, such as a drum of 25 m. */
  readonly stockGrain: Decimal;
}

function unit(name: string, priceUnit: Decimal, minimum: Decimal, increment: Decimal, stockGrain: Decimal): Unit {
  return { name, priceUnit, minimumQuantity: minimum, quantityIncrement: increment, stockGrain };
}

export const units = {
  piece: unit("pièce", "1", "1", "1", "1"),
  /** Small parts, priced by the hundred and sold in whole hundreds. */
  hundred: unit("pièce", "100", "100", "100", "100"),
  box: unit("boîte de 100", "1", "1", "1", "1"),
  carton: unit("carton de 100", "1", "1", "1", "1"),
  metre: unit("m", "1", "10", "5", "25"),
  kilogram: unit("kg", "1", "1", "0.5", "2.5"),
  litre: unit("l", "1", "1", "1", "5"),
  roll: unit("rouleau", "1", "1", "1", "1"),
} as const satisfies Record<string, Unit>;

export type UnitCode = keyof typeof units;
