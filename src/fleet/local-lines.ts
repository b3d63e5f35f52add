/** Most lines remembered at a time: past it the oldest answers of the store are believed no longer. */
const mostLines = 1_000;

interface Line<K> {
  /** As in {@link LocalLines.add}; null until it is known to be past. */
  at: number | null;
  readonly matches: (key: K) => boolean;
}

/**
 * What this replica was told to forget, and the store was not: it must not read back what it forgot. When that was by the store's clock shows
 * with the next reply to what it was asked after; until then nothing that matches is believed.
 */
export class LocalLines<K> {
  /** Oldest first. */
  #lines: Line<K>[] = [];
  #added = 0;
  /** The instant of the newest one that was dropped, by the store's clock, in ms since the epoch. */
  #droppedUntil = Number.NEGATIVE_INFINITY;

  /** How many were ever added: to be handed to {@link stamp} with what the store replies to a question sent now. */
  get mark(): number {
    return this.#added;
  }

  /** @param at when the store drew its own line for it, in ms since the epoch; null where it did not, or that is not known yet */
  add(matches: (key: K) => boolean, at: number | null = null): void {
    this.#added++;
    this.#lines.push({ at, matches });
    this.#drop();
    // While the store is away nothing is dropped: past twice as many, nothing from before is believed.
    if (this.#lines.length > 2 * mostLines) this.#lines = [{ at: null, matches: () => true }];
  }

  /** @param mark from when the question was sent. @param storeTime told in reply to it, in ms since the epoch */
  stamp(mark: number, storeTime: number): void {
    const isUntimed = this.#lines.slice(0, Math.max(this.#lines.length - (this.#added - mark), 0));
    for (const line of isUntimed) line.at ??= storeTime;
    this.#drop();
  }

  /** Whether an answer may be from before what was forgotten. @param askedAt by the store's clock, in ms since the epoch */
  cover(key: K, askedAt: number): boolean {
    if (askedAt <= this.#droppedUntil) return true;
    return this.#lines.some(({ at, matches }) => (at === null || at >= askedAt) && matches(key));
  }

  /** In a new life of the store nothing is kept from before. */
  clear(): void {
    this.#lines = this.#lines.filter(({ at }) => at === null);
    this.#droppedUntil = Number.NEGATIVE_INFINITY;
  }

  #drop(): void {
    while (this.#lines.length > mostLines && this.#lines[0]?.at != null) {
      this.#droppedUntil = Math.max(this.#droppedUntil, this.#lines[0].at);
      this.#lines.shift();
    }
  }
}
