import { ErpBadAnswer } from "../../errors.js";

// Batches of OData, as MIME multipart/mixed: RFC 2046, 5.1, and "Batch Operations" of SAP's "Working with SAP Business One
// Service Layer". Neither Node nor undici writes or reads this form.

/** One request of a batch. */
export interface BatchPart {
  readonly method: "GET" | "POST";
  /** Path and query from the server's root, encoded: nothing in it can end its line. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON, which cannot hold a line break of its own, and so no boundary either. */
  readonly json?: string;
}

export interface BatchAnswer {
  readonly status: number;
  readonly text: string;
}

const end = "\r\n";

/** @param boundary of letters, digits, "-" and "_" @param host as in the header `Host` */
export function serializeBatch(parts: readonly BatchPart[], boundary: string, host: string): string {
  const written = parts.map((part) => `--${boundary}${end}${serializePart(part, host)}${end}`);
  return `${written.join("")}--${boundary}--${end}`;
}

function serializePart({ method, path, headers, json }: BatchPart, host: string): string {
  const body = json === undefined ? {} : { "Content-Type": "application/json" };
  const length = json === undefined ? {} : { "Content-Length": String(Buffer.byteLength(json)) };
  const lines = Object.entries({ Host: host, ...headers, ...body, ...length }).map(
    ([name, value]) => `${name}: ${value}`,
  );
  return [
    "Content-Type: application/http",
    "Content-Transfer-Encoding: binary",
    "",
    `${method} ${path} HTTP/1.1`,
    ...lines,
    "",
    // A request without a body ends with two empty lines: its own, and that of the body that is not there.
    json ?? "",
  ].join(end);
}

/**
 * @param contentType of the answer, which names the boundary
 * @returns as many answers as there are, in their order
 * @throws {ErpBadAnswer} where the text is no such message, or not whole
 */
export function parseBatch(text: string, contentType: unknown): BatchAnswer[] {
  const [, quoted, plain] =
    /^multipart\/mixed\s*;.*?\bboundary=(?:"([^"]{1,200})"|([^\s;"]{1,200}))/is.exec(
      typeof contentType === "string" ? contentType : "",
    ) ?? [];
  const boundary = quoted ?? plain;
  if (boundary === undefined) throw new ErpBadAnswer("the batch's answer is not multipart/mixed with a boundary");
  return split(text, boundary).map(parsePart);
}

/** The bodies between the lines that are boundaries. What stands before the first and behind the last is nobody's. */
function split(text: string, boundary: string): string[] {
  const bodies: string[] = [];
  let begin: number | null = null;
  for (let at = 0; at < text.length; ) {
    const lineEnd = text.indexOf("\n", at);
    const next = lineEnd === -1 ? text.length : lineEnd + 1;
    const line = text.slice(at, next).trimEnd();
    if (line === `--${boundary}` || line === `--${boundary}--`) {
      // The line break ahead of a boundary belongs to the boundary.
      if (begin !== null) bodies.push(text.slice(begin, at).replace(/\r?\n$/, ""));
      if (line.endsWith(`${boundary}--`)) return bodies;
      begin = next;
    }
    at = next;
  }
  throw new ErpBadAnswer("the batch's answer is cut off");
}

function parsePart(part: string): BatchAnswer {
  const [, response] = cutAtEmptyLine(part);
  const [head, text] = cutAtEmptyLine(response);
  const [, status] = /^HTTP\/\d(?:\.\d)? (\d{3})\b/.exec(head) ?? [];
  if (status === undefined) throw new ErpBadAnswer("a part of the batch's answer has no status");
  return { status: Number(status), text };
}

/** What stands before the first empty line, and what behind it. */
function cutAtEmptyLine(text: string): [string, string] {
  const match = /\r?\n[ \t]*\r?\n/.exec(text);
  if (match === null) return [text, ""];
  return [text.slice(0, match.index), text.slice(match.index + match[0].length)];
}
