import type { Row } from "../parse.js";
import { companyOf } from "./odoo-credit.js";
import type { Ground } from "./odoo-ground.js";
import type { TaxExchange } from "./odoo-positions.js";
import type { OdooSession } from "./odoo-session.js";
import { optionalValue, parseReference } from "./odoo-values.js";
import { searchRead } from "./search-read.js";

const untold: TaxExchange = { kind: "untold" };
const none: TaxExchange = { kind: "none" };

/**
 * Whose taxes a fiscal position may exchange, where Odoo cannot be asked for its own word: none are said to be exchanged only
 * where none can be.
 * @param rows contacts with the fields of a buyer
 */
export async function createGuess(
  session: OdooSession,
  ground: Ground,
  rows: readonly Row[],
  signal: AbortSignal,
): Promise<(row: Row) => TaxExchange> {
  const deliveredAbroad = await readDeliveredAbroad(session, ground, rows, signal);
  return (row) => {
    const own = optionalValue(row["property_account_position_id"], "a fiscal position", parseReference);
    const country = optionalValue(row["country_id"], "a contact's country", parseReference);
    if (own !== null || deliveredAbroad.has(companyOf(row))) return untold;
    // Odoo looks for none without a country.
    if (country === null) return none;
    const { abroad, atHome } = ground.positions;
    if (country.id !== ground.country) return abroad ? untold : none;
    return atHome === "all" || (atHome === "with VAT number" && Boolean(row["vat"])) ? untold : none;
  };
}

/** Companies with a delivery address in another country, by the id of their contact: an order may propose it, and goes by it. */
async function readDeliveredAbroad(
  session: OdooSession,
  { positions, country, context }: Ground,
  rows: readonly Row[],
  signal: AbortSignal,
): Promise<ReadonlySet<number>> {
  if (!positions.abroad || rows.length === 0) return new Set();
  const domain = [
    ["type", "=", "delivery"],
    ["commercial_partner_id", "in", [...new Set(rows.map(companyOf))]],
    ["country_id", "!=", false],
    ["country_id", "!=", country ?? false],
  ];
  const wanted = { model: "res.partner", domain, fields: ["commercial_partner_id"], context };
  return new Set((await searchRead(session, wanted, signal)).map(companyOf));
}
