import { parseCurrency, parseList, parseRow, parseText, parseWholeNumber, type Row } from "../parse.js";
import { OdooMisset } from "./odoo-errors.js";
import type { OdooSession } from "./odoo-session.js";
import { optionalValue, parseReference } from "./odoo-values.js";
import { searchRead } from "./search-read.js";

export interface Company {
  readonly id: number;
  /** ISO 4217. */
  readonly currency: string;
  readonly country: number | null;
  /** Names the company and the user's language; without the first, Odoo would answer for all that the user may see. */
  readonly context: Row;
}

/** @param wanted name or id; null takes the one that the user works in */
export async function readCompany(session: OdooSession, wanted: string | null, signal: AbortSignal): Promise<Company> {
  const own = parseRow(await session.call({ model: "res.users", method: "context_get" }, signal), "the user's context");
  const lang = optionalValue(own["lang"], "the user's language", parseText);
  const language = lang === null ? {} : { lang };
  const fields = ["name", "currency_id", "country_id"];
  const rows = await searchRead(session, { model: "res.company", domain: [], fields, context: language }, signal);
  const id = wanted === null ? await readOwnCompany(session, signal) : null;
  const row = rows.find((each) => (wanted === null ? each["id"] === id : isNamed(each, wanted)));
  if (row === undefined) throw noCompany(wanted ?? String(id), rows);
  const company = parseWholeNumber(row["id"], "a company's id");
  return {
    id: company,
    currency: parseCurrency(
      parseReference(row["currency_id"], "the company's currency").name,
      "the company's currency",
    ),
    country: optionalValue(row["country_id"], "the company's country", parseReference)?.id ?? null,
    context: { ...language, allowed_company_ids: [company] },
  };
}

async function readOwnCompany(session: OdooSession, signal: AbortSignal): Promise<number> {
  const ids = [await session.readUser(signal)];
  const call = { model: "res.users", method: "read", ids, params: { fields: ["company_id"] } };
  const [user] = parseList(await session.call(call, signal), "the user");
  return parseReference(parseRow(user, "the user")["company_id"], "the user's company").id;
}

function isNamed(row: Row, wanted: string): boolean {
  return row["name"] === wanted || String(row["id"]) === wanted;
}

function noCompany(wanted: string, rows: readonly Row[]): OdooMisset {
  const known = rows.map((row) => `${String(row["id"])} ${JSON.stringify(row["name"])}`).join(", ");
  const mend = `check ODOO_COMPANY, or the companies that the user may work in (${known.slice(0, 300) || "none"})`;
  return new OdooMisset(`Odoo shows no company ${JSON.stringify(wanted)} to its user: ${mend}`);
}
