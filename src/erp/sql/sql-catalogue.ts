import { ErpBadAnswer } from "../../errors.js";
import type { Change, ChangeLog, ProductList } from "../../pricing/connector.js";
import { optional, type Row, shown } from "../parse.js";
import type { SqlGround } from "./sql-ground.js";
import { readText } from "./sql-values.js";
import type { Statement } from "./statement.js";

/** The cursor is the last SKU of a page, so that products which come or go move none. */
export function createSqlProducts({ database, given }: SqlGround, query: Statement): ProductList {
  return {
    async readPage(after, limit, signal) {
      const values = { ...given, after: after ?? "", limit };
      const rows = await database.read((run) => run(query, values), signal);
      const skus = rows.map((row) => readText(row["sku"], "sku"));
      return { skus, next: skus.length < limit ? null : (skus.at(-1) ?? null) };
    },
  };
}

export function createSqlChanges({ database, given }: SqlGround, query: Statement, newest: Statement): ChangeLog {
  return {
    readChanges: (since, limit, signal) =>
      database.read(async (run) => {
        if (since === null) return { changes: [], next: cursorOf((await run(newest, given))[0]), more: false };
        const rows = await run(query, { ...given, since, limit });
        return toPage(rows, since, limit);
      }, signal),
  };
}

/** Rows of one cursor belong together: a page that ends amidst them would lose the others, so it ends before them. */
function toPage(rows: readonly Row[], since: string, limit: number) {
  const last = rows.at(-1);
  if (last === undefined) return { changes: [], next: since, more: false };
  if (rows.length < limit) return { changes: rows.map(toChange), next: cursorOf(last), more: false };
  const cut = rows.findIndex((row) => cursorOf(row) === cursorOf(last));
  const whole = rows.slice(0, cut);
  const next = whole.at(-1);
  if (next === undefined)
    throw new ErpBadAnswer(`the query changes returns ${rows.length} rows of one change_id: number them one by one`);
  return { changes: whole.map(toChange), next: cursorOf(next), more: true };
}

function cursorOf(row: Row | undefined): string {
  if (row === undefined || row["change_id"] === null)
    throw new ErpBadAnswer("the query newest_change returns no change_id: write COALESCE(MAX(…), 0) AS change_id");
  return readText(row["change_id"], "change_id");
}

const kinds = ["price", "stock", "customer", "removed"] as const;

function toChange(row: Row): Change {
  const kind = kinds.find((known) => known === row["kind"]);
  if (kind === undefined)
    throw new ErpBadAnswer(`kind should be one of ${kinds.join(", ")}, not ${shown(row["kind"])}`);
  const sku = optional(row["sku"], "sku", readText);
  const customer = optional(row["customer"], "customer", readText);
  const priceScope = optional(row["price_scope"], "price_scope", readText);
  return {
    kind,
    ...(sku === null ? {} : { sku }),
    ...(customer === null ? {} : { customer }),
    ...(priceScope === null ? {} : { priceScope }),
  };
}
