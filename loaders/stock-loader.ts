import DataLoader from "dataloader";
import { createStockKey, type StockKey } from "../src/pricing/keys.js";
import { type Ask, type Outcome, readDistinct, type Source } from "../src/pricing/source.js";
import type { Stock } from "../src/pricing/stock.js";
import { answerInGroups } from "./grouped.js";

export interface StockQuestion {
  readonly sku: string;
  /** As in the ask: 0 for a live answer, null for the windows. */
  readonly maxAgeMs: number | null;
}

export type ReadStock = (questions: readonly StockQuestion[]) => Promise<Outcome<Stock>[]>;

export function createStockReader(
  source: Source<StockKey, Stock>,
  createAsk: (maxAgeMs: number | null) => Ask,
): ReadStock {
  return (questions) =>
    answerInGroups(
      questions,
      ({ maxAgeMs }) => maxAgeMs,
      (group) =>
        readDistinct(
          source,
          group.map(({ sku }) => createStockKey(sku)),
          createAsk(group[0]?.maxAgeMs ?? null),
        ),
    );
}

export function createStockLoader(read: ReadStock): DataLoader<StockQuestion, Outcome<Stock>, string> {
  return new DataLoader<StockQuestion, Outcome<Stock>, string>(read, {
    cacheKeyFn: ({ sku, maxAgeMs }) => `${maxAgeMs}:${sku}`,
  });
}
