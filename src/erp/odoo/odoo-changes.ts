import type { Change, ChangeLog, ChangePage } from "../../pricing/connector.js";
import type { Logger } from "../../telemetry/logger.js";
import { allChanged, withoutDoubles } from "../change-pages.js";
import { parseWholeNumber, type Row } from "../parse.js";
import { formatRowCursor, isAfter, parseRowCursor, type RowCursor, startingAt } from "../row-cursor.js";
import { type ChangedModel, changedModels, pointersOf, type Told, type Variant } from "./changed-models.js";
import { priceScopesOf } from "./odoo-buyers.js";
import { isMissingRight } from "./odoo-errors.js";
import type { Ground } from "./odoo-ground.js";
import type { OdooKept } from "./odoo-kept.js";
import { readListsBuiltOn } from "./odoo-lists.js";
import { readPositionIds } from "./odoo-positions.js";
import type { OdooSession } from "./odoo-session.js";
import { parseReference, parseStamp, toStamp } from "./odoo-values.js";
import { searchRead } from "./search-read.js";

/**
 * How long a second is left to close before its changes are told. Odoo stamps a row when its transaction begins, so that a
 * row of a transaction still open may appear later: told too early it would be passed by.
 */
const settleMs = 5000;

/** Most rows read of one model at once; with more, an import is going on, and all is said to have changed. */
const mostRows = 5000;

/** With instants in whole seconds: Odoo tells no more. */
const cursorName = "odoo-1";

interface ChangedRow {
  readonly at: RowCursor;
  readonly model: ChangedModel;
  readonly row: Row;
}

/** What was written since, by `write_date`, which Odoo sets at a record's making as well. It keeps no trace of what was deleted. */
export function createOdooChanges(session: OdooSession, kept: OdooKept, log: Pick<Logger, "warn">): ChangeLog {
  const read = createWrittenReader(session, log);
  return {
    async readChanges(since, limit, signal) {
      const ground = await kept.ground(signal);
      const end = startingAt(Math.floor(((await session.readTime(signal)) - settleMs) / 1000));
      if (since === null) return page([], end, false);
      const start = parseRowCursor(cursorName, "Odoo", since);
      if (!isAfter(end, start)) return page([], start, false);
      const rows = await readChanged(read, ground, start, end, signal);
      if (rows === "too many") return page(allChanged, end, false);
      const told = rows.slice(0, limit);
      const last = told.at(-1);
      const next = rows.length > limit && last !== undefined ? last.at : end;
      return page(await toChanges(session, kept, told, signal), next, rows.length > limit);
    },
  };
}

function page(changes: readonly Change[], next: RowCursor, more: boolean): ChangePage {
  return { changes, next: formatRowCursor(cursorName, next), more };
}

/** Rows after `start` and before `end`, oldest first. */
async function readChanged(
  read: ReadWritten,
  ground: Ground,
  start: RowCursor,
  end: RowCursor,
  signal: AbortSignal,
): Promise<ChangedRow[] | "too many"> {
  const found: ChangedRow[] = [];
  for (const [number, model] of changedModels(ground).entries()) {
    if (model === null) continue;
    const rows = await read(ground, model, start.at * 1000, end.at * 1000, signal);
    if (rows.length > mostRows) return "too many";
    for (const row of rows) {
      const id = parseWholeNumber(row["id"], `the id of a ${model.name}`);
      const at = parseStamp(row["write_date"], "a write date") / 1000;
      found.push({ at: { at, model: number, id }, model, row });
    }
  }
  const between = found.filter(({ at }) => isAfter(at, start) && isAfter(end, at));
  return between.sort((a, b) => (isAfter(a.at, b.at) ? 1 : -1));
}

/** Rows written from one instant until before another, both in ms since the epoch. */
type ReadWritten = (
  ground: Ground,
  model: ChangedModel,
  from: number,
  until: number,
  signal: AbortSignal,
) => Promise<readonly Row[]>;

