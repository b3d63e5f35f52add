import { ErpBadAnswer } from "../../errors.js";
import { given } from "../amounts.js";
import { groupBy } from "../group-by.js";
import { parseText, type Row } from "../parse.js";
import type { ErpNextApi } from "./erpnext-api.js";
import type { Ground } from "./erpnext-ground.js";
import type { Terms } from "./erpnext-terms.js";

const fields = [
  ...["name", "customer_name", "customer_group", "territory", "default_price_list", "payment_terms"],
  ...["disabled", "is_frozen"],
];

/** Customers by the field that is set; a code that none has is not in the map. @throws {ErpError} */
export async function readCustomers(
  api: ErpNextApi,
  field: string,
  codes: readonly string[],
  signal: AbortSignal,
): Promise<Map<string, Row | ErpBadAnswer>> {
  const wanted = new Set(codes);
  if (wanted.size === 0) return new Map();
  const filters = [[field, "in", [...wanted]]] as const;
  const rows = await api.list({ doctype: "Customer", fields: [...new Set([...fields, field])], filters }, signal);
  // Letter by letter: the database takes "a" for "A", and one customer's prices are not another's.
  const exact = rows.filter((row) => wanted.has(String(row[field])));
  const byCode = groupBy(exact, (row) => String(row[field]));
  return new Map([...byCode].map(([code, found]) => [code, theOne(field, code, found)]));
}

function theOne(field: string, code: string, rows: readonly Row[]): Row | ErpBadAnswer {
  const [row, twin] = rows;
  if (row !== undefined && twin === undefined) return row;
  return new ErpBadAnswer(`ERPNext has ${rows.length} customers whose ${field} is ${JSON.stringify(code)}`);
}

/** The list of an order: the customer's, else its group's, else the one set for everybody. */
export function toTerms({ groups }: Ground, row: Row, usualList: string): Terms {
  const customerGroup = given(row["customer_group"], "a customer's group", parseText);
  const own = given(row["default_price_list"], "a customer's price list", parseText);
  const ofGroup = customerGroup === null ? null : (groups.get(customerGroup)?.priceList ?? null);
  return {
    customer: parseText(row["name"], "a customer's name"),
    priceList: own ?? ofGroup ?? usualList,
    customerGroup,
    territory: given(row["territory"], "a customer's territory", parseText),
  };
}

/** Customers with prices of their own in some list, by their names. */
export async function readOwners(
  api: ErpNextApi,
  names: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  if (names.length === 0) return new Set();
  const filters = [
    ["customer", "in", names],
    ["selling", "=", 1],
  ] as const;
  const grouped = { group: "customer", order: "customer asc" };
  const rows = await api.list({ doctype: "Item Price", fields: ["customer"], filters, ...grouped }, signal);
  return new Set(rows.map((row) => String(row["customer"])));
}

/**
 * Customers of one list, group and territory pay the same, since nothing else of them is in ERPNext's rules, unless an item
 * price or a rule is for the customer alone, or a rule counts what it bought before.
 * @param hasOwn whether some item price is for this customer alone
 */
export function toPriceScope({ rules }: Ground, terms: Terms, hasOwn: boolean): string | null {
  const isOwn = hasOwn || rules.some(({ isCumulative, customer }) => isCumulative || customer === terms.customer);
  return isOwn ? null : JSON.stringify([terms.priceList, terms.customerGroup, terms.territory]);
}

/**
 * The terms of all in a price scope, in nobody's name: so no customer's own price can get into it.
 * @returns null where the text is no scope of ours, such as one of the connector used before
 */
export function parsePriceScope(text: string): Terms | null {
  try {
    const [priceList, customerGroup, territory, ...rest] = JSON.parse(text) as unknown[];
    const areTexts = [customerGroup, territory].every((part) => part === null || typeof part === "string");
    if (typeof priceList !== "string" || !areTexts || rest.length > 0) return null;
    return {
      customer: null,
      priceList,
      ...({ customerGroup, territory } as Pick<Terms, "customerGroup" | "territory">),
    };
  } catch {
    return null;
  }
}

export function publicTerms(priceList: string): Terms {
  return { customer: null, priceList, customerGroup: null, territory: null };
}
