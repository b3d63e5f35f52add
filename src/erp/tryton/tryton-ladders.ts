import { ErpBadAnswer } from "../../errors.js";
import type { Decimal } from "../../pricing/decimal.js";
import type { Ladder, Tier } from "../../pricing/ladder.js";
import { startOfDay } from "../calendar.js";
import { groupBy } from "../group-by.js";
import { orError } from "../or-error.js";
import { parseWholeNumber, type Row } from "../parse.js";
import { readRows } from "./read-rows.js";
import type { Buyer } from "./tryton-buyers.js";
import { TrytonRefused } from "./tryton-errors.js";
import type { Ground } from "./tryton-ground.js";
import { nextTurn, type PriceList, quantitiesOf } from "./tryton-lists.js";
import type { Product } from "./tryton-products.js";
import type { TrytonSession } from "./tryton-session.js";
import type { LineTaxes } from "./tryton-taxes.js";
import { smallest } from "./tryton-units.js";
import { parseAmount, toQuantity } from "./tryton-values.js";

/** What all prices of one call have in common. */
export interface Terms {
  readonly ground: Ground;
  readonly buyer: Buyer;
  /** ISO 4217. */
  readonly currency: string;
  readonly list: PriceList;
  /** By product id. */
  readonly taxes: ReadonlyMap<number, LineTaxes | ErpBadAnswer>;
  /** The company's day, such as "2026-12-01". */
  readonly today: string;
}

export type LadderOrError = Ladder | ErpBadAnswer;

/** The price of one product at one quantity of its sale unit. */
type Priced = { readonly quantity: number; readonly amount: Decimal };

/** One question to Tryton: products that break at this quantity, with these taxes. */
interface Question {
  readonly quantity: number;
  readonly taxes: readonly number[];
  readonly ids: readonly number[];
}

/** Whole ladders by product id: asked at each quantity where the list can break, one call a quantity. */
export async function readLadders(
  session: TrytonSession,
  terms: Terms,
  products: readonly Product[],
  signal: AbortSignal,
): Promise<Map<number, LadderOrError>> {
  const priced = new Map<number, Priced[]>(products.map(({ id }) => [id, []]));
  const poisoned = new Map<number, ErpBadAnswer>();
  for (const question of toQuestions(terms, products)) {
    const ids = question.ids.filter((id) => !poisoned.has(id));
    const answers = await readApart(session, terms, { ...question, ids }, signal);
    for (const [id, amount] of answers) {
      if (amount instanceof ErpBadAnswer) poisoned.set(id, named(amount, products, id));
      else priced.get(id)?.push({ quantity: question.quantity, amount });
    }
  }
  return new Map(
    products.map((product) => [
      product.id,
      poisoned.get(product.id) ?? toLadder(terms, product, priced.get(product.id) ?? []),
    ]),
  );
}

// The log's reader has to find the product whose formula needs mending.
function named(error: ErpBadAnswer, products: readonly Product[], id: number): ErpBadAnswer {
  const sku = products.find((product) => product.id === id)?.sku ?? `product ${id}`;
  return new ErpBadAnswer(`no price of ${JSON.stringify(sku)}: ${error.message}`, error);
}

function toQuestions({ list, taxes }: Terms, products: readonly Product[]): Question[] {
  const wanted = products.flatMap((product) => {
    const own = taxes.get(product.id);
    // Only a list "tax included" needs to know the taxes; without them all products share a question.
    const ids = list.taxIncluded && own !== undefined && !(own instanceof ErpBadAnswer) ? own.ids : [];
    return quantitiesOf(list, product).map((quantity) => ({ id: product.id, quantity, taxes: ids }));
  });
  const groups = groupBy(wanted, ({ quantity, taxes: ids }) => JSON.stringify([quantity, ids]));
  return [...groups.values()]
    .map((group) => ({ ...(group[0] as (typeof group)[number]), ids: group.map(({ id }) => id) }))
    .sort((a, b) => a.quantity - b.quantity);
}

/**
 * Tryton refuses a call as a whole for one product whose formula fails, so the call is halved until that one stands
 * alone: at most 2 × log2(products) calls more for each such product.
 */
async function readApart(
  session: TrytonSession,
  terms: Terms,
  question: Question,
  signal: AbortSignal,
): Promise<Map<number, Decimal | ErpBadAnswer>> {
  const { ids } = question;
  if (ids.length === 0) return new Map();
  try {
    return await readPrices(session, terms, question, signal);
  } catch (error) {
    if (!(error instanceof TrytonRefused)) throw error;
    if (ids.length === 1) return new Map([[ids[0] as number, error]]);
    const half = Math.ceil(ids.length / 2);
    const left = await readApart(session, terms, { ...question, ids: ids.slice(0, half) }, signal);
    const right = await readApart(session, terms, { ...question, ids: ids.slice(half) }, signal);
    return new Map([...left, ...right]);
  }
}

async function readPrices(
  session: TrytonSession,
  { ground, buyer, currency, list }: Terms,
  { quantity, taxes, ids }: Question,
  signal: AbortSignal,
): Promise<Map<number, Decimal | ErpBadAnswer>> {
  const context = {
    ...ground.context,
    customer: buyer.party,
    // Not the customer's list by itself: without this Tryton answers the public price, silently.
    price_list: list.id,
    quantity,
    currency: ground.currencies.get(currency),
    taxes,
  };
  const domain = [["id", "in", ids]];
  const rows = await readRows(
    session,
    { model: "product.product", domain, fields: ["sale_price_uom"], context },
    signal,
  );
  return new Map(rows.map((row) => [parseWholeNumber(row["id"], "a product's id"), toAmount(row, ground.priceDigits)]));
}

function toAmount(row: Row, digits: number): Decimal | ErpBadAnswer {
  return orError(() => parseAmount(row["sale_price_uom"], "a sale price", digits));
}

function toLadder(terms: Terms, product: Product, priced: readonly Priced[]): LadderOrError {
  const { ground, currency, list, taxes, today } = terms;
  const own = taxes.get(product.id);
  if (own instanceof ErpBadAnswer) return own;
  const [base] = priced;
  if (base === undefined || priced.length < quantitiesOf(list, product).length) {
    return new ErpBadAnswer(`Tryton left out prices of ${JSON.stringify(product.sku)}`);
  }
  const step = toQuantity(smallest(product.saleUnit), product.saleUnit.digits);
  const turn = nextTurn(list, product, today);
  return {
    sku: product.sku,
    currency,
    taxBasis: "NET",
    taxRate: own?.rate ?? null,
    ...(own?.shares == null ? {} : { taxes: own.shares }),
    unit: product.saleUnit.name,
    priceUnit: "1",
    minimumQuantity: step,
    quantityIncrement: step,
    unitPrice: base.amount,
    tiers: toTiers(priced, product.saleUnit.digits),
    onlyQuantity: null,
    priceList: list.name,
    validUntil: turn === null ? null : startOfDay(turn, ground.timeZone),
  };
}

/** None where the price never changes, else the first one too: below the lowest break the lowest break answers. */
function toTiers(priced: readonly Priced[], digits: number): Tier[] {
  const changes = priced.filter(({ amount }, n) => amount !== priced[n - 1]?.amount);
  if (changes.length < 2) return [];
  return changes.map(({ quantity, amount }) => ({ from: toQuantity(quantity, digits), unitPrice: amount }));
}
