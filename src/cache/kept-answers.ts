import { LRUCache } from "lru-cache";
import type { KeyNames, NamedLists } from "../pricing/invalidation.js";
import type { Key, Lane } from "../pricing/source.js";
import type { Codec } from "./codec.js";
import type { Entry, Times } from "./freshness.js";
import { type Bounds, toBounds } from "./kept-bounds.js";
import { PackedAnswers } from "./packed-answers.js";
import { RecencyList } from "./recency-list.js";

export interface KeptAnswersOptions<K, Answer> {
  /** Most memory that all of it may take, outside the heap and in it. */
  readonly maxBytes: number;
  /** Most answers kept for buyers, and a tenth more for what the feed alone asked; left out, as many as there is room for. */
  readonly maxEntries?: number;
  /** The names that a key is found by. */
  readonly namesOf: (key: K) => KeyNames;
  readonly codec: Codec<K, Answer>;
}

/** An answer that was read of late, as it was then: a page's text is remembered with that very object. */
interface Ready<Answer> {
  readonly slot: number;
  readonly entry: Entry<Answer>;
}

/**
 * Of the bound, for slots and records at most. They are never given back, so something must be left for the names and the shared parts of
 * what comes later, which may be longer.
 */
const chunkShare = 0.625;
/** What a ready answer takes besides its values, and for each byte of its record: estimates from above, by test/cache/memory-bound.test.ts. */
const bytesPerReady = 1_000;
const readyBytesPerByte = 24;
const bytesPerCell = 28;

/**
 * The memory tier: answers as {@link PackedAnswers}, and those read of late as they are besides. What only the feed asked lives in a
 * partition of its own, so that its sweep over everything that is for sale evicts no buyer's prices (nor does a flood of SKUs that the
 * ERP does not know, which live there too), nor makes the ones it meets look used. All lanes read both; what a buyer reads is a
 * buyer's from then on.
 */
export class KeptAnswers<K extends Key, Answer> {
  readonly #options: KeptAnswersOptions<K, Answer>;
  readonly #bounds: Bounds;
  /** Of buyers' answers alone. */
  readonly #ready: LRUCache<string, Ready<Answer>>;
  /** The slots that were read of late and were not ready, each at a place of its own or in place of another. */
  readonly #seen: Uint32Array;
  #packed: PackedAnswers<K, Answer>;
  #buyers: RecencyList;
  #feed: RecencyList;
  #feedBytes = 0;

  constructor(options: KeptAnswersOptions<K, Answer>) {
    this.#options = options;
    this.#bounds = toBounds(options);
    const { readyBytes } = this.#bounds;
    this.#ready = new LRUCache({ maxSize: readyBytes, max: Math.ceil(readyBytes / bytesPerReady) });
    this.#seen = new Uint32Array(2 ** Math.ceil(Math.log2(2 * this.#ready.max)));
    this.#packed = new PackedAnswers(options.maxBytes, options.codec);
    this.#buyers = new RecencyList(this.#packed.slots);
    this.#feed = new RecencyList(this.#packed.slots);
  }

  get size(): number {
    return this.#buyers.size + this.#feed.size;
  }

  /** What all of it takes, as far as it is estimated from above. */
  get bytes(): number {
    return this.#packed.bytes + this.#ready.calculatedSize;
  }

  /** @param lane of the one who asks: a buyer's reading counts as use */
  read(id: string, lane: Lane): Entry<Answer> | undefined {
    if (lane === "feed") return this.#readForFeed(id);
    const ready = this.#ready.get(id);
    if (ready !== undefined) {
      this.#buyers.touch(ready.slot);
      return ready.entry;
    }
    const slot = this.#packed.find(id);
    return slot === 0 ? undefined : this.#readForBuyer(id, slot);
  }

  /** Without counting as use. */
  peek(id: string): Entry<Answer> | undefined {
    const ready = this.#ready.peek(id);
    if (ready !== undefined) return ready.entry;
    const slot = this.#packed.find(id);
    return slot === 0 ? undefined : this.#packed.entryAt(slot);
  }

  /** As {@link peek}, at less cost where no more is to be known of it. */
  timesOf(id: string): Times | undefined {
    const ready = this.#ready.peek(id);
    if (ready !== undefined) return ready.entry;
    const slot = this.#packed.find(id);
    return slot === 0 ? undefined : this.#packed.timesAt(slot);
  }

