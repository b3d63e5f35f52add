import type { Queries } from "./queries-file.js";
import type { SqlDatabase } from "./sql-database.js";
import type { SqlValues } from "./statement.js";

/** What the sources of one connector share. */
export interface SqlGround {
  readonly database: SqlDatabase;
  readonly queries: Queries;
  /** What the settings give every query: `company`, `warehouses`. */
  readonly given: SqlValues;
}

/** Keys in one call: a page of a shop, and short enough for every database's list of values. */
export const keysPerCall = 200;
