import { compareDecimals, type Decimal } from "./decimal.js";

/** The prices of one SKU, for one scope and currency, at all quantities or at one. Amounts are as the ERP wrote them. */
export interface Ladder {
  readonly sku: string;
  /** ISO 4217. */
  readonly currency: string;
  readonly taxBasis: "NET" | "GROSS";
  /** In percent; null where the ERP tells none. Never null where `taxBasis` is GROSS. */
  readonly taxRate: Decimal | null;
  /** The taxes that make the rate, where the ERP rounds each of them for itself; left out, there is one. */
  readonly taxes?: readonly TaxShare[];
  /** The unit of measure as the ERP names it. */
  readonly unit: string | null;
  /** How many units a price pays for. */
  readonly priceUnit: Decimal;
  readonly minimumQuantity: Decimal;
  readonly quantityIncrement: Decimal;
  /** The price on the side of the tax that `taxBasis` names; holds where `tiers` is empty. */
  readonly unitPrice: Decimal;
  /** Quantity breaks, lowest first. */
  readonly tiers: readonly Tier[];
  /** The one quantity this answer is for; null where it answers every quantity. */
  readonly onlyQuantity: Decimal | null;
  /** The price list or rule that made it. */
  readonly priceList: string | null;
  /** The instant the price ends, in ms since the epoch. */
  readonly validUntil: number | null;
}

export interface TaxShare {
  /** Unlike for every tax, as the ERP names it. */
  readonly id: string;
  /** In percent. */
  readonly rate: Decimal;
}

export interface Tier {
  readonly from: Decimal;
  readonly unitPrice: Decimal;
}

/** Whether the ladder tells the price of `quantity` units. */
export function answersQuantity(ladder: Ladder, quantity: Decimal): boolean {
  return ladder.onlyQuantity === null || compareDecimals(ladder.onlyQuantity, quantity) === 0;
}

/** The price of one unit when buying `quantity`. Below the lowest break the lowest break answers. */
export function unitPriceAt(ladder: Pick<Ladder, "tiers" | "unitPrice">, quantity: Decimal): Decimal {
  let price = ladder.tiers[0]?.unitPrice ?? ladder.unitPrice;
  for (const tier of ladder.tiers) {
    if (compareDecimals(tier.from, quantity) > 0) break;
    price = tier.unitPrice;
  }
  return price;
}

export function sortTiers(tiers: readonly Tier[]): Tier[] {
  return [...tiers].sort((a, b) => compareDecimals(a.from, b.from));
}
