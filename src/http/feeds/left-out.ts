import type { LeftOutReason } from "../../feed/formats/feed-format.js";

/** SKUs that are named for each reason, for whoever looks into the log. */
const mostExamples = 10;
const longestSku = 200;

/** What one stream left out. */
export class LeftOut {
  readonly #onAdd: (reason: LeftOutReason) => void;
  readonly #byReason: Partial<Record<LeftOutReason, { count: number; skus: string[] }>> = {};
  #last: string | null = null;
  #skus = 0;

  constructor(onAdd: (reason: LeftOutReason) => void) {
    this.#onAdd = onAdd;
  }

  /** How many SKUs; one of which two things are left out counts once. */
  get skus(): number {
    return this.#skus;
  }

  /** How many by reason, with the first of them. */
  get examples(): Readonly<
    Partial<Record<LeftOutReason, { readonly count: number; readonly skus: readonly string[] }>>
  > {
    return this.#byReason;
  }

  readonly add = (sku: string, reason: LeftOutReason): void => {
    this.#onAdd(reason);
    if (sku !== this.#last) this.#skus += 1; // a run names each SKU once, and all of one in a row
    this.#last = sku;
    const same = this.#byReason[reason] ?? { count: 0, skus: [] };
    this.#byReason[reason] = same;
    same.count += 1;
    if (same.skus.length < mostExamples) same.skus.push(sku.slice(0, longestSku));
  };
}
