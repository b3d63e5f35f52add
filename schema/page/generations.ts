/** Ways in which one object is remembered at a time: a list, a product's own page, the basket. */
const mostEach = 4;

/**
 * Remembers things with the objects they were made of, no longer than these live, and within a bound on all of them together: anybody may
 * send any number of documents. Two generations, of which the older is forgotten when the younger is full.
 */
export class Generations<Thing> {
  #young = new WeakMap<object, readonly Thing[]>();
  #old = new WeakMap<object, readonly Thing[]>();
  #youngSize = 0;
  readonly #most: number;
  readonly #sizeOf: (thing: Thing) => number;

  /** @param most what the sizes of one generation may add up to */
  constructor(most: number, sizeOf: (thing: Thing) => number) {
    this.#most = most;
    this.#sizeOf = sizeOf;
  }

  /** What is remembered with this object and is it; null where nothing is. */
  find(of: object, isIt: (thing: Thing) => boolean): Thing | null {
    const young = this.#young.get(of)?.find(isIt);
    if (young !== undefined) return young;
    const old = this.#old.get(of)?.find(isIt);
    if (old === undefined) return null;
    this.add(of, old);
    return old;
  }

  add(of: object, thing: Thing): void {
    const size = this.#sizeOf(thing);
    if (this.#youngSize + size > this.#most) {
      this.#old = this.#young;
      this.#young = new WeakMap();
      this.#youngSize = 0;
    }
    // What is dropped for more than `mostEach`, or with its object, goes on counting: the bound is kept all the sooner.
    this.#youngSize += size;
    this.#young.set(of, [thing, ...(this.#young.get(of) ?? []).slice(0, mostEach - 1)]);
  }
}
