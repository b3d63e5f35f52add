import type { ChargeRules } from "./cart/cart.js";
import type { Customer } from "./customer.js";
import type { CustomerKey, PriceKey, StockKey } from "./keys.js";
import type { Ladder } from "./ladder.js";
import type { ErpSource } from "./source.js";
import type { Stock } from "./stock.js";

/** One ERP: what can be asked of it, and how much of it at once. */
export interface Connector {
  /** As in `ERP_CONNECTOR`. */
  readonly name: string;
  readonly prices: ErpSource<PriceKey, Ladder>;
  readonly stock: ErpSource<StockKey, Stock>;
  readonly customers: ErpSource<CustomerKey, Customer>;
  /** Most calls in flight unless `ERP_MAX_CONCURRENCY` says otherwise. */
  readonly maxConcurrency: number;
  /** Calls in flight to start with, from where the limit grows; absent where the ERP bears its most at once. */
  readonly startConcurrency?: number;
  /** All SKUs for sale, page by page; absent where the ERP cannot list them. */
  readonly products?: ProductList;
  /** How this ERP makes the amounts of an order; absent where nobody has found out: half up, each line for itself. */
  readonly charges?: ChargeRules;
  /** What changed, oldest first; absent where the ERP keeps no changes. */
  readonly changes?: ChangeLog;
  /** @throws {ErpError} when the ERP cannot answer */
  checkHealth(signal: AbortSignal): Promise<void>;
  /** What is wrong with how it was set up, each with its mend, found out by asking the ERP; absent where only calls would tell. */
  checkSetup?(signal: AbortSignal): Promise<readonly string[]>;
  close(): Promise<void>;
}

export interface ProductList {
  /** @param after the cursor of the page before, or null for the first page. @param limit 1 to 1000 */
  readPage(after: string | null, limit: number, signal: AbortSignal): Promise<{ skus: string[]; next: string | null }>;
}

export interface ChangeLog {
  /**
   * @param since a cursor of an earlier answer; null reads no changes, only the newest cursor. @param limit 1 to 1000
   * @throws {ErpKeepsNoChanges} where the ERP has none to tell. @throws {ErpCursorLost} where it no longer reaches back to `since`
   */
  readChanges(since: string | null, limit: number, signal: AbortSignal): Promise<ChangePage>;
}

export interface ChangePage {
  readonly changes: readonly Change[];
  /** The cursor to go on from. */
  readonly next: string;
  /** Whether more changes wait behind `next`. */
  readonly more: boolean;
}

/** An absent field means that every SKU, customer or price scope may be touched. */
export interface Change {
  readonly kind: "price" | "stock" | "customer" | "removed";
  readonly sku?: string;
  readonly customer?: string;
  readonly priceScope?: string;
}
