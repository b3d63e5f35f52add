import type { Decimal } from "../../pricing/decimal.js";
import type { Row } from "../parse.js";
import type { Ground } from "./b1-ground.js";

/**
 * The rate that a sales order begins with, in percent; null where it cannot be told. A partner's own tax group stands before the item's,
 * and who is exempt pays none. Source: help.sap.com, "Business Partner Master Data: Accounting Tab, Tax".
 * @param partner null for the public
 */
export function taxRateOf({ taxGroups }: Ground, item: Row, partner: Row | null, day: string): Decimal | null {
  const status = partner?.["VatLiable"] ?? "vLiable";
  if (status === "vExempted") return "0";
  const own = groupOf(partner?.["VatGroup"]);
  // Within the EU another group than the item's is taken, and which one is not told.
  const group = own ?? (status === "vLiable" ? groupOf(item["SalesVATGroup"]) : null);
  if (group === null) return null;
  return taxGroups.get(group)?.find(({ from }) => from <= day)?.rate ?? null;
}

function groupOf(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}
