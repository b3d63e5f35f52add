import { parseList, parseRow, type Row } from "../parse.js";
import type { TrytonSession } from "./tryton-session.js";

export interface RowsWanted {
  /** Such as "product.product". */
  readonly model: string;
  /** Tryton's own: `[["code", "in", […]], …]`. */
  readonly domain: readonly unknown[];
  readonly fields: readonly string[];
  readonly context: Row;
  /** The smallest ids first unless told. */
  readonly order?: readonly (readonly [string, "ASC" | "DESC"])[];
  readonly limit?: number;
}

/**
 * Rows that match. Unlike Tryton's `read`, which one bad id fails as a whole, it leaves out what is not there.
 * @throws {ErpError}
 */
export async function readRows(session: TrytonSession, wanted: RowsWanted, signal: AbortSignal): Promise<Row[]> {
  const { model, domain, fields, context, order = [["id", "ASC"]], limit = null } = wanted;
  const params = [domain, 0, limit, order, fields, context];
  return toRows(await session.call(`model.${model}.search_read`, params, signal), model);
}

/** The one row of a model that has a single record, such as a configuration. */
export async function readSingle(
  session: TrytonSession,
  model: string,
  fields: readonly string[],
  context: Row,
  signal: AbortSignal,
): Promise<Row> {
  const [row = {}] = toRows(await session.call(`model.${model}.read`, [[1], fields, context], signal), model);
  return row;
}

function toRows(answer: unknown, model: string): Row[] {
  return parseList(answer, model).map((row) => parseRow(row, model));
}
