import type { Data, Values } from "./odoo-records.js";

// Fiscal positions of the stand-in for Odoo. Sources: "Fiscal positions" of Odoo's user documentation, and what was seen of orders
// on 18 and 19.

/** @param map the ids of the taxes that stand in for a tax, by its id */
export function position(id: number, name: string, map: Record<number, number[]>, more: Values = {}): Values {
  const old = "2026-01-01 00:00:00";
  // Up to 18 they are lines of a table that nobody looks into; from 19 on, the taxes that are put in.
  const tax_ids = [...new Set(Object.values(map).flat())];
  return { id, name, auto_apply: false, active: true, write_date: old, tax_ids, map, ...more };
}

/** Of a new order for this contact. @returns its id, or false for none */
export function positionOf(data: Data, major: number, partner: Values): unknown {
  const rows = data["res.partner"] ?? [];
  const delivery = rows.find((row) => row["type"] === "delivery" && row["parent_id"] === partner["id"]) ?? partner;
  const own = delivery["property_account_position_id"] || partner["property_account_position_id"];
  if (own) return own;
  if (!partner["country_id"]) return false;
  const fitting = (data["account.fiscal.position"] ?? []).filter((row) => fits(data, row, delivery));
  // Seen: up to 18 one for a VAT number comes before one for the country, on 19 their order alone counts.
  const rank = (row: Values) => (row["vat_required"] ? 2 : 0) + (row["country_id"] ? 1 : 0);
  if (major < 19) fitting.sort((a, b) => rank(b) - rank(a));
  return fitting[0]?.["id"] ?? false;
}

function fits(data: Data, row: Values, { country_id, vat }: Values): boolean {
  const group = (data["res.country.group"] ?? []).find(({ id }) => id === row["country_group_id"]);
  return (
    row["auto_apply"] === true &&
    row["active"] === true &&
    (!row["vat_required"] || Boolean(vat)) &&
    (!row["country_id"] || row["country_id"] === country_id) &&
    (group === undefined || (group["country_ids"] as unknown[]).includes(country_id))
  );
}

/** A position that maps nothing leaves all taxes as they are; on 19 it takes all of them away (seen). */
export function mapTaxes(major: number, row: Values, taxes: readonly number[]): number[] {
  const map = row["map"] as Record<number, number[]>;
  if (major >= 19 && (row["tax_ids"] as unknown[]).length === 0) return [];
  return [...new Set(taxes.flatMap((id) => map[id] ?? [id]))];
}

/** Only where all taxes were in the price: they are taken out, and those that are in it now put in (seen). */
export function priceUnder(data: Data, price: number, before: readonly number[], after: readonly number[]): number {
  const rows = (ids: readonly number[]) => (data["account.tax"] ?? []).filter(({ id }) => ids.includes(id as number));
  const included = (row: Values) => row["price_include"] === true;
  const share = (found: Values[]) =>
    found.filter(included).reduce((sum, row) => sum + (row["amount"] as number), 0) / 100;
  const isSame = before.length === after.length && before.every((id) => after.includes(id));
  if (isSame || before.length === 0 || !rows(before).every(included)) return price;
  const net = price / (1 + share(rows(before)));
  return net + net * share(rows(after));
}
