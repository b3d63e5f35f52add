import type { Clock } from "../../clock.js";
import type { Connector } from "../../pricing/connector.js";
import type { Decimal } from "../../pricing/decimal.js";
import type { Turns } from "../../pricing/turns.js";
import type { Logger } from "../../telemetry/logger.js";
import { createErpHttpClient } from "../http-client.js";
import { createKept } from "../shared-read.js";
import { createErpNextApi } from "./erpnext-api.js";
import { createErpNextCatalogue } from "./erpnext-catalogue.js";
import { createErpNextChanges } from "./erpnext-changes.js";
import { createErpNextCustomers } from "./erpnext-customers.js";
import { checkUser, createGroundReader, keepGroundMs } from "./erpnext-ground.js";
import { createErpNextPrices } from "./erpnext-prices.js";
import { createErpNextStock, readWarehouses } from "./erpnext-stock.js";

export interface ErpNextOptions {
  /** The site's address. */
  readonly url: URL;
  /** `key:secret` of a user. */
  readonly token: string;
  /** The company that sells, as ERPNext names it. */
  readonly company: string;
  readonly usualList: string;
  readonly customerField: string;
  /** Null for all of the company's. */
  readonly warehouses: readonly string[] | null;
  readonly taxRate: Decimal | null;
  /** Decimals of a rate. */
  readonly digits: number;
  /** Most calls at once. {@link erpNextConcurrency} unless told. */
  readonly maxConcurrency: number;
  /** How long one HTTP call may keep silent. */
  readonly timeoutMs: number;
  /** In which long answers are handed on; left out, as they come. */
  readonly turns?: Turns | undefined;
  readonly clock: Clock;
  readonly log: Pick<Logger, "info" | "warn">;
}

/** A site as delivered runs few workers, which people at their desks need as well. Not measured. */
export const erpNextConcurrency = 3;

/** What a reading of the ground data is given, in time-outs of one call: it makes six. */
const groundCalls = 6;

/** ERPNext over Frappe's REST API. Within one call of a source the questions go one after another: one slot, one connection. */
export function createErpNextConnector(options: ErpNextOptions): Connector {
  const { url, token, company, usualList, customerField, maxConcurrency, timeoutMs, clock, log } = options;
  const http = createErpHttpClient({ url, connections: maxConcurrency, timeoutMs, turns: options.turns });
  const api = createErpNextApi(http, token, clock);
  const bounds = { clock, timeoutMs: groundCalls * timeoutMs };
  const readGround = createKept(createGroundReader(api, log), keepGroundMs, bounds);
  // At the start, so that a wrong token or an untried version is said before the first shop asks.
  readGround(new AbortController().signal).catch((error: unknown) =>
    log.warn({ err: error }, "ERPNext could not be asked at the start"),
  );
  return {
    name: "erpnext",
    prices: createErpNextPrices({
      ...{ api, readGround, customerField, company, usualList },
      ...{ taxRate: options.taxRate, digits: options.digits },
    }),
    stock: createErpNextStock(
      api,
      createKept((signal) => readWarehouses(api, company, options.warehouses, signal), keepGroundMs, bounds),
    ),
    customers: createErpNextCustomers({ api, readGround, customerField, usualList }),
    maxConcurrency,
    // Banker's rounding is how sites are delivered; each tax is rounded on the whole order.
    charges: { rounding: "half-even", taxRounding: "tax", breaksCount: "line" },
    products: createErpNextCatalogue(api),
    changes: createErpNextChanges(api, customerField),
    checkHealth: (signal) => checkUser(api, signal),
    close: () => http.close(),
  };
}
