import { ErpBadAnswer } from "../../errors.js";
import { type Decimal, isPositive } from "../../pricing/decimal.js";
import { given, parseAmount } from "../amounts.js";
import type { Row } from "../parse.js";
import type { DolibarrApi } from "./dolibarr-api.js";
import type { Ground } from "./dolibarr-ground.js";
import { parseNumber } from "./dolibarr-values.js";
import { readByField } from "./read-by-field.js";

/** The field of a third party that the tokens' `sub` names. */
export const customerFields = ["code_client", "ref_ext"] as const;
export type CustomerField = (typeof customerFields)[number];

/** What an order takes from its third party before it prices a line. */
export interface Buyer {
  readonly thirdParty: number;
  /** From 1; null where Dolibarr is set to keep no levels. */
  readonly level: number | null;
  /** Percent that is taken off each line of an order: the third party's "relative discount", "0" where it has none. */
  readonly discount: Decimal;
  /** Null where its prices are its own. */
  readonly priceScope: string | null;
}

/**
 * Third parties by their codes. Who is neither customer nor prospect is left out: Dolibarr lets no order be made for it.
 * @throws {ErpError}
 */
export async function readThirdParties(
  api: DolibarrApi,
  field: CustomerField,
  codes: readonly string[],
  version: number,
  signal: AbortSignal,
): Promise<Map<string, Row | ErpBadAnswer>> {
  const wanted = { path: "/thirdparties", field, values: codes };
  const rowsByCode = await readByField(api, wanted, version, signal);
  const parties = new Map<string, Row | ErpBadAnswer>();
  for (const [code, rows] of rowsByCode) {
    const [row, twin] = rows.filter(isCustomer);
    if (row === undefined) continue;
    const twins = new ErpBadAnswer(`Dolibarr has ${rows.length} third parties of ${field} ${JSON.stringify(code)}`);
    parties.set(code, twin === undefined ? row : twins);
  }
  return parties;
}

// 0 supplier or nothing, 1 customer, 2 prospect, 3 both.
function isCustomer(row: Row): boolean {
  return given(row["client"], "whether a third party is a customer", parseNumber) !== 0;
}

/** @throws {ErpBadAnswer} */
export function toBuyer({ modes }: Ground, row: Row): Buyer {
  const level = given(row["price_level"], "a price level", parseNumber);
  const discount = given(row["remise_percent"], "a third party's relative discount", parseAmount) ?? "0";
  return {
    thirdParty: parseNumber(row["id"], "a third party's id"),
    level: level === 0 ? null : level,
    discount,
    priceScope: modes.ofCustomers === "none" ? toPriceScope(level, discount) : null,
  };
}

/** Third parties of one level and discount pay the same: without prices by customer, an order takes nothing else of them. */
function toPriceScope(level: number | null, discount: Decimal): string {
  const scope = level === null || level === 0 ? "no-level" : `level-${level}`;
  return isPositive(discount) ? `${scope}-less-${discount}` : scope;
}
