import { ErpBadAnswer } from "../../errors.js";
import { type ErpCall, type Failed, failed, fromErp, type Unknown } from "../../pricing/source.js";
import { groupBy } from "../group-by.js";
import { orFailed } from "../or-error.js";
import { parseWholeNumber, type Row } from "../parse.js";
import { readRows } from "./read-rows.js";
import type { Ground, Unit } from "./tryton-ground.js";
import type { TrytonSession } from "./tryton-session.js";

/** A product that can stand on a sale. */
export interface Product {
  readonly id: number;
  readonly sku: string;
  /** The unit that stock is counted in, and most price lists' quantities. */
  readonly defaultUnit: Unit;
  /** The unit of a sale's line, for which its unit price is. */
  readonly saleUnit: Unit;
  readonly row: Row;
}

export type ProductFound = { readonly kind: "product"; readonly product: Product } | Unknown | Failed;

/**
 * One answer a SKU. Inactive products, and those not for sale, are unknown: a sale of Tryton cannot hold them.
 * @param fields besides those of {@link Product}
 */
export async function readProducts(
  session: TrytonSession,
  ground: Ground,
  skus: readonly string[],
  fields: readonly string[],
  call: ErpCall,
): Promise<Map<string, ProductFound>> {
  const domain = [
    ["code", "in", [...new Set(skus)]],
    ["salable", "=", true],
  ];
  const wanted = ["code", "default_uom", "sale_uom", ...fields];
  const query = { model: "product.product", domain, fields: wanted, context: ground.context };
  const rowsBySku = groupBy(await readRows(session, query, call.signal), (row) => String(row["code"]));
  return new Map(skus.map((sku) => [sku, toFound(ground, sku, rowsBySku.get(sku) ?? [], call)]));
}

function toFound(ground: Ground, sku: string, rows: readonly Row[], call: ErpCall): ProductFound {
  const [row, twin] = rows;
  if (row === undefined) return { kind: "unknown", what: "sku", freshness: fromErp(call) };
  // Guessing which one is meant would sell one product at the other's price.
  if (twin !== undefined)
    return failed(new ErpBadAnswer(`Tryton has ${rows.length} products of code ${JSON.stringify(sku)}`));
  return orFailed(() => ({ kind: "product", product: toProduct(ground, sku, row) }));
}

function toProduct(ground: Ground, sku: string, row: Row): Product {
  return {
    id: parseWholeNumber(row["id"], `the id of ${sku}`),
    sku,
    defaultUnit: parseUnit(ground, row["default_uom"], sku),
    saleUnit: parseUnit(ground, row["sale_uom"], sku),
    row,
  };
}

function parseUnit(ground: Ground, id: unknown, sku: string): Unit {
  const unit = typeof id === "number" ? ground.units.get(id) : undefined;
  if (unit === undefined) throw new ErpBadAnswer(`the unit of ${JSON.stringify(sku)} is not among Tryton's units`);
  return unit;
}
