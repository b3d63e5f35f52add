import type { LeftOutReason } from "../../feed/formats/feed-format.js";
import type { FeedRecord } from "../../feed/formats/feed-record.js";

/** SKUs by why. */
export type SkusBy<Why extends string> = Readonly<Partial<Record<Why, readonly string[]>>>;

/** What a run told. */
export interface Counts {
  readonly items: number;
  readonly priced: number;
  /** Listed by the ERP, without a public price. */
  readonly notForSale: number;
  /** Of a delta: no longer sold. */
  readonly removed: number;
  /** Items whose price or stock is what the ERP said before it failed. */
  readonly lastKnown: number;
  /** Prices and stocks, and those of them that the ERP was asked for now. */
  readonly answers: number;
  readonly answersFromErp: number;
  /** What could not be told, by error code. */
  readonly unpriced: SkusBy<string>;
  readonly withoutStock: SkusBy<string>;
  /** What the format does not tell, or not all of. */
  readonly leftOut: SkusBy<LeftOutReason>;
}

/** Items that are for sale, as far as is known: those that could not be read are. */
export function forSaleOf({ items, notForSale, removed }: Counts): number {
  return items - notForSale - removed;
}

/** Counts the items of a run as they go by. */
export class Tally {
  readonly #unpriced = new Map<string, string[]>();
  readonly #withoutStock = new Map<string, string[]>();
  readonly #leftOut = new Map<LeftOutReason, string[]>();
  #items = 0;
  #priced = 0;
  #notForSale = 0;
  #removed = 0;
  #lastKnown = 0;
  #answers = 0;
  #answersFromErp = 0;

  note(record: FeedRecord): void {
    const { sku, price, stock, removed, errors = [] } = record;
    this.#items += 1;
    for (const { field, code } of errors) add(field === "price" ? this.#unpriced : this.#withoutStock, code, sku);
    if (price !== null) this.#priced += 1;
    else if (removed) this.#removed += 1;
    else if (!errors.some(({ field }) => field === "price")) this.#notForSale += 1;
    const sources = sourcesOf(record);
    this.#answers += sources.length;
    this.#answersFromErp += sources.filter((source) => source === "ERP").length;
    if (price?.freshness.source === "LAST_KNOWN" || stock?.freshness.source === "LAST_KNOWN") this.#lastKnown += 1;
  }

  /** Told twice of one SKU where it is the first of another file: it counts once. */
  noteLeftOut(sku: string, reason: LeftOutReason): void {
    if (this.#leftOut.get(reason)?.at(-1) !== sku) add(this.#leftOut, reason, sku);
  }

  get counts(): Counts {
    return {
      items: this.#items,
      priced: this.#priced,
      notForSale: this.#notForSale,
      removed: this.#removed,
      lastKnown: this.#lastKnown,
      answers: this.#answers,
      answersFromErp: this.#answersFromErp,
      unpriced: Object.fromEntries(this.#unpriced),
      withoutStock: Object.fromEntries(this.#withoutStock),
      leftOut: Object.fromEntries(this.#leftOut),
    };
  }
}

/** Where an item's price and stock came from. */
export function sourcesOf({ price, stock }: FeedRecord): string[] {
  return [price, stock].flatMap((answer) => (answer === null ? [] : [answer.freshness.source]));
}

function add<Why extends string>(skusBy: Map<Why, string[]>, why: Why, sku: string): void {
  const skus = skusBy.get(why);
  if (skus === undefined) skusBy.set(why, [sku]);
  else skus.push(sku);
}
