import { parseList, parseRow, parseWholeNumber } from "../parse.js";
import type { Ground } from "./odoo-ground.js";
import type { Product } from "./odoo-products.js";
import { toMicros } from "./odoo-quantities.js";
import type { OdooSession } from "./odoo-session.js";
import { parseNumber, parseReference } from "./odoo-values.js";
import type { Warehouse } from "./odoo-warehouses.js";
import { searchRead } from "./search-read.js";

/** Quantities in millionths, by the ids of warehouses and products. */
export type Counts = ReadonlyMap<number, Map<number, number>>;

/** All warehouses in one call: what lies at their places, less what is reserved. A product without quants is not in it. */
export async function readQuants(
  session: OdooSession,
  { context }: Ground,
  warehouses: readonly Warehouse[],
  products: readonly Product[],
  signal: AbortSignal,
): Promise<Counts> {
  const counts = new Map(warehouses.map(({ id }) => [id, new Map<number, number>()]));
  if (products.length === 0 || warehouses.length === 0) return counts;
  const domain = [
    ["product_id", "in", products.map(({ id }) => id)],
    ["location_id", "child_of", warehouses.map(({ root }) => root)],
  ];
  const sums = ["quantity:sum", "reserved_quantity:sum"];
  const params = { domain, fields: sums, groupby: ["product_id", "location_id"], lazy: false };
  const answer = await session.call({ model: "stock.quant", method: "read_group", params, context }, signal);
  for (const entry of parseList(answer, "stock")) {
    const row = parseRow(entry, "stock");
    const place = parseReference(row["location_id"], "a place").id;
    const ofWarehouse = counts.get(warehouses.find(({ places }) => places.has(place))?.id ?? 0);
    const product = parseReference(row["product_id"], "a product in stock").id;
    const free = toMicros(
      parseNumber(row["quantity"], "a quantity") - parseNumber(row["reserved_quantity"], "what is reserved"),
    );
    ofWarehouse?.set(product, (ofWarehouse.get(product) ?? 0) + free);
  }
  return counts;
}

/** Of one warehouse, as Odoo's own form of the product shows it. */
export async function readFreeQuantities(
  session: OdooSession,
  ground: Ground,
  warehouse: Warehouse,
  products: readonly Product[],
  signal: AbortSignal,
): Promise<Map<number, number>> {
  // One of the two is heeded (the older one on 16, the younger from 18 on), the other passed over in silence: with that alone the total of all
  // warehouses would come back.
  const context = { ...ground.context, warehouse: warehouse.id, warehouse_id: warehouse.id };
  const domain = [["id", "in", products.map(({ id }) => id)]];
  const rows = await searchRead(session, { model: "product.product", domain, fields: ["free_qty"], context }, signal);
  return new Map(
    rows.map((row) => [
      parseWholeNumber(row["id"], "a product's id"),
      toMicros(parseNumber(row["free_qty"], "a free quantity")),
    ]),
  );
}
