import type { ErpError } from "../../errors.js";
import { canonical, isPositive, subtractDecimals, sumDecimals } from "../../pricing/decimal.js";
import type { StockKey } from "../../pricing/keys.js";
import { type ErpSource, failed, fromErp } from "../../pricing/source.js";
import type { Stock, WarehouseStock } from "../../pricing/stock.js";
import { parseAmount } from "../amounts.js";
import { groupBy } from "../group-by.js";
import { orFailed } from "../or-error.js";
import type { Row } from "../parse.js";
import type { BcApi } from "./bc-api.js";
import { canBeNumber, toQueries } from "./bc-filter.js";
import type { Ground } from "./bc-ground.js";
import { readItems } from "./bc-items.js";

const keysPerCall = 100;

/** What the total is told as where no locations are set. */
const everywhere = "ALL";

type Quantities = (sku: string, location: string) => string;

/** @param locations codes of those that sell; null for the total on the item's card, which needs no extension */
export function createBcStock(
  api: BcApi,
  readGround: (signal: AbortSignal) => Promise<Ground>,
  locations: readonly string[] | null,
): ErpSource<StockKey, Stock> {
  return {
    keysPerCall,
    groupOf: () => "",
    async readMany(keys, call) {
      const { company } = await readGround(call.signal);
      const skus = keys.map(({ sku }) => sku);
      const itemOf = await readItems(api, company, skus, "type,inventory", call);
      const held = locations === null ? null : await readHeld(api, company, skus, call.signal);
      return keys.map(({ sku }) => {
        const found = itemOf(sku);
        if (found.kind !== "item") return found;
        if (held instanceof Error) return failed(held);
        return orFailed(() => {
          const answer = toStock(sku, found.row, locations, held);
          return { kind: "found", answer, freshness: fromErp(call) };
        });
      });
    },
  };
}

/** What lies at each location, less what sales orders still have to ship from it; from two queries of the extension. */
async function readHeld(
  api: BcApi,
  company: string,
  skus: readonly string[],
  signal: AbortSignal,
): Promise<Quantities | ErpError> {
  const possible = skus.filter(canBeNumber);
  const ask = (list: string) =>
    toQueries(`${company}/${list}`, "itemNumber", possible, "itemNumber,locationCode,quantity");
  const [onHand, onOrder] = [ask("stockByLocation"), ask("ordersByLocation")];
  if (onHand.length === 0) return () => "0";
  const answers = await api.readMany("pricelane", [...onHand, ...onOrder], signal);
  const broken = answers.find((answer) => answer instanceof Error);
  if (broken instanceof Error) return broken;
  const rowsOf = (from: number, to: number) => answers.slice(from, to).flatMap((answer) => answer as Row[]);
  const there = sumByPlace(rowsOf(0, onHand.length));
  const promised = sumByPlace(rowsOf(onHand.length, answers.length));
  return (sku, location) => subtractDecimals(there(sku, location), promised(sku, location));
}

function sumByPlace(rows: readonly Row[]): Quantities {
  const byPlace = groupBy(rows, (row) => JSON.stringify([row["itemNumber"], row["locationCode"]]));
  return (sku, location) => {
    const own = byPlace.get(JSON.stringify([sku, location])) ?? [];
    return sumDecimals(own.map((row) => parseAmount(row["quantity"], `the stock of ${sku} at ${location}`)));
  };
}

function toStock(sku: string, row: Row, locations: readonly string[] | null, held: Quantities | null): Stock {
  const total = () => parseAmount(row["inventory"], `the inventory of ${sku}`);
  const warehouses =
    locations === null || held === null
      ? [toWarehouse(everywhere, total())]
      : locations.map((code) => toWarehouse(code, held(sku, code)));
  // Services and what is not kept in stock can always be ordered: nobody counts them.
  return { sku, warehouses, backorder: row["type"] !== "Inventory", restockDate: null, leadTimeDays: null };
}

function toWarehouse(code: string, left: string): WarehouseStock {
  return { code, available: isPositive(left) ? canonical(left) : "0" };
}
