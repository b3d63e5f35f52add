import type { Ladder } from "../pricing/ladder.js";
import type { Outcome } from "../pricing/source.js";
import type { Stock } from "../pricing/stock.js";

/** What a feed tells of one SKU: its public price for one unit, and its stock over all warehouses. */
export interface FeedItem {
  readonly sku: string;
  /** Null where nobody wanted it. Unknown: listed, and not for sale at a public price. */
  readonly price: Outcome<Ladder> | null;
  readonly stock: Outcome<Stock> | null;
  /** The ERP no longer sells it; in delta runs only. */
  readonly isRemoved: boolean;
}

export interface FeedPage {
  readonly items: readonly FeedItem[];
  readonly hasNextPage: boolean;
  /** Where the next page begins; on the last page, a page without items. */
  readonly endCursor: string;
  /** Where a later run starts; on the last page only. */
  readonly deltaCursor: string | null;
}

/** What is read of each SKU; a delta run reads the price in any case, since it decides what was removed. */
export interface FeedWants {
  readonly price: boolean;
  readonly stock: boolean;
}

export interface FeedStart {
  /** An `endCursor`; null for the first page. */
  readonly after: string | null;
  /** A `deltaCursor`; null to run in full. */
  readonly changedSince: string | null;
}
