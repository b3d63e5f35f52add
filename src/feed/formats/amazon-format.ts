import type { Decimal } from "../../pricing/decimal.js";
import type { AmazonRules, ChannelRules, FeedFormat, OnLeftOut } from "./feed-format.js";
import type { FeedRecord, RecordMoney } from "./feed-record.js";
import { isOne, type Offer, toOffer } from "./offer.js";
import { isPlainSku } from "./sku-names.js";

/** Most messages in one JSON_LISTINGS_FEED. Source: Amazon's announcement of 6 May 2025, and `maxItems` of its schema. */
const mostMessages = 25_000;
/** What a feed should not exceed. Source: Amazon's "Feeds API Best Practices". */
const mostBytes = 10 * 1024 * 1024;
/** Source: Amazon's sellers' forums and guides; its schema names no bound. */
const longestSku = 40;

/**
 * A JSON_LISTINGS_FEED for Amazon's Selling Partner API: each message patches the price and the quantity of one listing, and nothing else of it.
 * @throws {Error} where the rules say nothing of Amazon
 */
export function createAmazonFormat(rules: ChannelRules, onLeftOut: OnLeftOut): FeedFormat {
  const { amazon } = rules;
  if (amazon === null) throw new Error("a feed for Amazon needs a seller, a marketplace and a product type");
  let messages = 0;
  return {
    name: "amazon-json",
    contentType: "application/json; charset=utf-8",
    fileExtension: "json",
    ...{ mostItems: mostMessages, mostBytes },
    begin: () => `{"header":${JSON.stringify({ sellerId: amazon.sellerId, version: "2.0" })},"messages":[\n`,
    item(record) {
      const patches = toPatches(record, rules, amazon, onLeftOut);
      if (patches.length === 0) return "";
      messages += 1;
      const about = `"messageId":${messages},"sku":${JSON.stringify(record.sku)},"operationType":"PATCH"`;
      const message = `{${about},"productType":${JSON.stringify(amazon.productType)},"patches":[${patches.join(",")}]}`;
      return messages === 1 ? message : `,\n${message}`;
    },
    end: () => "\n]}\n",
  };
}

function toPatches(record: FeedRecord, rules: ChannelRules, amazon: AmazonRules, onLeftOut: OnLeftOut): string[] {
  const { sku } = record;
  if (!isPlainSku(sku, longestSku)) {
    onLeftOut(sku, "unnameable");
    return [];
  }
  const offer = toOffer(record, rules, (reason) => onLeftOut(sku, reason));
  if (!offer.isSold) return [toQuantityPatch("0")];
  // A buyer at Amazon orders single units of a listing, whatever the ERP's smallest quantity is.
  if (!isOne(offer.smallest)) {
    onLeftOut(sku, "packed");
    return [];
  }
  return [...pricePatches(offer, amazon), ...(offer.units === null ? [] : [toQuantityPatch(offer.units)])];
}

function pricePatches({ price }: Offer, { marketplaceId }: AmazonRules): string[] {
  return price === null ? [] : [toPricePatch(price, marketplaceId)];
}

/** Replaces the offer to all buyers. Written by hand, since the amount is a JSON number that must stay digit for digit. */
function toPricePatch({ amount, currency }: RecordMoney, marketplaceId: string): string {
  const offer = `"marketplace_id":${JSON.stringify(marketplaceId)},"currency":"${currency}","audience":"ALL"`;
  const price = `"our_price":[{"schedule":[{"value_with_tax":${amount}}]}]`;
  return `{"op":"replace","path":"/attributes/purchasable_offer","value":[{${offer},${price}}]}`;
}

/** Merges, so that handling times and the like stay. @param quantity whole */
function toQuantityPatch(quantity: Decimal): string {
  const value = `{"fulfillment_channel_code":"DEFAULT","quantity":${quantity}}`;
  return `{"op":"merge","path":"/attributes/fulfillment_availability","value":[${value}]}`;
}
