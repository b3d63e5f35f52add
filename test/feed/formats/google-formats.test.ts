import { SaxesParser } from "saxes";
import { describe, expect, test } from "vitest";
import { createFeedFormat } from "../../../src/feed/formats/create-feed-format.js";
import type { ChannelRules } from "../../../src/feed/formats/feed-format.js";
import type { FeedRecord } from "../../../src/feed/formats/feed-record.js";
import { priceOf, recordOf, stockOf } from "./record-samples.js";

const rules: ChannelRules = { safetyStock: "0", tax: "gross", amazon: null };
const unread = (field: "price" | "stock") => [{ field, code: "ERP_TIMEOUT", message: "late" }] as const;
const eur = (amount: string) => ({ amount, currency: "EUR" });

/** The row that is told, by its columns, and why something is left out. */
function tell(record: FeedRecord, own: Partial<ChannelRules> = {}) {
  const leftOut: string[] = [];
  const format = createFeedFormat("google-tsv", { ...rules, ...own }, (_sku, reason) => leftOut.push(reason));
  const text = format.item(record);
  if (text === "") return { row: null, leftOut };
  expect(text.endsWith("\n")).toBe(true);
  return { row: text.slice(0, -1).split("\t"), leftOut };
}

const told = (record: FeedRecord, own: Partial<ChannelRules> = {}) => tell(record, own).row;

describe("what Google is told of an item", () => {
  test("its id, what one unit costs with tax, and that it is there", () => {
    expect(tell(recordOf({ sku: "A-1" }))).toEqual({ row: ["A-1", "12.00 EUR", "in_stock", ""], leftOut: [] });
  });

  test("the price without tax where the rules say so", () => {
    expect(told(recordOf(), { tax: "net" })?.[1]).toBe("10.00 EUR");
  });

  test.each([
    ["12.345", "EUR", "12.35 EUR"],
    ["12.344999", "EUR", "12.34 EUR"],
    ["1000.5", "JPY", "1001 JPY"],
    ["1.0005", "KWD", "1.001 KWD"],
    ["0.005", "EUR", "0.01 EUR"],
    ["123456789012345.999999", "EUR", "123456789012346.00 EUR"],
  ])("%s %s is told in the currency's own decimals, half up: %s", (amount, currency, price) => {
    expect(told(recordOf({ price: priceOf({ gross: { amount, currency } }) }))?.[1]).toBe(price);
  });

  test("a price for several units is told for one, rounded once", () => {
    const price = priceOf({ priceUnit: "100", gross: eur("123.499999") });
    expect(told(recordOf({ price }))?.[1]).toBe("1.23 EUR");
  });

  test("what is sold from a quantity on is told at that quantity, by the break that holds there", () => {
    const tier = (minimumQuantity: string, amount: string) => ({ minimumQuantity, net: eur("1"), gross: eur(amount) });
    const tiers = [tier("1", "5"), tier("10", "4.5"), tier("100", "4")];
    const price = priceOf({ gross: eur("5"), minimumQuantity: "8", quantityIncrement: "5", tiers });
    expect(told(recordOf({ price }))).toEqual(["A", "45.00 EUR", "in_stock", ""]);
    const few = stockOf({ available: "9" });
    expect(told(recordOf({ price, stock: few }))?.[2]).toBe("out_of_stock");
  });

  test("below the lowest break the lowest break's price is told; a part of a unit is told for a whole one", () => {
    const tiers = [{ minimumQuantity: "3", net: eur("1"), gross: eur("2") }];
    expect(told(recordOf({ price: priceOf({ tiers }) }))?.[1]).toBe("2.00 EUR");
    const byTheMetre = priceOf({ minimumQuantity: "0.1", quantityIncrement: "0.1" });
    expect(told(recordOf({ price: byTheMetre }))?.[1]).toBe("12.00 EUR");
  });

  test.each([
    ["IN_STOCK", "3", "2", "in_stock"],
    ["IN_STOCK", "3", "2.5", "out_of_stock"],
    ["LOW_STOCK", "2", "2", "out_of_stock"],
    ["LOW_STOCK", "1", "0", "in_stock"],
    ["LOW_STOCK", "0.5", "0", "out_of_stock"],
    ["OUT_OF_STOCK", "0", "0", "out_of_stock"],
    ["OUT_OF_STOCK", "-4", "0", "out_of_stock"],
    ["BACKORDER", "0", "0", "out_of_stock"],
  ] as const)("%s with %s there and %s kept back is %s", (status, available, safetyStock, availability) => {
    const stock = stockOf({ status, available });
    expect(told(recordOf({ stock }), { safetyStock })?.[2]).toBe(availability);
  });

  test("what can be ordered though nothing is there is told with its day, which Google demands", () => {
    const stock = stockOf({ status: "BACKORDER", available: "0", restockDate: "2027-01-05" });
    expect(told(recordOf({ stock }))?.slice(2)).toEqual(["backorder", "2027-01-05T00:00Z"]);
    const sold = stockOf({ status: "OUT_OF_STOCK", available: "0", restockDate: "2027-01-05" });
    expect(told(recordOf({ stock: sold }))?.slice(2)).toEqual(["out_of_stock", ""]);
  });

  test("what has no public price, and what is removed, is out of stock, whatever the warehouse holds", () => {
    expect(tell(recordOf({ price: null }))).toEqual({ row: ["A", "", "out_of_stock", ""], leftOut: [] });
    expect(tell(recordOf({ price: null, removed: true }))).toEqual({ row: ["A", "", "out_of_stock", ""], leftOut: [] });
    const lost = recordOf({ price: null, stock: null, errors: unread("stock") });
    expect(tell(lost)).toEqual({ row: ["A", "", "out_of_stock", ""], leftOut: [] });
  });

  test("what was not read is left as it was, and counted; the rest is told", () => {
    const noPrice = recordOf({ price: null, errors: unread("price") });
    expect(tell(noPrice)).toEqual({ row: ["A", "", "in_stock", ""], leftOut: ["unread"] });
    const noStock = recordOf({ stock: null, errors: unread("stock") });
    expect(tell(noStock)).toEqual({ row: ["A", "12.00 EUR", "", ""], leftOut: ["unread"] });
    const neither = recordOf({ price: null, stock: null, errors: [...unread("price"), ...unread("stock")] });
    expect(tell(neither)).toEqual({ row: null, leftOut: ["unread"] });
  });

  test("of what the ERP tells no stock, the price alone is told", () => {
    expect(tell(recordOf({ stock: null }))).toEqual({ row: ["A", "12.00 EUR", "", ""], leftOut: [] });
  });

  test("without a tax rate there is no price with tax, and one of nothing is no price", () => {
    const untaxed = recordOf({ price: priceOf({ gross: null, taxRate: null }) });
    expect(tell(untaxed)).toEqual({ row: ["A", "", "in_stock", ""], leftOut: ["untaxed"] });
    expect(told(untaxed, { tax: "net" })?.[1]).toBe("10.00 EUR");
    const free = recordOf({ price: priceOf({ gross: eur("0.004") }) });
    expect(tell(free)).toEqual({ row: ["A", "", "in_stock", ""], leftOut: ["unpriceable"] });
  });

  test.each([
    ["a tab", "A\tB"],
    ["a line break", "A\nB"],
    ["a line separator", "A\u2028B"],
    ["a quote", 'A"B'],
    ["a control character", "A\u0085B"],
    ["half a character", "A\ud800B"],
    ["no character", "A\uffffB"],
    ["a private character", "A\ue000B"],
    ["a blank at its end", "A "],
    ["two blanks in a row", "A  B"],
    ["nothing", ""],
    ["51 characters", "A".repeat(51)],
  ])("an SKU with %s is left out, and counted", (_, sku) => {
    expect(tell(recordOf({ sku }))).toEqual({ row: null, leftOut: ["unnameable"] });
  });

  test("the file begins with the names of its columns, `id` first", () => {
    const format = createFeedFormat("google-tsv", rules);
    expect([format.begin(), format.end()]).toEqual(["id\tprice\tavailability\tavailability_date\n", ""]);
  });
});

