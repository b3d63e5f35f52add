import type { Clock } from "../../clock.js";
import type { Connector } from "../../pricing/connector.js";
import type { Turns } from "../../pricing/turns.js";
import { createErpHttpClient } from "../http-client.js";
import { createKept } from "../shared-read.js";
import { createTrytonCatalogue } from "./tryton-catalogue.js";
import { createTrytonChanges } from "./tryton-changes.js";
import { createTrytonCustomers } from "./tryton-customers.js";
import { keepGroundMs, readGround } from "./tryton-ground.js";
import { createTrytonPrices } from "./tryton-prices.js";
import { createTrytonSession } from "./tryton-session.js";
import { createTrytonStock } from "./tryton-stock.js";

export interface TrytonOptions {
  /** The server's address, without the database. */
  readonly url: URL;
  readonly database: string;
  readonly user: string;
  readonly password: string;
  /** Name or id of the company that the user must be in; null takes the user's current one. */
  readonly company: string | null;
  /** How long one HTTP call may keep silent, and a login may take. */
  readonly timeoutMs: number;
  /** In which long answers are handed on; left out, as they come. */
  readonly turns?: Turns | undefined;
  /** Most calls at once. {@link trytonConcurrency} unless the server runs several workers. */
  readonly maxConcurrency: number;
  readonly clock: Clock;
}

/** Measured: one server of Tryton answers no more per second with more calls at once, only later. */
export const trytonConcurrency = 2;

/** What a reading of the ground data is given, in time-outs of one call: it makes eleven, and callers wait no longer than they like. */
const groundCalls = 4;

/** Tryton 6.0 over its JSON-RPC. Within one call of a source the questions go one after another: one slot, one connection. */
export function createTrytonConnector(options: TrytonOptions): Connector {
  const { url, company, timeoutMs, maxConcurrency, clock } = options;
  const http = createErpHttpClient({ url, connections: maxConcurrency, timeoutMs, turns: options.turns });
  const session = createTrytonSession({ ...options, http });
  const bounds = { clock, timeoutMs: groundCalls * timeoutMs };
  const ground = createKept((signal) => readGround(session, company, signal), keepGroundMs, bounds);
  return {
    name: "tryton",
    prices: createTrytonPrices(session, ground),
    stock: createTrytonStock(session, ground),
    customers: createTrytonCustomers(session, ground),
    maxConcurrency,
    // As its sales do: half to even, each tax once on the whole sale (unless accounting is set otherwise), breaks by line.
    charges: { rounding: "half-even", taxRounding: "tax", breaksCount: "line" },
    products: createTrytonCatalogue(session, ground),
    changes: createTrytonChanges(session, ground),
    async checkHealth(signal) {
      await session.call("model.res.user.get_preferences", [true, {}], signal);
    },
    async close() {
      await session.close();
      await http.close();
    },
  };
}
