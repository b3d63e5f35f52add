import { ErpBadAnswer } from "../../errors.js";
import { type Row, shown } from "../parse.js";

/**
 * What several rows say of one SKU as a whole.
 * @throws {ErpBadAnswer} where they do not agree: which of them holds, nobody could tell
 */
export function sameInAll(rows: readonly Row[], column: string): unknown {
  const [first, ...others] = rows.map((row) => row[column] ?? null);
  const another = others.find((value) => value !== first);
  if (another !== undefined)
    throw new ErpBadAnswer(`the rows of one SKU differ in ${column}: ${shown(first)} and ${shown(another)}`);
  return first;
}
