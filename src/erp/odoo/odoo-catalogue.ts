import type { ProductList } from "../../pricing/connector.js";
import { parseIdCursor } from "../id-cursor.js";
import { parseWholeNumber } from "../parse.js";
import type { OdooKept } from "./odoo-kept.js";
import { forSale } from "./odoo-products.js";
import type { OdooSession } from "./odoo-session.js";
import { searchRead } from "./search-read.js";

/** The SKUs for sale in the order of their ids. The cursor is the last id, so a product that comes or goes moves no page. */
export function createOdooCatalogue(session: OdooSession, kept: OdooKept): ProductList {
  return {
    async readPage(after, limit, signal) {
      const { context } = await kept.ground(signal);
      const domain = [forSale, ["default_code", "!=", false], ["id", ">", parseIdCursor(after, "Odoo")]];
      const wanted = { model: "product.product", domain, fields: ["default_code"], context, limit };
      const rows = await searchRead(session, wanted, signal);
      const codes = rows.map((row) => row["default_code"]).filter((code): code is string => typeof code === "string");
      // Two products of one code are one SKU, whose price says what is wrong.
      const skus = [...new Set(codes)].filter((code) => code !== "");
      const last = rows.at(-1);
      const isLast = rows.length < limit || last === undefined;
      return { skus, next: isLast ? null : String(parseWholeNumber(last["id"], "a product's id")) };
    },
  };
}
