import type { ErpError } from "../../errors.js";
import type { Row } from "../parse.js";
import type { FindRow, Lookup } from "./b1-records.js";

export function partnerLookup(codes: readonly string[], fields: string): Lookup {
  return { list: "BusinessPartners", key: "CardCode", values: codes, select: `CardType,${fields}` };
}

/** Null where there is no such partner, or it is a supplier or a lead: those have codes of the same kind. */
export function customerRow(find: FindRow, code: string): Row | ErpError | null {
  const row = find(code);
  return row === null || row instanceof Error || row["CardType"] === "cCustomer" ? row : null;
}
