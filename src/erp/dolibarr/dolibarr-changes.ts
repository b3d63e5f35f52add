import { ErpKeepsNoChanges } from "../../errors.js";
import type { Change, ChangeLog, ChangePage } from "../../pricing/connector.js";
import { given } from "../amounts.js";
import { allChanged } from "../change-pages.js";
import type { Row } from "../parse.js";
import {
  advance,
  type ChangeCursor,
  formatCursor,
  isOver,
  isTold,
  type Mark,
  mostIds,
  parseCursor,
} from "./change-cursor.js";
import type { DolibarrApi, Query } from "./dolibarr-api.js";
import type { CustomerField } from "./dolibarr-buyers.js";
import type { Ground } from "./dolibarr-ground.js";
import { isForSale, propertiesSince } from "./dolibarr-products.js";
import { parseNumber, parseWritten } from "./dolibarr-values.js";

// Newest first until what was told before, and never "since when": Dolibarr compares with the time of its database, in a time
// zone that it does not tell, while a row's own date tells which rows are newer than which.

/** Rows of the first look, which mostly finds nothing new: Dolibarr loads each row whole. */
const firstLook = mostIds + 1;
const pageSize = 100;
/** Beyond these pages an import is going on, and all is said to have changed. */
const mostPages = 10;

interface ChangedRow {
  readonly at: number;
  readonly id: number;
  readonly model: "products" | "parties";
  readonly changes: readonly Change[];
}

interface Followed {
  readonly model: ChangedRow["model"];
  readonly path: string;
  readonly query: Query;
  toChanges(row: Row): Change[];
}

export function createDolibarrChanges(
  api: DolibarrApi,
  readGround: (signal: AbortSignal) => Promise<Ground>,
  customerField: CustomerField,
): ChangeLog {
  return {
    async readChanges(since, limit, signal) {
      const { version } = await readGround(signal);
      const followed = [followProducts(version), followParties(customerField)];
      if (since === null)
        return { changes: [], next: formatCursor(await readNewest(api, followed, signal)), more: false };
      const start = parseCursor(since);
      const rows: ChangedRow[] = [];
      for (const each of followed) {
        const found = await readNewer(api, each, start[each.model], signal);
        if (found === "too many") {
          return { changes: allChanged, next: formatCursor(await readNewest(api, followed, signal)), more: false };
        }
        rows.push(...found);
      }
      return toPage(start, rows.sort(byAge), limit);
    },
  };
}

/** A product's price and its stock both write on the product. A customer's own price does not. */
function followProducts(version: number): Followed {
  const less: Query = version >= propertiesSince ? { properties: "id,ref,status,date_modification" } : {};
  return {
    model: "products",
    path: "/products",
    query: less,
    toChanges(row) {
      const { ref: sku } = row;
      if (typeof sku !== "string" || sku === "") return [];
      if (!isForSale(row)) return [{ kind: "removed", sku }];
      return [
        { kind: "price", sku },
        { kind: "stock", sku },
      ];
    },
  };
}

function followParties(field: CustomerField): Followed {
  return {
    model: "parties",
    path: "/thirdparties",
    query: {},
    toChanges(row) {
      const customer = row[field];
      return typeof customer === "string" && customer !== "" ? [{ kind: "customer", customer }] : [];
    },
  };
}

async function readNewest(api: DolibarrApi, followed: readonly Followed[], signal: AbortSignal): Promise<ChangeCursor> {
  const cursor: Record<ChangedRow["model"], Mark> = { products: nothingTold, parties: nothingTold };
  for (const each of followed) {
    cursor[each.model] = advance(nothingTold, await readRows(api, each, { limit: firstLook, page: 0 }, signal));
  }
  return cursor;
}

const nothingTold: Mark = { at: 0, ids: [] };

async function readNewer(
  api: DolibarrApi,
  followed: Followed,
  mark: Mark,
  signal: AbortSignal,
): Promise<ChangedRow[] | "too many"> {
  const first = await readRows(api, followed, { limit: firstLook, page: 0 }, signal);
  if (isEnough(first, firstLook, mark)) return first.filter((row) => !isTold(mark, row));
  const rows = new Map<number, ChangedRow>();
  for (let page = 0; page < mostPages; page++) {
    const found = await readRows(api, followed, { limit: pageSize, page }, signal);
    for (const row of found) if (!isTold(mark, row)) rows.set(row.id, row);
    if (isEnough(found, pageSize, mark)) return [...rows.values()];
  }
  return "too many";
}

/** Whether these rows, newest first, reach back to what was told. */
function isEnough(rows: readonly ChangedRow[], size: number, mark: Mark): boolean {
  return rows.length < size || rows.some((row) => isOver(mark, row));
}

async function readRows(
  api: DolibarrApi,
  { model, path, query, toChanges }: Followed,
  place: { readonly limit: number; readonly page: number },
  signal: AbortSignal,
): Promise<ChangedRow[]> {
  const newest = { sortfield: "t.tms", sortorder: "DESC" };
  const rows = await api.list(path, { ...query, ...newest, ...place }, signal);
  return rows.map((row) => {
    const at = given(row["date_modification"], `the date of a change of ${path}`, parseWritten);
    if (at === null) throw new ErpKeepsNoChanges(`Dolibarr's ${path} tell no date_modification`);
    return { at, id: parseNumber(row["id"], `an id of ${path}`), model, changes: toChanges(row) };
  });
}

function byAge(a: ChangedRow, b: ChangedRow): number {
  return a.at - b.at;
}

function toPage(start: ChangeCursor, rows: readonly ChangedRow[], limit: number): ChangePage {
  const told: ChangedRow[] = [];
  let size = 0;
  for (const row of rows) {
    size += row.changes.length;
    // What is of one second stays together, even where it is more than the page should hold: the cursor tells seconds.
    if (size > limit && told.length > 0 && row.at !== told.at(-1)?.at) break;
    told.push(row);
  }
  const of = (model: ChangedRow["model"]) =>
    advance(
      start[model],
      told.filter((row) => row.model === model),
    );
  const next = formatCursor({ products: of("products"), parties: of("parties") });
  return { changes: told.flatMap(({ changes }) => changes), next, more: told.length < rows.length };
}
