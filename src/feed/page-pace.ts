/** With nothing known of the ERP's pace, so many SKUs are asked first, to learn it. */
const firstChunk = 100;
/** A pace seen longer ago says nothing any more, in ms. */
const rememberedMs = 60_000;
/** What memory answers comes at once, and tells nothing of the ERP: so much of what was known stands at the least. */
const keptShare = 0.5;

/**
 * How many SKUs to ask for at once, so that they can be expected to be answered in the time there is: by the time that the latest ones
 * took each, those ahead of them included. When the ERP slows, what is asked shrinks with it; a chunk that did not come in time
 * counts as twice as slow as it was seen to be.
 */
export class PagePace {
  #msPerSku = 0;
  #seenAt = Number.NEGATIVE_INFINITY;
  #underWay = 0;
  #waiting: (() => void)[] = [];

  /** SKUs that were asked for and are not answered yet. */
  get underWay(): number {
    return this.#underWay;
  }

  /**
   * @param mayTakeMs how long they may be expected to take. @param now ms since the epoch
   * @returns how many SKUs besides those under way, 0 where there is no time for one
   */
  chunkFor(mayTakeMs: number, now: number): number {
    if (mayTakeMs <= 0) return 0;
    const most = this.#isKnown(now) ? mayTakeMs / Math.max(this.#msPerSku, 0.001) : firstChunk;
    return Math.max(Math.floor(most) - this.#underWay, 0);
  }

  /** So many are asked for now. @returns what to call when that has ended, with how many came in time */
  start(asked: number, now: number): (answered: number, now: number) => void {
    const ahead = this.#underWay;
    this.#underWay += asked;
    return (answered, endedAt) => {
      this.#underWay -= asked;
      this.#learn({ asked, answered, ahead, tookMs: endedAt - now }, endedAt);
      for (const wake of this.#waiting.splice(0)) wake();
    };
  }

  /** Settles when something of what is under way has ended. */
  nextEnd(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #learn({ asked, answered, ahead, tookMs }: Chunk, now: number): void {
    const known = this.#isKnown(now) ? this.#msPerSku : 0;
    // A failure that is remembered takes no time, and tells nothing of a quicker pace.
    const atLeast = (2 * tookMs) / Math.max(answered, 1);
    const seen = tookMs / (ahead + asked);
    this.#msPerSku = answered === asked ? Math.max(seen, known * keptShare) : Math.max(known, atLeast);
    this.#seenAt = now;
  }

  #isKnown(now: number): boolean {
    return now - this.#seenAt <= rememberedMs;
  }
}

interface Chunk {
  readonly asked: number;
  readonly answered: number;
  /** Under way when it was asked. */
  readonly ahead: number;
  readonly tookMs: number;
}
