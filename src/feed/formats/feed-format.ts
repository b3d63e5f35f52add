import type { Decimal } from "../../pricing/decimal.js";
import type { FeedRecord } from "./feed-record.js";

/** Writes one file, from its beginning to its end; the next file needs a format of its own. */
export interface FeedFormat {
  readonly name: FeedFormatName;
  /** The media type, with its charset where it has one. */
  readonly contentType: string;
  /** Without a dot. */
  readonly fileExtension: string;
  /** Most items in one file; null where there is no such bound. What does not fit is the next file's. */
  readonly mostItems: number | null;
  /** Likewise of its bytes. */
  readonly mostBytes: number | null;
  /** What stands before the first item. */
  begin(): string;
  /** What is said of one SKU; "" for nothing. Whoever asked to be is told why something is left out. */
  item(record: FeedRecord): string;
  /** What stands after the last item. A file without it is not whole. */
  end(): string;
}

export const feedFormatNames = ["ndjson", "google-tsv", "google-xml", "amazon-json"] as const;
export type FeedFormatName = (typeof feedFormatNames)[number];

/** Marketplaces, as settings name them. */
export const channels = ["google", "amazon"] as const;
export type Channel = (typeof channels)[number];

/** Null for a format that is no marketplace's. */
export function channelOf(name: FeedFormatName): Channel | null {
  return channels.find((channel) => name.startsWith(`${channel}-`)) ?? null;
}

/** How a marketplace is told things. ndjson tells what there is, whatever the rules. */
export interface ChannelRules {
  /** Units that a marketplace is told less than there are, from "0". */
  readonly safetyStock: Decimal;
  /** Which side of the tax is told. */
  readonly tax: "gross" | "net";
  /** Needed by `amazon-json`; null for others. */
  readonly amazon: AmazonRules | null;
}

/** How Amazon writes the id of a seller or a marketplace, and a product type. */
export const amazonId = /^[A-Z0-9]{5,30}$/;
export const amazonProductType = /^[A-Z0-9_]{1,100}$/;
/** The product type that fits offers of every type. */
export const anyProductType = "PRODUCT";

export interface AmazonRules {
  /** The seller's own id at Amazon, its "merchant token". */
  readonly sellerId: string;
  /** Such as "A13V1IB3VIYZZH" for France. */
  readonly marketplaceId: string;
  /** {@link anyProductType}, or one of Amazon's own. */
  readonly productType: string;
}

/**
 * Why a channel is not told of an SKU, or not all of it, so that it keeps what it was told before.
 * unread: the price or the stock could not be read. untaxed: the ERP tells no tax rate, and the channel wants the price with tax. unnameable: the SKU
 * has no place in this format. unpriceable: the price is none that the channel takes, such as 0. packed: it is sold by several at once alone.
 */
export const leftOutReasons = ["unread", "untaxed", "unnameable", "unpriceable", "packed"] as const;
export type LeftOutReason = (typeof leftOutReasons)[number];

/** Told once for each SKU and reason. */
export type OnLeftOut = (sku: string, reason: LeftOutReason) => void;