  /** What there is no room for, were it alone, is not kept. @param lane the most urgent of those who asked */
  keep(id: string, key: K, entry: Entry<Answer>, lane: Lane): void {
    const names = this.#options.namesOf(key);
    const cells = this.#packed.pack(key, entry, names);
    const before = this.#packed.find(id);
    const isBuyers = lane !== "feed" && entry.said.kind !== "unknown";
    // What a buyer has asked stays a buyer's, whoever has it renewed.
    const isFeeds = !isBuyers && (before === 0 || this.#packed.isFeeds(before));
    const ready = this.#ready.peek(id);
    const isSame = ready !== undefined && this.#packed.saysTheSame(ready.slot);
    const hasRoom = isFeeds
      ? this.#makeRoomForFeed(cells, names, before)
      : this.#makeRoomForBuyer(cells, names, before);
    const left = before !== 0 && this.#packed.has(before) ? before : 0;
    if (!hasRoom) {
      this.#packed.drop();
      if (left !== 0) this.#delete(left);
      return;
    }
    const slot = this.#put(left, id, names, { isFeeds, isUse: isFeeds || isBuyers });
    // A page's text is remembered with the answer: one that was renewed and says the same remains the same object.
    const kept = isSame ? { ...entry, said: ready.entry.said } : entry;
    if (isBuyers || ready !== undefined) this.#setReady(id, slot, kept, cells);
  }

  *entries(): Generator<Entry<Answer>> {
    for (const list of [this.#buyers, this.#feed]) for (const slot of list) yield this.#packed.entryAt(slot);
  }

  /** Deletes what matches among the keys that have a name of these lists. @returns how many were deleted */
  deleteNamed(lists: NamedLists, matches: (key: K) => boolean): number {
    let deleted = 0;
    for (const slot of this.#packed.findNamed(lists)) {
      const key = this.#packed.keyAt(slot);
      if (!matches(key)) continue;
      this.#delete(slot, key.id);
      deleted++;
    }
    return deleted;
  }

  /** @returns how many were deleted */
  clear(): number {
    const deleted = this.size;
    this.#ready.clear();
    // Left to the collector: to empty a million slots would hold everybody up.
    this.#packed = new PackedAnswers(this.#options.maxBytes, this.#options.codec);
    this.#buyers = new RecencyList(this.#packed.slots);
    this.#feed = new RecencyList(this.#packed.slots);
    this.#feedBytes = 0;
    return deleted;
  }

  #readForFeed(id: string): Entry<Answer> | undefined {
    const ready = this.#ready.peek(id);
    if (ready !== undefined) return ready.entry;
    const slot = this.#packed.find(id);
    if (slot === 0) return undefined;
    if (this.#packed.isFeeds(slot)) this.#feed.touch(slot);
    return this.#packed.entryAt(slot);
  }

  #readForBuyer(id: string, slot: number): Entry<Answer> {
    const entry = this.#packed.entryAt(slot);
    if (!this.#packed.isFeeds(slot)) this.#buyers.touch(slot);
    // What the ERP does not know stays where it is: anybody can ask for any number of SKUs that are none.
    else if (entry.said.kind === "unknown") return entry;
    else this.#promote(slot);
    // Made ready when it is read a second time: most of what is seldom asked is gone before that, and to hold it costs the collector
    // more than all the rest of a reading.
    const at = slot & (this.#seen.length - 1);
    if (this.#seen[at] === slot) this.#setReady(id, slot, entry, this.#packed.cellsAt(slot));
    this.#seen[at] = slot;
    return entry;
  }

  #promote(slot: number): void {
    this.#feedBytes -= this.#packed.costAt(slot);
    this.#feed.remove(slot);
    this.#packed.setFeeds(slot, false);
    this.#buyers.add(slot);
    if (this.#buyers.size > this.#bounds.entries) this.#delete(this.#buyers.oldest);
  }

  /** @param before the slot of what it takes the place of; 0 for none. @returns the slot */
  #put(before: number, id: string, names: KeyNames, { isFeeds, isUse }: { isFeeds: boolean; isUse: boolean }): number {
    if (before !== 0 && !this.#packed.isFeeds(before)) {
      this.#packed.replace(before, names);
      if (isUse) this.#buyers.touch(before);
      return before;
    }
    if (before !== 0) this.#delete(before);
    const slot = this.#packed.add(id, names);
    this.#packed.setFeeds(slot, isFeeds);
    (isFeeds ? this.#feed : this.#buyers).add(slot);
    if (isFeeds) this.#feedBytes += this.#packed.costAt(slot);
    return slot;
  }

  #setReady(id: string, slot: number, entry: Entry<Answer>, cells: number): void {
    const size = bytesPerReady + readyBytesPerByte * bytesPerCell * cells + 2 * id.length;
    this.#ready.set(id, { slot, entry }, { size });
  }

  #delete(slot: number, id = this.#packed.keyAt(slot).id): void {
    this.#ready.delete(id);
    if (this.#packed.isFeeds(slot)) {
      this.#feedBytes -= this.#packed.costAt(slot);
      this.#feed.remove(slot);
    } else this.#buyers.remove(slot);
    this.#packed.delete(slot, id);
  }

  #makeRoomForBuyer(cells: number, names: KeyNames, before: number): boolean {
    const isOne = before === 0 || this.#packed.isFeeds(before) ? 1 : 0;
    const { bytes, entries, feedBytes } = this.#bounds;
    for (;;) {
      // What the feed does not take at present remains its own.
      const most = bytes - Math.max(0, feedBytes - this.#feedBytes);
      if (this.#fits(cells, names, most) && this.#buyers.size + isOne <= entries) return true;
      const victim = this.#buyers.oldest === 0 ? this.#feed.oldest : this.#buyers.oldest;
      if (victim === 0) return false;
      this.#delete(victim);
    }
  }

  #makeRoomForFeed(cells: number, names: KeyNames, before: number): boolean {
    const isOne = before === 0 ? 1 : 0;
    const { bytes, feedBytes, feedEntries } = this.#bounds;
    const cost = this.#packed.costOf(cells, names);
    for (;;) {
      const isWithin = this.#feedBytes + cost <= feedBytes && this.#feed.size + isOne <= feedEntries;
      if (isWithin && this.#fits(cells, names, bytes)) return true;
      if (this.#feed.oldest === 0) return false;
      this.#delete(this.#feed.oldest);
    }
  }

  #fits(cells: number, names: KeyNames, most: number): boolean {
    const growth = this.#packed.growthFor(cells);
    const { bytes, feedBytes, readyBytes } = this.#bounds;
    // What the feed takes leaves buyers as many slots and records as they have without it.
    const mostInChunks = (bytes - feedBytes) * chunkShare + this.#feedBytes;
    if (growth > 0 && this.#packed.chunkBytes + growth > mostInChunks) return false;
    return this.#packed.bytes + growth + this.#packed.costOf(cells, names) + readyBytes <= most;
  }
}
