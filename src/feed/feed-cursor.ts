import { createHash } from "node:crypto";
import { FeedCursorLost } from "../errors.js";
import type { JournalPosition } from "./change-journal.js";

/** Where a full run goes on: in the ERP's list of products, or nowhere. */
export interface ListPlace {
  /** The ERP's own cursor; null at the start of its list. */
  readonly after: string | null;
  /** Where not all that follows `after` was answered at once: the last SKUs that were, the newest first. Else empty. */
  readonly past: readonly string[];
  readonly isEnd: boolean;
}

/** Where a delta run goes on in the journal. Sequences. */
export interface ChangePlace {
  readonly since: number;
  readonly after: number;
}

/** A run, and how far it came. */
export type RunPlace =
  | { readonly kind: "full"; readonly head: JournalPosition; readonly at: ListPlace }
  | { readonly kind: "delta"; readonly head: JournalPosition; readonly at: ChangePlace };

const mend = "run in full: leave `after` and `changedSince` out";

/** The first letter of a cursor: what it is for, and the version of its layout. */
const pageMark = "p1";
const deltaMark = "d1";

export function toPageCursor({ kind, head, at }: RunPlace): string {
  const { epoch, sequence } = head;
  return kind === "full"
    ? write(pageMark, [epoch, sequence, "full", at.after, at.isEnd, ...at.past])
    : write(pageMark, [epoch, sequence, "delta", at.since, at.after]);
}

export function toDeltaCursor({ epoch, sequence }: JournalPosition): string {
  return write(deltaMark, [epoch, sequence]);
}

/** @throws {FeedCursorLost} for what is no `endCursor` of ours */
export function parsePageCursor(cursor: string): RunPlace {
  const [epoch, sequence, kind, first, second, ...past] = read("after", pageMark, cursor);
  if (isText(epoch) && isCount(sequence)) {
    const head = { epoch, sequence };
    if (kind === "full" && (first === null || isText(first)) && typeof second === "boolean" && past.every(isText))
      return { kind, head, at: { after: first, isEnd: second, past } };
    if (kind === "delta" && isCount(first) && isCount(second))
      return { kind, head, at: { since: first, after: second } };
  }
  throw notOurs("after", pageMark, cursor);
}

/** @throws {FeedCursorLost} for what is no `deltaCursor` of ours */
export function parseDeltaCursor(cursor: string): JournalPosition {
  const [epoch, sequence] = read("changedSince", deltaMark, cursor);
  if (isText(epoch) && isCount(sequence)) return { epoch, sequence };
  throw notOurs("changedSince", deltaMark, cursor);
}

/** @param what such as "`changedSince`" */
export function cursorLost(what: string): FeedCursorLost {
  return new FeedCursorLost(`The journal of changes no longer reaches back to ${what}: ${mend}.`);
}

// No secret signs a cursor: it gives nobody more than its scope does. The sum at its end tells one that was cut or altered.
function write(mark: string, parts: readonly unknown[]): string {
  const body = `${mark}.${Buffer.from(JSON.stringify(parts)).toString("base64url")}`;
  return `${body}.${sumOf(body)}`;
}

function read(argument: string, mark: string, cursor: string): unknown[] {
  const end = cursor.lastIndexOf(".");
  const body = cursor.slice(0, end);
  const isWhole = end > 0 && cursor.startsWith(`${mark}.`) && cursor.slice(end + 1) === sumOf(body);
  const parts = isWhole ? parseParts(body.slice(mark.length + 1)) : null;
  if (!Array.isArray(parts)) throw notOurs(argument, mark, cursor);
  return parts;
}

function parseParts(encoded: string): unknown {
  try {
    return JSON.parse(Buffer.from(encoded, "base64url").toString("utf8"));
  } catch {
    return null; // whoever can sum can also write nonsense before it
  }
}

function notOurs(argument: string, mark: string, cursor: string): FeedCursorLost {
  const source = mark === pageMark ? "`endCursor` of a page" : "`deltaCursor` of a run's last page";
  return new FeedCursorLost(
    `\`${argument}\` should be the ${source}, whole and unchanged, not ${JSON.stringify(cursor.slice(0, 60))}: give that, or ${mend}.`,
  );
}

function isText(part: unknown): part is string {
  return typeof part === "string";
}

function isCount(part: unknown): part is number {
  return Number.isSafeInteger(part);
}

function sumOf(body: string): string {
  return createHash("sha256").update(`pricelane feed ${body}`).digest("base64url").slice(0, 10);
}
