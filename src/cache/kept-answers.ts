import { LRUCache } from "lru-cache";
import type { Lane } from "../pricing/source.js";
import type { Entry } from "./freshness.js";

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
  readonly #buyers: LRUCache<string, Kept<K, Answer>>;
  readonly #feed: LRUCache<string, Kept<K, Answer>>;

  /** @param maxEntries most answers kept for buyers; the feed's come on top */
  constructor(maxEntries: number) {
    this.#buyers = new LRUCache({ max: maxEntries });
    this.#feed = new LRUCache({ max: Math.max(1, Math.ceil(maxEntries * feedShare)) });
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
      this.#buyers.set(id, { key, entry });
    } else if (buyers === undefined) this.#feed.set(id, { key, entry });
    else buyers.entry = entry;
  }

  *entries(): Generator<Entry<Answer>> {
    for (const kept of [this.#buyers, this.#feed]) for (const { entry } of kept.values()) yield entry;
  }

  /** @returns how many were deleted */
  deleteMatching(matches: (key: K) => boolean): number {
    return deleteMatching(this.#buyers, matches) + deleteMatching(this.#feed, matches);
  }

  #promote(id: string): Kept<K, Answer> | undefined {
    const kept = this.#feed.peek(id);
    // What the ERP does not know stays here: anybody can ask for any number of SKUs that are none.
    if (kept === undefined || kept.entry.said.kind === "unknown") return kept;
    this.#feed.delete(id);
    this.#buyers.set(id, kept);
    return kept;
  }
}

/** @returns how many were deleted */
export function deleteMatching<K, Value extends { readonly key: K }>(
  kept: LRUCache<string, Value>,
  matches: (key: K) => boolean,
): number {
  const ids = [...kept.entries()].flatMap(([id, { key }]) => (matches(key) ? [id] : []));
  for (const id of ids) kept.delete(id);
  return ids.length;
}
