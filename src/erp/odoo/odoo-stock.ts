import { ErpBadAnswer } from "../../errors.js";
import type { StockKey } from "../../pricing/keys.js";
import { type ErpSource, failed, fromErp, type Outcome } from "../../pricing/source.js";
import type { Stock } from "../../pricing/stock.js";
import { orFailed } from "../or-error.js";
import { isMissingRight, type OdooForbids } from "./odoo-errors.js";
import type { Ground } from "./odoo-ground.js";
import type { OdooKept } from "./odoo-kept.js";
import { type Product, type ProductFound, productsOf, readProducts } from "./odoo-products.js";
import { toQuantity, wholeSteps } from "./odoo-quantities.js";
import { type Counts, readFreeQuantities, readQuants } from "./odoo-quants.js";
import type { OdooSession } from "./odoo-session.js";
import { optionalValue, parseNumber } from "./odoo-values.js";
import type { Warehouse } from "./odoo-warehouses.js";

/** Keys in one call: stock of 100 costs Odoo less than twice that of one. */
const keysPerCall = 200;

export function createOdooStock(session: OdooSession, kept: OdooKept): ErpSource<StockKey, Stock> {
  return {
    keysPerCall,
    groupOf: () => "",
    async readMany(keys, call) {
      const ground = await kept.ground(call.signal);
      const warehouses = await kept.warehouses(call.signal);
      const skus = keys.map(({ sku }) => sku);
      const products = await readProducts(session, ground, skus, stockFields(ground), call);
      const counted = await readCounts(session, ground, warehouses, productsOf(products), call.signal);
      return keys.map(({ sku }) => answer(warehouses, products.get(sku), counted, call.sentAt));
    },
  };
}

function stockFields({ productFields }: Ground): string[] {
  return ["type", "is_storable", "sale_delay", "is_kits", "use_expiration_date"].filter((name) =>
    productFields.has(name),
  );
}

interface Counted {
  readonly counts: Counts;
  /** Ids of products that Odoo's user lacks a right for, beyond those that all others need. */
  readonly failures: ReadonlyMap<number, OdooForbids>;
}

/**
 * What is free, in millionths, by warehouse and product: the quants of all warehouses in one call, save for products whose
 * number is not the sum of their quants, which are asked a warehouse a call.
 */
async function readCounts(
  session: OdooSession,
  ground: Ground,
  warehouses: readonly Warehouse[],
  products: readonly Product[],
  signal: AbortSignal,
): Promise<Counted> {
  const counted = products.filter(isCounted);
  const byQuants = counted.filter((product) => !isComputed(product));
  const others = counted.filter(isComputed);
  const counts = await readQuants(session, ground, warehouses, byQuants, signal);
  try {
    for (const warehouse of others.length === 0 ? [] : warehouses) {
      const found = await readFreeQuantities(session, ground, warehouse, others, signal);
      for (const [id, micros] of found) counts.get(warehouse.id)?.set(id, micros);
    }
  } catch (error) {
    // `free_qty` is worked out of the moves of goods as well, which the quants' sum does not need.
    if (!isMissingRight(error) || byQuants.length === 0) throw error;
    return { counts, failures: new Map(others.map(({ id }) => [id, error])) };
  }
  return { counts, failures: new Map() };
}

/** Services, combos and goods that are not tracked have no stock in Odoo. Up to 17 the type says so, from 18 on a mark. */
function isCounted({ row }: Product): boolean {
  return row["is_storable"] === undefined ? row["type"] === "product" : row["is_storable"] === true;
}

/** Kits are what their parts allow, and what has expired by now is not free. */
function isComputed({ row }: Product): boolean {
  return row["is_kits"] === true || row["use_expiration_date"] === true;
}

function answer(
  warehouses: readonly Warehouse[],
  found: ProductFound | undefined,
  { counts, failures }: Counted,
  sentAt: number,
): Outcome<Stock> {
  if (found === undefined) return failed(new ErpBadAnswer("Odoo left out a product"));
  if (found.kind !== "product") return found;
  const failure = failures.get(found.product.id);
  if (failure !== undefined) return failed(failure);
  return orFailed(() => ({
    kind: "found",
    answer: toStock(warehouses, found.product, counts),
    freshness: fromErp({ sentAt }),
  }));
}

function toStock(warehouses: readonly Warehouse[], product: Product, counts: Counts): Stock {
  const { id, sku, unit, row } = product;
  const isStocked = isCounted(product);
  const delay = optionalValue(row["sale_delay"], `the lead time of ${JSON.stringify(sku)}`, parseNumber);
  return {
    sku,
    warehouses: warehouses.map((warehouse) => {
      const micros = counts.get(warehouse.id)?.get(id) ?? 0;
      return { code: warehouse.code, available: toQuantity(wholeSteps(micros, unit)) };
    }),
    backorder: !isStocked,
    restockDate: null,
    leadTimeDays: delay === null ? null : Math.max(0, Math.ceil(delay)),
  };
}
