import { ErpBadAnswer } from "../../errors.js";
import type { Ladder, Tier } from "../../pricing/ladder.js";
import { groupBy } from "../group-by.js";
import { orError } from "../or-error.js";
import type { AskPrices, PriceOrError, PriceQuestion, PriceSheet } from "./odoo-asking.js";
import type { Buyer } from "./odoo-buyers.js";
import type { Ground } from "./odoo-ground.js";
import { nextTurn, type PriceList, quantitiesOf } from "./odoo-lists.js";
import type { Product } from "./odoo-products.js";
import { toQuantity } from "./odoo-quantities.js";
import type { Tax } from "./odoo-taxes.js";
import { taxIdsOf, toToldTaxes } from "./odoo-told-taxes.js";
import { parseNumber } from "./odoo-values.js";

/** What all prices of one call have in common. */
export interface Terms {
  readonly ground: Ground;
  readonly buyer: Buyer;
  /** Null for the products' own prices. */
  readonly list: PriceList | null;
  /** ISO 4217. */
  readonly currency: string;
  /** The instant of the call, in ms since the epoch. */
  readonly now: number;
}

export type LadderOrError = Ladder | ErpBadAnswer;

/** The price of one product at one quantity, in millionths of its unit. */
interface Priced {
  readonly quantity: number;
  readonly amount: PriceOrError;
}

/** What of Odoo a ladder is made of. */
interface Asking {
  readonly ask: AskPrices;
  /** At least those of the ids that Odoo shows. */
  taxes(ids: readonly number[]): Promise<ReadonlyMap<number, Tax>>;
}

/** Whole ladders by product id: asked at each quantity where the list can break. */
export async function readLadders(
  { ask, taxes }: Asking,
  terms: Terms,
  products: readonly Product[],
  signal: AbortSignal,
): Promise<Map<number, LadderOrError>> {
  const own = products.filter((product) => hasOwnPrice(terms, product));
  const others = products.filter((product) => !own.includes(product));
  const { priced, exchanged } = await askAll(ask, terms, others, signal);
  for (const product of own) priced.set(product.id, [{ quantity: product.unit.step, amount: ownPriceOf(product) }]);
  const table = await taxes([...products.flatMap(taxIdsOf), ...[...exchanged.values()].flat()]);
  const toLadderOrError = (product: Product) =>
    orError(() => toLadder(terms, product, priced.get(product.id) ?? [], { table, exchanged }));
  return new Map(products.map((product) => [product.id, toLadderOrError(product)]));
}

/**
 * Without a list the price is the product's own, unless that is in another currency, and Odoo converts it, or a fiscal position
 * takes the taxes out of it.
 */
function hasOwnPrice({ ground, list, buyer }: Terms, { row }: Product): boolean {
  const [, currency] = Array.isArray(row["currency_id"]) ? row["currency_id"] : [];
  return list === null && buyer.exchange.kind !== "position" && currency === ground.currency;
}

function ownPriceOf({ row, sku }: Product): PriceOrError {
  return orError(() => parseNumber(row["lst_price"], `the price of ${JSON.stringify(sku)}`));
}

async function askAll(ask: AskPrices, terms: Terms, products: readonly Product[], signal: AbortSignal) {
  const priced = new Map<number, Priced[]>();
  const wanted = products.flatMap((product) =>
    quantitiesOf(terms.list, product).map((quantity) => ({ id: product.id, quantity })),
  );
  if (wanted.length === 0) return { priced, exchanged: new Map<number, readonly number[]>() };
  const groups = [...groupBy(wanted, ({ quantity }) => quantity)].sort(([a], [b]) => a - b);
  const questions = groups.map(([quantity, group]): PriceQuestion => {
    return { quantity: Number(toQuantity(quantity)), ids: group.map(({ id }) => id) };
  });
  const { exchange } = terms.buyer;
  const by = { list: terms.list?.id ?? null, position: exchange.kind === "position" ? exchange.id : null };
  const sheet = await ask(terms.ground, by, questions, signal);
  for (const [index, [quantity, group]] of groups.entries()) {
    for (const { id } of group) {
      const amount = sheet.prices[index]?.get(id) ?? new ErpBadAnswer("Odoo left it out");
      priced.set(id, [...(priced.get(id) ?? []), { quantity, amount }]);
    }
  }
  return { priced, exchanged: sheet.taxes };
}

function toLadder(
  terms: Terms,
  product: Product,
  priced: readonly Priced[],
  { table, exchanged }: { readonly table: ReadonlyMap<number, Tax>; readonly exchanged: PriceSheet["taxes"] },
): Ladder {
  const { ground, buyer, list, currency, now } = terms;
  const amounts = priced.map(({ quantity, amount }) => {
    if (!(amount instanceof ErpBadAnswer)) return { from: toQuantity(quantity), amount };
    throw new ErpBadAnswer(`no price of ${JSON.stringify(product.sku)}: ${amount.message}`);
  });
  const taxes = toToldTaxes(ground, buyer.exchange, product, table, exchanged.get(product.id));
  const prices = amounts.map(({ from, amount }) => ({ from, unitPrice: taxes.toTold(amount) }));
  const [base] = prices;
  if (base === undefined) throw new ErpBadAnswer(`Odoo left out the price of ${JSON.stringify(product.sku)}`);
  const step = toQuantity(product.unit.step);
  return {
    ...{ sku: product.sku, currency, unit: product.unit.name, priceUnit: "1" },
    ...taxes.told,
    ...{ minimumQuantity: step, quantityIncrement: step },
    ...{ unitPrice: base.unitPrice, tiers: toTiers(prices), onlyQuantity: null },
    ...{ priceList: list?.name ?? null, validUntil: nextTurn(list, product, now) },
  };
}

/** None where the price never changes, else the first one too: below the lowest break the lowest break answers. */
function toTiers(prices: readonly Tier[]): Tier[] {
  const changes = prices.filter(({ unitPrice }, n) => unitPrice !== prices[n - 1]?.unitPrice);
  return changes.length < 2 ? [] : changes;
}
