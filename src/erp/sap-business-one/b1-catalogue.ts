import type { Clock } from "../../clock.js";
import type { ProductList } from "../../pricing/connector.js";
import { dayAt } from "../calendar.js";
import { parseText } from "../parse.js";
import type { B1Api } from "./b1-api.js";
import { itemForSale } from "./b1-items.js";
import { quoted, toQuery } from "./b1-query.js";
import { validityFields } from "./b1-validity.js";

/**
 * The items that are for sale, by code. The cursor is the last code, so an item that comes or goes moves no page. What is not for sale
 * is left out here: filters on tYES are written in two ways in the two versions.
 */
export function createB1Catalogue(api: B1Api, clock: Clock, timeZone: string): ProductList {
  return {
    async readPage(after, limit, signal) {
      const options = {
        ...(after === null ? {} : { $filter: `ItemCode gt ${quoted(after)}` }),
        $orderby: "ItemCode",
        $select: `ItemCode,SalesItem,${validityFields}`,
      };
      const rows = await api.readRows(toQuery("Items", options), signal, limit);
      const codes = rows.map((row) => parseText(row["ItemCode"], "an item's code"));
      const byCode = new Map(codes.map((code, n) => [code, rows[n] ?? null]));
      const today = dayAt(clock.now(), timeZone);
      const skus = codes.filter((code) => itemForSale((sku) => byCode.get(sku) ?? null, code, today) !== null);
      return { skus, next: codes.length < limit ? null : (codes.at(-1) ?? null) };
    },
  };
}
