import { LRUCache } from "lru-cache";
import type { Clock } from "../clock.js";
import type { Caller } from "../pricing/caller.js";
import { type Charge, type KeyBudget, TokenBucket, type TokenBucketOptions } from "../pricing/key-budget.js";

export interface CallerBudgetsOptions extends TokenBucketOptions {
  /** Most callers of each kind whose budgets are remembered; whoever asked longest ago is forgotten, and begins anew with a full one. */
  readonly maxCallers: number;
  readonly clock: Clock;
  /** Told of each charge: how many keys were taken out, and how many there were not enough for. */
  readonly onCharge: (kind: Caller["kind"], granted: number, refused: number) => void;
  /** Told who meets the end of its budget; of one caller at most once in {@link tellEveryMs}. */
  readonly onRefused: (kind: Caller["kind"], budgetId: string) => void;
}

const tellEveryMs = 60_000;

/** One caller's budget, and when its end was last told, in ms since the epoch. */
interface Account {
  readonly bucket: TokenBucket;
  toldAt: number;
}

/** The budgets of all callers. One that never cost the ERP a key is not in memory. */
export class CallerBudgets {
  readonly #options: CallerBudgetsOptions;
  // Apart, since addresses cost nothing to come by: a flood of them must not make anybody forget what a customer has cost.
  readonly #accounts: Readonly<Record<Caller["kind"], LRUCache<string, Account>>>;

  constructor(options: CallerBudgetsOptions) {
    this.#options = options;
    const create = () => new LRUCache<string, Account>({ max: options.maxCallers });
    this.#accounts = { anonymous: create(), customer: create(), machine: create() };
  }

  /** Callers in memory. */
  get size(): number {
    return Object.values(this.#accounts).reduce((sum, accounts) => sum + accounts.size, 0);
  }

  /** @returns null for a caller whom nobody counts */
  budgetOf({ kind, budgetId }: Caller): KeyBudget | null {
    if (budgetId === null) return null;
    // Looked up at each charge: a request that lasts must not go on with an account that was forgotten meanwhile.
    return { charge: (wanted) => this.#charge(kind, budgetId, wanted) };
  }

  #charge(kind: Caller["kind"], budgetId: string, wanted: number): Charge {
    const { clock, onCharge, onRefused } = this.#options;
    const now = clock.now();
    const account = this.#accountOf(kind, budgetId, now);
    const charge = account.bucket.take(wanted, now);
    const refused = wanted - charge.granted;
    onCharge(kind, charge.granted, refused);
    // The distance, not the difference: a clock that was set back must not silence it.
    if (refused > 0 && Math.abs(now - account.toldAt) >= tellEveryMs) {
      account.toldAt = now;
      onRefused(kind, budgetId);
    }
    return charge;
  }

  #accountOf(kind: Caller["kind"], budgetId: string, now: number): Account {
    const accounts = this.#accounts[kind];
    const known = accounts.get(budgetId);
    if (known !== undefined) return known;
    const account = { bucket: new TokenBucket(this.#options, now), toldAt: Number.NEGATIVE_INFINITY };
    accounts.set(budgetId, account);
    return account;
  }
}
