import { ErpBadAnswer } from "../../errors.js";
import { type ErpCall, type Failed, failed, fromErp, type Unknown } from "../../pricing/source.js";
import { groupBy } from "../group-by.js";
import { orFailed } from "../or-error.js";
import { parseWholeNumber, type Row } from "../parse.js";
import type { Ground } from "./odoo-ground.js";
import type { Unit } from "./odoo-quantities.js";
import type { OdooSession } from "./odoo-session.js";
import { parseReference } from "./odoo-values.js";
import { searchRead } from "./search-read.js";

/** A variant that can stand on an order. */
export interface Product {
  readonly id: number;
  readonly sku: string;
  readonly template: number;
  /** What a price is for, and in which rules and stock count. */
  readonly unit: Unit;
  readonly row: Row;
}

export type ProductFound = { readonly kind: "product"; readonly product: Product } | Unknown | Failed;

/** What an order can hold. Archived ones Odoo leaves out by itself. */
export const forSale = ["sale_ok", "=", true] as const;

/**
 * One answer an SKU. Archived variants, and those that cannot be sold, are unknown.
 * @param fields besides those of {@link Product}
 */
export async function readProducts(
  session: OdooSession,
  ground: Ground,
  skus: readonly string[],
  fields: readonly string[],
  call: ErpCall,
): Promise<Map<string, ProductFound>> {
  const domain = [["default_code", "in", [...new Set(skus)]], forSale];
  const wanted = ["default_code", "uom_id", "product_tmpl_id", ...fields];
  const query = { model: "product.product", domain, fields: wanted, context: ground.context };
  const rowsBySku = groupBy(await searchRead(session, query, call.signal), (row) => String(row["default_code"]));
  return new Map(skus.map((sku) => [sku, toFound(ground, sku, rowsBySku.get(sku) ?? [], call)]));
}

function toFound(ground: Ground, sku: string, rows: readonly Row[], call: ErpCall): ProductFound {
  const [row, twin] = rows;
  if (row === undefined) return { kind: "unknown", what: "sku", freshness: fromErp(call) };
  // Odoo lets any number of products have one reference: guessing would sell one at the other's price.
  if (twin !== undefined) {
    const ids = rows.map(({ id }) => String(id)).join(", ");
    const said = `Odoo has ${rows.length} products for sale of internal reference ${JSON.stringify(sku)} (ids ${ids})`;
    return failed(new ErpBadAnswer(`${said}: leave it to one of them`));
  }
  return orFailed(() => ({ kind: "product", product: toProduct(ground, sku, row) }));
}

function toProduct(ground: Ground, sku: string, row: Row): Product {
  const what = JSON.stringify(sku);
  const unit = ground.units.get(parseReference(row["uom_id"], `the unit of ${what}`).id);
  if (unit === undefined) throw new ErpBadAnswer(`the unit of ${what} is not among Odoo's units`);
  const id = parseWholeNumber(row["id"], `the id of ${what}`);
  return { id, sku, unit, row, template: parseReference(row["product_tmpl_id"], `the template of ${what}`).id };
}

export function productsOf(found: ReadonlyMap<string, ProductFound>): Product[] {
  return [...found.values()].flatMap((entry) => (entry.kind === "product" ? [entry.product] : []));
}
