import type { ProductList } from "../../pricing/connector.js";
import { parseText } from "../parse.js";
import type { BcApi } from "./bc-api.js";
import { quoted, toQuery } from "./bc-filter.js";
import type { Ground } from "./bc-ground.js";

/** The items that are not blocked, by number. The cursor is the last number, so an item that comes or goes moves no page. */
export function createBcCatalogue(api: BcApi, readGround: (signal: AbortSignal) => Promise<Ground>): ProductList {
  return {
    async readPage(after, limit, signal) {
      const { company } = await readGround(signal);
      const filter = ["blocked eq false", ...(after === null ? [] : [`number gt ${quoted(after)}`])].join(" and ");
      const options = { $filter: filter, $orderby: "number", $top: String(limit), $select: "number" };
      const rows = await api.readRows("standard", toQuery(`${company}/items`, options), signal);
      const skus = rows.map((row) => parseText(row["number"], "an item's number"));
      return { skus, next: skus.length < limit ? null : (skus.at(-1) ?? null) };
    },
  };
}
