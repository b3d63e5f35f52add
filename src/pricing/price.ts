import { type Decimal, grossFromNet, netFromGross } from "./decimal.js";
import { type Ladder, unitPriceAt } from "./ladder.js";

/** An amount on both sides of the tax, in the ladder's currency; gross is null where the ERP tells no tax rate. */
export interface NetAndGross {
  readonly net: Decimal;
  readonly gross: Decimal | null;
}

/** The side that the ERP computed stays as it wrote it; the other one is derived, half up to 6 decimals. */
export function withOtherSide(
  unitPrice: Decimal,
  { taxBasis, taxRate }: Pick<Ladder, "taxBasis" | "taxRate">,
): NetAndGross {
  if (taxBasis === "NET") return { net: unitPrice, gross: taxRate === null ? null : grossFromNet(unitPrice, taxRate) };
  if (taxRate === null) throw new Error("a gross price without a tax rate got past the connector");
  return { net: netFromGross(unitPrice, taxRate), gross: unitPrice };
}

/** What one price unit costs when buying `quantity`. */
export function priceAt(ladder: Ladder, quantity: Decimal): NetAndGross {
  return withOtherSide(unitPriceAt(ladder, quantity), ladder);
}

/** What one price unit costs before tax when buying `quantity`; the gross is not worked out for it. */
export function netAt(ladder: Ladder, quantity: Decimal): Decimal {
  const unitPrice = unitPriceAt(ladder, quantity);
  return ladder.taxBasis === "NET" ? unitPrice : withOtherSide(unitPrice, ladder).net;
}
