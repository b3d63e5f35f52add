/** What a caller may still cost the ERP. Keys that memory answers cost nothing, and nobody asks for them here. */
export interface KeyBudget {
  /**
   * Takes ERP keys out of the budget, as many as it holds.
   * @param wanted a whole number of keys
   */
  charge(wanted: number): Charge;
}

export interface Charge {
  /** How many keys were taken out, up to `wanted`. */
  readonly granted: number;
  /** In how many whole seconds those that were not granted will fit; 0 where all were. */
  readonly retryAfterSeconds: number;
}

export interface TokenBucketOptions {
  /** Keys that come back in one second: a whole number above 0. */
  readonly perSecond: number;
  /** Most keys it holds, and what it begins with: a whole number above 0. */
  readonly burst: number;
}

/**
 * A budget that fills up evenly. Over any time it grants at most `burst` + `perSecond` × seconds. It counts in
 * thousandths of a key and in milliseconds, whole numbers both, so nothing is lost or won by asking often.
 */
export class TokenBucket {
  readonly #options: TokenBucketOptions;
  /** In thousandths of a key. */
  #level: number;
  /** When `#level` was right, in ms since the epoch. */
  #at: number;

  /** @param now ms since the epoch, a whole number */
  constructor(options: TokenBucketOptions, now: number) {
    this.#options = options;
    this.#level = options.burst * 1000;
    this.#at = now;
  }

  /** @param now ms since the epoch, a whole number; may lie before the last one, as after a correction of the clock */
  take(wanted: number, now: number): Charge {
    this.#refill(now);
    const granted = Math.min(wanted, Math.floor(this.#level / 1000));
    this.#level -= granted * 1000;
    return { granted, retryAfterSeconds: this.#secondsUntil(wanted - granted) };
  }

  #refill(now: number): void {
    const { perSecond, burst } = this.#options;
    // A clock that was set back brings nothing, and from there on time counts as before: no one waits for it to catch up.
    const elapsedMs = Math.max(now - this.#at, 0);
    this.#level = Math.min(this.#level + elapsedMs * perSecond, burst * 1000);
    this.#at = now;
  }

  /** More than it ever holds is never granted at once: then it is the time until it is full. */
  #secondsUntil(keys: number): number {
    if (keys === 0) return 0;
    const { perSecond, burst } = this.#options;
    const missing = Math.min(keys, burst) * 1000 - this.#level;
    return Math.max(Math.ceil(missing / perSecond / 1000), 1);
  }
}
