import { ErpBadAnswer } from "../../errors.js";
import {
  type Decimal,
  isPositive,
  type Ratio,
  ratioOf,
  roundRatio,
  subtractDecimals,
  sumDecimals,
  sumRatios,
} from "../../pricing/decimal.js";
import { given, parseAmount } from "../amounts.js";
import { orError } from "../or-error.js";
import { parseList, parseRow, type Row } from "../parse.js";
import type { ErpNextApi } from "./erpnext-api.js";
import type { Item } from "./erpnext-items.js";
import type { Terms } from "./erpnext-terms.js";

/** One question: an item at a quantity of its stock unit. */
export interface Line {
  readonly item: Item;
  readonly quantity: Decimal;
}

/** What all lines of one call have in common. */
export interface OrderTerms extends Terms {
  readonly company: string;
  /** The price list's. */
  readonly currency: string;
  /** The site's day. */
  readonly today: string;
  /** Decimals of a rate. */
  readonly digits: number;
  /** Some rule looks at a line's amount, which ERPNext works out from a price it must be told. */
  readonly looksAtAmounts: boolean;
  readonly version: number;
  /** When a pricing rule begins or is over, in ms since the epoch; null where none does. */
  readonly validUntil: number | null;
}

/** The first version whose method calls its parameter `ctx`; before, it was `args`. */
const ctxSince = 16;

/** One answer a line, in their order: its rate, or why there is none. */
export async function readRates(
  api: ErpNextApi,
  terms: OrderTerms,
  lines: readonly Line[],
  signal: AbortSignal,
): Promise<(Decimal | ErpBadAnswer)[]> {
  if (lines.length === 0) return [];
  const first = await readChildren(
    api,
    terms,
    lines,
    lines.map(() => null),
    signal,
  );
  if (!terms.looksAtAmounts) return lines.map((line, n) => toRate(terms, line, first[n]));
  const rates = first.map((row) => row?.["price_list_rate"] ?? null);
  const second = await readChildren(api, terms, lines, rates, signal);
  return lines.map((line, n) => toRate(terms, line, second[n]));
}

/** Rows in the order of the lines; undefined where a line was not answered, or more than once. */
async function readChildren(
  api: ErpNextApi,
  terms: OrderTerms,
  lines: readonly Line[],
  rates: readonly unknown[],
  signal: AbortSignal,
): Promise<(Row | undefined)[]> {
  const order = { ...toOrder(terms), items: lines.map((line, n) => toOrderLine(line, String(n), rates[n])) };
  const params = { [terms.version >= ctxSince ? "ctx" : "args"]: JSON.stringify(order) };
  const answer = parseRow(
    await api.call("erpnext.stock.get_item_details.apply_price_list", params, signal),
    "the priced order",
  );
  const rows = parseList(answer["children"], "its lines").map((row) => parseRow(row, "a priced line"));
  return lines.map((_, n) => {
    const [row, ...others] = rows.filter((each) => each["name"] === String(n));
    return others.length === 0 ? row : undefined;
  });
}

// The order is in the list's own currency: both rates are 1, and ERPNext must not look for another (`ignore_conversion_rate`).
function toOrder({ company, customer, customerGroup, territory, priceList, currency, today }: OrderTerms): Row {
  return {
    doctype: "Sales Order",
    order_type: "Sales",
    company,
    customer,
    customer_group: customerGroup,
    territory,
    currency,
    conversion_rate: 1,
    ignore_conversion_rate: 1,
    selling_price_list: priceList,
    price_list: priceList,
    price_list_currency: currency,
    plc_conversion_rate: 1,
    transaction_date: today,
    ignore_pricing_rule: 0,
  };
}

function toOrderLine({ item, quantity }: Line, name: string, rate: unknown): Row {
  return {
    doctype: "Sales Order Item",
    parenttype: "Sales Order",
    name,
    child_docname: name,
    item_code: item.sku,
    item_group: item.group,
    brand: item.brand,
    qty: Number(quantity),
    stock_qty: Number(quantity),
    uom: item.unit,
    stock_uom: item.unit,
    conversion_factor: 1,
    ...(rate === null ? {} : { price_list_rate: rate }),
  };
}

function toRate(terms: OrderTerms, { item, quantity }: Line, row: Row | undefined): Decimal | ErpBadAnswer {
  const what = `the price of ${item.sku} at ${quantity}`;
  if (row === undefined) return new ErpBadAnswer(`ERPNext left out ${what}`);
  return orError(() => {
    const rate = given(row["price_list_rate"], what, parseAmount);
    if (rate === null)
      throw new ErpBadAnswer(`${item.sku} has no price in the list ${JSON.stringify(terms.priceList)}`);
    return roundRatio(applyRules(rate, row, what), terms.digits, "half-even");
  });
}

/** As an order works out a line's rate: the margin on the list's price, then the discount, a percentage before an amount. */
function applyRules(rate: Decimal, row: Row, what: string): Ratio {
  const number = (field: string) => given(row[field], `${field} of ${what}`, parseAmount) ?? "0";
  const margin = number("margin_rate_or_amount");
  const isPercentage = row["margin_type"] === "Percentage";
  const base = row["margin_type"] === "Amount" ? sumDecimals([rate, margin]) : rate;
  const factor = isPercentage ? sumDecimals(["100", margin]) : "100";
  const percent = number("discount_percentage");
  if (isPositive(percent)) return ratioOf([base, factor, subtractDecimals("100", percent)], ["100", "100"]);
  return sumRatios([ratioOf([base, factor], ["100"]), ratioOf(["-1", number("discount_amount")])]);
}
