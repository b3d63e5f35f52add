import { parseWholeNumber } from "../parse.js";
import type { Ground } from "./odoo-ground.js";
import type { OdooSession } from "./odoo-session.js";
import { optionalValue, parseReference, toName } from "./odoo-values.js";
import { searchRead } from "./search-read.js";

export interface Warehouse {
  readonly id: number;
  readonly code: string;
  /** The place that all its places lie in. */
  readonly root: number;
  readonly places: ReadonlySet<number>;
}

/** Those of the company; none where this Odoo counts no stock. */
export async function readWarehouses(
  session: OdooSession,
  { company, context, productFields }: Ground,
  signal: AbortSignal,
): Promise<Warehouse[]> {
  if (!productFields.has("free_qty")) return [];
  const fields = ["code", "name", "view_location_id"];
  const wanted = { model: "stock.warehouse", domain: [["company_id", "=", company]], fields, context };
  const warehouses: Warehouse[] = [];
  for (const row of await searchRead(session, wanted, signal)) {
    const root = parseReference(row["view_location_id"], "a warehouse's place").id;
    const domain = [["id", "child_of", [root]]];
    const places = await searchRead(session, { model: "stock.location", domain, fields: ["id"], context }, signal);
    warehouses.push({
      id: parseWholeNumber(row["id"], "a warehouse's id"),
      code: optionalValue(row["code"], "a warehouse's code", toName) ?? toName(row["name"]),
      root,
      places: new Set(places.map(({ id }) => parseWholeNumber(id, "a place's id"))),
    });
  }
  return warehouses;
}
