import { ErpBadAnswer } from "../../errors.js";
import { type Decimal, sumDecimals } from "../../pricing/decimal.js";
import type { TaxShare } from "../../pricing/ladder.js";
import { groupBy } from "../group-by.js";
import { optional, parseList, parseRow, parseWholeNumber, type Row } from "../parse.js";
import { readRows } from "./read-rows.js";
import type { Buyer } from "./tryton-buyers.js";
import { TrytonRefused } from "./tryton-errors.js";
import type { Ground } from "./tryton-ground.js";
import type { Product } from "./tryton-products.js";
import type { TrytonSession } from "./tryton-session.js";
import { isTrue, parseDay, parsePercentage } from "./tryton-values.js";

/** The taxes that a sale puts on a line. */
export interface LineTaxes {
  readonly ids: readonly number[];
  /** In percent; null where it cannot be told as one rate: fixed amounts, taxes on taxes, no accounting category. */
  readonly rate: Decimal | null;
  /** What makes the rate: Tryton rounds each tax for itself, on the whole sale. Null where `rate` is. */
  readonly shares: readonly TaxShare[] | null;
}

const taxFields = ["type", "rate", "update_unit_price", "start_date", "end_date"];
const taxFieldsDeep = [...taxFields, ...taxFields.map((name) => `childs.${name}`), "childs.childs"];

/** What the products are read with, so that most taxes cost no call of their own. */
export const categoryTaxFields: readonly string[] = [
  "account_category",
  ...taxFieldsDeep.map((name) => `account_category.customer_taxes_used.${name}`),
];

/**
 * Taxes by product id: those of the product's accounting category, as a sale takes them, or what the party's tax rule
 * makes of them. That Tryton does itself: a line of a sale that is never saved is asked, one for each category.
 * @param today such as "2026-12-01"
 */
export async function readTaxes(
  session: TrytonSession,
  ground: Ground,
  buyer: Buyer,
  products: readonly Product[],
  today: string,
  signal: AbortSignal,
): Promise<Map<number, LineTaxes | ErpBadAnswer>> {
  const byCategory = groupBy(products, ({ row }) => optional(row["account_category"], "a category", parseWholeNumber));
  const taxes = new Map<number, LineTaxes | ErpBadAnswer>();
  for (const [category, members] of byCategory) {
    const rows = await readCategoryTaxes(session, ground, buyer, category, members, signal);
    const found = rows instanceof ErpBadAnswer ? rows : toLineTaxes(rows, category !== null, today);
    for (const { id } of members) taxes.set(id, found);
  }
  return taxes;
}

function readCategoryTaxes(
  session: TrytonSession,
  ground: Ground,
  buyer: Buyer,
  category: number | null,
  members: readonly Product[],
  signal: AbortSignal,
): Promise<readonly Row[] | ErpBadAnswer> | readonly Row[] {
  if (category === null) return [];
  if (buyer.taxRule !== null) return readRuledTaxes(session, ground, buyer, members, signal);
  const own = parseRow(members[0]?.row["account_category."], "an accounting category")["customer_taxes_used."];
  return parseList(own, "its taxes").map((row) => parseRow(row, "a tax"));
}

function toLineTaxes(rows: readonly Row[], hasCategory: boolean, today: string): LineTaxes {
  const ids = rows.map((row) => parseWholeNumber(row["id"], "the id of a tax"));
  const shares = rows.map((row) => toTaxShares(row, today));
  const known = shares.filter((each) => each !== null).flat();
  if (!hasCategory || shares.includes(null)) return { ids, rate: null, shares: null };
  return { ids, rate: sumDecimals(known.map(({ rate }) => rate)), shares: known };
}

/** A product that Tryton cannot put on a line says nothing of its neighbours, so another one of the category is tried. */
async function readRuledTaxes(
  session: TrytonSession,
  ground: Ground,
  buyer: Buyer,
  members: readonly Product[],
  signal: AbortSignal,
): Promise<readonly Row[] | ErpBadAnswer> {
  let refused = new ErpBadAnswer("no product to ask the taxes of");
  for (const product of members.slice(0, 3)) {
    try {
      return await readTaxRows(session, ground, await readLineTaxes(session, ground, buyer, product, signal), signal);
    } catch (error) {
      if (!(error instanceof TrytonRefused)) throw error;
      refused = error;
    }
  }
  return refused;
}

async function readLineTaxes(
  session: TrytonSession,
  ground: Ground,
  buyer: Buyer,
  product: Product,
  signal: AbortSignal,
): Promise<number[]> {
  const line = {
    ...{ product: product.id, quantity: 1, taxes: [], company: ground.company },
    // A party's tax rule belongs to a company: without the sale's own it is passed over in silence.
    ...{ "_parent_sale.party": buyer.party, "_parent_sale.company": ground.company },
  };
  const params = [line, ["product"], ground.context];
  const [change] = parseList(await session.call("model.sale.line.on_change", params, signal), "a sale's line");
  const { taxes } = parseRow(change, "a sale's line");
  if (taxes === undefined) return [];
  const { add } = parseRow(taxes, "its taxes");
  return parseList(add ?? [], "its taxes").map((entry) => {
    const [, tax] = parseList(entry, "a tax of the line");
    return parseWholeNumber(parseRow(tax, "a tax of the line")["id"], "the id of a tax");
  });
}

async function readTaxRows(
  session: TrytonSession,
  { context }: Ground,
  ids: readonly number[],
  signal: AbortSignal,
): Promise<readonly Row[] | ErpBadAnswer> {
  if (ids.length === 0) return [];
  const wanted = { model: "account.tax", domain: [["id", "in", ids]], fields: taxFieldsDeep, context };
  const rows = await readRows(session, wanted, signal);
  if (rows.length === ids.length) return rows;
  return new ErpBadAnswer("Tryton put taxes on a line that it does not show to this user");
}

/** Tryton adds the rates of a tax and its children, as long as none changes the amount that the next is computed on. */
function toTaxShares(row: Row, today: string): TaxShare[] | null {
  if (!holdsOn(row, today)) return [];
  const children = parseList(row["childs."] ?? [], "the children of a tax").map((child) =>
    parseRow(child, "a child tax"),
  );
  const shares = children.map((child) => toTaxShares(child, today));
  const grandchildren = parseList(row["childs"] ?? [], "the children of a tax").length > children.length;
  if (isTrue(row["update_unit_price"]) || grandchildren || shares.includes(null)) return null;
  if (row["type"] === "fixed") return null;
  const own = row["type"] === "percentage" ? [toOwnShare(row)] : [];
  return [...own, ...shares.filter((each) => each !== null).flat()];
}

function toOwnShare(row: Row): TaxShare {
  const id = String(parseWholeNumber(row["id"], "the id of a tax"));
  return { id, rate: parsePercentage(row["rate"], "the rate of a tax") };
}

function holdsOn(row: Row, today: string): boolean {
  const begin = optional(row["start_date"], "the start of a tax", parseDay);
  const last = optional(row["end_date"], "the end of a tax", parseDay);
  return (begin === null || begin <= today) && (last === null || last >= today);
}
