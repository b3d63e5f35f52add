import type { NotedAnswer, NotedBatch, NotedSku } from "../pricing/change-record.js";
import type { NotedKind } from "./change-journal.js";

type Unwritten = { -readonly [Name in keyof NotedSku]: NotedSku[Name] };

/** What was seen and is not written down, within a bound: past it, that something is missing is all that is remembered. */
export class UnwrittenNotes {
  readonly #maxSkus: number;
  readonly #skus = new Map<string, Unwritten>();
  #isAllTouched = false;
  #isIncomplete = false;

  constructor(maxSkus: number) {
    this.#maxSkus = maxSkus;
  }

  get size(): number {
    return this.#skus.size;
  }

  get isEmpty(): boolean {
    return this.#skus.size === 0 && !this.#isAllTouched && !this.#isIncomplete;
  }

  /** Whether something is to be written before one that was told of these can go on from there. */
  hasAny(skus: readonly string[]): boolean {
    return this.#isAllTouched || this.#isIncomplete || skus.some((sku) => this.#skus.has(sku));
  }

  note(sku: string, kind: NotedKind, noted: NotedAnswer): void {
    const unwritten = this.#of(sku);
    const before = unwritten[kind];
    // Somebody may have been told what it said in between, of which the record would not hear.
    if (before !== null && before.digest !== noted.digest) unwritten.isTouched = true;
    unwritten[kind] = noted;
    this.#bound();
  }

  touch(sku: string): void {
    const unwritten = this.#of(sku);
    unwritten.isTouched = true;
    this.#bound();
  }

  touchAll(): void {
    this.#isAllTouched = true;
  }

  /** Of `first` before others. */
  take(first: readonly string[], limit: number): NotedBatch {
    const taken = new Set<string>();
    for (const skus of [first, this.#skus.keys()])
      for (const sku of skus) {
        if (taken.size === limit) break;
        if (this.#skus.has(sku)) taken.add(sku);
      }
    const batch = {
      skus: [...taken].map((sku) => this.#skus.get(sku) as NotedSku),
      isAllTouched: this.#isAllTouched,
      isIncomplete: this.#isIncomplete,
    };
    for (const sku of taken) this.#skus.delete(sku);
    this.#isAllTouched = false;
    this.#isIncomplete = false;
    return batch;
  }

  /** A batch that was not written, or nobody knows; what was seen since is later than it. */
  putBack({ skus, isAllTouched, isIncomplete }: NotedBatch): void {
    for (const before of skus) {
      const since = this.#skus.get(before.sku);
      if (since === undefined) this.#skus.set(before.sku, { ...before });
      else {
        const isOther = (["price", "stock"] as const).some(
          (kind) => before[kind] !== null && since[kind] !== null && before[kind].digest !== since[kind].digest,
        );
        since.isTouched ||= before.isTouched || isOther;
        since.price ??= before.price;
        since.stock ??= before.stock;
      }
    }
    this.#isAllTouched ||= isAllTouched;
    this.#isIncomplete ||= isIncomplete;
    this.#bound();
  }

  #of(sku: string): Unwritten {
    const known = this.#skus.get(sku) ?? { sku, isTouched: false, price: null, stock: null };
    this.#skus.set(sku, known);
    return known;
  }

  #bound(): void {
    if (this.#skus.size <= this.#maxSkus) return;
    this.#skus.clear();
    this.#isIncomplete = true;
  }
}
