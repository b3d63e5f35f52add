import { parseWholeNumber, type Row } from "../parse.js";
import { isMissingRight, OdooRefused } from "./odoo-errors.js";
import type { OdooSession } from "./odoo-session.js";
import { searchRead } from "./search-read.js";

/** What becomes of the products' taxes: they stay, a fiscal position exchanges them, or nobody can tell which one does. */
export type TaxExchange =
  | { readonly kind: "none" }
  | { readonly kind: "position"; readonly id: number }
  | { readonly kind: "untold" };

/** Which of the company's customers Odoo's fiscal positions may bear on, as far as anybody outside of Odoo can tell. */
export interface PositionsAbout {
  /** There are any at all: archived ones count, since a contact may still have one. */
  readonly any: boolean;
  /** Some are detected automatically, so that customers in other countries may get one. */
  readonly abroad: boolean;
  /** Customers in the company's own country who may get one that exchanges taxes by itself. */
  readonly atHome: "none" | "with VAT number" | "all";
}

export const noPositions: PositionsAbout = { any: false, abroad: false, atHome: "none" };

/** Where Odoo does not show its positions to this user, anybody may have one. */
const anybody: PositionsAbout = { any: true, abroad: true, atHome: "all" };

interface Around {
  readonly major: number;
  readonly country: number | null;
  readonly context: Row;
}

const model = "account.fiscal.position";

export async function readPositionsAbout(
  session: OdooSession,
  around: Around,
  signal: AbortSignal,
): Promise<PositionsAbout> {
  try {
    const all = { ...around.context, active_test: false };
    const fields = ["auto_apply", "active"];
    const rows = await searchRead(session, { model, domain: [], fields, context: all }, signal);
    if (rows.length === 0) return noPositions;
    const abroad = rows.some((row) => row["auto_apply"] === true && row["active"] === true);
    return { any: true, abroad, atHome: abroad ? await readAtHome(session, around, signal) : "none" };
  } catch (error) {
    if (error instanceof OdooRefused || isMissingRight(error)) return anybody;
    throw error;
  }
}

async function readAtHome(
  session: OdooSession,
  around: Around,
  signal: AbortSignal,
): Promise<PositionsAbout["atHome"]> {
  const domain = [["auto_apply", "=", true], ...ofCountry(around.country), ...exchanging(around.major)];
  const wanted = { model, domain, fields: ["vat_required"], context: around.context };
  const rows = await searchRead(session, wanted, signal);
  if (rows.length === 0) return "none";
  return rows.every((row) => row["vat_required"] === true) ? "with VAT number" : "all";
}

/** Of the country, of a group it is in, or of all. Regions within it may be told apart: whoever is in it may be in them. */
function ofCountry(country: number | null): unknown[] {
  const everywhere = ["&", ["country_id", "=", false], ["country_group_id", "=", false]];
  if (country === null) return everywhere;
  return ["|", "|", ["country_id", "=", country], ["country_group_id.country_ids", "in", [country]], ...everywhere];
}

/** A position without a mapping leaves taxes as they are; on 19 it takes all away, and its taxes say what they replace (read in the code). */
function exchanging(major: number): unknown[] {
  if (major < 19) return [["tax_ids", "!=", false]];
  return ["|", ["tax_ids", "=", false], ["tax_ids.original_tax_ids", "!=", false]];
}

/** All of them, archived ones as well: price scopes name them. Null where Odoo does not show them to this user. */
export async function readPositionIds(
  session: OdooSession,
  context: Row,
  signal: AbortSignal,
): Promise<number[] | null> {
  const all = { ...context, active_test: false };
  try {
    const rows = await searchRead(session, { model, domain: [], fields: ["id"], context: all }, signal);
    return rows.map((row) => parseWholeNumber(row["id"], "a fiscal position's id"));
  } catch (error) {
    if (isMissingRight(error)) return null;
    throw error;
  }
}
