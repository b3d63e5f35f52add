import { setMaxListeners } from "node:events";
import type { Clock } from "../clock.js";
import type { ChangeJournal } from "./change-journal.js";
import { toDeltaCursor, toPageCursor } from "./feed-cursor.js";
import type { FeedItem, FeedPage, FeedStart, FeedWants } from "./feed-page.js";
import type { FeedSkus, NextSkus } from "./feed-skus.js";
import { type ItemReader, isIncomplete, type ReadTerms } from "./item-reader.js";
import { PagePace } from "./page-pace.js";
import { readAhead } from "./read-ahead.js";
import { sliceSkus } from "./sku-slices.js";
import { type ErpCapacity, skusAtOnce } from "./skus-at-once.js";

export interface FeedReaderOptions {
  readonly skus: FeedSkus;
  readonly items: Pick<ItemReader, "read">;
  readonly journal: ChangeJournal;
  readonly capacity: ErpCapacity;
  /** How long one question in the feed's lane may take, in ms. */
  readonly deadlineMs: number;
  readonly clock: Clock;
}

export interface PageQuestion extends FeedStart {
  /** Most items of the page, 1 to {@link mostItems}. */
  readonly first: number;
  readonly wants: FeedWants;
  /** When the page must be answered, in ms since the epoch. */
  readonly deadline: number;
  /** Aborted when the caller has left; null where nobody can say. */
  readonly signal: AbortSignal | null;
}

export interface FeedQuestion extends FeedStart {
  /** SKUs read together, 1 to {@link mostItems}. */
  readonly pageSize: number;
  readonly wants: FeedWants;
  /** Ends the run; the page under way is not told. */
  readonly signal: AbortSignal;
}

type FillTerms = Omit<ReadTerms, "isLive">;

export const mostItems = 1_000;

/** Of the time a page may take, what is kept for writing the answer. */
const answerShare = 0.05;
/** Of the time that is left for it, how much a chunk may be expected to take: of a page, which is cut at its end, and of a run. */
const pageShare = 0.5;
const runShare = 0.75;

/** Reads feeds: everything for sale at public prices, or what changed since an earlier run, page by page. */
export class FeedReader {
  readonly #options: FeedReaderOptions;
  readonly #pace = new PagePace();

  constructor(options: FeedReaderOptions) {
    this.#options = options;
  }

  /**
   * One page, in time: with fewer items than asked where the ERP is slow.
   * @throws {FeedCursorLost} where there is nothing to go on from. @throws {ErpError} where the ERP's list cannot be read
   */
  async readPage({ first, wants, deadline, signal, ...start }: PageQuestion): Promise<FeedPage> {
    const { skus, deadlineMs } = this.#options;
    const place = await skus.open(start);
    const dueAt = deadline - deadlineMs * answerShare;
    const next = await skus.read(place, first, dueAt);
    const terms = { wants, isDelta: place.kind === "delta", deadline: dueAt, signal };
    return this.#toPage(next, await this.#fillUntil(next.skus.slice(0, first), terms), signal);
  }

  /**
   * All that is left of a run. No page is cut for lack of time: it takes as long as the ERP needs. Only as many are read as are
   * consumed, and as many more as keep the ERP's slots filled.
   * @throws as {@link readPage}, once the pages before were told: the last `endCursor` is where to go on
   */
  async *readFeed({ signal, ...question }: FeedQuestion): AsyncGenerator<FeedPage, void> {
    const leaving = new AbortController();
    setMaxListeners(0, leaving.signal); // each read under way listens
    const leave = () => leaving.abort();
    signal.addEventListener("abort", leave);
    try {
      if (!signal.aborted) yield* this.#readPages({ ...question, signal: leaving.signal });
    } finally {
      signal.removeEventListener("abort", leave);
      leave(); // a consumer that stops early wants nothing of what is read ahead
    }
  }

  async *#readPages({ pageSize, wants, signal, ...start }: FeedQuestion): AsyncGenerator<FeedPage, void> {
    const { skus, deadlineMs, clock, capacity } = this.#options;
    const place = await skus.open(start);
    const terms = { wants, isDelta: place.kind === "delta", signal };
    const slices = sliceSkus(skus, place, pageSize, () => clock.now() + deadlineMs, signal);
    yield* readAhead(slices, {
      read: (slice) => this.#readWhole(slice, terms),
      hasRoom: (held) => held < skusAtOnce(capacity, terms) + pageSize,
      signal,
    });
  }

  /** Each chunk has its own time: what one had to wait for is no reason to cut the next. */
  async #readWhole(next: NextSkus, terms: Omit<FillTerms, "deadline">): Promise<FeedPage> {
    const { clock, deadlineMs } = this.#options;
    const items: FeedItem[] = [];
    let most = next.skus.length;
    let isLive = false;
    while (items.length < next.skus.length && terms.signal?.aborted !== true) {
      const size = Math.min(this.#pace.chunkFor(deadlineMs * runShare, clock.now()), most);
      if (size === 0 && this.#pace.underWay > 0) {
        await this.#pace.nextEnd();
        continue;
      }
      const chunk = next.skus.slice(items.length, items.length + Math.max(size, 1));
      const read = await this.#readChunk(chunk, { ...terms, isLive, deadline: clock.now() + deadlineMs });
      isLive = read.length < chunk.length;
      most = isLive ? Math.max(Math.floor(chunk.length / 2), 1) : next.skus.length;
      items.push(...read);
    }
    return this.#toPage(next, items, terms.signal);
  }

  /** @returns items for as many as come in time, from the first on; one at the least, so that every page gets a run further */
  async #fillUntil(skus: readonly string[], terms: FillTerms): Promise<FeedItem[]> {
    const { clock } = this.#options;
    const items: FeedItem[] = [];
    let most = skus.length;
    let isLive = false;
    while (items.length < skus.length && terms.signal?.aborted !== true) {
      const now = clock.now();
      const size = Math.min(this.#pace.chunkFor((terms.deadline - now) * pageShare, now), most);
      if (size === 0 && items.length > 0) break;
      const chunk = skus.slice(items.length, items.length + Math.max(size, 1));
      const read = await this.#readChunk(chunk, { ...terms, isLive });
      isLive = read.length < chunk.length;
      // What was refused at once took no time, and would be tried without end.
      if (isLive) most = Math.max(Math.floor(chunk.length / 2), 1);
      items.push(...read);
    }
    return items;
  }

  async #readChunk(skus: readonly string[], terms: ReadTerms): Promise<FeedItem[]> {
    const { clock, items: reader } = this.#options;
    const end = this.#pace.start(skus.length, clock.now());
    let read: FeedItem[] = [];
    try {
      read = await reader.read(skus, terms);
    } finally {
      end(read.length, clock.now());
    }
    return read;
  }

  async #toPage(next: NextSkus, items: readonly FeedItem[], signal: AbortSignal | null): Promise<FeedPage> {
    const { journal } = this.#options;
    const hasNextPage = next.hasMoreAfter(items.length);
    const place = next.placeAfter(items.length);
    // What could not be told is told by the next delta. Of a page that nobody waits for, all is told by asking for it again.
    const incomplete = signal?.aborted ? [] : items.filter(isIncomplete).map(({ sku }) => sku);
    if (incomplete.length > 0) journal.touch(incomplete);
    const head = await journal.keep(
      items.map(({ sku }) => sku),
      place.head,
    );
    return {
      items,
      hasNextPage,
      endCursor: toPageCursor({ ...place, head }),
      deltaCursor: hasNextPage ? null : toDeltaCursor(head),
    };
  }
}
