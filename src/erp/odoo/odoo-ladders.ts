import { ErpBadAnswer } from "../../errors.js";
import { canonical, type Decimal, ratioOf, roundRatio, sumDecimals } from "../../pricing/decimal.js";
import type { Ladder, Tier } from "../../pricing/ladder.js";
import { groupBy } from "../group-by.js";
import { orError } from "../or-error.js";
import type { AskPrices, PriceOrError, PriceQuestion } from "./odoo-asking.js";
import type { Buyer } from "./odoo-buyers.js";
import type { Ground } from "./odoo-ground.js";
import { nextTurn, type PriceList, quantitiesOf } from "./odoo-lists.js";
import { type ProductTaxes, toProductTaxes } from "./odoo-product-taxes.js";
import type { Product } from "./odoo-products.js";
import { toQuantity } from "./odoo-quantities.js";
import type { Tax } from "./odoo-taxes.js";
import { optionalValue, parseAmount, parseIds, parseNumber, unrounded } from "./odoo-values.js";

/** What all prices of one call have in common. */
export interface Terms {
  readonly ground: Ground;
  readonly buyer: Buyer;
  /** Null for the products' own prices. */
  readonly list: PriceList | null;
  /** ISO 4217. */
  readonly currency: string;
  readonly taxes: ReadonlyMap<number, Tax>;
  /** The instant of the call, in ms since the epoch. */
  readonly now: number;
}

export type LadderOrError = Ladder | ErpBadAnswer;

/** The price of one product at one quantity, in millionths of its unit. */
interface Priced {
  readonly quantity: number;
  readonly amount: PriceOrError;
}

/** Whole ladders by product id: asked at each quantity where the list can break. */
export async function readLadders(
  ask: AskPrices,
  terms: Terms,
  products: readonly Product[],
  signal: AbortSignal,
): Promise<Map<number, LadderOrError>> {
  const own = products.filter((product) => hasOwnPrice(terms, product));
  const others = products.filter((product) => !own.includes(product));
  const priced = await askAll(ask, terms, others, signal);
  for (const product of own) priced.set(product.id, [{ quantity: product.unit.step, amount: ownPriceOf(product) }]);
  return new Map(products.map((product) => [product.id, toLadder(terms, product, priced.get(product.id) ?? [])]));
}

/** Without a list the price is the product's own, unless that is in another currency: then Odoo converts it. */
function hasOwnPrice({ ground, list }: Terms, { row }: Product): boolean {
  const [, currency] = Array.isArray(row["currency_id"]) ? row["currency_id"] : [];
  return list === null && currency === ground.currency;
}

function ownPriceOf({ row, sku }: Product): PriceOrError {
  return orError(() => parseNumber(row["lst_price"], `the price of ${JSON.stringify(sku)}`));
}

async function askAll(ask: AskPrices, terms: Terms, products: readonly Product[], signal: AbortSignal) {
  const priced = new Map<number, Priced[]>();
  const wanted = products.flatMap((product) =>
    quantitiesOf(terms.list, product).map((quantity) => ({ id: product.id, quantity })),
  );
  if (wanted.length === 0) return priced;
  const groups = [...groupBy(wanted, ({ quantity }) => quantity)].sort(([a], [b]) => a - b);
  const questions = groups.map(([quantity, group]): PriceQuestion => {
    return { quantity: Number(toQuantity(quantity)), ids: group.map(({ id }) => id) };
  });
  const answers = await ask(terms.ground, terms.list?.id ?? null, questions, signal);
  for (const [index, [quantity, group]] of groups.entries()) {
    for (const { id } of group) {
      const amount = answers[index]?.get(id) ?? new ErpBadAnswer("Odoo left it out");
      priced.set(id, [...(priced.get(id) ?? []), { quantity, amount }]);
    }
  }
  return priced;
}

