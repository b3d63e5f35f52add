import { ErpBadAnswer, ErpUnavailable } from "../../errors.js";
import { isPositive } from "../../pricing/decimal.js";
import type { StockKey } from "../../pricing/keys.js";
import { type ErpCall, type ErpSource, failed, fromErp, type Outcome } from "../../pricing/source.js";
import type { Stock, WarehouseStock } from "../../pricing/stock.js";
import { given, parseAmount } from "../amounts.js";
import { orFailed } from "../or-error.js";
import { parseRow, parseText } from "../parse.js";
import type { DolibarrApi } from "./dolibarr-api.js";
import { sharesFilter } from "./dolibarr-filter.js";
import type { Ground } from "./dolibarr-ground.js";
import { type Product, type ProductFound, readProducts } from "./dolibarr-products.js";
import { parseKeyed, parseNumber } from "./dolibarr-values.js";

/** Keys in one call: list and stock of 100 took 220 ms of CPU, more than twice that of 50. */
const keysPerCall = 50;

/** Most warehouses that are read. */
const mostWarehouses = 500;

export interface Warehouse {
  readonly id: number;
  /** Its ref, or `ref#id` where another one has that ref too. */
  readonly code: string;
}

export function createDolibarrStock(
  api: DolibarrApi,
  readGround: (signal: AbortSignal) => Promise<Ground>,
  readWarehouses: (signal: AbortSignal) => Promise<readonly Warehouse[]>,
): ErpSource<StockKey, Stock> {
  return {
    keysPerCall,
    groupOf: ({ sku }) => (sharesFilter(sku) ? "" : sku),
    async readMany(keys, call) {
      const { version } = await readGround(call.signal);
      const warehouses = await readWarehouses(call.signal);
      const skus = keys.map(({ sku }) => sku);
      const wanted = { skus, fields: ["type", "stock_warehouse"], query: { includestockdata: 1 } };
      const products = await readProducts(api, wanted, version, call);
      return keys.map(({ sku }) => answer(products.get(sku), warehouses, call));
    },
  };
}

/** Those that are open to sales: neither closed nor for internal moves alone. */
export async function readWarehouses(api: DolibarrApi, signal: AbortSignal): Promise<Warehouse[]> {
  const rows = await api.list("/warehouses", { sortfield: "t.rowid", limit: mostWarehouses }, signal);
  if (rows.length >= mostWarehouses) throw new ErpBadAnswer(`Dolibarr has ${mostWarehouses} warehouses or more`);
  const seen = new Set<string>();
  return rows
    .filter((row) => given(row["status"] ?? row["statut"], "a warehouse's status", parseNumber) === 1)
    .map((row) => {
      const id = parseNumber(row["id"], "a warehouse's id");
      const ref = parseText(row["ref"] ?? row["label"], "a warehouse's ref");
      const code = seen.has(ref) ? `${ref}#${id}` : ref;
      seen.add(code);
      return { id, code };
    });
}

function answer(found: ProductFound | undefined, warehouses: readonly Warehouse[], call: ErpCall): Outcome<Stock> {
  if (found === undefined) return failed(new ErpBadAnswer("a key was left without an answer"));
  if (found.kind !== "product") return found;
  return orFailed(() => ({ kind: "found", answer: toStock(found.product, warehouses), freshness: fromErp(call) }));
}

function toStock({ sku, row }: Product, warehouses: readonly Warehouse[]): Stock {
  const isService = given(row["type"], `the type of ${sku}`, parseNumber) === 1;
  // Dolibarr leaves the field out for a user who may not see it, and "no stock" would be a lie.
  if (row["stock_warehouse"] === undefined && !isService) {
    throw new ErpUnavailable("Dolibarr tells no stock: give the user the right to read stocks (Stocks › Read)", {
      countsAsFailure: false,
    });
  }
  const rows = parseKeyed(row["stock_warehouse"], `the stock of ${sku}`);
  return {
    sku,
    warehouses: warehouses.map(({ id, code }) => toWarehouseStock(sku, code, rows[String(id)])),
    backorder: isService, // nobody counts services
    restockDate: null,
    leadTimeDays: null,
  };
}

/** No row is nothing there. Never below 0: what one warehouse owes is no debt of another. */
function toWarehouseStock(sku: string, code: string, row: unknown): WarehouseStock {
  if (row === undefined || row === null) return { code, available: "0" };
  const what = `the stock of ${sku} in ${code}`;
  const real = given(parseRow(row, what)["real"], what, parseAmount) ?? "0";
  return { code, available: isPositive(real) ? real : "0" };
}
