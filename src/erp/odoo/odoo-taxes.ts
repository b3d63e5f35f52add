import type { Decimal } from "../../pricing/decimal.js";
import { parseWholeNumber, type Row } from "../parse.js";
import type { OdooSession } from "./odoo-session.js";
import { optionalValue, parseRate, parseReference } from "./odoo-values.js";
import { searchRead } from "./search-read.js";

export interface Tax {
  readonly id: number;
  readonly company: number | null;
  /** In percent; null where it is none: an amount for each unit, a group, a formula. */
  readonly rate: Decimal | null;
  /** The price has this tax in it. */
  readonly included: boolean;
  /** Taxes that come after this one are computed on it as well. */
  readonly raisesBase: boolean;
}

const fields = ["amount", "amount_type", "price_include", "include_base_amount", "company_id"];

export function readTaxRows(session: OdooSession, context: Row, domain: unknown[], signal: AbortSignal) {
  return searchRead(session, { model: "account.tax", domain, fields, context }, signal);
}

export function toTax(row: Row): Tax {
  return {
    id: parseWholeNumber(row["id"], "a tax's id"),
    company: optionalValue(row["company_id"], "a tax's company", parseReference)?.id ?? null,
    rate: row["amount_type"] === "percent" ? parseRate(row["amount"], "a tax's rate") : null,
    included: row["price_include"] === true,
    raisesBase: row["include_base_amount"] === true,
  };
}
