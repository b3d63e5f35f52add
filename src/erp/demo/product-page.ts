import { type Catalogue, familyNameAt, nameAt } from "./catalogue.js";
import { parseLimit } from "./port-requests.js";
import { badRequest, shown } from "./problem.js";

/** What a shop shows of a product besides price and stock. */
export interface ProductCard {
  readonly sku: string;
  readonly name: string;
  readonly family: string;
  readonly unit: string;
}

/** @throws {PortProblem} 400 where `after` is no SKU of ours or `limit` is out of bounds */
export function readProductPage(catalogue: Catalogue, query: URLSearchParams): { skus: string[]; next: string | null } {
  const limit = parseLimit(query);
  const from = parseAfter(catalogue, query.get("after"));
  const skus = catalogue.skusFrom(from, limit);
  return { skus, next: from + limit < catalogue.size ? (skus.at(-1) ?? null) : null };
}

/** Null where there is no such SKU. */
export function cardOf(catalogue: Catalogue, sku: string): ProductCard | null {
  const product = catalogue.find(sku);
  if (product === null) return null;
  return { sku, name: nameAt(product.index), family: familyNameAt(product.index), unit: product.unit.name };
}

function parseAfter(catalogue: Catalogue, after: string | null): number {
  if (after === null) return 0;
  const index = catalogue.indexOf(after);
  if (index === null) throw badRequest(`after must be the "next" of an earlier page; got ${shown(after)}`);
  return index + 1;
}