/** What the user may not read is not followed, which is said once; the other models are. */
function createWrittenReader(session: OdooSession, log: Pick<Logger, "warn">): ReadWritten {
  const said = new Set<string>();
  return async ({ context: own }, { name, fields }, from, until, signal) => {
    const context = { ...own, active_test: false };
    const domain = [
      ["write_date", ">=", toStamp(from)],
      ["write_date", "<", toStamp(until)],
    ];
    const wanted = { model: name, domain, fields: ["write_date", ...fields], context, limit: mostRows + 1 };
    try {
      return await searchRead(session, wanted, signal);
    } catch (error) {
      if (!isMissingRight(error)) throw error;
      if (!said.has(name)) log.warn({ err: error }, "changes of this model are not followed");
      said.add(name);
      return [];
    }
  };
}

async function toChanges(
  session: OdooSession,
  kept: OdooKept,
  rows: readonly ChangedRow[],
  signal: AbortSignal,
): Promise<Change[]> {
  const ground = await kept.ground(signal);
  const { publicList } = await kept.lists(signal);
  const told: Told = {
    variants: await readVariants(session, ground, rows, signal),
    ofList: await readListChanges(session, ground, publicList, rows, signal),
  };
  const changes = rows.flatMap(({ model, row }) => model.toChanges(row, told));
  return withoutDoubles(changes);
}

async function readVariants(
  session: OdooSession,
  { context: own }: Ground,
  rows: readonly ChangedRow[],
  signal: AbortSignal,
): Promise<Told["variants"]> {
  const pointers = rows.map(({ model, row }) => pointersOf(model, row));
  const products = [...new Set(pointers.flatMap((of) => of.product ?? []))];
  const templates = [...new Set(pointers.flatMap((of) => of.template ?? []))];
  if (products.length + templates.length === 0) return () => [];
  const domain = ["|", ["id", "in", products], ["product_tmpl_id", "in", templates]];
  const fields = ["default_code", "product_tmpl_id", "active", "sale_ok"];
  const context = { ...own, active_test: false };
  const found = await searchRead(session, { model: "product.product", domain, fields, context }, signal);
  const variants = found.flatMap(toVariant);
  return ({ product = null, template = null }) =>
    variants.filter(({ id, template: own }) => (product === null ? own === template : id === product));
}

/** None without a code: no shop knows it. */
function toVariant(row: Row): Variant[] {
  const sku = row["default_code"];
  if (typeof sku !== "string" || sku === "") return [];
  const template = parseReference(row["product_tmpl_id"], "a variant's template").id;
  const isForSale = row["active"] === true && row["sale_ok"] === true;
  return [{ id: parseWholeNumber(row["id"], "a variant's id"), template, sku, isForSale }];
}

async function readListChanges(
  session: OdooSession,
  ground: Ground,
  publicList: number | null,
  rows: readonly ChangedRow[],
  signal: AbortSignal,
): Promise<Told["ofList"]> {
  const isOfList = ({ model: { name } }: ChangedRow) => name.startsWith("product.pricelist");
  if (!rows.some(isOfList)) return () => [];
  const links = await readListsBuiltOn(session, ground, signal);
  const positions = ground.positions.any ? await readPositionIds(session, ground.context, signal) : [];
  return (list) => {
    const touched = withThoseBuiltOn(list, links);
    // The public's list is named by no scope, and scopes under positions that nobody may read cannot be named.
    if (positions === null || (publicList !== null && touched.has(publicList))) return [{ kind: "price" }];
    return [...touched].flatMap((id) =>
      priceScopesOf(id, positions).map((priceScope): Change => ({ kind: "price", priceScope })),
    );
  };
}

function withThoseBuiltOn(
  list: number,
  links: readonly { readonly list: number; readonly base: number }[],
): Set<number> {
  const touched = new Set([list]);
  for (let before = 0; touched.size > before; ) {
    before = touched.size;
    for (const link of links) if (touched.has(link.base)) touched.add(link.list);
  }
  return touched;
}