describe("the same as XML", () => {
  /** Items by the local names of their elements, all of them in Google's namespace. */
  function parse(text: string): Record<string, string>[] {
    const items: Record<string, string>[] = [];
    const open: string[] = [];
    const parser = new SaxesParser({ xmlns: true });
    parser.on("error", (error) => {
      throw error;
    });
    parser.on("opentag", ({ local, uri }) => {
      open.push(`${uri}${local}`);
      if (open.join("/") === "rss/channel/item") items.push({});
    });
    parser.on("text", (value) => {
      const [, name] = /^http:\/\/base\.google\.com\/ns\/1\.0(\w+)$/.exec(open.at(-1) ?? "") ?? [];
      if (name !== undefined) (items.at(-1) as Record<string, string>)[name] = value;
    });
    parser.on("closetag", () => open.pop());
    parser.write(text).close();
    return items;
  }

  test("is RSS 2.0 in Google's namespace, and leaves out what there is nothing to say of", () => {
    const format = createFeedFormat("google-xml", rules);
    const later = stockOf({ status: "BACKORDER", available: "0", restockDate: "2027-01-05" });
    const records = [
      recordOf({ sku: `<&>"'` }),
      recordOf({ sku: "B", stock: later }),
      recordOf({ sku: "C", stock: null }),
    ];
    const text = format.begin() + records.map((record) => format.item(record)).join("") + format.end();
    expect(parse(text)).toEqual([
      { id: `<&>"'`, price: "12.00 EUR", availability: "in_stock" },
      { id: "B", price: "12.00 EUR", availability: "backorder", availability_date: "2027-01-05T00:00Z" },
      { id: "C", price: "12.00 EUR" },
    ]);
  });

  test("an empty feed is a whole file, and one without its end is none", () => {
    const format = createFeedFormat("google-xml", rules);
    expect(parse(format.begin() + format.end())).toEqual([]);
    expect(() => parse(format.begin())).toThrow();
  });
});
