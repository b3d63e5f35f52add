/** Values by text, within a bound on what they weigh. Two generations: what was not asked for while a whole one came is forgotten. */
export class RecentMap<Value> {
  #young = new Map<string, Value>();
  #old = new Map<string, Value>();
  #youngWeight = 0;
  readonly #most: number;
  readonly #weigh: (key: string) => number;

  /** @param most what the keys of one generation may weigh. @param weigh a key that weighs more than `most` is not kept at all */
  constructor(most: number, weigh: (key: string) => number) {
    this.#most = most;
    this.#weigh = weigh;
  }

  get(key: string): Value | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) this.set(key, old);
    return old;
  }

  set(key: string, value: Value): void {
    const weight = this.#young.has(key) ? 0 : this.#weigh(key);
    if (weight > this.#most) return;
    if (this.#youngWeight + weight > this.#most) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#youngWeight = 0;
    }
    this.#youngWeight += weight;
    this.#young.set(key, value);
  }
}
