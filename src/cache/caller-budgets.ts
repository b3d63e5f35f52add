import { LRUCache } from "lru-cache";
import type { Clock } from "../clock.js";
import type { Caller } from "../pricing/caller.js";
import { type KeyBudget, TokenBucket, type TokenBucketOptions } from "../pricing/key-budget.js";

export interface CallerBudgetsOptions extends TokenBucketOptions {
  /** Most callers of each kind whose budgets are remembered; whoever asked longest ago is forgotten, and begins anew with a full one. */
  readonly maxCallers: number;
  readonly clock: Clock;
  /** Told of each charge: how many keys were taken out, and how many there were not enough for. */
  readonly onCharge: (kind: Caller["kind"], granted: number, refused: number) => void;
}

/** The budgets of all callers. One that never cost the ERP a key is not in memory. */
export class CallerBudgets {
  readonly #options: CallerBudgetsOptions;
  // Apart, since addresses cost nothing to come by: a flood of them must not make anybody forget what a customer has cost.
  readonly #buckets: Readonly<Record<Caller["kind"], LRUCache<string, TokenBucket>>>;

  constructor(options: CallerBudgetsOptions) {
    this.#options = options;
    const create = () => new LRUCache<string, TokenBucket>({ max: options.maxCallers });
    this.#buckets = { anonymous: create(), customer: create(), machine: create() };
  }

  /** Callers in memory. */
  get size(): number {
    return Object.values(this.#buckets).reduce((sum, buckets) => sum + buckets.size, 0);
  }

  /** @returns null for a caller whom nobody counts */
  budgetOf({ kind, budgetId }: Caller): KeyBudget | null {
    if (budgetId === null) return null;
    const { clock, onCharge } = this.#options;
    return {
      // The bucket is looked up at each charge: a request that lasts must not go on with one that was forgotten meanwhile.
      charge: (wanted) => {
        const now = clock.now();
        const charge = this.#bucketOf(kind, budgetId, now).take(wanted, now);
        onCharge(kind, charge.granted, wanted - charge.granted);
        return charge;
      },
    };
  }

  #bucketOf(kind: Caller["kind"], budgetId: string, now: number): TokenBucket {
    const buckets = this.#buckets[kind];
    const known = buckets.get(budgetId);
    if (known !== undefined) return known;
    const bucket = new TokenBucket(this.#options, now);
    buckets.set(budgetId, bucket);
    return bucket;
  }
}
