import type { UsualMeasure } from "../pricing/erp-baseline.js";

/** Rounds that the usual is a mean of; some minutes of a busy ERP, so that a brown-out is not soon taken for usual. */
const roundsRemembered = 256;

const roundsTakenOver = 16;

/**
 * What a measure of one ERP usually is, and how far it usually strays from that, so that an ERP whose calls differ much
 * among each other is not taken for one with a queue. Measures are logarithms of ratios: a half and a double stray equally.
 * After TCP's estimate of its round trip; source: RFC 6298, 2.
 */
export class UsualDelay {
  #mean = 0;
  #deviation = 0;
  #rounds = 0;

  /** What was learnt so far. */
  get usual(): UsualMeasure {
    return { mean: this.#mean, deviation: this.#deviation, rounds: this.#rounds };
  }

  /** Begins with what another one learnt, which counts no more than a few rounds of its own. */
  startFrom({ mean, deviation, rounds }: UsualMeasure): void {
    this.#mean = mean;
    this.#deviation = deviation;
    this.#rounds = Math.min(rounds, roundsTakenOver);
  }

  /** @returns by what factor this exceeds what was usual before it, and by what factor rounds usually stray, 1 or more */
  learn(measured: number): { readonly ratio: number; readonly deviation: number } {
    const over = Math.log(measured) - this.#mean;
    const deviation = this.#deviation;
    this.#rounds = Math.min(this.#rounds + 1, roundsRemembered);
    this.#mean += over / this.#rounds;
    this.#deviation += (Math.abs(over) - this.#deviation) / this.#rounds;
    return { ratio: Math.exp(over), deviation: Math.exp(deviation) };
  }
}
