import { randomInt } from "node:crypto";

const mersenne = 2 ** 31 - 1;

/**
 * Finds an answer's slot by the id of its key, which is not kept itself. Each bucket is a chain through the slots. Ids are hashed as a
 * polynomial in a secret number, since whoever asks chooses SKUs: nobody can make up many that fall into one bucket.
 */
export class IdTable {
  readonly #buckets: Uint32Array;
  readonly #secret = randomInt(2 ** 20, 2 ** 21);

  /** @param most answers that are expected; with more of them it gets slower. */
  constructor(most: number) {
    this.#buckets = new Uint32Array(2 ** Math.max(4, Math.ceil(Math.log2(most))));
  }

  get bytes(): number {
    return this.#buckets.byteLength;
  }

  /** @returns the first slot of the chain in which `id` is, if it is kept; 0 for none */
  chainOf(id: string): number {
    return this.#buckets[this.#bucketOf(id)] as number;
  }

  /** Sets the first slot of the chain of `id`. */
  setChain(id: string, slot: number): void {
    this.#buckets[this.#bucketOf(id)] = slot;
  }

  #bucketOf(id: string): number {
    let hash = 1;
    for (let index = 0; index < id.length; index++) {
      // Below 2^53, and so exact: below 2^31 times below 2^21, and less than 2^16.
      const sum = hash * this.#secret + id.charCodeAt(index);
      const high = Math.floor(sum / 2 ** 31);
      hash = sum - high * mersenne;
      if (hash >= mersenne) hash -= mersenne;
    }
    return hash & (this.#buckets.length - 1);
  }
}
