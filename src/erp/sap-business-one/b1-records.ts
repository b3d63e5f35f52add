import type { ErpError } from "../../errors.js";
import type { Row } from "../parse.js";
import type { B1Api } from "./b1-api.js";
import { inGroups, oneOf, toQuery, valuesPerFilter } from "./b1-query.js";

/** A list by one of its fields. */
export interface Lookup {
  readonly list: string;
  readonly key: string;
  readonly values: readonly string[];
  readonly select: string;
}

export type FindRow = (value: string) => Row | ErpError | null;

/** The longest code of an item and of a partner there. Source: SAP's database reference, OITM.ItemCode and OCRD.CardCode. */
const longestCode: Readonly<Record<string, number>> = { ItemCode: 50, CardCode: 15 };

/** Anything else is nobody's code, and not asked for. */
export function canBe(key: string, value: string): boolean {
  return value !== "" && value.length <= (longestCode[key] ?? Number.POSITIVE_INFINITY);
}

export interface LookedUp {
  /** For each lookup how to find a row in it; null where there is none. */
  readonly find: readonly FindRow[];
  /** The rows of each other query. */
  readonly others: readonly (Row[] | ErpError)[];
}

/**
 * Records by their codes, letter by letter: SQL Server takes `a` for `A`, and HANA does not.
 * @param others queries that go in the same request, behind the lookups
 */
export async function lookUp(
  api: B1Api,
  lookups: readonly Lookup[],
  signal: AbortSignal,
  others: readonly string[] = [],
): Promise<LookedUp> {
  const asked = lookups.flatMap(({ list, key, values, select }, place) =>
    inGroups([...new Set(values.filter((value) => canBe(key, value)))], valuesPerFilter).map((group) => ({
      place,
      query: toQuery(list, { $filter: oneOf(key, group), $select: `${key},${select}` }),
    })),
  );
  const queries = [...asked.map(({ query }) => query), ...others];
  const answers = queries.length === 0 ? [] : await api.readLists(queries, signal);
  const find = lookups.map(({ key }, place): FindRow => {
    const own = answers.filter((_, n) => asked[n]?.place === place);
    const rows = own.flatMap((answer) => (answer instanceof Error ? [] : answer));
    const found = new Map(rows.map((row) => [row[key], row]));
    const broken = own.find((answer): answer is ErpError => answer instanceof Error) ?? null;
    // What is not found may be in the part that failed.
    return (value) => found.get(value) ?? (canBe(key, value) ? broken : null);
  });
  return { find, others: answers.slice(asked.length) };
}
