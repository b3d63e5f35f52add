import { ErpBadAnswer } from "../../errors.js";
import type { StockKey } from "../../pricing/keys.js";
import { type ErpSource, failed, fromErp, type Outcome } from "../../pricing/source.js";
import type { Stock, WarehouseStock } from "../../pricing/stock.js";
import { orFailed } from "../or-error.js";
import { parseRow, parseWholeNumber, type Row } from "../parse.js";
import { readRows } from "./read-rows.js";
import type { Ground } from "./tryton-ground.js";
import { type Product, type ProductFound, readProducts } from "./tryton-products.js";
import type { TrytonSession } from "./tryton-session.js";
import { convert, wholeSteps } from "./tryton-units.js";
import { isTrue, parseNumber, toQuantity } from "./tryton-values.js";

/** Keys in one call: stock of 200 costs Tryton twice that of 10. */
const keysPerCall = 200;

export function createTrytonStock(
  session: TrytonSession,
  readGround: (signal: AbortSignal) => Promise<Ground>,
): ErpSource<StockKey, Stock> {
  return {
    keysPerCall,
    groupOf: () => "",
    async readMany(keys, call) {
      const ground = await readGround(call.signal);
      const skus = keys.map(({ sku }) => sku);
      const products = await readProducts(session, ground, skus, ["type", "consumable", "lead_time"], call);
      const ids = [...products.values()].flatMap((found) => (found.kind === "product" ? [found.product.id] : []));
      const counts = new Map<string, Map<number, Row>>();
      for (const { id, code } of ids.length === 0 ? [] : ground.warehouses) {
        counts.set(code, await readCounts(session, ground, id, ids, call.signal));
      }
      return keys.map(({ sku }) => answer(products.get(sku), counts, call.sentAt));
    },
  };
}

/** Rows by product id, of one warehouse with all places in it. */
async function readCounts(
  session: TrytonSession,
  ground: Ground,
  warehouse: number,
  ids: readonly number[],
  signal: AbortSignal,
): Promise<Map<number, Row>> {
  // `stock_assign`: what is assigned to a delivery is no longer there to be promised.
  const context = { ...ground.context, locations: [warehouse], with_childs: true, stock_assign: true };
  const fields = ["quantity", "forecast_quantity"];
  const wanted = { model: "product.product", domain: [["id", "in", ids]], fields, context };
  const rows = await readRows(session, wanted, signal);
  return new Map(rows.map((row) => [parseWholeNumber(row["id"], "a product's id"), row]));
}

function answer(
  found: ProductFound | undefined,
  counts: ReadonlyMap<string, ReadonlyMap<number, Row>>,
  sentAt: number,
): Outcome<Stock> {
  if (found === undefined) return failed(new ErpBadAnswer("Tryton left out a product"));
  if (found.kind !== "product") return found;
  return orFailed(() => ({
    kind: "found",
    answer: toStock(found.product, counts),
    freshness: fromErp({ sentAt }),
  }));
}

function toStock(product: Product, counts: ReadonlyMap<string, ReadonlyMap<number, Row>>): Stock {
  const { sku, row } = product;
  const warehouses = [...counts].map(([code, rows]) => toWarehouseStock(code, product, rows.get(product.id)));
  // Tryton's own check of a sale (module sale_stock_quantity) lets these two pass whatever is there.
  const backorder = row["type"] === "service" || isTrue(row["consumable"]);
  return { sku, warehouses, backorder, restockDate: null, leadTimeDays: toDays(row["lead_time"]) };
}

/**
 * The smaller of what is there and not assigned, and of what all planned moves leave: a planned delivery takes from it, a
 * planned receipt adds nothing before it came. Never below 0: what one warehouse owes is no debt of another.
 */
function toWarehouseStock(code: string, product: Product, row: Row | undefined): WarehouseStock {
  const { defaultUnit, saleUnit, sku } = product;
  const what = `the stock of ${JSON.stringify(sku)}`;
  const { quantity, forecast_quantity: forecast } = parseRow(row, what);
  const least = Math.max(0, Math.min(parseNumber(quantity, what), parseNumber(forecast, what)));
  const sold = wholeSteps(convert(least, defaultUnit, saleUnit), saleUnit);
  return { code, available: toQuantity(sold, saleUnit.digits) };
}

function toDays(leadTime: unknown): number | null {
  if (leadTime === null || leadTime === undefined) return null;
  return Math.ceil(parseNumber(parseRow(leadTime, "a lead time")["seconds"], "a lead time") / 86_400);
}
