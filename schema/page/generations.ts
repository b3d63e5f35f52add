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

  /** What is remembered with this object, the latest first; it counts as used. */
  listOf(of: object): readonly Thing[] {
    const young = this.#young.get(of);
    if (young !== undefined) return young;
    const old = this.#old.get(of);
    if (old === undefined) return [];
    this.#set(of, old, this.#sum(old));
    return old;
  }

  add(of: object, thing: Thing): void {
    this.#set(of, [thing, ...this.listOf(of).slice(0, mostEach - 1)], this.#sizeOf(thing));
  }

  #set(of: object, list: readonly Thing[], grownBy: number): void {
    if (this.#youngSize + grownBy > this.#most) {
      this.#old = this.#young;
      this.#young = new WeakMap();
      this.#youngSize = 0;
    }
    // What is dropped for more than `mostEach`, or with its object, goes on counting: the bound is kept all the sooner.
    this.#youngSize += this.#youngSize === 0 ? this.#sum(list) : grownBy;
    this.#young.set(of, list);
  }

  #sum(list: readonly Thing[]): number {
    return list.reduce((sum, thing) => sum + this.#sizeOf(thing), 0);
  }
}
