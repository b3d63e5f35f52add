import type { Clock } from "../clock.js";

/** Most invalidations remembered at a time: a storm of them costs some late answers, and neither memory nor time. */
const mostRemembered = 1_000;

interface Remembered<K> {
  /** In ms since the epoch. */
  readonly at: number;
  readonly matches: (key: K) => boolean;
}

/**
 * What was invalidated while answers may have been on their way. An answer that was asked for before is not to be kept: it may
 * be from before the change. What is older than the log reaches counts as invalidated, since nobody can tell any more.
 */
export class InvalidationLog<K> {
  readonly #clock: Clock;
  readonly #longestFlightMs: number;
  /** Oldest first. */
  #remembered: Remembered<K>[] = [];
  /** The instant of the newest one that was dropped, in ms since the epoch. */
  #droppedUntil = Number.NEGATIVE_INFINITY;

  /** @param longestFlightMs how long an answer may be on its way, in ms; invalidations are remembered as long */
  constructor(clock: Clock, longestFlightMs: number) {
    this.#clock = clock;
    this.#longestFlightMs = longestFlightMs;
  }

  get size(): number {
    return this.#remembered.length;
  }

  add(matches: (key: K) => boolean): void {
    this.#remembered.push({ at: this.#clock.now(), matches });
    this.#drop();
  }

  /**
   * Whether what was asked at `askedAt` may be from before an invalidation. Within one millisecond nobody can tell which of the two
   * came first, so it counts as before.
   */
  covers(key: K, askedAt: number): boolean {
    this.#drop();
    if (askedAt <= this.#droppedUntil) return true;
    return this.#remembered.some(({ at, matches }) => at >= askedAt && matches(key));
  }

  /** Drops what is too old for any answer under way, and the oldest of too many. */
  #drop(): void {
    const oldest = this.#clock.now() - this.#longestFlightMs;
    let isDue = this.#remembered.length > mostRemembered;
    for (
      let first = this.#remembered[0];
      first !== undefined && (isDue || first.at < oldest);
      first = this.#remembered[0]
    ) {
      this.#droppedUntil = Math.max(this.#droppedUntil, first.at);
      this.#remembered.shift();
      isDue = this.#remembered.length > mostRemembered;
    }
  }
}
