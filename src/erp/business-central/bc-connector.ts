import type { Clock } from "../../clock.js";
import { ErpBadAnswer } from "../../errors.js";
import type { Connector } from "../../pricing/connector.js";
import type { Decimal } from "../../pricing/decimal.js";
import type { Turns } from "../../pricing/turns.js";
import type { Logger } from "../../telemetry/logger.js";
import { createErpHttpClient } from "../http-client.js";
import { createKept } from "../shared-read.js";
import { type BcApi, createBcApi } from "./bc-api.js";
import { createBcCatalogue } from "./bc-catalogue.js";
import { createBcChanges } from "./bc-changes.js";
import { createBcCustomers } from "./bc-customers.js";
import { createGroundReader, type Ground, keepGroundMs } from "./bc-ground.js";
import { createBcPrices } from "./bc-prices.js";
import { createBcStock } from "./bc-stock.js";
import { type BcCredential, createTokenSource } from "./bc-token.js";

export interface BcOptions extends BcCredential {
  /** Microsoft's address of the API, without tenant or environment. */
  readonly url: URL;
  readonly loginUrl: URL;
  /** Such as "production". */
  readonly environment: string;
  /** As the company is named; null where there is only one. */
  readonly company: string | null;
  /** The number of the customer who stands for the public; null for the prices on the items' cards. */
  readonly publicCustomer: string | null;
  /** Codes of those that sell; null for the total of each item. */
  readonly locations: readonly string[] | null;
  /** Of the prices on the items' cards, in percent; null where there is no one rate. */
  readonly taxRate: Decimal | null;
  /** IANA name: a price's days begin and end there. */
  readonly timeZone: string;
  /** Most calls at once. {@link bcConcurrency} unless told. */
  readonly maxConcurrency: number;
  readonly timeoutMs: number;
  /** In which long answers are handed on; left out, as they come. */
  readonly turns?: Turns | undefined;
  readonly clock: Clock;
  readonly log: Pick<Logger, "info">;
}

/** Requests of one user that are worked on at once; more of them wait there. Source: the operational limits of Business Central online. */
export const bcConcurrency = 5;

/** What a reading of the ground data is given, in time-outs of one call: a token, the companies and a batch. */
const groundCalls = 3;

/** Business Central online over its API v2.0. Within one call of a source the questions go one after another. */
export function createBcConnector(options: BcOptions): Connector {
  const { url, loginUrl, tenant, environment, company, maxConcurrency, timeoutMs, clock, log } = options;
  const http = createErpHttpClient({
    url: below(url, ["v2.0", tenant, environment]),
    connections: maxConcurrency,
    timeoutMs,
    turns: options.turns,
  });
  const loginHttp = createErpHttpClient({ url: loginUrl, connections: 1, timeoutMs });
  const tokens = createTokenSource({ ...options, http: loginHttp, scope: `${url.origin}/.default` });
  const api = createBcApi(http, tokens, clock);
  const bounds = { clock, timeoutMs: groundCalls * timeoutMs };
  const readGround = createKept(createGroundReader(api, company, log), keepGroundMs, bounds);
  return {
    name: "business-central",
    prices: createBcPrices({ ...options, api, readGround }),
    stock: createBcStock(api, readGround, options.locations),
    customers: createBcCustomers(api, readGround),
    maxConcurrency,
    // VAT is rounded once for all lines of one rate.
    charges: { rounding: "half-up", taxRounding: "tax", breaksCount: "line" },
    products: createBcCatalogue(api, readGround),
    changes: createBcChanges(api, readGround),
    async checkHealth(signal) {
      await api.readRows("standard", "companies?$select=id", signal);
    },
    checkSetup: (signal) => checkSetup(api, readGround, signal),
    async close() {
      await Promise.all([http.close(), loginHttp.close()]);
    },
  };
}

function below(url: URL, names: readonly string[]): URL {
  return new URL(names.map(encodeURIComponent).join("/"), url.href.endsWith("/") ? url : `${url.href}/`);
}

async function checkSetup(
  api: BcApi,
  readGround: (signal: AbortSignal) => Promise<Ground>,
  signal: AbortSignal,
): Promise<string[]> {
  const { company } = await readGround(signal);
  try {
    await api.readRows("pricelane", `${company}/priceListLines?$top=1&$select=assetNumber`, signal);
    return [];
  } catch (error) {
    if (!(error instanceof ErpBadAnswer) || error.status !== 404) throw error;
    return [
      "the Pricelane extension is not installed in Business Central: customers' prices, BC_PUBLIC_CUSTOMER and BC_LOCATIONS need it (docs/erp/business-central.md)",
    ];
  }
}
