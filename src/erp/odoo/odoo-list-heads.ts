import { parseWholeNumber, type Row } from "../parse.js";
import { OdooMisset } from "./odoo-errors.js";
import type { OdooSession } from "./odoo-session.js";
import { parseReference, toName } from "./odoo-values.js";
import { searchRead } from "./search-read.js";

/** The price lists of this Odoo. */
export interface Lists {
  readonly heads: ReadonlyMap<number, ListHead>;
  /** The list that the public buys by; null for the products' own prices. */
  readonly publicList: number | null;
}

export interface ListHead {
  readonly id: number;
  readonly name: string;
  /** As Odoo names it: an ISO 4217 code, unless somebody made one up. */
  readonly currency: string;
}

/** @param publicList name or id; null for none */
export async function readLists(
  session: OdooSession,
  context: Row,
  publicList: string | null,
  signal: AbortSignal,
): Promise<Lists> {
  const heads = await readListHeads(session, context, [], signal);
  return { heads, publicList: findPublicList(heads, publicList) };
}

/** Heads by id, archived ones as well: a partner may still have one. */
export async function readListHeads(
  session: OdooSession,
  context: Row,
  domain: readonly unknown[],
  signal: AbortSignal,
): Promise<Map<number, ListHead>> {
  const model = "product.pricelist";
  const all = { ...context, active_test: false };
  const rows = await searchRead(session, { model, domain, fields: ["name", "currency_id"], context: all }, signal);
  const heads = rows.map((row) => ({
    id: parseWholeNumber(row["id"], "a price list's id"),
    name: toName(row["name"]),
    currency: parseReference(row["currency_id"], "a price list's currency").name,
  }));
  return new Map(heads.map((head) => [head.id, head]));
}

function findPublicList(lists: ReadonlyMap<number, ListHead>, wanted: string | null): number | null {
  if (wanted === null) return null;
  const found = [...lists.values()].filter(({ id, name }) => name === wanted || String(id) === wanted);
  const [only] = found;
  if (only !== undefined && found.length === 1) return only.id;
  const known = [...lists.values()].map(({ id, name }) => `${id} ${JSON.stringify(name)}`).join(", ");
  const said = `ODOO_PUBLIC_PRICELIST is ${JSON.stringify(wanted)}, and ${found.length} of Odoo's price lists are`;
  throw new OdooMisset(`${said}: name one by its id (${known.slice(0, 300) || "it shows none to this user"})`);
}
