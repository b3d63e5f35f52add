import type { FeedRecord } from "../../feed/formats/feed-record.js";

/** After each page: where the next one begins. */
export interface CursorLine {
  readonly kind: "cursor";
  readonly endCursor: string;
  readonly hasNextPage: boolean;
  /** On the last page alone. */
  readonly deltaCursor: string | null;
}

/** The last line of a run that could not go on. */
export interface ErrorLine {
  readonly kind: "error";
  readonly code: string;
  readonly message: string;
  readonly retryAfterSeconds: number | null;
  /** Tells apart errors of one code; null where nothing needs to. */
  readonly reason: string | null;
}

/** One line of `/feeds/ndjson`. */
export type FeedLine = { readonly kind: "item"; readonly record: FeedRecord } | CursorLine | ErrorLine;

type Fields = Partial<Record<string, unknown>>;

/** @throws {Error} that says what is wrong, for what is no line of a feed */
export function parseFeedLine(text: string): FeedLine {
  const fields = parseObject(text);
  if ("sku" in fields) return { kind: "item", record: parseRecord(fields) };
  if ("endCursor" in fields) return parseCursor(fields);
  if (isObject(fields["error"])) return parseError(fields["error"]);
  throw new Error(`neither an item nor a cursor nor an error: ${shorten(text)}`);
}

function parseObject(text: string): Fields {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error(`no JSON: ${shorten(text)}`);
  }
  if (!isObject(value)) throw new Error(`no JSON object: ${shorten(text)}`);
  return value;
}

/** What this program reads of it is looked at; what formats read besides is the gateway's own word, of the same version. */
function parseRecord(fields: Fields): FeedRecord {
  const { sku, price, stock, removed, errors } = fields;
  const isItem =
    typeof sku === "string" &&
    typeof removed === "boolean" &&
    (price === null || (isObject(price) && isObject(price["net"]) && hasSource(price))) &&
    (stock === null || (isObject(stock) && typeof stock["status"] === "string" && hasSource(stock))) &&
    (errors === undefined || (Array.isArray(errors) && errors.every(isRecordError)));
  if (!isItem) throw new Error(`no item of a feed: ${shorten(JSON.stringify(fields))}`);
  return fields as unknown as FeedRecord;
}

function hasSource({ freshness }: Fields): boolean {
  return isObject(freshness) && typeof freshness["source"] === "string";
}

function isRecordError(error: unknown): boolean {
  return isObject(error) && (error["field"] === "price" || error["field"] === "stock") && isText(error["code"]);
}

function parseCursor(fields: Fields): CursorLine {
  const { endCursor, hasNextPage, deltaCursor } = fields;
  if (!isText(endCursor) || typeof hasNextPage !== "boolean" || !(deltaCursor === null || isText(deltaCursor)))
    throw new Error(`no cursor of a feed: ${shorten(JSON.stringify(fields))}`);
  return { kind: "cursor", endCursor, hasNextPage, deltaCursor };
}

function parseError({ code, message, retryAfterSeconds, reason }: Fields): ErrorLine {
  return {
    kind: "error",
    code: isText(code) ? code : "UNKNOWN",
    message: isText(message) ? message : "",
    retryAfterSeconds: typeof retryAfterSeconds === "number" && retryAfterSeconds >= 0 ? retryAfterSeconds : null,
    reason: isText(reason) ? reason : null,
  };
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function shorten(text: string): string {
  return JSON.stringify(text.slice(0, 80));
}
