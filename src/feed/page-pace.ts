/** With nothing known of the ERP's pace, so many SKUs are asked first, to learn it. */
const firstChunk = 100;
/** Of the time that is left, how much a chunk may be expected to take. */
const cautiousShare = 0.5;
/** A pace seen longer ago says nothing any more, in ms. */
const rememberedMs = 60_000;

/**
 * How many SKUs to ask for at once, so that they can be expected to be answered in the time left: by the time that the latest ones
 * took each. When the ERP slows, pages shrink with it; a chunk that did not come in time counts as twice as slow as it was seen to be.
 */
export class PagePace {
  #msPerSku = 0;
  #seenAt = Number.NEGATIVE_INFINITY;

  /** @param leftMs until the page is due. @param now ms since the epoch. @returns how many SKUs, 0 where there is no time for one */
  chunkFor(leftMs: number, now: number): number {
    if (leftMs <= 0) return 0;
    if (now - this.#seenAt > rememberedMs) return firstChunk;
    return Math.floor((leftMs * cautiousShare) / Math.max(this.#msPerSku, 0.001));
  }

  /** @param answered how many of `asked` came in time */
  learn(asked: number, answered: number, tookMs: number, now: number): void {
    const known = now - this.#seenAt > rememberedMs ? 0 : this.#msPerSku;
    // A failure that is remembered takes no time, and tells nothing of a quicker pace.
    const atLeast = (2 * tookMs) / Math.max(answered, 1);
    this.#msPerSku = answered === asked ? tookMs / asked : Math.max(known, atLeast);
    this.#seenAt = now;
  }
}
