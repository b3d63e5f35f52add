import { ErpBadAnswer } from "../../errors.js";
import { orError } from "../or-error.js";
import { OdooRefused } from "./odoo-errors.js";
import type { Ground } from "./odoo-ground.js";
import type { PriceAction } from "./odoo-price-action.js";
import type { OdooSession } from "./odoo-session.js";
import { parseNumber } from "./odoo-values.js";

/** Products to be priced at one quantity, a plain number as Odoo takes it. */
export interface PriceQuestion {
  readonly quantity: number;
  readonly ids: readonly number[];
}

/** By what all of a call are priced. */
export interface PricedBy {
  /** Null for the products' own prices. */
  readonly list: number | null;
  /** The fiscal position of the order; null for none. */
  readonly position: number | null;
}

/** The float that Odoo computed, as it sent it: it is rounded by what is made of it. */
export type PriceOrError = number | ErpBadAnswer;

export interface PriceSheet {
  /** For each question the prices by product id; what Odoo left out is not in it. */
  readonly prices: readonly ReadonlyMap<number, PriceOrError>[];
  /** The ids of the taxes that a position leaves a product, by product id; empty without a position. */
  readonly taxes: ReadonlyMap<number, readonly number[]>;
}

/** A position can only be asked of the price action, and comes from it. */
export type AskPrices = (
  ground: Ground,
  by: PricedBy,
  questions: readonly PriceQuestion[],
  signal: AbortSignal,
) => Promise<PriceSheet>;

/** Keys in one call of the action: 100 products cost Odoo twice what one does. */
const keysWithAction = 100;

/** Where each product is a call, few, so that the calls of a page can go to Odoo side by side. */
const keysWithoutAction = 12;

export function keysPerPriceCall(action: PriceAction | null): number {
  return action === null ? keysWithoutAction : keysWithAction;
}

/** @param action null where none was installed */
export function createAskPrices(session: OdooSession, action: PriceAction | null): AskPrices {
  if (action === null) return (...asked) => askOneByOne(session, ...asked);
  return (...asked) => askByAction(action, ...asked);
}

async function askByAction(
  action: PriceAction,
  ground: Ground,
  { list, position }: PricedBy,
  questions: readonly PriceQuestion[],
  signal: AbortSignal,
): Promise<PriceSheet> {
  const asks = questions.map(({ quantity, ids }) => [quantity, ids]);
  const wanted = { pricelist: list ?? false, asks, ...(position === null ? {} : { position }) };
  const { version, taxes, ...answer } = await action.run(ground, wanted, signal);
  // Somebody put the older one back within these seconds: its prices are not those of the position.
  if (position !== null && version < 2) {
    const mend = "put the text of deploy/odoo/price_action.py in its place";
    throw new ErpBadAnswer(`the price action tells no fiscal positions any more: ${mend}`);
  }
  const prices = questions.map(() => new Map<number, PriceOrError>());
  for (const [id, index, price] of answer.prices) prices[index]?.set(id, toPrice(price));
  for (const [id, index, why] of answer.errors) {
    prices[index]?.set(id, new ErpBadAnswer(`Odoo cannot price it: ${why}`));
  }
  return { prices, taxes };
}

/** One after another, since this call has one slot among those that Odoo bears. */
async function askOneByOne(
  session: OdooSession,
  ground: Ground,
  { list }: PricedBy,
  questions: readonly PriceQuestion[],
  signal: AbortSignal,
): Promise<PriceSheet> {
  const found: Map<number, PriceOrError>[] = [];
  for (const { quantity, ids } of questions) {
    const prices = new Map<number, PriceOrError>();
    const context = { ...ground.context, pricelist: list ?? false, quantity };
    for (const id of ids) prices.set(id, await askOne(session, id, context, signal));
    found.push(prices);
  }
  return { prices: found, taxes: new Map() };
}

async function askOne(
  session: OdooSession,
  id: number,
  context: Ground["context"],
  signal: AbortSignal,
): Promise<PriceOrError> {
  const call = { model: "product.product", method: "get_contextual_price", ids: [id], context };
  try {
    return toPrice(await session.call(call, signal));
  } catch (error) {
    if (error instanceof OdooRefused) return error;
    throw error;
  }
}

function toPrice(value: unknown): PriceOrError {
  return orError(() => parseNumber(value, "its price"));
}
