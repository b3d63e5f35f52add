import { canonical, isPositive, subtractDecimals } from "../../pricing/decimal.js";
import type { StockKey } from "../../pricing/keys.js";
import type { ErpSource, Outcome } from "../../pricing/source.js";
import type { Stock, WarehouseStock } from "../../pricing/stock.js";
import { parseAmount } from "../amounts.js";
import { dayAt } from "../calendar.js";
import { orFailed, outcomeOf } from "../or-error.js";
import { parseList, parseRow, parseText, type Row } from "../parse.js";
import type { B1Api } from "./b1-api.js";
import { itemForSale, itemLookup } from "./b1-items.js";
import { type FindRow, lookUp } from "./b1-records.js";
import { isYes } from "./b1-validity.js";

/** Each tells all of its warehouses, at some 2 KB each. */
const keysPerCall = 40;

export interface StockOptions {
  readonly api: B1Api;
  /** Codes of those that sell; null for all. */
  readonly warehouses: readonly string[] | null;
  /** IANA name. */
  readonly timeZone: string;
}

export function createB1Stock({ api, warehouses, timeZone }: StockOptions): ErpSource<StockKey, Stock> {
  return {
    keysPerCall,
    groupOf: () => "",
    async readMany(keys, call) {
      const skus = keys.map(({ sku }) => sku);
      const today = dayAt(call.sentAt, timeZone);
      const lookup = itemLookup(skus, "InventoryItem,ItemWarehouseInfoCollection");
      const { find } = await lookUp(api, [lookup], call.signal);
      const [findItem] = find as [FindRow];
      return skus.map(
        (sku): Outcome<Stock> =>
          orFailed(() => {
            const item = itemForSale(findItem, sku, today);
            return outcomeOf(item, "sku", call, (row) => toStock(sku, row, warehouses));
          }),
      );
    },
  };
}

function toStock(sku: string, row: Row, codes: readonly string[] | null): Stock {
  const told = parseList(row["ItemWarehouseInfoCollection"], `the warehouses of ${sku}`).map((each) =>
    toWarehouse(sku, parseRow(each, `a warehouse of ${sku}`)),
  );
  const byCode = new Map(told.map((warehouse) => [warehouse.code, warehouse]));
  return {
    sku,
    warehouses: codes === null ? told : codes.map((code) => byCode.get(code) ?? { code, available: "0" }),
    // What is not kept in stock can always be ordered: nobody counts it.
    backorder: !isYes(row["InventoryItem"], `whether ${sku} is kept in stock`),
    restockDate: null,
    leadTimeDays: null,
  };
}

/** What lies there less what sales orders still have to ship from it. */
function toWarehouse(sku: string, row: Row): WarehouseStock {
  const code = parseText(row["WarehouseCode"], `the code of a warehouse of ${sku}`);
  const amount = (field: string) => parseAmount(row[field] ?? 0, `${field} of ${sku} at ${code}`);
  const left = subtractDecimals(amount("InStock"), amount("Committed"));
  return { code, available: isPositive(left) ? canonical(left) : "0" };
}
