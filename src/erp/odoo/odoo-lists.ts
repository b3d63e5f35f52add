import { ErpBadAnswer } from "../../errors.js";
import { parseCurrency, type Row } from "../parse.js";
import type { Ground } from "./odoo-ground.js";
import { type ListHead, type Lists, readListHeads } from "./odoo-list-heads.js";
import type { Product } from "./odoo-products.js";
import { stepsFrom, toMicros } from "./odoo-quantities.js";
import type { OdooSession } from "./odoo-session.js";
import { optionalValue, parseNumber, parseReference, parseStamp } from "./odoo-values.js";
import { searchRead } from "./search-read.js";

/** What of a price list decides how it has to be asked. */
export interface PriceList extends ListHead {
  /** The rules that bear on where its prices change, with those of the lists that it builds on. */
  readonly rules: readonly Rule[];
}

interface Rule {
  readonly list: number;
  /** Null where it holds for more than one. A rule of a category counts for all: asked once too often at worst. */
  readonly product: number | null;
  readonly template: number | null;
  /** From which quantity of the product's unit, in millionths. */
  readonly from: number;
  /** Instants at which the rule begins, or is over, in ms since the epoch. */
  readonly turns: readonly number[];
  readonly baseList: number | null;
}

/** Lists that build on lists that build on lists: nobody has more. */
const deepest = 10;

/**
 * @throws {ErpBadAnswer} where Odoo does not show this list. Another one is never asked in its place: Odoo itself would take
 *   the public price for a list it does not know.
 */
export async function readPriceList(
  session: OdooSession,
  ground: Ground,
  { heads }: Lists,
  id: number,
  products: readonly Product[],
  signal: AbortSignal,
): Promise<PriceList> {
  const ofId = [["id", "=", id]];
  const head = heads.get(id) ?? (await readListHeads(session, ground.context, ofId, signal)).get(id);
  if (head === undefined) throw new ErpBadAnswer(`Odoo does not show the price list ${id} to its user`);
  const currency = parseCurrency(head.currency, `the currency of the price list ${head.name}`);
  const rules: Rule[] = [];
  const known = new Set<number>();
  let wanted = [id];
  for (let depth = 0; wanted.length > 0 && depth < deepest; depth++) {
    for (const list of wanted) known.add(list);
    const found = await readRules(session, ground, wanted, products, signal);
    rules.push(...found);
    wanted = [...new Set(found.flatMap(({ baseList }) => baseList ?? []))].filter((list) => !known.has(list));
  }
  return { ...head, currency, rules };
}

async function readRules(
  session: OdooSession,
  { context }: Ground,
  lists: readonly number[],
  products: readonly Product[],
  signal: AbortSignal,
): Promise<Rule[]> {
  const among = (field: string, ids: readonly number[]) => ["|", [field, "=", false], [field, "in", ids]];
  const domain = [
    ["pricelist_id", "in", lists],
    ...among(
      "product_id",
      products.map((product) => product.id),
    ),
    ...among("product_tmpl_id", [...new Set(products.map(({ template }) => template))]),
  ];
  const dates = ["date_start", "date_end"];
  const fields = [
    "pricelist_id",
    "product_id",
    "product_tmpl_id",
    "min_quantity",
    "base",
    "base_pricelist_id",
    ...dates,
  ];
  const all = { ...context, active_test: false };
  const rows = await searchRead(session, { model: "product.pricelist.item", domain, fields, context: all }, signal);
  return rows.map(toRule);
}

function toRule(row: Row): Rule {
  const what = `the price rule ${String(row["id"])}`;
  const idOf = (field: string) => optionalValue(row[field], `${field} of ${what}`, parseReference)?.id ?? null;
  const start = optionalValue(row["date_start"], `the start of ${what}`, parseStamp);
  const end = optionalValue(row["date_end"], `the end of ${what}`, parseStamp);
  return {
    list: parseReference(row["pricelist_id"], `the list of ${what}`).id,
    product: idOf("product_id"),
    template: idOf("product_tmpl_id"),
    from: toMicros(optionalValue(row["min_quantity"], `the quantity of ${what}`, parseNumber) ?? 0),
    // Its last second belongs to it.
    turns: [...(start === null ? [] : [start]), ...(end === null ? [] : [end + 1000])],
    baseList: row["base"] === "pricelist" ? idOf("base_pricelist_id") : null,
  };
}

/** The quantities at which a product's price can change, in millionths, lowest first: the smallest that is sold, then the rules'. */
export function quantitiesOf(list: PriceList | null, product: Product): number[] {
  const rules = rulesOf(list, product);
  const quantities = new Set([product.unit.step, ...rules.map(({ from }) => stepsFrom(from, product.unit))]);
  return [...quantities].sort((a, b) => a - b);
}

/** The first instant after `now` at which a rule begins or is over; null where none does. */
export function nextTurn(list: PriceList | null, product: Product, now: number): number | null {
  const turns = rulesOf(list, product).flatMap((rule) => rule.turns);
  const next = turns
    .filter((turn) => turn > now)
    .reduce((least, turn) => Math.min(least, turn), Number.POSITIVE_INFINITY);
  return Number.isFinite(next) ? next : null;
}

function rulesOf(list: PriceList | null, { id, template }: Product): readonly Rule[] {
  return (list?.rules ?? []).filter(
    (rule) => (rule.product === null || rule.product === id) && (rule.template === null || rule.template === template),
  );
}

/** Ids of lists that build on a list, by its id. */
export async function readListsBuiltOn(session: OdooSession, { context }: Ground, signal: AbortSignal) {
  const domain = [
    ["base", "=", "pricelist"],
    ["base_pricelist_id", "!=", false],
  ];
  const all = { ...context, active_test: false };
  const fields = ["pricelist_id", "base_pricelist_id"];
  const rows = await searchRead(session, { model: "product.pricelist.item", domain, fields, context: all }, signal);
  return rows.map((row) => ({
    list: parseReference(row["pricelist_id"], "the list of a price rule").id,
    base: parseReference(row["base_pricelist_id"], "the list that a price rule builds on").id,
  }));
}
