import { describe, expect, test } from "vitest";
import { createFeedFormat } from "../../../src/feed/formats/create-feed-format.js";
import type { ChannelRules } from "../../../src/feed/formats/feed-format.js";
import type { FeedRecord } from "../../../src/feed/formats/feed-record.js";
import { priceOf, recordOf, stockOf } from "./record-samples.js";

const amazon = { sellerId: "A2SELLER", marketplaceId: "A13V1IB3VIYZZH", productType: "PRODUCT" };
const rules: ChannelRules = { safetyStock: "0", tax: "gross", amazon };

function write(records: readonly FeedRecord[], own: Partial<ChannelRules> = {}) {
  const leftOut: string[] = [];
  const format = createFeedFormat("amazon-json", { ...rules, ...own }, (_sku, reason) => leftOut.push(reason));
  const text = format.begin() + records.map((record) => format.item(record)).join("") + format.end();
  return { text, file: JSON.parse(text) as AmazonFile, leftOut };
}

interface AmazonFile {
  readonly header: unknown;
  readonly messages: readonly { readonly sku: string; readonly patches: readonly { readonly path: string }[] }[];
}

const offer = (value: number) => ({
  op: "replace",
  path: "/attributes/purchasable_offer",
  value: [
    {
      marketplace_id: "A13V1IB3VIYZZH",
      currency: "EUR",
      audience: "ALL",
      our_price: [{ schedule: [{ value_with_tax: value }] }],
    },
  ],
});
const quantity = (units: number) => ({
  op: "merge",
  path: "/attributes/fulfillment_availability",
  value: [{ fulfillment_channel_code: "DEFAULT", quantity: units }],
});

describe("the format amazon-json", () => {
  test("is a JSON_LISTINGS_FEED of patches, numbered from 1", () => {
    const { file } = write([recordOf({ sku: "A" }), recordOf({ sku: 'B"\\' })]);
    expect(file).toEqual({
      header: { sellerId: "A2SELLER", version: "2.0" },
      messages: [
        { messageId: 1, sku: "A", operationType: "PATCH", productType: "PRODUCT", patches: [offer(12), quantity(26)] },
        {
          messageId: 2,
          sku: 'B"\\',
          operationType: "PATCH",
          productType: "PRODUCT",
          patches: [offer(12), quantity(26)],
        },
      ],
    });
  });

  test("writes an amount digit for digit, which a number of JavaScript could not", () => {
    const gross = { amount: "123456789012345.67", currency: "EUR" };
    expect(write([recordOf({ price: priceOf({ gross }) })]).text).toContain('"value_with_tax":123456789012345.67}');
  });

  test("an empty feed is a whole file", () => {
    expect(write([]).file.messages).toEqual([]);
  });

  test("keeps back the safety stock, and tells whole units from 0", () => {
    const unitsOf = (available: string, safetyStock: string) =>
      write([recordOf({ stock: stockOf({ available }) })], { safetyStock }).file.messages[0]?.patches[1];
    expect(unitsOf("26.5", "5")).toEqual(quantity(21));
    expect(unitsOf("5", "5")).toEqual(quantity(0));
    expect(unitsOf("-2", "0")).toEqual(quantity(0));
  });

  test("what is not sold, or no longer, gets quantity 0 and keeps its listing", () => {
    const gone = recordOf({ price: null, removed: true });
    expect(write([recordOf({ price: null }), gone]).file.messages.map(({ patches }) => patches)).toEqual([
      [quantity(0)],
      [quantity(0)],
    ]);
  });

  test("what was not read, or has no price with tax, is left as it was, and counted; the rest is told", () => {
    const late = [{ field: "price", code: "ERP_TIMEOUT", message: "late" }] as const;
    const unread = write([recordOf({ price: null, errors: late })]);
    expect([unread.file.messages[0]?.patches, unread.leftOut]).toEqual([[quantity(26)], ["unread"]]);
    const untaxed = write([recordOf({ price: priceOf({ gross: null }) })]);
    expect([untaxed.file.messages[0]?.patches, untaxed.leftOut]).toEqual([[quantity(26)], ["untaxed"]]);
    const nothing = write([recordOf({ price: priceOf({ gross: null }), stock: null })]);
    expect([nothing.file.messages, nothing.leftOut]).toEqual([[], ["untaxed"]]);
  });

  test.each([{ minimumQuantity: "10" }, { quantityIncrement: "6" }])(
    "%j cannot be ordered by the unit: left out",
    (own) => {
      const { file, leftOut } = write([recordOf({ price: priceOf(own) })]);
      expect([file.messages, leftOut]).toEqual([[], ["packed"]]);
    },
  );

  test.each(["", " A", "A\u0000B", "A\nB", "\udfff", "A".repeat(41)])("the SKU %j is left out, and counted", (sku) => {
    const { file, leftOut } = write([recordOf({ sku })]);
    expect([file.messages, leftOut]).toEqual([[], ["unnameable"]]);
  });

  test("has Amazon's bounds, and takes no feed without a seller", () => {
    const { mostItems, mostBytes } = createFeedFormat("amazon-json", rules);
    expect([mostItems, mostBytes]).toEqual([25_000, 10_485_760]);
    expect(() => createFeedFormat("amazon-json", { ...rules, amazon: null })).toThrow("needs a seller");
  });
});
