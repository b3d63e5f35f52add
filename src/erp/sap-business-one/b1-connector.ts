import type { Clock } from "../../clock.js";
import type { Connector } from "../../pricing/connector.js";
import type { Turns } from "../../pricing/turns.js";
import type { Logger } from "../../telemetry/logger.js";
import { dayAt } from "../calendar.js";
import { createErpHttpClient } from "../http-client.js";
import { createKept } from "../shared-read.js";
import { createB1Api } from "./b1-api.js";
import { createB1Catalogue } from "./b1-catalogue.js";
import { createB1Customers } from "./b1-customers.js";
import { type DiscountMeaning, findDiscountMeaning } from "./b1-discount.js";
import { createGroundReader, keepGroundMs } from "./b1-ground.js";
import { createB1Prices } from "./b1-prices.js";
import { toQuery } from "./b1-query.js";
import { type B1Credential, createSessionSource } from "./b1-session.js";
import { checkB1Setup } from "./b1-setup.js";
import { createB1Stock } from "./b1-stock.js";

export interface B1Options extends B1Credential {
  /** The server, to which `/b1s/v2` is added, or the root of a version: `https://…:50000/b1s/v1`. */
  readonly url: URL;
  /** The number of the price list that is public. */
  readonly publicPriceList: number;
  /** The code of the customer who stands for the public; null for the public price list. */
  readonly publicCustomer: string | null;
  /** Codes of those that sell; null for all. */
  readonly warehouses: readonly string[] | null;
  /** ISO 4217; null: credit is not told. */
  readonly localCurrency: string | null;
  /** Null to find out by example. */
  readonly discount: DiscountMeaning | null;
  /** IANA name: a price's days begin and end there. */
  readonly timeZone: string;
  /** Most calls at once. {@link b1Concurrency} unless told. */
  readonly maxConcurrency: number;
  readonly timeoutMs: number;
  /** In which long answers are handed on; left out, as they come. */
  readonly turns?: Turns | undefined;
  readonly clock: Clock;
  readonly log: Pick<Logger, "info" | "warn">;
}

/** Of one session, which one node of the load balancer serves; nobody has measured what it bears. */
export const b1Concurrency = 4;

/** From where the limit grows. */
const startConcurrency = 2;

/** What a reading of the ground data is given, in time-outs of one call: a login, which takes seconds at first, and a batch. */
const groundCalls = 3;

/** SAP Business One 10.0 over its Service Layer. Within one call of a source the requests go one after another. */
export function createB1Connector(options: B1Options): Connector {
  const { maxConcurrency, timeoutMs, clock, log, timeZone } = options;
  const url = toRoot(options.url);
  const http = createErpHttpClient({ url, connections: maxConcurrency, timeoutMs, turns: options.turns });
  const bounds = { clock, timeoutMs: groundCalls * timeoutMs };
  // A first login was seen to take some seconds.
  const loginHttp = createErpHttpClient({ url, connections: 1, timeoutMs: bounds.timeoutMs });
  const sessions = createSessionSource({ ...options, ...bounds, http: loginHttp });
  const api = createB1Api({ http, url, sessions, clock });
  const readGround = createKept(createGroundReader(api, log), keepGroundMs, bounds);
  const find = (signal: AbortSignal) => findDiscountMeaning(api, dayAt(clock.now(), timeZone), signal);
  const findKept = createKept(find, keepGroundMs, bounds);
  const readDiscount = (signal: AbortSignal) =>
    options.discount === null ? findKept(signal) : Promise.resolve(options.discount);
  return {
    name: "sap-business-one",
    prices: createB1Prices({ ...options, api, readGround, readDiscount }),
    stock: createB1Stock({ ...options, api }),
    customers: createB1Customers({ ...options, api, readGround }),
    maxConcurrency,
    startConcurrency: Math.min(startConcurrency, maxConcurrency),
    products: createB1Catalogue(api, clock, timeZone),
    async checkHealth(signal) {
      await api.readRows(toQuery("Currencies", { $select: "Code" }), signal, 1);
    },
    checkSetup: (signal) => checkB1Setup({ ...options, api, sessions, readGround }, signal),
    async close() {
      await sessions.close();
      await Promise.all([http.close(), loginHttp.close()]);
    },
  };
}

/** A proxy may have put a path of its own before. */
function toRoot(url: URL): URL {
  const path = url.pathname.replace(/\/+$/, "");
  return new URL(/\/b1s\/v[12]$/.test(path) ? path : `${path}/b1s/v2`, url);
}
