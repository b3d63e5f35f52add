import { randomUUID } from "node:crypto";
import { ErpBadAnswer, ErpTimeout } from "../../src/errors.js";
import type { FeedItem, FeedPage } from "../../src/feed/feed-page.js";
import { FeedReader } from "../../src/feed/feed-reader.js";
import { FeedSkus } from "../../src/feed/feed-skus.js";
import { ItemReader } from "../../src/feed/item-reader.js";
import type { JournalStore } from "../../src/feed/journal-entry.js";
import { JournalRecorder } from "../../src/feed/journal-recorder.js";
import { KeptJournal } from "../../src/feed/kept-journal.js";
import { everything } from "../../src/pricing/invalidation.js";
import type { PriceKey, StockKey } from "../../src/pricing/keys.js";
import type { Ladder } from "../../src/pricing/ladder.js";
import { type Ask, type Found, failed, type Outcome, type RememberingSource } from "../../src/pricing/source.js";
import type { Stock } from "../../src/pricing/stock.js";
import { createLogger } from "../../src/telemetry/logger.js";
import { foundAt, ladderOf, stockOf, unknownAt } from "../support/samples.js";
import { settle, VirtualClock } from "../support/virtual-clock.js";

export interface Product {
  price: string;
  stock: string;
}

export const deadlineMs = 10_000;
const both = { price: true, stock: true };

/** An ERP whose products a test changes, before a reader of feeds; nothing is cached in between. */
export class FeedWorld {
  readonly clock = new VirtualClock();
  readonly products = new Map<string, Product>();
  readonly journal: KeptJournal;
  readonly recorder: JournalRecorder;
  /** Names of SKUs that are answered too late, or that the ERP cannot answer. */
  readonly late = new Set<string>();
  readonly broken = new Set<string>();
  /** Whether what the ERP said last stands in where it fails, as the cache has it. */
  remembers = false;
  /** What one read of so many keys takes, in ms; what is not done by the deadline is late. */
  msFor: (keys: number) => number = () => 0;
  /** How many keys each read of prices had. */
  readonly reads: number[] = [];
  listReads = 0;
  /** Three pages of ten SKUs keep it busy, where price and stock are wanted. */
  capacity = { calls: 2, keysPerCall: 6 };
  #reader: FeedReader;

  constructor(skus: readonly string[] = [], maxSkus = 1_000, store: JournalStore | null = null) {
    for (const sku of skus) this.products.set(sku, { price: "10.00", stock: "5" });
    const logger = createLogger({ level: "silent" });
    this.journal = new KeptJournal({ maxSkus, clock: this.clock, epoch: randomUUID(), store, logger });
    this.recorder = new JournalRecorder(this.journal);
    this.#reader = this.#createReader();
  }

  get reader(): FeedReader {
    return this.#reader;
  }

  /** As after a start: nothing is known of the ERP's pace. */
  forgetPace(): void {
    this.#reader = this.#createReader();
  }

