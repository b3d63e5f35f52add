import { ErpBadAnswer } from "../../errors.js";
import { groupBy } from "../group-by.js";
import type { Row } from "../parse.js";
import type { DolibarrApi, Query } from "./dolibarr-api.js";
import { toFilters } from "./dolibarr-filter.js";

/** Dolibarr's own columns for refs and codes hold no more characters. */
const longestCode = 128;

export interface Wanted {
  /** Such as "/products". */
  readonly path: string;
  /** As the filter names it: "ref". */
  readonly field: string;
  readonly values: readonly string[];
  readonly query?: Query;
}

/**
 * Rows by the value of a field, letter by letter: the database's own comparison takes "a" for "A", and one customer's or
 * product's row is never another's. A value that no row has is not in the map.
 * @param version of Dolibarr: 18 takes other filters than 22
 * @throws {ErpError}
 */
export async function readByField(
  api: DolibarrApi,
  { path, field, values, query = {} }: Wanted,
  version: number,
  signal: AbortSignal,
): Promise<Map<string, Row[]>> {
  const askable = [...new Set(values)].filter((value) => [...value].length <= longestCode);
  const rows: Row[] = [];
  for (const { text, limit } of toFilters(`t.${field}`, askable, version)) {
    const found = await api.list(path, { sortfield: "t.rowid", ...query, limit, sqlfilters: text }, signal);
    if (found.length >= limit) {
      const said = `Dolibarr has more than ${limit - 1} rows of ${path} that look like the ${field} asked`;
      throw new ErpBadAnswer(`${said}: which is meant cannot be told`, undefined, { mayBeOneKey: true });
    }
    rows.push(...found);
  }
  const wanted = new Set(askable);
  const exact = rows.filter((row) => wanted.has(String(row[field])));
  return groupBy(new Map(exact.map((row) => [String(row["id"]), row])).values(), (row) => String(row[field]));
}
