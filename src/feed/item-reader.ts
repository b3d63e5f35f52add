import { ErpBadAnswer, ErpError, ErpTimeout } from "../errors.js";
import { hasControlCharacter } from "../pricing/control-characters.js";
import { createPriceKey, createStockKey, type PriceKey, publicScope, type StockKey } from "../pricing/keys.js";
import type { Ladder } from "../pricing/ladder.js";
import {
  type Ask,
  failed,
  type Key,
  type Outcome,
  type RememberingSource,
  readDistinct,
  type Source,
} from "../pricing/source.js";
import type { Stock } from "../pricing/stock.js";
import type { Turns } from "../pricing/turns.js";
import type { FeedItem, FeedWants } from "./feed-page.js";
import { type JournalRecorder, oneUnit } from "./journal-recorder.js";

export interface ItemReaderOptions {
  /** The same that pages are answered from. Whatever the ERP says through them is told to the recorder as it comes. */
  readonly prices: RememberingSource<PriceKey, Ladder>;
  readonly stock: RememberingSource<StockKey, Stock>;
  /** How old an answer may be that is passed on without asking the ERP, by kind, in ms. */
  readonly freshMs: { readonly price: number; readonly stock: number };
  readonly recorder: JournalRecorder;
  /** In which questions are asked; left out, at once. */
  readonly turns?: Turns;
}

export interface ReadTerms {
  readonly wants: FeedWants;
  readonly isDelta: boolean;
  /** Asks the ERP now, whatever memory holds: a failure of a moment ago, too, is no answer to a smaller question. */
  readonly isLive: boolean;
  /** In ms since the epoch. */
  readonly deadline: number;
  /** Aborted when nobody wants the items any more; null where nobody can say. */
  readonly signal: AbortSignal | null;
}

/** A fresh window is shortened by up to a tenth: within that share of it an answer is never one that is being renewed. */
const surelyFreshShare = 0.9;

/** Reads what the public sees of SKUs, in the feed's lane. */
export class ItemReader {
  readonly #options: ItemReaderOptions;

  constructor(options: ItemReaderOptions) {
    this.#options = options;
  }

  /**
   * @returns items for the SKUs from the first on, up to the first that was not answered in time: of a single SKU that the ERP was
   *   asked for now, its error
   */
  async read(skus: readonly string[], terms: ReadTerms): Promise<FeedItem[]> {
    const { wants, isDelta } = terms;
    const { prices, stock, freshMs } = this.#options;
    const priceKeys = skus.map(toPriceKey);
    const stockKeys = skus.map(createStockKey);
    const [priced, stocked] = await Promise.all([
      wants.price || isDelta ? this.#readFresh(prices, priceKeys, freshMs.price, terms) : null,
      wants.stock ? this.#readFresh(stock, stockKeys, freshMs.stock, terms) : null,
    ]);
    const late = skus.findIndex((_, index) => isLate(priced?.[index]) || isLate(stocked?.[index]));
    const count = late < 0 || (terms.isLive && skus.length === 1) ? skus.length : late;
    return skus.slice(0, count).map((sku, index) => {
      const [priceKey, stockKey] = [priceKeys[index] as PriceKey, stockKeys[index] as StockKey];
      const price = priced === null ? null : this.#orLastKnown(prices, priceKey, priced[index] as Outcome<Ladder>);
      const left = stocked === null ? null : this.#orLastKnown(stock, stockKey, stocked[index] as Outcome<Stock>);
      this.#note(priceKey, price, stockKey, left);
      return { sku, price, stock: left, isRemoved: isDelta && price?.kind === "unknown" };
    });
  }

  /** Older answers are read anew and waited for: a sweep that took what memory holds would tell the state of the sweep before. */
  async #readFresh<K extends SkuKey, A>(source: Source<K, A>, keys: readonly K[], freshMs: number, terms: ReadTerms) {
    // Asked in one go, so that they fill a call; each kind in a turn of its own.
    if (this.#options.turns !== undefined) await this.#options.turns.next();
    return readNamed(source, keys, this.#ask(terms, terms.isLive ? 0 : Math.floor(freshMs * surelyFreshShare)));
  }

  /** Where the ERP failed, what a page would show: the last known answer, labelled. */
  #orLastKnown<K extends SkuKey, A>(source: RememberingSource<K, A>, key: K, outcome: Outcome<A>): Outcome<A> {
    if (outcome.kind !== "failed" || !(outcome.error instanceof ErpError)) return outcome;
    return source.lastKnown(key) ?? outcome;
  }

  #ask({ deadline, signal }: ReadTerms, maxAgeMs: number | null): Ask {
    return { lane: "feed", deadline, maxAgeMs, budget: null, signal };
  }

  /** What is told is noted, unless it was as it came: the journal must know what a later delta is the difference to. */
  #note(priceKey: PriceKey, price: Outcome<Ladder> | null, stockKey: StockKey, stock: Outcome<Stock> | null): void {
    const { recorder } = this.#options;
    if (price !== null && !isNoted(price)) recorder.onPrice(priceKey, price, true);
    if (stock !== null && !isNoted(stock)) recorder.onStock(stockKey, stock, true);
  }
}

/** Whether something of an item was not learnt: last known answers stand in for what the ERP failed to say, and may be wrong by now. */
export function isIncomplete({ price, stock }: FeedItem): boolean {
  return [price, stock].some((outcome) => outcome?.kind === "failed" || outcome?.freshness.source === "LAST_KNOWN");
}

/** Whoever is answered by the ERP tells the recorder of what was found, for the feed as for all others. */
function isNoted(outcome: Outcome<unknown>): boolean {
  return outcome.kind === "found" && outcome.freshness.source === "ERP";
}

type SkuKey = Key & { readonly sku: string };

const longestSku = 200;

function toPriceKey(sku: string): PriceKey {
  return createPriceKey({ scope: publicScope, sku, currency: null, quantity: oneUnit, exactQuantity: false });
}

/** Asks for what can be an SKU; its neighbours do not suffer from what cannot. */
async function readNamed<K extends SkuKey, A>(source: Source<K, A>, keys: readonly K[], ask: Ask) {
  const named = keys.filter(({ sku }) => isNameable(sku));
  if (named.length === keys.length) return readDistinct(source, keys, ask);
  const read = (named.length === 0 ? [] : await readDistinct(source, named, ask)).values();
  return keys.map(({ sku }): Outcome<A> => {
    if (isNameable(sku)) return read.next().value as Outcome<A>;
    return failed(new ErpBadAnswer(`the ERP lists ${JSON.stringify(sku.slice(0, longestSku))}, which can be no SKU`));
  });
}

function isNameable(sku: string): boolean {
  return sku !== "" && sku.length <= longestSku && !hasControlCharacter(sku);
}

function isLate(outcome: Outcome<unknown> | undefined): boolean {
  return outcome?.kind === "failed" && outcome.error instanceof ErpTimeout;
}
