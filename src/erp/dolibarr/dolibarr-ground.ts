import { ErpBadAnswer } from "../../errors.js";
import type { Logger } from "../../telemetry/logger.js";
import { parseRow, parseText } from "../parse.js";
import type { DolibarrApi } from "./dolibarr-api.js";
import { parseKeyed, parseNumber } from "./dolibarr-values.js";

/** What stays as it is for months: read at the start, and again every {@link keepGroundMs}. */
export interface Ground {
  /** The first number of the version: 22. */
  readonly version: number;
  readonly modes: PriceModes;
}

/** Which prices Dolibarr is set to keep besides those that come with a product. Its API tells only by refusing. */
export interface PriceModes {
  /**
   * "Prices by customer". "told": one call a product. "hidden": kept, but the API does not tell them, as where 22 keeps prices
   * by customer and by level at once (its `PRODUIT_CUSTOMER_PRICES_AND_MULTIPRICES`).
   */
  readonly ofCustomers: "none" | "told" | "hidden";
}

export const keepGroundMs = 300_000;

/** Versions that the connector was written for. */
const oldest = 18;
const newest = 22;

/** Nobody's: no third party can have it. */
const noThirdParty = 2_147_483_647;

/** @param log is told the version, and what follows from it */
export function createGroundReader(
  api: DolibarrApi,
  log: Pick<Logger, "info" | "warn">,
): (signal: AbortSignal) => Promise<Ground> {
  let last: string | null = null;
  let saidHidden = false;

  function tell(name: string, version: number): void {
    if (name === last) return;
    if (last !== null) log.warn({ before: last, now: name }, "Dolibarr's version changed");
    else log.info({ version: name }, "Dolibarr answers");
    last = name;
    if (version >= oldest && version <= newest) return;
    log.warn(
      { version: name },
      `this connector was written for Dolibarr ${oldest} to ${newest}: compare some prices and stocks`,
    );
  }

  return async (signal) => {
    const name = await readVersion(api, signal);
    const version = Number(/^\d+/.exec(name)?.[0] ?? Number.NaN);
    if (Number.isNaN(version)) throw new ErpBadAnswer("Dolibarr's version begins with no number");
    tell(name, version);
    const modes = await readModes(api, signal);
    if (modes.ofCustomers === "hidden" && !saidHidden) log.warn(hiddenPrices);
    saidHidden = modes.ofCustomers === "hidden";
    return { version, modes };
  };
}

/** @returns such as "22.0.1" */
export async function readVersion(api: DolibarrApi, signal: AbortSignal): Promise<string> {
  const answer = parseRow(await api.get("/status", {}, signal), "Dolibarr's status");
  return parseText(parseRow(answer["success"], "the success in it")["dolibarr_version"], "Dolibarr's version");
}

/** What can be done about prices of customers that are hidden. Seen on 22.0.2: orders are priced the same with it as without. */
export const hiddenPrices =
  "Dolibarr keeps prices by customer and by level at once, of which its API does not tell the customers': set the constant PRODUIT_CUSTOMER_PRICES to 1 in Home > Setup > Other Setup, too";

async function readModes(api: DolibarrApi, signal: AbortSignal): Promise<PriceModes> {
  const [product] = await api.list("/products", { sortfield: "t.rowid", limit: 1 }, signal);
  // With no product to ask about nothing is known, and asking for prices that are not kept does no harm.
  if (product === undefined) return { ofCustomers: "told" };
  const prices = `/products/${parseNumber(product["id"], "a product's id")}/selling_multiprices`;
  const isTold = await isOn(api.get(`${prices}/per_customer`, { thirdparty_id: noThirdParty }, signal));
  if (isTold) return { ofCustomers: "told" };
  // Of all its ways to keep prices by level, the API tells of the plain one alone that it is on; by quantity and level shows.
  if (!isKeyed(product["multiprices"]) || isKeyed(product["prices_by_qty"])) return { ofCustomers: "none" };
  const isPlain = await isOn(api.get(`${prices}/per_segment`, {}, signal));
  return { ofCustomers: isPlain ? "none" : "hidden" };
}

/** Whether a PHP array has anything in it. */
function isKeyed(value: unknown): boolean {
  return Object.keys(parseKeyed(value, "the prices of a product")).length > 0;
}

/** 400 is the word for a mode that is off. */
async function isOn(answer: Promise<unknown>): Promise<boolean> {
  try {
    await answer;
    return true;
  } catch (error) {
    if (isModeOff(error)) return false;
    throw error;
  }
}

export function isModeOff(error: unknown): boolean {
  return error instanceof ErpBadAnswer && error.status === 400;
}
