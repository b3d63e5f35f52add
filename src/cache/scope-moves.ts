import { LRUCache } from "lru-cache";
import type { Customer } from "../pricing/customer.js";
import type { CustomerKey } from "../pricing/keys.js";
import type { Outcome } from "../pricing/source.js";

/**
 * Notices customers that the ERP moved out of a price scope. It remembers scopes for itself, not by the records that are kept: a
 * record may be forgotten just because something about it changed.
 */
export class ScopeMoves {
  readonly #scopes: LRUCache<string, { readonly priceScope: string | null }>;
  readonly #onMove: (customer: string) => void;

  /** @param maxCustomers most that are remembered, the least recently read goes first. @param onMove told who left a scope */
  constructor(maxCustomers: number, onMove: (customer: string) => void) {
    this.#scopes = new LRUCache({ max: maxCustomers });
    this.#onMove = onMove;
  }

  /** To be told of every record that the ERP sends. */
  onRecord({ customer }: CustomerKey, outcome: Outcome<Customer>): void {
    if (outcome.kind !== "found") return;
    const { priceScope } = outcome.answer;
    const before = this.#scopes.get(customer)?.priceScope ?? null;
    this.#scopes.set(customer, { priceScope });
    if (before !== null && before !== priceScope) this.#onMove(customer);
  }
}
