import { type Invalidation, touchesPrice, touchesStock } from "../pricing/invalidation.js";
import { createPriceKey, createStockKey, type PriceKey, publicScope, type StockKey } from "../pricing/keys.js";
import { answersQuantity, type Ladder } from "../pricing/ladder.js";
import { netAt } from "../pricing/price.js";
import type { Outcome } from "../pricing/source.js";
import type { Stock } from "../pricing/stock.js";
import { digestOfPrice, digestOfStock } from "./digest.js";
import type { Journal } from "./journal.js";
import type { SeenPrice } from "./price-history.js";

/** The quantity that feeds and histories tell the price of. */
export const oneUnit = "1";

export type NotedJournal = Pick<Journal, "note" | "notePrice" | "knows" | "touch" | "touchAll">;

/** Tells the journal what the gateway sees: answers as they come, and invalidations. Prices that are not everybody's are no matter of a feed. */
export class JournalRecorder {
  readonly #journal: NotedJournal;

  constructor(journal: NotedJournal) {
    this.#journal = journal;
  }

  /** @param isListed whether the SKU is known to be one: what is not is remembered only where it was known before */
  onPrice(key: PriceKey, outcome: Outcome<Ladder>, isListed = false): void {
    const { scope, sku, currency } = key;
    if (scope.kind !== "public" || !(isListed || this.#isWorthNoting(sku, outcome))) return;
    if (outcome.kind === "found" && !answersQuantity(outcome.answer, oneUnit)) return;
    const digest = digestOfPrice(outcome);
    // The feed tells prices in the ERP's own currency.
    if (digest !== null && currency === null) this.#journal.note(sku, "price", digest, askedAtOf(outcome));
    if (outcome.kind === "found") this.#journal.notePrice(sku, toSeen(outcome.answer, outcome.freshness.computedAt));
  }

  onStock({ sku }: StockKey, outcome: Outcome<Stock>, isListed = false): void {
    const digest = isListed || this.#isWorthNoting(sku, outcome) ? digestOfStock(outcome) : null;
    if (digest !== null) this.#journal.note(sku, "stock", digest, askedAtOf(outcome));
  }

  /** What is invalidated counts as changed, whether or not it was; where no SKU is named, all that are known do. */
  onInvalidated(invalidation: Invalidation): void {
    const { skus } = invalidation;
    const sku = skus === null ? "" : ([...skus][0] ?? "");
    const noReach = { scopes: new Set<string>(), customers: new Set<string>() };
    const price = createPriceKey({ scope: publicScope, sku, currency: null, quantity: oneUnit, exactQuantity: false });
    const isPublic = touchesPrice(invalidation, noReach, price) || touchesStock(invalidation, createStockKey(sku));
    if (!isPublic) return;
    if (skus === null) this.#journal.touchAll();
    else this.#journal.touch(skus);
  }

  // Anybody can ask for any number of SKUs that are none.
  #isWorthNoting(sku: string, { kind }: Outcome<unknown>): boolean {
    return kind === "found" || (kind === "unknown" && this.#journal.knows(sku));
  }
}

function toSeen(ladder: Ladder, saidAt: number): SeenPrice {
  const { currency, priceUnit, unit } = ladder;
  return { currency, measure: `${priceUnit} ${unit ?? ""}`, net: netAt(ladder, oneUnit), saidAt };
}

function askedAtOf(outcome: Outcome<unknown>): number {
  return outcome.kind === "failed" ? 0 : outcome.freshness.computedAt;
}
