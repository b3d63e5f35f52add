import type { Clock } from "../../clock.js";

/** The wait before the first repetition, in ms, doubled with each further one, up to {@link longestMs}. */
const shortestMs = 1_000;
const longestMs = 60_000;

export interface PatienceOptions {
  /** For how long, in ms, it may fail without a page in between before the run is given up. */
  readonly giveUpAfterMs: number;
  readonly clock: Clock;
  /** From 0 to below 1. */
  readonly random: () => number;
}

/** How long to wait before the gateway is asked again, and when to stop asking. */
export class Patience {
  readonly #options: PatienceOptions;
  #failures = 0;
  #failingSince = 0;

  constructor(options: PatienceOptions) {
    this.#options = options;
  }

  /** A page came: all is well again. */
  onPage(): void {
    this.#failures = 0;
  }

  /**
   * Something failed.
   * @param retryAfterMs never asked sooner than that
   * @returns the wait in ms; null where it would take too long
   */
  nextWait(retryAfterMs: number | null): number | null {
    const { giveUpAfterMs, clock, random } = this.#options;
    const backOffMs = Math.min(longestMs, shortestMs * 2 ** Math.min(this.#failures, 10));
    // Not since the last page: a machine that slept meanwhile would give up at its first failure.
    if (this.#failures === 0) this.#failingSince = clock.now();
    this.#failures += 1;
    // Half of it is left to chance, so that runs that were cut off together do not come back together.
    const waitMs = Math.ceil(Math.max(retryAfterMs ?? 0, backOffMs * (0.5 + random() / 2)));
    return clock.now() + waitMs - this.#failingSince > giveUpAfterMs ? null : waitMs;
  }
}
