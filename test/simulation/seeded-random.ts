/** Chance that repeats itself: the same seed draws the same numbers. The generator is Marsaglia's xorshift on 32 bits. */
export class SeededRandom {
  #state: number;

  constructor(seed: number) {
    // Neighbouring seeds must not begin alike.
    this.#state = (Math.imul(seed + 1, 0x9e3779b1) ^ 0x5bd1e995) >>> 0 || 1;
    for (let round = 0; round < 8; round++) this.next();
  }

  /** From 0 up to 1. */
  readonly next = (): number => {
    let state = this.#state;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    this.#state = state >>> 0;
    return this.#state / 2 ** 32;
  };

  /** A whole number, both ends included. */
  int(from: number, to: number): number {
    return from + Math.floor(this.next() * (to - from + 1));
  }

  chance(share: number): boolean {
    return this.next() < share;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.int(0, list.length - 1)] as T;
  }

  /** The first of the list is drawn most: as often as Zipf's law says, roughly. */
  zipf<T>(list: readonly T[]): T {
    return list[Math.floor((list.length + 1) ** this.next()) - 1] ?? (list[0] as T);
  }

  /** A whole number of ms to the next of events that come at random, so many a second on average. */
  gapMs(perSecond: number): number {
    return Math.ceil((-Math.log(1 - this.next()) * 1_000) / perSecond);
  }

  fork(): SeededRandom {
    return new SeededRandom(Math.floor(this.next() * 2 ** 31));
  }
}
