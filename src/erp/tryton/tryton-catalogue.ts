import type { ProductList } from "../../pricing/connector.js";
import { readRows } from "./read-rows.js";
import type { Ground } from "./tryton-ground.js";
import type { TrytonSession } from "./tryton-session.js";

/** The SKUs for sale in the order of their codes. The cursor is the last code, so a product that comes or goes moves no page. */
export function createTrytonCatalogue(
  session: TrytonSession,
  readGround: (signal: AbortSignal) => Promise<Ground>,
): ProductList {
  return {
    async readPage(after, limit, signal) {
      const { context } = await readGround(signal);
      const domain = [
        ["salable", "=", true],
        ["code", ">", after ?? ""], // also leaves out products without a code
      ];
      const order = [
        ["code", "ASC"],
        ["id", "ASC"],
      ] as const;
      const wanted = { model: "product.product", domain, fields: ["code"], context, order, limit };
      const codes = (await readRows(session, wanted, signal)).map((row) => String(row["code"]));
      const skus = [...new Set(codes)]; // two products of one code are one SKU, whose price says what is wrong
      return { skus, next: codes.length < limit ? null : (codes.at(-1) ?? null) };
    },
  };
}
