import type { ErpError } from "../../errors.js";
import { type ErpCall, type Failed, failed, fromErp, type Unknown } from "../../pricing/source.js";
import { orFailed } from "../or-error.js";
import { parseBoolean, type Row } from "../parse.js";
import type { BcApi } from "./bc-api.js";
import { canBeNumber, toQueries } from "./bc-filter.js";

export type ItemFound = { readonly kind: "item"; readonly row: Row } | Unknown | Failed;

/** One answer an SKU, which is the item's number. Blocked items are not for sale, as if they were none. */
export async function readItems(
  api: BcApi,
  company: string,
  skus: readonly string[],
  fields: string,
  call: ErpCall,
): Promise<(sku: string) => ItemFound> {
  const rows = await readByNumber(api, `${company}/items`, skus, `number,blocked,${fields}`, call.signal);
  return (sku) => {
    const row = rows(sku);
    if (row instanceof Error) return failed(row);
    return orFailed(() => {
      const isForSale = row !== null && !parseBoolean(row["blocked"], `whether ${sku} is blocked`);
      return isForSale ? { kind: "item", row } : { kind: "unknown", what: "sku", freshness: fromErp(call) };
    });
  };
}

/** Rows of Microsoft's API by their number, letter by letter; null where none has it. */
export async function readByNumber(
  api: BcApi,
  list: string,
  numbers: readonly string[],
  select: string,
  signal: AbortSignal,
): Promise<(number: string) => Row | ErpError | null> {
  const possible = [...new Set(numbers.filter(canBeNumber))];
  const queries = toQueries(list, "number", possible, select);
  const answers = queries.length === 0 ? [] : await api.readMany("standard", queries, signal);
  const found = new Map<string, Row>();
  const broken = answers.find((answer) => answer instanceof Error) ?? null;
  for (const row of answers.flatMap((answer) => (answer instanceof Error ? [] : answer))) {
    found.set(String(row["number"]), row);
  }
  // What is not found may be in the part that failed.
  return (number) => found.get(number) ?? (canBeNumber(number) ? (broken as ErpError | null) : null);
}
