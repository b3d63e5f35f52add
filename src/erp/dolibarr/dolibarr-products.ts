import { ErpBadAnswer } from "../../errors.js";
import { type ErpCall, type Failed, failed, fromErp, type Unknown } from "../../pricing/source.js";
import { orFailed } from "../or-error.js";
import type { Row } from "../parse.js";
import type { DolibarrApi, Query } from "./dolibarr-api.js";
import { parseNumber } from "./dolibarr-values.js";
import { readByField } from "./read-by-field.js";

/** A product or service that is for sale. */
export interface Product {
  readonly id: number;
  readonly sku: string;
  readonly row: Row;
}

export type ProductFound = { readonly kind: "product"; readonly product: Product } | Unknown | Failed;

/** The first version whose list calls were seen to leave fields out; 18 takes no word of it. */
export const propertiesSince = 20;

/**
 * One answer a SKU, which is the product's ref. What is not for sale is unknown: no order of Dolibarr can hold it.
 * @param fields besides those of {@link Product}
 */
export async function readProducts(
  api: DolibarrApi,
  { skus, fields, query = {} }: { skus: readonly string[]; fields: readonly string[]; query?: Query },
  version: number,
  call: ErpCall,
): Promise<Map<string, ProductFound>> {
  const properties = ["id", "ref", "status", ...fields].join(",");
  const less: Query = version >= propertiesSince ? { properties } : {};
  const wanted = { path: "/products", field: "ref", values: skus, query: { ...query, ...less } };
  const rowsBySku = await readByField(api, wanted, version, call.signal);
  return new Map(skus.map((sku) => [sku, toFound(sku, rowsBySku.get(sku) ?? [], call)]));
}

function toFound(sku: string, rows: readonly Row[], call: ErpCall): ProductFound {
  const [row, twin] = rows;
  if (row === undefined) return { kind: "unknown", what: "sku", freshness: fromErp(call) };
  // Entities that share their products may use one ref twice; guessing would sell one at the other's price.
  if (twin !== undefined) {
    return failed(new ErpBadAnswer(`Dolibarr has ${rows.length} products of ref ${JSON.stringify(sku)}`));
  }
  return orFailed(() => {
    if (!isForSale(row)) return { kind: "unknown", what: "sku", freshness: fromErp(call) };
    return { kind: "product", product: { id: parseNumber(row["id"], `the id of ${sku}`), sku, row } };
  });
}

/** `status` is "to sell"; another field says whether it is bought. */
export function isForSale(row: Row): boolean {
  return parseNumber(row["status"], "whether a product is for sale") !== 0;
}
