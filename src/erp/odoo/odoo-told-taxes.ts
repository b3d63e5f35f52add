import { ErpBadAnswer } from "../../errors.js";
import { canonical, type Decimal, ratioOf, roundRatio, sumDecimals } from "../../pricing/decimal.js";
import type { Ladder } from "../../pricing/ladder.js";
import { orError } from "../or-error.js";
import type { Ground } from "./odoo-ground.js";
import type { TaxExchange } from "./odoo-positions.js";
import { exchangedTaxes, ownTaxes, type ProductTaxes, toProductTaxes } from "./odoo-product-taxes.js";
import type { Product } from "./odoo-products.js";
import type { Tax } from "./odoo-taxes.js";
import { optionalValue, parseAmount, parseIds, unrounded } from "./odoo-values.js";

export interface ToldTaxes {
  readonly told: Pick<Ladder, "taxBasis" | "taxRate" | "taxes">;
  /** Of the float that Odoo computed. */
  toTold(amount: number): Decimal;
}

export function taxIdsOf({ row, sku }: Product): number[] {
  return optionalValue(row["taxes_id"], `the taxes of ${JSON.stringify(sku)}`, parseIds) ?? [];
}

/**
 * Under a fiscal position the price is already the one with the position's taxes. Where Odoo may exchange the taxes and nobody
 * knows for which, none is told: a price that includes the product's own is told without them then, as Odoo takes them out
 * before it puts others in, with the decimals that an order keeps.
 * @param exchanged the ids of the taxes that a position leaves the product
 */
export function toToldTaxes(
  ground: Ground,
  exchange: TaxExchange,
  product: Product,
  table: ReadonlyMap<number, Tax>,
  exchanged: readonly number[] | undefined,
): ToldTaxes {
  const what = `the price of ${JSON.stringify(product.sku)}`;
  const toTold = (amount: number) => parseAmount(amount, what, ground.priceRounding);
  if (!ground.productFields.has("taxes_id")) return { told: { taxBasis: "NET", taxRate: null }, toTold };
  const taxes = (find: () => Tax[]) => withSku(product, () => toProductTaxes(find()));
  const own = () => taxes(() => ownTaxes(taxIdsOf(product), table, ground.company));
  if (product.row["type"] === "combo") return { told: taxesOfCombo(product.sku, own()), toTold };
  if (exchange.kind === "untold") return withoutTaxes(ground, own(), what, toTold);
  if (exchange.kind === "none") return { told: toTaxesOfLadder(own()), toTold };
  if (exchanged === undefined) throw new ErpBadAnswer(`Odoo left out the taxes of ${JSON.stringify(product.sku)}`);
  return { told: toTaxesOfLadder(taxes(() => exchangedTaxes(exchanged, table))), toTold };
}

function toTaxesOfLadder({ basis, rate, shares }: ProductTaxes): ToldTaxes["told"] {
  return { taxBasis: basis, taxRate: rate, ...(rate !== null && shares.length > 1 ? { taxes: shares } : {}) };
}

function withoutTaxes(
  { priceRounding }: Ground,
  { basis, rate }: ProductTaxes,
  what: string,
  asItIs: ToldTaxes["toTold"],
): ToldTaxes {
  const withTax = sumDecimals(["100", rate ?? "0"]);
  // Odoo rounds after the taxes are out, not before.
  const toNet = (amount: number) =>
    canonical(
      roundRatio(ratioOf([parseAmount(amount, what, unrounded), "100"], [withTax]), priceRounding.digits, "half-up"),
    );
  return { told: { taxBasis: "NET", taxRate: null }, toTold: basis === "GROSS" ? toNet : asItIs };
}

/** An order has no tax on the line of a combo: it has those of what is chosen in it, each on its share of the price. */
function taxesOfCombo(sku: string, { basis }: ProductTaxes): ToldTaxes["told"] {
  if (basis === "NET") return { taxBasis: "NET", taxRate: null };
  throw new ErpBadAnswer(`${JSON.stringify(sku)} is a combo, whose price includes the taxes of what is chosen in it`);
}

function withSku({ sku }: Product, find: () => ProductTaxes): ProductTaxes {
  const found = orError(find);
  if (found instanceof ErpBadAnswer) throw new ErpBadAnswer(`${JSON.stringify(sku)}: ${found.message}`);
  return found;
}
