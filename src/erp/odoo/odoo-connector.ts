import type { Clock } from "../../clock.js";
import type { Connector } from "../../pricing/connector.js";
import type { Turns } from "../../pricing/turns.js";
import type { Logger } from "../../telemetry/logger.js";
import { createErpHttpClient } from "../http-client.js";
import { createOdooCatalogue } from "./odoo-catalogue.js";
import { createOdooChanges } from "./odoo-changes.js";
import { createOdooCustomers } from "./odoo-customers.js";
import { createOdooKept } from "./odoo-kept.js";
import { createPriceAction } from "./odoo-price-action.js";
import { createOdooPrices } from "./odoo-prices.js";
import { createOdooSession } from "./odoo-session.js";
import { createOdooStock } from "./odoo-stock.js";

export interface OdooOptions {
  /** The server's address, without a database. */
  readonly url: URL;
  readonly database: string;
  /** The login that the key belongs to; null where Odoo is 19 or newer. */
  readonly user: string | null;
  readonly key: string;
  /** Name or id; null takes the one that the user works in. */
  readonly company: string | null;
  /** Name or id of the price list of who has none; null for the products' own prices. */
  readonly publicList: string | null;
  /** The id of the server action with the code of deploy/odoo/price_action.py; null where there is none. */
  readonly priceAction: number | null;
  /** How long one HTTP call may take; the first ones have {@link coldStartMs}. */
  readonly timeoutMs: number;
  /** In which long answers are handed on; left out, as they come. */
  readonly turns?: Turns | undefined;
  /** Most calls at once. {@link odooConcurrency} unless somebody knows how many workers the server has. */
  readonly maxConcurrency: number;
  readonly clock: Clock;
  readonly log: Pick<Logger, "info" | "warn">;
}

/** Odoo answers one call a worker at once; a server of two cores runs about five workers, and people work on it as well. */
export const odooConcurrency = 4;

/** What the first calls after a start of Odoo are given: they were seen to take 6 to 12 s. */
const coldStartMs = 20_000;

/** Odoo 16 to 19. Within one call of a source the questions go one after another: one slot, one connection. */
export function createOdooConnector(options: OdooOptions): Connector {
  const { url, timeoutMs, maxConcurrency, clock, log, priceAction } = options;
  const patienceMs = Math.max(timeoutMs, coldStartMs);
  // A call that somebody waits for is bounded by its signal; what all share must outlive a cold start.
  const http = createErpHttpClient({ url, connections: maxConcurrency, timeoutMs: patienceMs, turns: options.turns });
  const session = createOdooSession({ ...options, http, timeoutMs: patienceMs });
  const bounds = { clock, timeoutMs: 2 * patienceMs };
  const kept = createOdooKept(session, options, bounds);
  const closing = new AbortController();
  const action = priceAction === null ? null : createPriceAction(session, priceAction, options);
  const tryAction = async (signal: AbortSignal) =>
    action?.run(await kept.ground(signal), { pricelist: false, asks: [] }, signal);
  // At once, so that the version, a wrong setting and a missing right are said at the start, and a cold Odoo is warm when buyers come.
  warmUp([kept.ground, kept.lists, kept.taxes, kept.warehouses, tryAction], closing.signal, log);
  return {
    name: "odoo",
    prices: createOdooPrices(session, kept, action),
    stock: createOdooStock(session, kept),
    customers: createOdooCustomers(session, kept, action),
    maxConcurrency,
    // As its orders do unless accounting is set to round globally: half up, each line's amount with tax, breaks by line.
    charges: { rounding: "half-up", taxRounding: "line", breaksCount: "line" },
    products: createOdooCatalogue(session, kept),
    changes: createOdooChanges(session, kept, log),
    async checkHealth(signal) {
      await session.call({ model: "res.users", method: "context_get" }, signal);
    },
    async close() {
      closing.abort();
      await http.close();
    },
  };
}

async function warmUp(
  reads: readonly ((signal: AbortSignal) => Promise<unknown>)[],
  signal: AbortSignal,
  log: OdooOptions["log"],
): Promise<void> {
  const said = new Set<unknown>();
  for (const read of reads) {
    try {
      await read(signal);
    } catch (error) {
      // What is wrong with the first is wrong with all.
      const { message } = error as Error;
      if (!signal.aborted && !said.has(message)) log.warn({ err: error }, "Odoo cannot be asked yet");
      said.add(message);
    }
  }
}