  #createReader(): FeedReader {
    const { clock, recorder, journal } = this;
    const prices = this.#source<PriceKey, Ladder>(
      ({ sku }, { price }) => ladderOf({ sku, unitPrice: price }),
      (key, outcome) => recorder.onPrice(key, outcome),
      this.reads,
    );
    const stock = this.#source<StockKey, Stock>(
      ({ sku }, { stock: available }) => stockOf({ sku, warehouses: [{ code: "1", available }] }),
      (key, outcome) => recorder.onStock(key, outcome),
    );
    const items = new ItemReader({ prices, stock, freshMs: { price: 60_000, stock: 15_000 }, recorder });
    const list = { readPage: async (after: string | null, limit: number) => this.#list(after, limit) };
    return new FeedReader({
      skus: new FeedSkus(list, journal),
      items,
      journal,
      capacity: this.capacity,
      deadlineMs,
      clock,
    });
  }

  readPage(first: number, after: string | null = null, changedSince: string | null = null): Promise<FeedPage> {
    return this.reader.readPage({
      first,
      after,
      changedSince,
      wants: both,
      deadline: this.clock.now() + deadlineMs,
      signal: null,
    });
  }

  /** Turns the clock until it has come. */
  async inTime<T>(promise: Promise<T>): Promise<T> {
    let isSettled = false;
    const settled = promise.finally(() => {
      isSettled = true;
    });
    settled.catch(() => {});
    for (await settle(); !isSettled; ) await this.clock.advance(100);
    return settled;
  }

  /** A whole run. @param between called after each page but the last */
  async run(first: number, changedSince: string | null = null, between = () => {}) {
    const items: FeedItem[] = [];
    for (let after: string | null = null; ; ) {
      const page: FeedPage = await this.readPage(first, after, changedSince);
      items.push(...page.items);
      if (page.deltaCursor !== null) return { items, deltaCursor: page.deltaCursor };
      after = page.endCursor;
      between();
    }
  }

  /** The ERP says that it changed. */
  tell(...skus: string[]): void {
    this.recorder.onInvalidated({ ...everything, skus: new Set(skus) });
  }

  #list(after: string | null, limit: number) {
    this.listReads += 1;
    const all = [...this.products.keys()].sort().filter((sku) => after === null || sku > after);
    return { skus: all.slice(0, limit), next: all.length > limit ? (all[limit - 1] ?? null) : null };
  }

  /** @param onOutcome told of what the ERP says, as the dispatcher tells the recorder */
  #source<K extends PriceKey | StockKey, A>(
    answer: (key: K, product: Product) => A,
    onOutcome: (key: K, outcome: Outcome<A>) => void,
    reads: number[] = [],
  ): RememberingSource<K, A> {
    const failedUntil = new Map<string, number>();
    const said = new Map<string, Found<A>>();
    const outcomeOf = (key: K): Outcome<A> => {
      if (this.late.has(key.sku)) return failed(new ErpTimeout("late"));
      if (this.broken.has(key.sku)) return failed(new ErpBadAnswer("broken"));
      const product = this.products.get(key.sku);
      const now = this.clock.now();
      const outcome = product === undefined ? unknownAt(now) : foundAt(answer(key, product), now);
      onOutcome(key, outcome);
      return outcome;
    };
    return {
      lastKnown: ({ id }) => {
        const known = this.remembers ? said.get(id) : undefined;
        if (known === undefined) return null;
        return { ...known, freshness: { ...known.freshness, source: "LAST_KNOWN", staleReason: "ERP_BAD_ANSWER" } };
      },
      readMany: async (keys: readonly K[], ask: Ask) => {
        reads.push(keys.length);
        // As the cache does, which answers a failure of the last second again unless the question is a live one.
        const isLive = ask.maxAgeMs === 0;
        const hasJustFailed = ({ id }: K) => !isLive && this.clock.now() < (failedUntil.get(id) ?? 0);
        const known = keys.filter(hasJustFailed);
        if (known.length > 0)
          return keys.map((key) => (hasJustFailed(key) ? failed(new ErpTimeout("late")) : outcomeOf(key)));
        const left = ask.deadline - this.clock.now();
        const takesMs = this.msFor(keys.length);
        await this.#wait(Math.min(takesMs, left));
        const done = takesMs <= left ? keys.length : Math.floor((keys.length * left) / takesMs);
        return keys.map((key, index) => {
          const outcome = index < done ? outcomeOf(key) : failed(new ErpTimeout("late"));
          if (outcome.kind === "failed") failedUntil.set(key.id, this.clock.now() + 1_000);
          if (outcome.kind === "found") said.set(key.id, outcome);
          return outcome;
        });
      },
    };
  }

  #wait(ms: number): Promise<void> {
    if (ms <= 0) return Promise.resolve();
    return new Promise((resolve) => void this.clock.after(ms, resolve));
  }
}

export function namesOf(items: readonly FeedItem[]): string[] {
  return items.map(({ sku }) => sku);
}

export function skusTo(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `S${String(index).padStart(5, "0")}`);
}
