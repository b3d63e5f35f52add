import { LRUCache } from "lru-cache";
import type { KeyNames, NamedLists } from "../pricing/invalidation.js";
import type { Lane } from "../pricing/source.js";
import type { Entry } from "./freshness.js";
import { NameIndex } from "./name-index.js";

/** What is kept of one key; the entry changes in place where its renewal is no use of it. */
interface Kept<K, Answer> {
  readonly key: K;
  entry: Entry<Answer>;
}

/** How much of the bound is added for what the feed alone asked. */
const feedShare = 0.1;

/**
 * The memory tier. What only the feed asked lives in a partition of its own, so that its sweep over everything that is for
 * sale evicts no buyer's prices (nor does a flood of SKUs that the ERP does not know, which live there too), nor makes the ones it meets look used. All lanes read both; what a buyer reads is a buyer's from then on.
 */
export class KeptAnswers<K, Answer> {
  #buyers: LRUCache<string, Kept<K, Answer>>;
  #feed: LRUCache<string, Kept<K, Answer>>;
  /** Of both partitions: no id stands in both. */
  #index = new NameIndex();
  readonly #maxEntries: number;
  readonly #namesOf: (key: K) => KeyNames;

  /** @param maxEntries most answers kept for buyers; the feed's come on top. @param namesOf the names that a key is found by */
  constructor(maxEntries: number, namesOf: (key: K) => KeyNames) {
    this.#namesOf = namesOf;
    this.#maxEntries = maxEntries;
    [this.#buyers, this.#feed] = this.#createPartitions();
  }

  get size(): number {
    return this.#buyers.size + this.#feed.size;
  }

  /** @param lane of the one who asks: a buyer's reading counts as use */
  read(id: string, lane: Lane): Entry<Answer> | undefined {
    if (lane === "feed") return (this.#buyers.peek(id) ?? this.#feed.get(id))?.entry;
    return (this.#buyers.get(id) ?? this.#promote(id))?.entry;
  }

  /** Without counting as use. */
  peek(id: string): Entry<Answer> | undefined {
    return (this.#buyers.peek(id) ?? this.#feed.peek(id))?.entry;
  }

  /** @param lane the most urgent of those who asked */
  keep(id: string, key: K, entry: Entry<Answer>, lane: Lane): void {
    const buyers = this.#buyers.peek(id);
    if (lane !== "feed" && entry.said.kind !== "unknown") {
      this.#feed.delete(id);
      this.#put(this.#buyers, id, { key, entry });
    } else if (buyers === undefined) this.#put(this.#feed, id, { key, entry });
    else buyers.entry = entry;
  }

  *entries(): Generator<Entry<Answer>> {
    for (const kept of [this.#buyers, this.#feed]) for (const { entry } of kept.values()) yield entry;
  }

  /** Deletes what matches among the keys that have a name of these lists. @returns how many were deleted */
  deleteNamed(lists: NamedLists, matches: (key: K) => boolean): number {
    let deleted = 0;
    for (const id of this.#index.find(lists)) {
      const kept = this.#buyers.peek(id) ?? this.#feed.peek(id);
      if (kept === undefined || !matches(kept.key)) continue;
      if (!this.#buyers.delete(id)) this.#feed.delete(id);
      deleted++;
    }
    return deleted;
  }

  /** @returns how many were deleted */
  clear(): number {
    const deleted = this.size;
    // Left to the collector: emptying them would tell `dispose` of a million entries, and hold everybody up for a second.
    [this.#buyers, this.#feed] = this.#createPartitions();
    this.#index = new NameIndex();
    return deleted;
  }

  #createPartitions(): [LRUCache<string, Kept<K, Answer>>, LRUCache<string, Kept<K, Answer>>] {
    const dispose = ({ key }: Kept<K, Answer>, id: string) => this.#index.remove(id, this.#namesOf(key));
    const max = Math.max(1, Math.ceil(this.#maxEntries * feedShare));
    return [new LRUCache({ max: this.#maxEntries, dispose }), new LRUCache({ max, dispose })];
  }

  #put(into: LRUCache<string, Kept<K, Answer>>, id: string, kept: Kept<K, Answer>): void {
    into.set(id, kept);
    // After what it took the place of was disposed of, and with it that one's names.
    this.#index.add(id, this.#namesOf(kept.key));
  }

  #promote(id: string): Kept<K, Answer> | undefined {
    const kept = this.#feed.peek(id);
    // What the ERP does not know stays here: anybody can ask for any number of SKUs that are none.
    if (kept === undefined || kept.entry.said.kind === "unknown") return kept;
    this.#feed.delete(id);
    this.#put(this.#buyers, id, kept);
    return kept;
  }
}
