/** Answered calls that are remembered. */
const mostCalls = 64;
/** How long each is, in ms: what the ERP was like before a quiet time says nothing of it after. */
const rememberedMs = 60_000;

interface Seen {
  readonly ms: number;
  readonly at: number;
}

/** How long the ERP's answers to one kind of question took of late, in ms. */
export class LatencySeen {
  readonly #calls: Seen[] = [];
  /** The same calls, quickest first. */
  readonly #sorted: number[] = [];

  /** @param now ms since the epoch */
  add(ms: number, now: number): void {
    if (this.#calls.length === mostCalls) this.#forgetOldest();
    this.#calls.push({ ms, at: now });
    this.#sorted.splice(this.#placeOf(ms), 0, ms);
  }

  /** @param share from 0 up to 1, such as 0.95. @returns null where no answer was seen of late */
  percentile(share: number, now: number): number | null {
    while (this.#calls[0] !== undefined && this.#calls[0].at < now - rememberedMs) this.#forgetOldest();
    return this.#sorted[Math.floor(this.#sorted.length * share)] ?? null;
  }

  #forgetOldest(): void {
    const oldest = this.#calls.shift();
    if (oldest !== undefined) this.#sorted.splice(this.#placeOf(oldest.ms), 1);
  }

  /** The first place among the sorted that holds no less than `ms`. */
  #placeOf(ms: number): number {
    let low = 0;
    let high = this.#sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#sorted[middle] as number) < ms) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
