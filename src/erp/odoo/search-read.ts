import { parseList, parseRow, type Row } from "../parse.js";
import type { OdooSession } from "./odoo-session.js";

export interface RowsWanted {
  /** Such as "product.product". */
  readonly model: string;
  /** Odoo's own: `[["default_code", "in", […]], …]`. */
  readonly domain: readonly unknown[];
  readonly fields: readonly string[];
  readonly context: Row;
  readonly limit?: number;
}

/** Rows that match, the smallest ids first; unlike Odoo's `read`, it leaves out what is not there. @throws {ErpError} */
export async function searchRead(session: OdooSession, wanted: RowsWanted, signal: AbortSignal): Promise<Row[]> {
  const { model, domain, fields, context, limit } = wanted;
  const params = { domain, fields, order: "id asc", ...(limit === undefined ? {} : { limit }) };
  const answer = await session.call({ model, method: "search_read", params, context }, signal);
  return parseList(answer, model).map((row) => parseRow(row, model));
}

/**
 * Descriptions by name of those of `fields` that this Odoo has, and that its user may read: Odoo leaves the others out.
 * One field too many in a read would fail the whole read.
 */
export async function readFields(
  session: OdooSession,
  model: string,
  fields: readonly string[],
  signal: AbortSignal,
): Promise<Row> {
  const params = { allfields: fields, attributes: ["type", "digits"] };
  return parseRow(await session.call({ model, method: "fields_get", params }, signal), `the fields of ${model}`);
}
