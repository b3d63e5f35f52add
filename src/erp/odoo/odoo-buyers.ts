import { ErpBadAnswer } from "../../errors.js";
import { type ErpCall, type Failed, failed, fromErp, type Unknown } from "../../pricing/source.js";
import { groupBy } from "../group-by.js";
import type { Row } from "../parse.js";
import type { Ground } from "./odoo-ground.js";
import type { Lists } from "./odoo-list-heads.js";
import type { OdooSession } from "./odoo-session.js";
import { optionalValue, parseReference } from "./odoo-values.js";
import { searchRead } from "./search-read.js";

/** What an order takes from its customer before it prices a line. */
export interface Buyer {
  /** Null for the products' own prices. */
  readonly list: number | null;
  /** Odoo may exchange the products' taxes for others on this customer's orders, and for which is not told. */
  readonly exchangesTaxes: boolean;
  /** See {@link toPriceScope}. */
  readonly priceScope: string;
}

export type PartnerFound = { readonly kind: "partner"; readonly row: Row } | Unknown | Failed;

/** Partners by their references, one answer a code. Archived ones Odoo leaves out by itself. */
export async function readPartners(
  session: OdooSession,
  ground: Ground,
  codes: readonly string[],
  fields: readonly string[],
  call: ErpCall,
): Promise<Map<string, PartnerFound>> {
  const domain = [["ref", "in", [...new Set(codes)]]];
  const wanted = { model: "res.partner", domain, fields: ["ref", ...fields], context: ground.context };
  const rowsByCode = groupBy(await searchRead(session, wanted, call.signal), (row) => String(row["ref"]));
  return new Map(codes.map((code) => [code, toFound(code, rowsByCode.get(code) ?? [], call)]));
}

function toFound(code: string, rows: readonly Row[], call: ErpCall): PartnerFound {
  const [row] = rows;
  if (row === undefined) return { kind: "unknown", what: "customer", freshness: fromErp(call) };
  if (rows.length === 1) return { kind: "partner", row };
  const ids = rows.map(({ id }) => String(id)).join(", ");
  const said = `Odoo has ${rows.length} contacts of reference ${JSON.stringify(code)} (ids ${ids})`;
  return failed(new ErpBadAnswer(`${said}: leave it to one of them`));
}

export function buyerFields({ partnerFields }: Ground): string[] {
  const mayLack = ["property_product_pricelist", "property_account_position_id"];
  return ["country_id", ...mayLack.filter((name) => partnerFields.has(name))];
}

export function toPublicBuyer({ publicList }: Lists): Buyer {
  return toOne(publicList, false);
}

export function toBuyer(ground: Ground, row: Row): Buyer {
  const list = optionalValue(row["property_product_pricelist"], "a contact's price list", parseReference);
  const position = optionalValue(row["property_account_position_id"], "a fiscal position", parseReference);
  const country = optionalValue(row["country_id"], "a contact's country", parseReference);
  const isAbroad = country !== null && country.id !== ground.country;
  return toOne(list?.id ?? null, position !== null || (isAbroad && ground.hasAutomaticPositions));
}

function toOne(list: number | null, exchangesTaxes: boolean): Buyer {
  return { list, exchangesTaxes, priceScope: toPriceScope(list, exchangesTaxes) };
}

/** Of the customer, Odoo hands nothing but the list to the price. Where taxes are exchanged none can be told, so it counts as well. */
export function toPriceScope(list: number | null, exchangesTaxes: boolean): string {
  return (list === null ? "no-list" : `list-${list}`) + (exchangesTaxes ? "/other-taxes" : "");
}
