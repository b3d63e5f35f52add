import { ErpBadAnswer, ErpUnavailable } from "../../errors.js";
import type { Logger } from "../../telemetry/logger.js";
import { given, parseAmount } from "../amounts.js";
import { parseCurrency, parseRow, parseText, type Row } from "../parse.js";
import type { ErpNextApi } from "./erpnext-api.js";
import { type PricingRule, parseRule, ruleFields } from "./erpnext-rules.js";

/** What seldom changes: read at the start, and again every {@link keepGroundMs}. */
export interface Ground {
  /** The first number of Frappe's version, which is ERPNext's too: 15. */
  readonly version: number;
  /** IANA name: a price's days begin and end there. */
  readonly timeZone: string;
  /** Currencies by price list; those that are enabled and for selling. */
  readonly lists: ReadonlyMap<string, string>;
  readonly groups: ReadonlyMap<string, CustomerGroup>;
  /** Those for selling that are not disabled, without those that give items away. */
  readonly rules: readonly PricingRule[];
}

export interface CustomerGroup {
  readonly priceList: string | null;
  readonly paymentTerms: string | null;
}

export const keepGroundMs = 300_000;

/** Versions whose code was read. */
const oldest = 14;
const newest = 16;

/** @param log is told the version */
export function createGroundReader(
  api: ErpNextApi,
  log: Pick<Logger, "info" | "warn">,
): (signal: AbortSignal) => Promise<Ground> {
  let last: string | null = null;

  function tell(name: string, version: number): void {
    if (name === last) return;
    if (last !== null) log.warn({ before: last, now: name }, "ERPNext's version changed");
    else log.info({ version: name }, "ERPNext answers");
    last = name;
    if (version >= oldest && version <= newest) return;
    log.warn(
      { version: name },
      `this connector was written for ERPNext ${oldest} to ${newest}: compare some prices and stocks`,
    );
  }

  return async (signal) => {
    const name = parseText(await api.call("version", {}, signal), "Frappe's version");
    const version = Number.parseInt(name, 10);
    if (Number.isNaN(version)) throw new ErpBadAnswer("Frappe's version begins with no number");
    tell(name, version);
    await checkUser(api, signal);
    const zone = parseRow(await api.call("frappe.client.get_time_zone", {}, signal), "the time zone");
    return {
      version,
      timeZone: parseText(zone["time_zone"], "the site's time zone"),
      lists: await readLists(api, signal),
      groups: await readGroups(api, signal),
      rules: (await api.list({ doctype: "Pricing Rule", fields: ruleFields, filters: sellingRules }, signal)).map(
        parseRule,
      ),
    };
  };
}

const sellingRules = [
  ["disable", "=", 0],
  ["selling", "=", 1],
  ["price_or_product_discount", "=", "Price"],
] as const;

/** A site answers some methods to anybody, so only this tells whether the token is good. */
export async function checkUser(api: ErpNextApi, signal: AbortSignal): Promise<void> {
  const user = await api.call("frappe.auth.get_logged_user", {}, signal);
  if (user === "Guest") {
    throw new ErpUnavailable("ERPNext takes the gateway for a guest: check ERP_TOKEN, which is `key:secret`", {
      countsAsFailure: false,
    });
  }
}

async function readLists(api: ErpNextApi, signal: AbortSignal): Promise<Map<string, string>> {
  const filters = [
    ["enabled", "=", 1],
    ["selling", "=", 1],
  ] as const;
  const rows = await api.list({ doctype: "Price List", fields: ["name", "currency"], filters }, signal);
  return new Map(
    rows.map((row) => [parseText(row["name"], "a price list"), parseCurrency(row["currency"], "its currency")]),
  );
}

async function readGroups(api: ErpNextApi, signal: AbortSignal): Promise<Map<string, CustomerGroup>> {
  const fields = ["name", "default_price_list", "payment_terms"];
  const rows = await api.list({ doctype: "Customer Group", fields, filters: [] }, signal);
  return new Map(rows.map((row) => [parseText(row["name"], "a customer group"), toGroup(row)]));
}

function toGroup(row: Row): CustomerGroup {
  return {
    priceList: given(row["default_price_list"], "a group's price list", parseText),
    paymentTerms: given(row["payment_terms"], "a group's payment terms", parseText),
  };
}

/** Frappe's checks are 0 and 1. */
export function isSet(value: unknown, what: string): boolean {
  return (given(value, what, parseAmount) ?? "0") !== "0";
}
