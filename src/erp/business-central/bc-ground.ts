import { ErpBadAnswer } from "../../errors.js";
import type { Logger } from "../../telemetry/logger.js";
import { parseCurrency, parseText, type Row } from "../parse.js";
import type { BcApi } from "./bc-api.js";

/** What seldom changes: read at the start, and again every {@link keepGroundMs}. */
export interface Ground {
  /** Such as "companies(2f…)": where the lists of the company are. */
  readonly company: string;
  /** The company's own currency. */
  readonly currency: string;
  /** Codes by id. */
  readonly paymentTerms: ReadonlyMap<string, string>;
}

export const keepGroundMs = 300_000;

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** @param name of the company; null where there is only one */
export function createGroundReader(
  api: BcApi,
  name: string | null,
  log: Pick<Logger, "info">,
): (signal: AbortSignal) => Promise<Ground> {
  let said = false;
  return async (signal) => {
    const companies = await api.readRows("standard", "companies?$select=id,name", signal);
    const company = findCompany(companies, name);
    const queries = [`${company}/companyInformation?$select=currencyCode`, `${company}/paymentTerms?$select=id,code`];
    const [information, terms] = await api.readMany("standard", queries, signal);
    if (information === undefined || information instanceof Error) throw information ?? new ErpBadAnswer("no answer");
    if (terms === undefined || terms instanceof Error) throw terms ?? new ErpBadAnswer("no answer");
    if (!said) log.info({ company }, "Business Central answers");
    said = true;
    return {
      company,
      currency: parseCurrency(information[0]?.["currencyCode"], "the company's currency"),
      paymentTerms: new Map(
        terms.map((row) => [parseText(row["id"], "an id"), parseText(row["code"], "the code of payment terms")]),
      ),
    };
  };
}

function findCompany(rows: readonly Row[], wanted: string | null): string {
  const names = rows.map((row) => JSON.stringify(row["name"])).join(", ");
  const own = wanted === null ? rows : rows.filter((row) => row["name"] === wanted);
  const [row, other] = own;
  if (row === undefined || other !== undefined) {
    const asked = wanted === null ? "BC_COMPANY is not set" : `BC_COMPANY is ${JSON.stringify(wanted)}`;
    throw new ErpBadAnswer(`${asked}, and the companies that the application may see are: ${names || "none"}`);
  }
  const id = row["id"];
  if (typeof id !== "string" || !guid.test(id)) throw new ErpBadAnswer("a company's id is no GUID");
  return `companies(${id})`;
}
