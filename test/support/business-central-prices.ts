import type { BcBooks } from "./business-central-fake.js";
import type { BcRecord } from "./business-central-filter.js";

/** A line of a price list. */
export interface FakePrice {
  readonly item: string;
  /** Null for all customers. */
  readonly customer: string | null;
  readonly from: number;
  readonly unitPrice: number;
  readonly discount?: number;
  /** The last day that it holds, such as "2026-12-31". */
  readonly until?: string;
}

type Condition = { readonly field: string; readonly value: string };

/** As deploy/business-central/PriceCalculation.al answers: the lowest price, a row for each quantity at which it may break. */
export function answerPriceLines(books: BcBooks, conditions: readonly Condition[]): BcRecord[] {
  const asked = Object.fromEntries(conditions.map(({ field, value }) => [field, value]));
  const find = (list: string, number: string | undefined) =>
    books.lists[list]?.find((row) => row["number"] === number?.toUpperCase());
  const [customer, item] = [find("customers", asked["customerNumber"]), find("items", asked["itemNumber"])];
  const currency = asked["askedCurrency"] ?? customer?.["currencyCode"];
  const row = {
    ...{ customerNumber: customer?.["number"] ?? "", itemNumber: item?.["number"] ?? "" },
    ...{ quantity: 0, unitPrice: 0, lineDiscountPercent: 0, currencyCode: currency, priceIncludesTax: false },
    ...{ taxPercent: 20, taxIsKnown: true, unitOfMeasureCode: "PCS", isWholeLadder: true, validUntil: "0001-01-01" },
  };
  if (customer === undefined) return [{ ...row, outcome: "no customer" }];
  if (item === undefined || item["blocked"] === true) return [{ ...row, outcome: "no item" }];
  if (currency !== "EUR" && currency !== "USD") return [{ ...row, outcome: "no currency" }];
  if (item["isBroken"] === true) return [{ ...row, outcome: "failed" }];
  const day = asked["askedDate"] ?? "";
  const own = books.prices.filter((price) => isFor(price, row.itemNumber, row.customerNumber, day));
  const isWhole = item["hasOldPrices"] !== true;
  const quantities = isWhole ? new Set([1, ...own.map(({ from }) => from)]) : [Number(asked["askedQuantity"])];
  const [end] = own.flatMap(({ until }) => until ?? []).sort();
  return [...quantities].map((quantity) => ({
    ...{ ...row, outcome: "price", quantity, isWholeLadder: isWhole },
    ...bestAt(own, quantity, Number(item["unitPrice"])),
    ...(end === undefined ? {} : { validUntil: dayAfter(end) }),
  }));
}

function isFor({ item, customer, until }: FakePrice, number: unknown, buyer: unknown, day: string): boolean {
  return item === number && (customer === null || customer === buyer) && (until === undefined || until >= day);
}

function bestAt(prices: readonly FakePrice[], quantity: number, usual: number): BcRecord {
  const [best] = prices.filter(({ from }) => from <= quantity).sort((a, b) => net(a) - net(b));
  return { unitPrice: best?.unitPrice ?? usual, lineDiscountPercent: best?.discount ?? 0 };
}

function net({ unitPrice, discount = 0 }: FakePrice): number {
  return unitPrice * (100 - discount);
}

function dayAfter(day: string): string {
  return new Date(Date.parse(day) + 86_400_000).toISOString().slice(0, 10);
}
