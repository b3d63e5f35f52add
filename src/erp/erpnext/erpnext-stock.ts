import { ErpBadAnswer } from "../../errors.js";
import { canonical, isPositive, subtractDecimals } from "../../pricing/decimal.js";
import type { StockKey } from "../../pricing/keys.js";
import { type ErpCall, type ErpSource, failed, fromErp, type Outcome } from "../../pricing/source.js";
import type { Stock, WarehouseStock } from "../../pricing/stock.js";
import { given, parseAmount } from "../amounts.js";
import { orFailed } from "../or-error.js";
import { parseText, type Row } from "../parse.js";
import type { Condition, ErpNextApi } from "./erpnext-api.js";
import { type Item, type ItemFound, readItems } from "./erpnext-items.js";

/** Keys in one call: two reads by index, whatever their number. */
const keysPerCall = 100;

/** @param readWarehouses the names of those that sell */
export function createErpNextStock(
  api: ErpNextApi,
  readWarehouses: (signal: AbortSignal) => Promise<readonly string[]>,
): ErpSource<StockKey, Stock> {
  return {
    keysPerCall,
    groupOf: () => "",
    async readMany(keys, call) {
      const warehouses = await readWarehouses(call.signal);
      const skus = keys.map(({ sku }) => sku);
      const items = await readItems(api, skus, call);
      const bins = await readBins(api, skus, warehouses, call);
      return keys.map(({ sku }) => answer(items.get(sku), warehouses, bins, call));
    },
  };
}

/**
 * The company's warehouses, without those that only group others.
 * @param chosen those that sell; null for all. @throws {ErpBadAnswer} where one of them is none of the company's
 */
export async function readWarehouses(
  api: ErpNextApi,
  company: string,
  chosen: readonly string[] | null,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const filters: Condition[] = [
    ["company", "=", company],
    ["is_group", "=", 0],
    ["disabled", "=", 0],
  ];
  const rows = await api.list({ doctype: "Warehouse", fields: ["name"], filters, order: "name asc" }, signal);
  const names = rows.map((row) => parseText(row["name"], "a warehouse's name"));
  const strange = chosen?.find((name) => !names.includes(name));
  if (strange !== undefined) {
    throw new ErpBadAnswer(`${JSON.stringify(strange)} of ERPNEXT_WAREHOUSES is no open warehouse of ${company}`);
  }
  return chosen ?? names;
}

/** Rows by SKU and warehouse. */
async function readBins(
  api: ErpNextApi,
  skus: readonly string[],
  warehouses: readonly string[],
  call: ErpCall,
): Promise<ReadonlyMap<string, Row>> {
  if (warehouses.length === 0) return new Map();
  const fields = ["item_code", "warehouse", "actual_qty", "reserved_qty"];
  const filters: Condition[] = [
    ["item_code", "in", skus],
    ["warehouse", "in", warehouses],
  ];
  const rows = await api.list({ doctype: "Bin", fields, filters }, call.signal);
  return new Map(rows.map((row) => [binOf(String(row["item_code"]), String(row["warehouse"])), row]));
}

function binOf(sku: string, warehouse: string): string {
  return JSON.stringify([sku, warehouse]);
}

function answer(
  found: ItemFound | undefined,
  warehouses: readonly string[],
  bins: ReadonlyMap<string, Row>,
  call: ErpCall,
): Outcome<Stock> {
  if (found === undefined) return failed(new ErpBadAnswer("a key was left without an answer"));
  if (found.kind !== "item") return found;
  return orFailed(() => ({
    kind: "found",
    answer: toStock(found.item, warehouses, bins),
    freshness: fromErp(call),
  }));
}

function toStock(
  { sku, isStocked, leadTimeDays }: Item,
  warehouses: readonly string[],
  bins: ReadonlyMap<string, Row>,
): Stock {
  return {
    sku,
    warehouses: warehouses.map((code) => toWarehouseStock(sku, code, bins.get(binOf(sku, code)))),
    backorder: !isStocked, // nobody counts it
    restockDate: null,
    leadTimeDays,
  };
}

/** What is there less what submitted orders reserve; no row is nothing there. Never below 0. */
function toWarehouseStock(sku: string, code: string, row: Row | undefined): WarehouseStock {
  const what = `the stock of ${sku} in ${code}`;
  const number = (field: string) => given(row?.[field], what, parseAmount) ?? "0";
  const left = subtractDecimals(number("actual_qty"), number("reserved_qty"));
  return { code, available: isPositive(left) ? canonical(left) : "0" };
}
