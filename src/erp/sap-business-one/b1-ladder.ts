import { ErpBadAnswer } from "../../errors.js";
import { compareDecimals, type Decimal, isPositive } from "../../pricing/decimal.js";
import type { PriceKey } from "../../pricing/keys.js";
import { type Ladder, sortTiers, type Tier } from "../../pricing/ladder.js";
import { given, parseAmount } from "../amounts.js";
import { startOfDay } from "../calendar.js";
import { parseList, parseRow, parseText, type Row, shown } from "../parse.js";
import type { B1Request, BatchRun } from "./b1-api.js";
import type { Breaks } from "./b1-breaks.js";
import { afterDiscount, type DiscountMeaning } from "./b1-discount.js";
import { type Ground, numberOf } from "./b1-ground.js";
import { toPriceRequest } from "./b1-price-request.js";
import { oneOf, toQuery } from "./b1-query.js";
import { taxRateOf } from "./b1-tax.js";
import { turnsAfter } from "./b1-validity.js";

/** A price that is to be asked, with what was read of its item and its customer. */
export interface AskedPrice {
  readonly key: PriceKey;
  readonly customer: string | null;
  readonly partner: Row | null;
  readonly item: Row;
  readonly breaks: Breaks;
  readonly ground: Ground;
  readonly day: string;
  readonly timeZone: string;
  /** Null where the customer says which. */
  readonly priceList: number | null;
  /** As the company names it; null for the price's own. */
  readonly currency: string | null;
}

/** How an item is written that has no units of its own. */
const manualUnits = -1;

/** In the order in which they are asked, the lowest first. */
function quantitiesOf({ key, breaks: { quantities } }: AskedPrice): Decimal[] {
  if (quantities === null) return [key.quantity];
  return [...new Set(["1", ...quantities])].sort(compareDecimals);
}

/**
 * A price's answer names neither item nor customer, so each price is led by two parts that do: whatever mixed up answers on the way would
 * mix up these too. By a filter and not by a key, whose path a web server may refuse for a slash in it.
 */
export function toRun(asked: AskedPrice): BatchRun {
  const { key, customer, item, day, priceList, currency } = asked;
  const hasUnits = Number.isInteger(item["UoMGroupEntry"]) && item["UoMGroupEntry"] !== manualUnits;
  const unit = hasUnits && Number.isInteger(item["InventoryUoMEntry"]) ? (item["InventoryUoMEntry"] as number) : null;
  const prices = quantitiesOf(asked).map((quantity) =>
    toPriceRequest({ sku: key.sku, customer, priceList, quantity, day, currency, unit }),
  );
  const itself = toEcho("Items", "ItemCode", key.sku);
  return customer === null
    ? [itself, ...prices]
    : [toEcho("BusinessPartners", "CardCode", customer), itself, ...prices];
}

function toEcho(list: string, field: string, value: string): B1Request {
  return { method: "GET", query: toQuery(list, { $filter: oneOf(field, [value]), $select: field }) };
}

function isEcho(answer: Row | undefined, field: string, value: string): boolean {
  const rows = parseList(answer?.["value"], "the rows");
  return rows.length === 1 && parseRow(rows[0], "a row")[field] === value;
}

