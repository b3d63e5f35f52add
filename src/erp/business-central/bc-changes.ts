import { BadUserInput, ErpBadAnswer } from "../../errors.js";
import type { Change, ChangeLog } from "../../pricing/connector.js";
import { allChanged, type StampedRow, toStampedPage } from "../change-pages.js";
import type { Row } from "../parse.js";
import type { BcApi, BcRoute } from "./bc-api.js";
import { toQuery } from "./bc-filter.js";
import type { Ground } from "./bc-ground.js";

// By the instant of the last change, which Business Central keeps of every record: compared as text, and never with a clock.

interface Followed {
  readonly route: BcRoute;
  readonly list: string;
  readonly select: string;
  toChanges(row: Row): Change[];
}

/** In a fixed order: cursors count in it. */
const followed: readonly Followed[] = [
  {
    ...{ route: "standard", list: "items", select: "number,blocked" },
    toChanges: (row) => skuChanges(row["number"], row["blocked"] === true ? ["removed"] : ["price", "stock"]),
  },
  {
    ...{ route: "standard", list: "customers", select: "number" },
    toChanges: ({ number }) => (isNumber(number) ? [{ kind: "customer", customer: number }] : []),
  },
  {
    ...{ route: "standard", list: "itemLedgerEntries", select: "itemNumber" },
    toChanges: (row) => skuChanges(row["itemNumber"], ["stock"]),
  },
  {
    ...{ route: "pricelane", list: "priceListLines", select: "assetType,assetNumber" },
    // A line for a discount group, or for all items, touches more than one.
    toChanges: ({ assetType, assetNumber }) =>
      assetType === "Item" && isNumber(assetNumber) ? skuChanges(assetNumber, ["price"]) : [{ kind: "price" }],
  },
];

const stamp = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,7})?Z$/;
const beginning = "1900-01-01T00:00:00.0000000Z";

/** Most rows read of one list at once; with more, an import is going on, and all is said to have changed. */
const mostRows = 1000;

export function createBcChanges(api: BcApi, readGround: (signal: AbortSignal) => Promise<Ground>): ChangeLog {
  return {
    async readChanges(since, limit, signal) {
      const { company } = await readGround(signal);
      if (since === null) return { changes: [], next: toCursor(await readNewest(api, company, signal)), more: false };
      const start = parseCursor(since);
      const found = await readAll(api, (each, place) => toNewerQuery(company, each, start[place] as string), signal);
      if (found.some((rows) => rows.length > mostRows)) {
        return { changes: allChanged, next: toCursor(await readNewest(api, company, signal)), more: false };
      }
      const rows = found.flatMap((own, place) => own.map((row) => toStampedRow(row, place)));
      const { stamps, ...page } = toStampedPage(start, rows, limit);
      return { ...page, next: toCursor(stamps) };
    },
  };
}

function skuChanges(sku: unknown, kinds: readonly Change["kind"][]): Change[] {
  return isNumber(sku) ? kinds.map((kind) => ({ kind, sku })) : [];
}

function isNumber(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

/** The rows of each list. Price lists are passed over where the extension is not installed. */
async function readAll(
  api: BcApi,
  toQueryOf: (each: Followed, place: number) => string,
  signal: AbortSignal,
): Promise<Row[][]> {
  const found: Row[][] = followed.map(() => []);
  for (const route of ["standard", "pricelane"] as const) {
    const places = followed.flatMap((each, place) => (each.route === route ? [place] : []));
    const queries = places.map((place) => toQueryOf(followed[place] as Followed, place));
    const answers = await api.readMany(route, queries, signal).catch((error: Error) => places.map(() => error));
    for (const [n, place] of places.entries()) {
      const answer = answers[n];
      if (!(answer instanceof Error)) found[place] = answer ?? [];
      else if (!(route === "pricelane" && answer instanceof ErpBadAnswer && answer.status === 404)) throw answer;
    }
  }
  return found;
}

async function readNewest(api: BcApi, company: string, signal: AbortSignal): Promise<string[]> {
  const options = { $orderby: "lastModifiedDateTime desc", $top: "1", $select: "lastModifiedDateTime" };
  const found = await readAll(api, ({ list }) => toQuery(`${company}/${list}`, options), signal);
  return found.map(([row]) => (row === undefined ? beginning : parseStamp(row)));
}

function toNewerQuery(company: string, { list, select }: Followed, since: string): string {
  return toQuery(`${company}/${list}`, {
    $filter: `lastModifiedDateTime gt ${since}`,
    $orderby: "lastModifiedDateTime",
    $top: String(mostRows + 1),
    $select: `${select},lastModifiedDateTime`,
  });
}

function toStampedRow(row: Row, place: number): StampedRow {
  return { at: parseStamp(row), place, changes: (followed[place] as Followed).toChanges(row) };
}

/** @returns with all seven decimals, so that texts compare as instants do */
function parseStamp({ lastModifiedDateTime: value }: Row): string {
  if (typeof value !== "string" || !stamp.test(value))
    throw new ErpBadAnswer("the date of a change is no instant in UTC");
  const [instant, fraction = ""] = value.slice(0, -1).split(".");
  return `${instant}.${fraction.padEnd(7, "0")}Z`;
}

function toCursor(stamps: readonly string[]): string {
  return `bc-1_${stamps.join("_")}`;
}

/** @throws {BadUserInput} where it is none of ours */
function parseCursor(text: string): string[] {
  const [name, ...stamps] = text.split("_");
  if (name !== "bc-1" || stamps.length !== followed.length || !stamps.every((each) => stamp.test(each))) {
    throw new BadUserInput(
      `${JSON.stringify(text.slice(0, 80))} is no cursor of Business Central's changes: begin anew`,
    );
  }
  return stamps;
}
