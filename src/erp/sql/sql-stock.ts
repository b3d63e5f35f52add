import { ErpBadAnswer } from "../../errors.js";
import type { StockKey } from "../../pricing/keys.js";
import { type ErpCall, type ErpSource, fromErp, type Outcome } from "../../pricing/source.js";
import type { Stock, WarehouseStock } from "../../pricing/stock.js";
import { orFailed } from "../or-error.js";
import { optional, type Row } from "../parse.js";
import { groupByEcho } from "./echoed-rows.js";
import { sameInAll } from "./same-in-all.js";
import { keysPerCall, type SqlGround } from "./sql-ground.js";
import { readDay, readDecimal, readFlag, readText, readWhole } from "./sql-values.js";

export function createSqlStock({ database, queries, given }: SqlGround): ErpSource<StockKey, Stock> {
  return {
    keysPerCall,
    groupOf: () => "",
    async readMany(keys, call) {
      const skus = keys.map(({ sku }) => sku);
      const rows = await database.read((run) => run(queries.stock, { ...given, skus }), call.signal);
      const bySku = groupByEcho(rows, "sku", new Set(skus));
      return keys.map(({ sku }) => answer(sku, bySku.get(sku) ?? [], call));
    },
  };
}

function answer(sku: string, rows: readonly Row[] | ErpBadAnswer, call: ErpCall): Outcome<Stock> {
  const freshness = fromErp(call);
  return orFailed(() => {
    if (rows instanceof ErpBadAnswer) throw rows;
    if (rows.length === 0) return { kind: "unknown", what: "sku", freshness };
    return { kind: "found", answer: toStock(sku, rows), freshness };
  });
}

function toStock(sku: string, rows: readonly Row[]): Stock {
  const warehouses = rows.flatMap(toWarehouse);
  if (new Set(warehouses.map(({ code }) => code)).size < warehouses.length)
    throw new ErpBadAnswer(
      `the query stock returns a warehouse twice for SKU ${JSON.stringify(sku)}: sum them up in it`,
    );
  return {
    sku,
    warehouses,
    backorder: optional(sameInAll(rows, "backorder"), "backorder", readFlag) ?? false,
    restockDate: optional(sameInAll(rows, "restock_date"), "restock_date", readDay),
    leadTimeDays: optional(sameInAll(rows, "lead_time_days"), "lead_time_days", readWhole),
  };
}

/** A row without a warehouse, as a left join gives it, says that the SKU is known and lies nowhere. */
function toWarehouse(row: Row): WarehouseStock[] {
  const code = optional(row["warehouse"], "warehouse", readText);
  if (code === null) return [];
  return [{ code, available: readDecimal(row["available"], "available") }];
}