/** @param rows of {@link toRun} @throws {ErpBadAnswer} */
export function toLadder(asked: AskedPrice, rows: readonly Row[], discount: DiscountMeaning | null): Ladder {
  const { key, customer, partner, item, ground, day } = asked;
  const { sku, quantity } = key;
  const [first, second] = rows;
  const isForIt = isEcho(customer === null ? first : second, "ItemCode", sku);
  if (!isForIt || (customer !== null && !isEcho(first, "CardCode", customer))) {
    throw new ErpBadAnswer(`asked for the price of ${sku}, Service Layer told another one`);
  }
  const prices = rows.slice(customer === null ? 1 : 2);
  const quantities = quantitiesOf(asked);
  const steps = sortTiers(quantities.map((from, n) => ({ from, unitPrice: priceOf(sku, prices[n] ?? {}, discount) })));
  const isWhole = asked.breaks.quantities !== null;
  const isGross = isGrossOf(asked);
  const taxRate = taxRateOf(ground, item, partner, day);
  if (isGross && taxRate === null) {
    throw new ErpBadAnswer(`the price of ${sku} includes a tax whose rate is not known`);
  }
  return {
    ...{ sku, taxRate, taxBasis: isGross ? "GROSS" : "NET" },
    currency: currencyOf(asked, prices),
    unit: given(item["InventoryUOM"], `the unit of ${sku}`, parseText),
    ...{ priceUnit: "1", minimumQuantity: "1", quantityIncrement: "1", priceList: null },
    unitPrice: (steps[0] as Tier).unitPrice,
    tiers: isWhole ? toTiers(steps) : [],
    onlyQuantity: isWhole ? null : quantity,
    validUntil: endOf(asked),
  };
}

function priceOf(sku: string, row: Row, meaning: DiscountMeaning | null): Decimal {
  const price = parseAmount(row["Price"], `the price of ${sku}`);
  const discount = parseAmount(row["Discount"] ?? 0, `the discount of ${sku}`);
  // A price of 0 is how SAP Business One says that it has none, or that this user may not see it.
  if (!isPositive(price) && discount !== "100") {
    throw new ErpBadAnswer(`the price of ${sku} is ${price}: it has none, or SAPB1_USER may not see prices`);
  }
  if (discount === "0") return price;
  if (meaning === null) {
    throw new ErpBadAnswer(
      `the price of ${sku} comes with a discount of ${discount} %, and whether that is taken off already is not known: set SAPB1_DISCOUNT`,
    );
  }
  return meaning === "included" ? price : afterDiscount(price, discount);
}

/** One for all quantities, and never another one than was asked. */
function currencyOf({ key, ground }: AskedPrice, prices: readonly Row[]): string {
  const told = [...new Set(prices.map(({ Currency }) => Currency))];
  const iso = told.map((code) => ground.currencies.iso.get(String(code)));
  const [currency] = iso;
  if (told.length !== 1 || currency === undefined) {
    throw new ErpBadAnswer(
      `the currency of ${key.sku} is ${shown(told)}, which is not one with an international code of three letters`,
    );
  }
  if (key.currency !== null && key.currency !== currency) {
    throw new ErpBadAnswer(
      `asked for the price of ${key.sku} in ${key.currency}, Service Layer told one in ${currency}`,
    );
  }
  return currency;
}

/** By the price list that it is made from. */
function isGrossOf({ key: { sku }, partner, priceList, breaks, ground }: AskedPrice): boolean {
  const usual = priceList ?? numberOf(partner?.["PriceListNum"]);
  const list = ground.priceLists.get(usual);
  if (list === undefined && priceList !== null) {
    throw new ErpBadAnswer(`SAPB1_PUBLIC_PRICE_LIST is ${priceList}, and there is no such price list`);
  }
  const isGross = list?.isGross ?? false;
  const others = breaks.ownLists.flatMap((number) => ground.priceLists.get(number) ?? []);
  if (others.some((other) => other.isGross !== isGross)) {
    throw new ErpBadAnswer(
      `the price of ${sku} is made from price lists with tax and without: whether it includes tax is not told`,
    );
  }
  return isGross;
}

/** None where the price never changes. */
function toTiers(steps: readonly Tier[]): Tier[] {
  const changes = steps.filter(({ unitPrice }, n) => unitPrice !== steps[n - 1]?.unitPrice);
  return changes.length < 2 ? [] : changes;
}

/** The next day on which a special price or the price list begins, or is over. */
function endOf({ partner, priceList, breaks, ground, day, timeZone }: AskedPrice): number | null {
  const list = ground.priceLists.get(priceList ?? numberOf(partner?.["PriceListNum"]));
  const turns = [...breaks.turns, ...(list === undefined ? [] : turnsAfter(list.period, day))].sort();
  return turns[0] === undefined ? null : startOfDay(turns[0], timeZone);
}
