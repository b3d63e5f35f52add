import { dayAfter } from "../calendar.js";
import { optional, parseText, parseWholeNumber, type Row } from "../parse.js";
import { readRows } from "./read-rows.js";
import type { Ground } from "./tryton-ground.js";
import type { Product } from "./tryton-products.js";
import type { TrytonSession } from "./tryton-session.js";
import { smallest, stepFrom } from "./tryton-units.js";
import { isTrue, parseDay, parseNumber } from "./tryton-values.js";

/** What of a price list decides how it has to be asked. */
export interface PriceList {
  readonly id: number | null;
  readonly name: string | null;
  /** Its formulas give prices with tax, so Tryton must be told the taxes to take out. */
  readonly taxIncluded: boolean;
  /** The lines that bear on where its prices change, its parents' included. */
  readonly lines: readonly ListLine[];
}

interface ListLine {
  /** Null where it holds for more than one product. A line of a category counts for all: asked once too often at worst. */
  readonly product: number | null;
  /** From which quantity it holds, in the list's unit; null from the first. */
  readonly quantity: number | null;
  readonly inSaleUnit: boolean;
  /** The days, such as "2026-12-01", at whose start the line begins, or is over. */
  readonly turns: readonly string[];
}

export const noList: PriceList = { id: null, name: null, taxIncluded: false, lines: [] };

/** @throws {ErpError} */
export async function readPriceList(
  session: TrytonSession,
  ground: Ground,
  id: number | null,
  products: readonly number[],
  signal: AbortSignal,
): Promise<PriceList> {
  if (id === null) return noList;
  const chain = await readChain(session, ground, id, signal);
  const dates = ground.has.listDates ? ["start_date", "end_date"] : [];
  const domain = [
    ["price_list", "in", [...chain.keys()]],
    ["OR", [["product", "=", null]], [["product", "in", products]]],
  ];
  const fields = ["price_list", "product", "quantity", ...dates];
  const wanted = { model: "product.price_list.line", domain, fields, context: ground.context };
  const rows = await readRows(session, wanted, signal);
  const list = chain.get(id) ?? {};
  return {
    id,
    name: optional(list["name"], "the name of a price list", parseText),
    taxIncluded: isTrue(list["tax_included"]),
    lines: rows.map((row) => toLine(row, chain)),
  };
}

/** The list and its parents: a child's formula may stand on its parent's price, and so break where that one breaks. */
async function readChain(
  session: TrytonSession,
  ground: Ground,
  id: number,
  signal: AbortSignal,
): Promise<Map<number, Row>> {
  const fields = ["name", "tax_included", "unit", ...(ground.has.listParent ? ["parent"] : [])];
  const chain = new Map<number, Row>();
  let next: number | null = id;
  while (next !== null && !chain.has(next)) {
    const domain = [["id", "=", next]];
    const context = { ...ground.context, active_test: false };
    const [row = {}] = await readRows(session, { model: "product.price_list", domain, fields, context }, signal);
    chain.set(next, row);
    next = optional(row["parent"], "the parent of a price list", parseWholeNumber);
  }
  return chain;
}

function toLine(row: Row, chain: ReadonlyMap<number, Row>): ListLine {
  const list = chain.get(parseWholeNumber(row["price_list"], "the list of a price list's line"));
  const begin = optional(row["start_date"], "the start of a price list's line", parseDay);
  const last = optional(row["end_date"], "the end of a price list's line", parseDay);
  return {
    product: optional(row["product"], "the product of a price list's line", parseWholeNumber),
    quantity: optional(row["quantity"], "the quantity of a price list's line", parseNumber),
    inSaleUnit: list?.["unit"] === "product_sale",
    turns: [...(begin === null ? [] : [begin]), ...(last === null ? [] : [dayAfter(last)])],
  };
}

/** The quantities at which a product's price can change, lowest first: the smallest that is sold, then the list's. */
export function quantitiesOf({ lines }: PriceList, product: Product): number[] {
  const { defaultUnit, saleUnit } = product;
  const quantities = new Set([smallest(saleUnit)]);
  for (const line of linesOf(lines, product)) {
    if (line.quantity === null) continue;
    quantities.add(stepFrom(line.quantity, line.inSaleUnit ? saleUnit : defaultUnit, saleUnit));
  }
  return [...quantities].sort((a, b) => a - b);
}

/** The first day after `today` on which a line begins or is over; null where none does. */
export function nextTurn({ lines }: PriceList, product: Product, today: string): string | null {
  const turns = linesOf(lines, product).flatMap((line) => line.turns);
  return turns.filter((day) => day > today).sort()[0] ?? null;
}

function linesOf(lines: readonly ListLine[], { id }: Product): ListLine[] {
  return lines.filter(({ product }) => product === null || product === id);
}
