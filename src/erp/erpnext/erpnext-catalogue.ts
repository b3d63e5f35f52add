import type { ProductList } from "../../pricing/connector.js";
import { parseText } from "../parse.js";
import type { Condition, ErpNextApi } from "./erpnext-api.js";
import { forSale } from "./erpnext-items.js";

/** The SKUs for sale in the order of their codes. The cursor is the last code, so an item that comes or goes moves no page. */
export function createErpNextCatalogue(api: ErpNextApi): ProductList {
  return {
    async readPage(after, limit, signal) {
      const filters: Condition[] = [...forSale, ...(after === null ? [] : [["name", ">", after] as const])];
      const rows = await api.list({ doctype: "Item", fields: ["name"], filters, order: "name asc", limit }, signal);
      const skus = rows.map((row) => parseText(row["name"], "an item's code"));
      return { skus, next: skus.length < limit ? null : (skus.at(-1) ?? null) };
    },
  };
}
