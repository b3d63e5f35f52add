import type { Clock } from "../../clock.js";
import type { Connector } from "../../pricing/connector.js";
import type { Turns } from "../../pricing/turns.js";
import type { Logger } from "../../telemetry/logger.js";
import { createErpHttpClient } from "../http-client.js";
import { createKept } from "../shared-read.js";
import { apiAddress, createDolibarrApi } from "./dolibarr-api.js";
import type { CustomerField } from "./dolibarr-buyers.js";
import { createDolibarrCatalogue } from "./dolibarr-catalogue.js";
import { createDolibarrChanges } from "./dolibarr-changes.js";
import { createDolibarrCustomers, readPaymentTerms } from "./dolibarr-customers.js";
import { createGroundReader, keepGroundMs, type PriceModes, readVersion } from "./dolibarr-ground.js";
import { createDolibarrPrices } from "./dolibarr-prices.js";
import { createDolibarrStock, readWarehouses } from "./dolibarr-stock.js";

export interface DolibarrOptions {
  /** Dolibarr's address, such as https://erp.example.com/ */
  readonly url: URL;
  /** The API key of a user. */
  readonly apiKey: string;
  readonly customerField: CustomerField;
  /** ISO 4217. The API tells it to administrators alone. */
  readonly currency: string;
  readonly publicLevel: number;
  /** Most calls at once. {@link dolibarrConcurrency} unless told. */
  readonly maxConcurrency: number;
  /** How long one HTTP call may keep silent. */
  readonly timeoutMs: number;
  /** In which long answers are handed on; left out, as they come. */
  readonly turns?: Turns | undefined;
  readonly clock: Clock;
  readonly log: Pick<Logger, "info" | "warn">;
}

/** Measured: 12 calls a second one by one, 20 with four at once, and no more with more. */
export const dolibarrConcurrency = 4;

/** What a reading of the ground data is given, in time-outs of one call: it makes four at most. */
const groundCalls = 4;

/** Dolibarr over its REST API. Within one call of a source the questions go one after another: one slot, one connection. */
export function createDolibarrConnector(options: DolibarrOptions): Connector {
  const { url, apiKey, customerField, currency, publicLevel, maxConcurrency, timeoutMs, clock, log } = options;
  const http = createErpHttpClient({
    url: apiAddress(url),
    connections: maxConcurrency,
    timeoutMs,
    turns: options.turns,
  });
  const api = createDolibarrApi(http, apiKey, clock);
  const bounds = { clock, timeoutMs: groundCalls * timeoutMs };
  let lastModes: PriceModes | null = null;
  const read = createGroundReader(api, log);
  const readGround = createKept(
    async (signal) => {
      const ground = await read(signal);
      lastModes = ground.modes;
      return ground;
    },
    keepGroundMs,
    bounds,
  );
  // At the start, so that a wrong key or an untried version is said before the first shop asks.
  readGround(new AbortController().signal).catch((error: unknown) =>
    log.warn({ err: error }, "Dolibarr could not be asked at the start"),
  );
  const kept = <T>(reader: (signal: AbortSignal) => Promise<T>) => createKept(reader, keepGroundMs, bounds);
  return {
    name: "dolibarr",
    prices: createDolibarrPrices({
      ...{ api, readGround, customerField, currency, publicLevel },
      lastModes: () => lastModes,
    }),
    stock: createDolibarrStock(
      api,
      readGround,
      kept((signal) => readWarehouses(api, signal)),
    ),
    customers: createDolibarrCustomers({
      ...{ api, readGround, customerField, currency },
      readTerms: kept((signal) => readPaymentTerms(api, signal)),
    }),
    maxConcurrency,
    products: createDolibarrCatalogue(api, readGround),
    changes: createDolibarrChanges(api, readGround, customerField),
    async checkHealth(signal) {
      await readVersion(api, signal);
    },
    close: () => http.close(),
  };
}
