/**
 * Which SKUs move at which step of time, without a list of either: SKU i moves at the steps s where
 * s ≡ i × stride + offset (mod period), so both "when did i move last" and "who moves at s" are arithmetic.
 */
export class Movement {
  readonly #offset: number;
  readonly #back: number;

  /**
   * @param size the number of SKUs
   * @param period steps between two moves of one SKU
   * @param seed shifts the whole schedule
   */
  constructor(
    readonly size: number,
    readonly period: number,
    seed: number,
  ) {
    this.#offset = floorMod(seed, period);
    this.#back = inverse(stride, period);
  }

  /** Which of its states the SKU is in, and the step it entered it. */
  lastMove(index: number, step: number): { state: number; step: number } {
    const phase = (index * stride + this.#offset) % this.period;
    const state = Math.floor((step - phase) / this.period);
    return { state, step: state * this.period + phase };
  }

  /** The places of the SKUs that move at a step, lowest first. */
  *movedAt(step: number): Generator<number> {
    const first = floorMod((step - this.#offset) * this.#back, this.period);
    for (let index = first; index < this.size; index += this.period) yield index;
  }
}

/** A prime, so that it shares no factor with a period below it. Neighbours in the catalogue move far apart. */
const stride = 9_973;

/** The number whose product with `value` leaves 1 on division by `modulus`. */
function inverse(value: number, modulus: number): number {
  for (let candidate = 1; candidate < modulus; candidate++) {
    if ((value * candidate) % modulus === 1) return candidate;
  }
  return 0; // a period of 1: everything moves at every step
}

export function floorMod(value: number, modulus: number): number {
  return ((value % modulus) + modulus) % modulus;
}
