import { ErpBadAnswer } from "../../errors.js";
import type { Row } from "../parse.js";

/** The rows that answer a key, or why they cannot be believed. */
export type EchoedRows = ReadonlyMap<string, readonly Row[] | ErpBadAnswer>;

/**
 * Rows by what they echo. Rows that echo nothing that was asked answer nobody: many databases take "abc" for "ABC", we do not.
 * @param column that echoes a key, such as "sku"
 */
export function groupByEcho(rows: readonly Row[], column: string, asked: ReadonlySet<string>): EchoedRows {
  const groups = new Map<string, Row[]>();
  const padded = new Map<string, ErpBadAnswer>();
  for (const row of rows) {
    const echo = toText(row[column]);
    const key = echo.trimEnd();
    if (asked.has(echo)) groups.set(echo, [...(groups.get(echo) ?? []), row]);
    // A CHAR column is filled up with blanks; without a word every key would be unknown.
    else if (asked.has(key))
      padded.set(key, new ErpBadAnswer(`${column} comes with blanks behind it: write RTRIM(${column}) AS ${column}`));
  }
  return new Map<string, readonly Row[] | ErpBadAnswer>([...padded, ...groups]);
}

/** A code may be a number in the database; what is neither, or null, echoes nothing. */
function toText(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}
