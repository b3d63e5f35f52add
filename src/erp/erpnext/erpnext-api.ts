import type { Clock } from "../../clock.js";
import { type ErpHttpClient, parseJson } from "../http-client.js";
import { parseList, parseRow, type Row } from "../parse.js";
import { toErpNextError } from "./erpnext-errors.js";
import { createProcessingBudget } from "./processing-budget.js";

/** One condition of Frappe: `["item_code", "in", ["A", "B"]]`. */
export type Condition = readonly [field: string, operator: string, value: unknown];

export interface RowsWanted {
  /** Such as "Item". */
  readonly doctype: string;
  readonly fields: readonly string[];
  readonly filters: readonly Condition[];
  readonly order?: string;
  /** One row for each value of this field. */
  readonly group?: string;
  /** All of them unless told. */
  readonly limit?: number;
}

export interface ErpNextApi {
  /** Calls a whitelisted method. @returns its `message`. @throws {ErpError} */
  call(method: string, params: Row, signal: AbortSignal): Promise<unknown>;
  /** Rows that the user may read. @throws {ErpError} */
  list(wanted: RowsWanted, signal: AbortSignal): Promise<Row[]>;
}

const notJson = "ERPNext's answer is not JSON: is ERP_URL the address of its site?";

/** @param token `key:secret` of a user */
export function createErpNextApi(http: ErpHttpClient, token: string, clock: Clock): ErpNextApi {
  const headers = { authorization: `token ${token}` };
  const budget = createProcessingBudget(clock);

  async function call(method: string, params: Row, signal: AbortSignal): Promise<unknown> {
    await budget.admit(signal);
    const sentAt = clock.now();
    // By POST, since a filter of fifty SKUs may be longer than a web server takes in an address.
    const response = await http.request({
      method: "POST",
      path: `/api/method/${method}`,
      headers,
      body: params,
      signal,
    });
    budget.note(response, clock.now() - sentAt);
    if (response.status !== 200) throw toErpNextError(response, clock.now());
    return parseRow(parseJson(response.text, notJson), `ERPNext's answer to ${method}`)["message"];
  }

  return {
    call,
    async list({ doctype, fields, filters, order, group, limit = 0 }, signal) {
      const params = {
        doctype,
        fields,
        filters,
        limit_page_length: limit,
        ...(order === undefined ? {} : { order_by: order }),
        ...(group === undefined ? {} : { group_by: group }),
      };
      const answer = await call("frappe.client.get_list", params, signal);
      // Frappe leaves an empty message out.
      return parseList(answer ?? [], `the list of ${doctype}`).map((row) => parseRow(row, `a row of ${doctype}`));
    },
  };
}
