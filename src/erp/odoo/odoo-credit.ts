import { canonical, type Decimal, isPositive, subtractDecimals } from "../../pricing/decimal.js";
import { parseWholeNumber, type Row } from "../parse.js";
import { isMissingRight } from "./odoo-errors.js";
import type { Ground } from "./odoo-ground.js";
import type { OdooSession } from "./odoo-session.js";
import { optionalValue, parseAmount, parseReference, unrounded } from "./odoo-values.js";
import { searchRead } from "./search-read.js";

export interface Credit {
  readonly limit: Decimal;
  /** The limit less what is owed and what is ordered and not invoiced; may be below 0. */
  readonly available: Decimal;
}

const fields = ["show_credit_limit", "credit_limit", "credit", "credit_to_invoice"];

/** The contact that accounts are kept for: the company that a person belongs to, or the contact itself. */
export function companyOf(row: Row): number {
  const company = optionalValue(row["commercial_partner_id"], "a contact's company", parseReference);
  return company?.id ?? parseWholeNumber(row["id"], "a contact's id");
}

/**
 * Limits by {@link companyOf}. Read apart from the rest, since without the rights on invoicing Odoo would refuse all of it;
 * then nobody has a limit that is told.
 */
export async function readCredits(
  session: OdooSession,
  { context, partnerFields }: Ground,
  rows: readonly Row[],
  signal: AbortSignal,
): Promise<Map<number, Credit>> {
  if (rows.length === 0 || !partnerFields.has("credit_limit")) return new Map();
  const domain = [["id", "in", [...new Set(rows.map(companyOf))]]];
  const wanted = fields.filter((name) => partnerFields.has(name));
  const query = { model: "res.partner", domain, fields: wanted, context: { ...context, active_test: false } };
  try {
    const found = await searchRead(session, query, signal);
    return new Map(found.flatMap((row) => toCredit(row) ?? []));
  } catch (error) {
    if (isMissingRight(error)) return new Map();
    throw error;
  }
}

/** Odoo itself warns of no limit where the company has limits switched off, or this contact's is not above 0. */
function toCredit(row: Row): [[number, Credit]] | null {
  const what = `of the contact ${String(row["id"])}`;
  const limit = parseAmount(row["credit_limit"], `the credit limit ${what}`, unrounded);
  if (row["show_credit_limit"] === false || !isPositive(limit)) return null;
  const owed = ["credit", "credit_to_invoice"].map((name) => {
    return row[name] === undefined ? "0" : parseAmount(row[name], `the ${name} ${what}`, unrounded);
  });
  const available = canonical(owed.reduce(subtractDecimals, limit));
  return [[parseWholeNumber(row["id"], "a contact's id"), { limit, available }]];
}
