import { type ErpCall, type Failed, fromErp, type Unknown } from "../../pricing/source.js";
import { given, parseAmount } from "../amounts.js";
import { orFailed } from "../or-error.js";
import { parseText, type Row } from "../parse.js";
import type { Condition, ErpNextApi } from "./erpnext-api.js";
import { isSet } from "./erpnext-ground.js";

/** An item that can stand on an order. */
export interface Item {
  readonly sku: string;
  /** What a price and a stock are counted in. */
  readonly unit: string;
  readonly group: string | null;
  readonly brand: string | null;
  readonly isStocked: boolean;
  readonly leadTimeDays: number | null;
}

export type ItemFound = { readonly kind: "item"; readonly item: Item } | Unknown | Failed;

const fields = ["name", "stock_uom", "item_group", "brand", "is_stock_item", "lead_time_days"];

/** What an order refuses: disabled items, those not for sale, and templates of variants. */
export const forSale: readonly Condition[] = [
  ["disabled", "=", 0],
  ["is_sales_item", "=", 1],
  ["has_variants", "=", 0],
];

/** One answer an SKU, which is the item's code. */
export async function readItems(
  api: ErpNextApi,
  skus: readonly string[],
  call: ErpCall,
): Promise<Map<string, ItemFound>> {
  const wanted = [...new Set(skus)];
  const filters: Condition[] = [["name", "in", wanted], ...forSale];
  const rows = wanted.length === 0 ? [] : await api.list({ doctype: "Item", fields, filters }, call.signal);
  const byName = new Map(rows.map((row) => [String(row["name"]), row]));
  return new Map(wanted.map((sku) => [sku, toFound(sku, byName.get(sku), call)]));
}

function toFound(sku: string, row: Row | undefined, call: ErpCall): ItemFound {
  if (row === undefined) return { kind: "unknown", what: "sku", freshness: fromErp(call) };
  return orFailed(() => ({ kind: "item", item: toItem(sku, row) }));
}

function toItem(sku: string, row: Row): Item {
  const days = Number(given(row["lead_time_days"], `the lead time of ${sku}`, parseAmount) ?? "0");
  return {
    sku,
    unit: parseText(row["stock_uom"], `the unit of ${sku}`),
    group: given(row["item_group"], `the group of ${sku}`, parseText),
    brand: given(row["brand"], `the brand of ${sku}`, parseText),
    isStocked: isSet(row["is_stock_item"], `whether ${sku} is kept in stock`),
    leadTimeDays: days > 0 ? Math.ceil(days) : null,
  };
}
