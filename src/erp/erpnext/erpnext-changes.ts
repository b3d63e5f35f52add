import { BadUserInput, ErpBadAnswer } from "../../errors.js";
import type { Change, ChangeLog } from "../../pricing/connector.js";
import { allChanged, type StampedRow, toStampedPage } from "../change-pages.js";
import type { Row } from "../parse.js";
import type { ErpNextApi } from "./erpnext-api.js";
import { isSet } from "./erpnext-ground.js";

// By `modified`, which Frappe writes with microseconds in the site's own time: compared as text, and never with a clock.

interface Followed {
  readonly doctype: string;
  readonly fields: readonly string[];
  toChanges(row: Row): Change[];
}

const stamp = /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}(\.\d{1,6})?$/;

/** Before everything. */
const beginning = "1900-01-01 00:00:00.000000";

/** Most rows read of one doctype at once; with more, an import is going on, and all is said to have changed. */
const mostRows = 1000;

export function createErpNextChanges(api: ErpNextApi, customerField: string): ChangeLog {
  const followed = followedBy(customerField);
  return {
    async readChanges(since, limit, signal) {
      if (since === null)
        return { changes: [], next: formatCursor(await readNewest(api, followed, signal)), more: false };
      const start = parseCursor(since, followed.length);
      const rows: StampedRow[] = [];
      for (const [place, each] of followed.entries()) {
        const found = await readNewer(api, each, place, start[place] as string, signal);
        if (found.length > mostRows) {
          return { changes: allChanged, next: formatCursor(await readNewest(api, followed, signal)), more: false };
        }
        rows.push(...found);
      }
      const { stamps, ...page } = toStampedPage(start, rows, limit);
      return { ...page, next: formatCursor(stamps) };
    },
  };
}

/** In a fixed order: cursors count in it. */
function followedBy(customerField: string): Followed[] {
  return [
    {
      doctype: "Item",
      fields: ["name", "disabled", "is_sales_item"],
      toChanges: (row) => skuChanges(row["name"], isForSale(row) ? ["price", "stock"] : ["removed"]),
    },
    { doctype: "Item Price", fields: ["item_code"], toChanges: (row) => skuChanges(row["item_code"], ["price"]) },
    { doctype: "Bin", fields: ["item_code"], toChanges: (row) => skuChanges(row["item_code"], ["stock"]) },
    { doctype: "Customer", fields: [customerField], toChanges: (row) => customerChanges(row[customerField]) },
    // Whom a rule touches is not told in one row.
    { doctype: "Pricing Rule", fields: [], toChanges: () => [{ kind: "price" }] },
  ];
}

function isForSale(row: Row): boolean {
  return (
    !isSet(row["disabled"], "whether an item is disabled") && isSet(row["is_sales_item"], "whether it is for sale")
  );
}

function skuChanges(sku: unknown, kinds: readonly Change["kind"][]): Change[] {
  return typeof sku === "string" && sku !== "" ? kinds.map((kind) => ({ kind, sku })) : [];
}

function customerChanges(customer: unknown): Change[] {
  return typeof customer === "string" && customer !== "" ? [{ kind: "customer", customer }] : [];
}

async function readNewest(api: ErpNextApi, followed: readonly Followed[], signal: AbortSignal): Promise<string[]> {
  const newest: string[] = [];
  for (const { doctype } of followed) {
    const wanted = { doctype, fields: ["modified"], filters: [], order: "modified desc", limit: 1 };
    const [row] = await api.list(wanted, signal);
    newest.push(row === undefined ? beginning : parseStamp(row, doctype));
  }
  return newest;
}

async function readNewer(
  api: ErpNextApi,
  { doctype, fields, toChanges }: Followed,
  place: number,
  since: string,
  signal: AbortSignal,
): Promise<StampedRow[]> {
  const filters = [["modified", ">", since]] as const;
  const wanted = { doctype, fields: [...fields, "modified"], filters, order: "modified asc", limit: mostRows + 1 };
  const rows = await api.list(wanted, signal);
  return rows.map((row) => ({ at: parseStamp(row, doctype), place, changes: toChanges(row) }));
}

/** @returns with all six decimals, so that texts compare as instants do */
function parseStamp(row: Row, doctype: string): string {
  const { modified } = row;
  if (typeof modified !== "string" || !stamp.test(modified)) {
    throw new ErpBadAnswer(`the date of a change of ${doctype} is none of Frappe's`);
  }
  const [instant, fraction = ""] = modified.split(".");
  return `${instant}.${fraction.padEnd(6, "0")}`;
}

function formatCursor(stamps: readonly string[]): string {
  return `erpnext-1_${stamps.join("_").replaceAll(" ", "T")}`;
}

/** @throws {BadUserInput} where it is none of ours */
function parseCursor(text: string, count: number): string[] {
  const [name, ...stamps] = text.replaceAll("T", " ").split("_");
  if (name !== "erpnext-1" || stamps.length !== count || !stamps.every((each) => stamp.test(each))) {
    throw new BadUserInput(`${JSON.stringify(text.slice(0, 80))} is no cursor of ERPNext's changes: begin anew`);
  }
  return stamps;
}
