import "reflect-metadata";
import type { FeedItem } from "../src/feed/feed-page.js";
import type { FeedRecord, RecordError } from "../src/feed/formats/feed-record.js";
import type { LowestNets } from "../src/feed/price-history.js";
import { Audience } from "./audience.type.js";
import { type PriceType, toPrice } from "./price.type.js";
import { type StockType, toStock } from "./stock.type.js";

/** What decides how an item is told. */
export interface FeedTerms {
  readonly showsPriceList: boolean;
  /** At this quantity and below, stock is called low. */
  readonly stockLowAt: string;
  lowestNetsOf(sku: string, currency: string): LowestNets;
  /** What ages are told as of, in ms since the epoch. */
  readonly now: number;
}

type PriceTerms = Pick<FeedTerms, "showsPriceList" | "lowestNetsOf" | "now">;

/** @throws the error of a price that could not be read. @returns null where it is not for sale */
export function toFeedPrice({ sku, price }: FeedItem, terms: PriceTerms): PriceType | null {
  if (price?.kind === "failed") throw price.error;
  if (price?.kind !== "found") return null;
  return toPrice(price.answer, price.freshness, {
    audience: Audience.PUBLIC,
    quantity: "1",
    showsPriceList: terms.showsPriceList,
    lowestNets: terms.lowestNetsOf(sku, price.answer.currency),
    now: terms.now,
  });
}

/** Likewise of the stock, over all warehouses. */
export function toFeedStock({ stock }: FeedItem, terms: Pick<FeedTerms, "stockLowAt" | "now">): StockType | null {
  if (stock?.kind === "failed") throw stock.error;
  if (stock?.kind !== "found") return null;
  const options = { warehouses: null, showsQuantities: true, lowAt: terms.stockLowAt, now: terms.now };
  return toStock(stock.answer, stock.freshness, options);
}

/**
 * Everything that the query `feed` tells of an item, for streams, which have no resolvers.
 * @param toError what a reader is told of what could not be read
 */
export function toFeedRecord(
  item: FeedItem,
  terms: FeedTerms,
  toError: (error: Error) => Omit<RecordError, "field">,
): FeedRecord {
  const errors: RecordError[] = [];
  function orNull<Told>(field: RecordError["field"], tell: () => Told): Told | null {
    try {
      return tell();
    } catch (error) {
      errors.push({ field, ...toError(error as Error) });
      return null;
    }
  }
  const price = orNull("price", () => toFeedPrice(item, terms));
  const stock = orNull("stock", () => toFeedStock(item, terms));
  const told = { sku: item.sku, price, stock, removed: item.isRemoved };
  return errors.length === 0 ? told : { ...told, errors };
}
