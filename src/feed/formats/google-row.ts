import { compareDecimals } from "../../pricing/decimal.js";
import type { ChannelRules, OnLeftOut } from "./feed-format.js";
import type { FeedRecord } from "./feed-record.js";
import { type Offer, toOffer } from "./offer.js";
import { isPlainSku } from "./sku-names.js";

/** The attributes that are told, by Google's names and in this order; "" leaves what the primary source says. */
export const googleAttributes = ["id", "price", "availability", "availability_date"] as const;
export type GoogleRow = Readonly<Record<(typeof googleAttributes)[number], string>>;

/** Google's bound on an id. Source: its help page on `id`. */
const longestId = 50;

/**
 * What Google is told of an item, in both its formats; null for nothing.
 * @see docs/feed.md for the rules of Google that this follows
 */
export function toGoogleRow(record: FeedRecord, rules: ChannelRules, onLeftOut: OnLeftOut): GoogleRow | null {
  const { sku } = record;
  // Google shortens blanks in a row, and so would take it for another id.
  if (!isPlainSku(sku, longestId) || /\s\s/.test(sku)) {
    onLeftOut(sku, "unnameable");
    return null;
  }
  const offer = toOffer(record, rules, (reason) => onLeftOut(sku, reason));
  const price = offer.price === null ? "" : `${offer.price.amount} ${offer.price.currency}`;
  const availability = availabilityOf(offer);
  if (price === "" && availability === "") return null;
  const isLater = availability === "backorder";
  return { id: sku, price, availability, availability_date: isLater ? `${offer.backorderDate}T00:00Z` : "" };
}

function availabilityOf({ isSold, units, smallest, backorderDate }: Offer): string {
  if (!isSold) return "out_of_stock";
  if (units === null) return "";
  if (compareDecimals(units, smallest) >= 0) return "in_stock";
  return backorderDate === null ? "out_of_stock" : "backorder"; // Google takes no backorder without its date
}