function toLadder(terms: Terms, product: Product, priced: readonly Priced[]): LadderOrError {
  return orError(() => {
    const taxes = taxesOf(terms, product);
    const prices = priced.map(({ quantity, amount }) => {
      if (amount instanceof ErpBadAnswer)
        throw new ErpBadAnswer(`no price of ${JSON.stringify(product.sku)}: ${amount.message}`);
      return { from: toQuantity(quantity), unitPrice: taxes.toTold(amount) };
    });
    const [base] = prices;
    if (base === undefined) throw new ErpBadAnswer(`Odoo left out the price of ${JSON.stringify(product.sku)}`);
    const step = toQuantity(product.unit.step);
    return {
      ...{ sku: product.sku, currency: terms.currency, unit: product.unit.name, priceUnit: "1" },
      ...taxes.told,
      ...{ minimumQuantity: step, quantityIncrement: step },
      ...{ unitPrice: base.unitPrice, tiers: toTiers(prices), onlyQuantity: null },
      ...{ priceList: terms.list?.name ?? null, validUntil: nextTurn(terms.list, product, terms.now) },
    };
  });
}

interface ToldTaxes {
  readonly told: Pick<Ladder, "taxBasis" | "taxRate" | "taxes">;
  /** Of the float that Odoo computed. */
  toTold(amount: number): Decimal;
}

/**
 * Where Odoo may exchange the taxes, none is told. A price that includes the product's own is told without them then, as
 * Odoo takes them out before it puts others in, with the decimals that an order keeps.
 */
function taxesOf({ ground, buyer, taxes }: Terms, { row, sku }: Product): ToldTaxes {
  const what = `the price of ${JSON.stringify(sku)}`;
  const asItIs = (amount: number) => parseAmount(amount, what, ground.priceRounding);
  if (!ground.productFields.has("taxes_id")) return { told: { taxBasis: "NET", taxRate: null }, toTold: asItIs };
  const ids = optionalValue(row["taxes_id"], `the taxes of ${JSON.stringify(sku)}`, parseIds) ?? [];
  const own = productTaxes(sku, ids, taxes, ground.company);
  if (row["type"] === "combo") return { told: taxesOfCombo(sku, own), toTold: asItIs };
  if (buyer.exchangesTaxes) {
    const { basis, rate } = own;
    const { digits } = ground.priceRounding;
    const withTax = sumDecimals(["100", rate ?? "0"]);
    // Odoo rounds after the taxes are out, not before.
    const toNet = (amount: number) =>
      roundRatio(ratioOf([parseAmount(amount, what, unrounded), "100"], [withTax]), digits, "half-up");
    const toTold = basis === "GROSS" ? (amount: number) => canonical(toNet(amount)) : asItIs;
    return { told: { taxBasis: "NET", taxRate: null }, toTold };
  }
  const shares = own.rate !== null && own.shares.length > 1 ? { taxes: own.shares } : {};
  return { told: { taxBasis: own.basis, taxRate: own.rate, ...shares }, toTold: asItIs };
}

/** An order has no tax on the line of a combo: it has those of what is chosen in it, each on its share of the price. */
function taxesOfCombo(sku: string, { basis }: ProductTaxes): ToldTaxes["told"] {
  if (basis === "NET") return { taxBasis: "NET", taxRate: null };
  throw new ErpBadAnswer(`${JSON.stringify(sku)} is a combo, whose price includes the taxes of what is chosen in it`);
}

function productTaxes(sku: string, ids: readonly number[], taxes: Terms["taxes"], company: number): ProductTaxes {
  const found = orError(() => toProductTaxes(ids, taxes, company));
  if (found instanceof ErpBadAnswer) throw new ErpBadAnswer(`${JSON.stringify(sku)}: ${found.message}`);
  return found;
}

/** None where the price never changes, else the first one too: below the lowest break the lowest break answers. */
function toTiers(prices: readonly Tier[]): Tier[] {
  const changes = prices.filter(({ unitPrice }, n) => unitPrice !== prices[n - 1]?.unitPrice);
  return changes.length < 2 ? [] : changes;
}
