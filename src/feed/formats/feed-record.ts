import type { ErrorCode } from "../../errors.js";
import type { Decimal } from "../../pricing/decimal.js";
import type { Freshness } from "../../pricing/source.js";
import type { StockStatus } from "../../pricing/stock.js";

/**
 * One item as it is told: the fields of `FeedItem` in schema.graphql, all of them, in their order. A line of `/feeds/ndjson` is the
 * JSON of one.
 */
export interface FeedRecord {
  readonly sku: string;
  /** Null without an error: not for sale at a public price. */
  readonly price: RecordPrice | null;
  /** Null without an error: the ERP tells no stock of it. */
  readonly stock: RecordStock | null;
  readonly removed: boolean;
  /** What could not be told; absent where there is nothing of the kind. */
  readonly errors?: readonly RecordError[];
}

/** Why `price` or `stock` is null: what holds of it is not known. */
export interface RecordError {
  readonly field: "price" | "stock";
  readonly code: ErrorCode | "INTERNAL_SERVER_ERROR";
  readonly message: string;
}

export interface RecordMoney {
  readonly amount: Decimal;
  /** ISO 4217. */
  readonly currency: string;
}

export interface RecordPrice {
  readonly audience: "PUBLIC" | "CUSTOMER";
  readonly quantity: Decimal;
  readonly unit: string | null;
  /** How many units `net` and `gross` pay for. */
  readonly priceUnit: Decimal;
  readonly net: RecordMoney;
  /** Null where the ERP tells no tax rate. */
  readonly gross: RecordMoney | null;
  /** In percent. */
  readonly taxRate: Decimal | null;
  readonly taxBasis: "NET" | "GROSS";
  readonly tiers: readonly RecordTier[];
  readonly minimumQuantity: Decimal;
  readonly quantityIncrement: Decimal;
  readonly priceList: string | null;
  /** RFC 3339, in UTC. */
  readonly validUntil: string | null;
  readonly lowestNet30Days: RecordMoney | null;
  readonly priorLowestNet30Days: RecordMoney | null;
  readonly freshness: RecordFreshness;
}

export interface RecordTier {
  readonly minimumQuantity: Decimal;
  readonly net: RecordMoney;
  readonly gross: RecordMoney | null;
}

export interface RecordStock {
  readonly status: StockStatus;
  /** Null where this reader sees the status alone. */
  readonly available: Decimal | null;
  readonly warehouses: readonly RecordWarehouse[];
  /** A calendar day, such as "2026-12-01". */
  readonly restockDate: string | null;
  readonly leadTimeDays: number | null;
  readonly freshness: RecordFreshness;
}

export interface RecordWarehouse {
  readonly code: string;
  readonly status: StockStatus;
  readonly available: Decimal | null;
}

export interface RecordFreshness {
  readonly source: Freshness["source"];
  /** RFC 3339, in UTC. */
  readonly computedAt: string;
  readonly ageSeconds: number;
  /** RFC 3339, in UTC. */
  readonly freshUntil: string;
  readonly staleReason: Freshness["staleReason"];
}
