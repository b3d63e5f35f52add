import type { ProductList } from "../../pricing/connector.js";
import { parseIdCursor } from "../id-cursor.js";
import { parseText } from "../parse.js";
import type { DolibarrApi, Query } from "./dolibarr-api.js";
import type { Ground } from "./dolibarr-ground.js";
import { propertiesSince } from "./dolibarr-products.js";
import { parseNumber } from "./dolibarr-values.js";

/** Products in one page: Dolibarr loads each of them whole, whatever is asked of it. */
const mostPerPage = 100;

/** The SKUs for sale in the order of their ids. The cursor is the last id, so a product that comes or goes moves no page. */
export function createDolibarrCatalogue(
  api: DolibarrApi,
  readGround: (signal: AbortSignal) => Promise<Ground>,
): ProductList {
  return {
    async readPage(after, limit, signal) {
      const { version } = await readGround(signal);
      const size = Math.min(limit, mostPerPage);
      const sqlfilters = `(t.rowid:>:${parseIdCursor(after, "Dolibarr")}) and (t.tosell:=:1)`;
      const less: Query = version >= propertiesSince ? { properties: "id,ref" } : {};
      const query = { sortfield: "t.rowid", sortorder: "ASC", limit: size, sqlfilters, ...less };
      const rows = await api.list("/products", query, signal);
      const last = rows.at(-1);
      const skus = [...new Set(rows.map((row) => parseText(row["ref"], "a product's ref")))];
      const next = rows.length < size || last === undefined ? null : String(parseNumber(last["id"], "a product's id"));
      return { skus, next };
    },
  };
}
