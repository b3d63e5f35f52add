import { compareDecimals, type Decimal } from "../pricing/decimal.js";

/** The window that the EU's rule on announced reductions looks back over (Directive 98/6/EC, Article 6a), in ms. */
export const lookBackMs = 30 * 24 * 3600 * 1000;

/** A price that was valid, and until when, in ms since the epoch; null: it is still. */
export interface PastPrice {
  readonly net: Decimal;
  readonly until: number | null;
}

/**
 * What is kept of the public price of one SKU in one currency, for one unit: only what may still be the lowest of a window. Each
 * price is higher than the ones before it, since a lower one that came later outlasts them all; the last is the present one.
 */
export interface PriceHistory {
  readonly currency: string;
  /** How many of which unit the amounts pay for; prices for another measure begin another history. */
  readonly measure: string;
  /** Since when it was watched, in ms since the epoch. */
  readonly since: number;
  /** When the ERP last said the present price, in ms since the epoch: what it said before that comes too late. */
  readonly saidAt: number;
  readonly prices: readonly PastPrice[];
  /** The lowest of the 30 days before the present price began; null where those were not watched, or there was no other. */
  readonly prior: Decimal | null;
}

/** Exact decimals, for one unit in the measure of the present price. */
export interface LowestNets {
  /** Of the last 30 days, the present price included. */
  readonly lowest: Decimal | null;
  /** Of the 30 days before the present price began. */
  readonly prior: Decimal | null;
}

export interface SeenPrice {
  readonly currency: string;
  readonly measure: string;
  readonly net: Decimal;
  /** In ms since the epoch. */
  readonly saidAt: number;
}

/** @returns the history with one more price seen; its `prices` are the same object where the price stands */
export function withPrice(history: PriceHistory | undefined, seen: SeenPrice): PriceHistory {
  const { currency, measure, net, saidAt } = seen;
  if (history === undefined || history.measure !== measure)
    return { currency, measure, since: saidAt, saidAt, prices: [{ net, until: null }], prior: null };
  const present = history.prices.at(-1) as PastPrice;
  if (saidAt <= history.saidAt) return history;
  if (compareDecimals(present.net, net) === 0) return { ...history, saidAt };
  const ended = [...history.prices.slice(0, -1), { net: present.net, until: saidAt }];
  const lasting = ended.filter((price) => isIn(price, saidAt) && compareDecimals(price.net, net) < 0);
  return { ...history, saidAt, prices: [...lasting, { net, until: null }], prior: lowestOf(history, saidAt) };
}

/**
 * The lowest price of the 30 days up to `now`, the one valid at their start and the present one included; null where they were not
 * watched to the full.
 */
export function lowestOf(history: PriceHistory, now: number): Decimal | null {
  if (now - history.since < lookBackMs) return null;
  return history.prices.find((price) => isIn(price, now))?.net ?? null;
}

function isIn({ until }: PastPrice, now: number): boolean {
  return until === null || until > now - lookBackMs;
}
