import { optional, parseWholeNumber, type Row } from "../parse.js";
import { readRows, readSingle } from "./read-rows.js";
import type { Ground } from "./tryton-ground.js";
import type { TrytonSession } from "./tryton-session.js";

/** What a sale takes from its party before it prices a line. */
export interface Buyer {
  /** Null for the public. */
  readonly party: number | null;
  readonly priceList: number | null;
  /** Chooses other taxes than the product's own. */
  readonly taxRule: number | null;
  /** See {@link toPriceScope}; null where the buyer's prices are its own. */
  readonly priceScope: string | null;
}

/** Parties by their codes; a code that Tryton does not know is not in the map. Tryton keeps the codes unique. */
export async function readParties(
  session: TrytonSession,
  ground: Ground,
  codes: readonly string[],
  fields: readonly string[],
  signal: AbortSignal,
): Promise<Map<string, Row>> {
  const domain = [["code", "in", [...new Set(codes)]]];
  const wanted = { model: "party.party", domain, fields: ["code", ...fields], context: ground.context };
  const rows = await readRows(session, wanted, signal);
  return new Map(rows.map((row) => [String(row["code"]), row]));
}

export function buyerFields(ground: Ground): string[] {
  return ["customer_tax_rule", ...(ground.has.priceLists ? ["sale_price_list"] : [])];
}

/** @param row null for the public @param defaultList as {@link readDefaultList} */
export function toBuyer(ground: Ground, row: Row | null, defaultList: number | null): Buyer {
  const party = row === null ? null : parseWholeNumber(row["id"], "the party's id");
  const own = optional(row?.["sale_price_list"], "the party's price list", parseWholeNumber);
  const taxRule = optional(row?.["customer_tax_rule"], "the party's tax rule", parseWholeNumber);
  const priceList = own ?? defaultList;
  const ownTaxes = taxRule !== null && ground.has.taxByPlace;
  return { party, priceList, taxRule, priceScope: ownTaxes ? null : toPriceScope(priceList, taxRule) };
}

/**
 * Parties of one price list and one tax rule pay the same: of the party, Tryton's sale hands nothing else to the price.
 * The tax rule is part of it, since it chooses the taxes, which a list "tax included" takes out of the price.
 * Where the rule looks at the address (module account_tax_rule_country) nothing is shared.
 */
export function toPriceScope(priceList: number | null, taxRule: number | null): string {
  const list = priceList === null ? "no-list" : `list-${priceList}`;
  return taxRule === null ? list : `${list}/tax-rule-${taxRule}`;
}

/** The list of a sale whose party has none of its own, or that has no party: the sale configuration's. */
export async function readDefaultList(
  session: TrytonSession,
  ground: Ground,
  signal: AbortSignal,
): Promise<number | null> {
  if (!ground.has.priceLists) return null;
  const row = await readSingle(session, "sale.configuration", ["sale_price_list"], ground.context, signal);
  return optional(row["sale_price_list"], "the default price list", parseWholeNumber);
}

/** The default list, read only where some party, or the public, needs it. */
export async function readDefaultListFor(
  session: TrytonSession,
  ground: Ground,
  rows: readonly (Row | null)[],
  signal: AbortSignal,
): Promise<number | null> {
  const needed = rows.some((row) => row === null || (row["sale_price_list"] ?? null) === null);
  return needed ? readDefaultList(session, ground, signal) : null;
}
