import fc from "fast-check";
import { SaxesParser } from "saxes";
import { describe, expect, test } from "vitest";
import { createFeedFormat } from "../../../src/feed/formats/create-feed-format.js";
import type { ChannelRules, FeedFormatName, LeftOutReason } from "../../../src/feed/formats/feed-format.js";
import type { FeedRecord } from "../../../src/feed/formats/feed-record.js";
import { minorUnitOf } from "../../../src/pricing/minor-units.js";
import { priceOf, recordOf, stockOf } from "./record-samples.js";

const rules: ChannelRules = {
  safetyStock: "0",
  tax: "gross",
  amazon: { sellerId: "A2SELLER", marketplaceId: "A13V1IB3VIYZZH", productType: "PRODUCT" },
};

/** What a marketplace reads of one SKU: its price as it is written, and units or a word. */
interface Read {
  readonly sku: string;
  readonly price: string;
  readonly stock: string;
}

const readers: Readonly<Record<Exclude<FeedFormatName, "ndjson">, (text: string) => Read[]>> = {
  "google-tsv": readTsv,
  "google-xml": readXml,
  "amazon-json": readAmazon,
};

function readTsv(text: string): Read[] {
  const lines = text.split(/\r\n|[\n\r\u0085\u2028\u2029]/);
  expect(lines.pop()).toBe("");
  const rows = lines.map((line) => line.split("\t"));
  for (const row of rows) expect(row).toHaveLength(4);
  return rows.slice(1).map(([sku = "", price = "", stock = ""]) => ({ sku, price, stock }));
}

function readXml(text: string): Read[] {
  const items: Record<string, string>[] = [];
  let name = "";
  const parser = new SaxesParser();
  parser.on("error", (error) => {
    throw error;
  });
  parser.on("opentag", (tag) => {
    name = tag.name;
    if (name === "item") items.push({});
  });
  parser.on("closetag", () => {
    name = "";
  });
  parser.on("text", (value) => {
    const item = items.at(-1);
    if (item !== undefined && name.startsWith("g:")) item[name] = `${item[name] ?? ""}${value}`;
  });
  parser.write(text).close();
  return items.map((item) => ({
    sku: item["g:id"] ?? "",
    price: item["g:price"] ?? "",
    stock: item["g:availability"] ?? "",
  }));
}

function readAmazon(text: string): Read[] {
  // Amounts are read as they are written: a number of JavaScript would round them.
  const quoted = text.replace(/"(value_with_tax|quantity)":(-?[\d.]+)/g, '"$1":"$2"');
  const { messages } = JSON.parse(quoted) as { messages: { sku: string; patches: { value: AmazonValue[] }[] }[] };
  expect(() => JSON.parse(text)).not.toThrow();
  return messages.map(({ sku, patches }) => {
    const values = patches.map(({ value }) => value[0] as AmazonValue);
    const offer = values.find(({ our_price }) => our_price !== undefined);
    const amount = offer?.our_price?.[0]?.schedule[0]?.value_with_tax;
    const units = values.find(({ quantity }) => quantity !== undefined)?.quantity ?? "";
    return { sku, price: amount === undefined ? "" : `${amount} ${offer?.currency}`, stock: units };
  });
}

interface AmazonValue {
  readonly currency?: string;
  readonly our_price?: readonly { readonly schedule: readonly { readonly value_with_tax: string }[] }[];
  readonly quantity?: string;
}

const sku = fc.oneof(
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.string({
    unit: fc.constantFrom(
      "A",
      "b",
      " ",
      "\t",
      "\n",
      "\r",
      '"',
      "'",
      "&",
      "<",
      ">",
      "]",
      "\u0000",
      "\u0085",
      "é",
      "\ud83d",
      "\ufffe",
    ),
    maxLength: 12,
  }),
);
const amount = fc
  .tuple(fc.bigInt({ min: -5n, max: 10n ** 15n - 1n }), fc.nat(999_999))
  .map(([whole, millionths]) => `${whole}.${String(millionths).padStart(6, "0")}`);
const currency = fc.constantFrom("EUR", "JPY", "KWD", "CLF");
const record: fc.Arbitrary<FeedRecord> = fc
  .record({ sku, amount, currency, available: amount, isSold: fc.boolean() })
  .map(({ isSold, available, ...told }) => {
    const gross = { amount: told.amount, currency: told.currency };
    return recordOf({ sku: told.sku, price: isSold ? priceOf({ gross }) : null, stock: stockOf({ available }) });
  });

/** Half up in the currency's own decimals, by integers alone. */
function expectedPrice({ price }: FeedRecord): string {
  const { amount: text, currency: code } = price?.gross ?? { amount: "0.000000", currency: "EUR" };
  const millionths = BigInt(text.replace(".", ""));
  const decimals = minorUnitOf(code);
  const unit = 10n ** BigInt(6 - decimals);
  const minor = (millionths + unit / 2n) / unit;
  if (price === null || millionths < 0n || minor === 0n) return "";
  const digits = String(minor).padStart(decimals + 1, "0");
  const point = digits.length - decimals;
  return `${digits.slice(0, point)}${decimals > 0 ? `.${digits.slice(point)}` : ""} ${code}`;
}

describe.each(Object.entries(readers))("any SKU at any price in %s", (name, read) => {
  test("is read back with its own values, or left out and counted; its neighbours stand", () => {
    fc.assert(
      fc.property(fc.array(record, { maxLength: 8 }), (records) => {
        const leftOut = new Map<string, LeftOutReason[]>();
        const format = createFeedFormat(name as FeedFormatName, rules, (of, reason) =>
          leftOut.set(of, [...(leftOut.get(of) ?? []), reason]),
        );
        const told = records.map((item) => ({ item, text: format.item(item) }));
        const rows = read(format.begin() + told.map(({ text }) => text).join("") + format.end());
        const items = told.filter(({ text }) => text !== "").map(({ item }) => item);
        expect(rows.map((row) => row.sku)).toEqual(items.map((item) => item.sku));
        expect(rows.map(({ price }) => price)).toEqual(items.map(expectedPrice));
        for (const { item, text } of told) {
          if (text === "") expect(leftOut.get(item.sku)).toContain("unnameable");
        }
        const isThere = ({ price, stock }: FeedRecord) => price !== null && Number(stock?.available) >= 1;
        const says = rows.map(({ stock }) => stock !== "out_of_stock" && stock !== "0");
        expect(says).toEqual(items.map(isThere));
      }),
      { numRuns: 300 },
    );
  });

  test("plain SKUs are never left out", () => {
    const plain = fc.stringMatching(/^[A-Za-z0-9_./-]{1,40}$/);
    fc.assert(
      fc.property(plain, (own) => {
        const format = createFeedFormat(name as FeedFormatName, rules);
        const text = format.begin() + format.item(recordOf({ sku: own })) + format.end();
        expect(read(text).map((row) => row.sku)).toEqual([own]);
      }),
    );
  });
});
