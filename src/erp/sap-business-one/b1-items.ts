import type { ErpError } from "../../errors.js";
import type { Row } from "../parse.js";
import type { FindRow, Lookup } from "./b1-records.js";
import { isActiveOn, isYes, validityFields } from "./b1-validity.js";

export function itemLookup(skus: readonly string[], fields: string): Lookup {
  return { list: "Items", key: "ItemCode", values: skus, select: `SalesItem,${validityFields},${fields}` };
}

/** Null where there is no such item, or it is not for sale on this day. @throws {ErpBadAnswer} */
export function itemForSale(find: FindRow, sku: string, day: string): Row | ErpError | null {
  const row = find(sku);
  if (row === null || row instanceof Error) return row;
  return isYes(row["SalesItem"], `whether ${sku} is sold`) && isActiveOn(row, day, sku) ? row : null;
}
