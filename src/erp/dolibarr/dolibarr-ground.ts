import { ErpBadAnswer } from "../../errors.js";
import type { Logger } from "../../telemetry/logger.js";
import { parseRow, parseText } from "../parse.js";
import type { DolibarrApi } from "./dolibarr-api.js";
import { parseNumber } from "./dolibarr-values.js";

/** What stays as it is for months: read at the start, and again every {@link keepGroundMs}. */
export interface Ground {
  /** The first number of the version: 22. */
  readonly version: number;
  readonly modes: PriceModes;
}

/** Which prices Dolibarr is set to keep besides a product's own. Its API tells only by refusing. */
export interface PriceModes {
  /** "Prices by customer": one call a product. */
  readonly ofCustomers: boolean;
  /** "Prices by quantity": one call a product. */
  readonly byQuantity: boolean;
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
    return { version, modes: await readModes(api, signal) };
  };
}

/** @returns such as "22.0.1" */
export async function readVersion(api: DolibarrApi, signal: AbortSignal): Promise<string> {
  const answer = parseRow(await api.get("/status", {}, signal), "Dolibarr's status");
  return parseText(parseRow(answer["success"], "the success in it")["dolibarr_version"], "Dolibarr's version");
}

async function readModes(api: DolibarrApi, signal: AbortSignal): Promise<PriceModes> {
  const [product] = await api.list("/products", { sortfield: "t.rowid", limit: 1 }, signal);
  // With no product to ask about nothing is known, and asking for prices that are not kept does no harm.
  if (product === undefined) return { ofCustomers: true, byQuantity: true };
  const prices = `/products/${parseNumber(product["id"], "a product's id")}/selling_multiprices`;
  return {
    ofCustomers: await isOn(api.get(`${prices}/per_customer`, { thirdparty_id: noThirdParty }, signal)),
    byQuantity: await isOn(api.get(`${prices}/per_quantity`, {}, signal)),
  };
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
