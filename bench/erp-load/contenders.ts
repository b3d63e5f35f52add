import DataLoader from "dataloader";
import { createLoaders } from "../../loaders/loaders.js";
import type { Clock } from "../../src/clock.js";
import { KeptJournal } from "../../src/feed/kept-journal.js";
import { stackLayers } from "../../src/layers.js";
import { createPriceKey, createStockKey, verifiedCustomer } from "../../src/pricing/keys.js";
import type { ErpSource, Key } from "../../src/pricing/source.js";
import { readSettings } from "../../src/read-settings.js";
import { createLogger } from "../../src/telemetry/logger.js";
import { noMetrics } from "../../src/telemetry/metrics.js";
import { customerCaller } from "../../test/support/samples.js";
import type { SimulatedErp } from "./simulated-erp.js";

/** One view of a page: what it shows is wanted for one customer at one time. */
export interface Page {
  readonly customer: string;
  readonly skus: readonly string[];
}

/** Reads a page. @returns why keys were not answered, one message for each such key */
export type ReadPage = (page: Page) => Promise<string[]>;

/** The gateway's layers and loaders as they are stacked in production. @param random jitters fresh windows, from 0 up to 1 */
export function createPricelane({ connector }: SimulatedErp, clock: Clock, random: () => number): ReadPage {
  const settings = readSettings({ CALLER_KEYS_PER_SECOND: "0", DEADLINE_STOREFRONT_MS: "60000" });
  const logger = createLogger({ level: "silent" });
  const journal = new KeptJournal({ maxSkus: settings.journalMaxSkus, clock, epoch: "bench", store: null, logger });
  const { sources } = stackLayers(connector, journal, { settings, clock, random, logger, metrics: noMetrics });
  return async ({ customer, skus }) => {
    const deadline = clock.now() + settings.deadlineStorefrontMs;
    const loaders = createLoaders(sources, customerCaller(customer), (maxAgeMs) => {
      return { lane: "storefront", deadline, maxAgeMs, budget: null, signal: null };
    });
    const outcomes = await Promise.all([
      loaders.prices.loadMany(
        skus.map((sku) => ({ audience: "CALLER", sku, quantity: "1", currency: null, maxAgeMs: null })),
      ),
      loaders.stock.loadMany(skus.map((sku) => ({ sku, maxAgeMs: null }))),
    ]);
    return outcomes.flat().flatMap((outcome) => {
      if (outcome instanceof Error) return outcome.message;
      if (outcome.kind === "found") return [];
      return outcome.kind === "failed" ? outcome.error.message : "unknown";
    });
  };
}

/** What most GraphQL servers do: loaders made anew for each request, and nothing behind them. */
export function createDataLoaderAlone({ connector }: SimulatedErp, clock: Clock): ReadPage {
  return async ({ customer, skus }) => {
    const scope = { kind: "customer", customer: verifiedCustomer(customer) } as const;
    const prices = createLoader(connector.prices, clock);
    const stock = createLoader(connector.stock, clock);
    await Promise.all([
      prices.loadMany(
        skus.map((sku) => createPriceKey({ scope, sku, currency: null, quantity: "1", exactQuantity: false })),
      ),
      stock.loadMany(skus.map(createStockKey)),
    ]);
    return [];
  };
}

/** Windows of a fixed length: what comes within 5 ms of the first, from whichever request, shares a call where the ERP can answer it in one. */
export function createFixedWindows({ connector }: SimulatedErp, clock: Clock): ReadPage {
  const prices = createWindows(connector.prices, clock);
  const stock = createWindows(connector.stock, clock);
  return async ({ customer, skus }) => {
    const scope = { kind: "customer", customer: verifiedCustomer(customer) } as const;
    const toKey = (sku: string) => createPriceKey({ scope, sku, currency: null, quantity: "1", exactQuantity: false });
    await Promise.all([...skus.map((sku) => prices(toKey(sku))), ...skus.map((sku) => stock(createStockKey(sku)))]);
    return [];
  };
}

const windowMs = 5;

function createWindows<K extends Key, Answer>(source: ErpSource<K, Answer>, clock: Clock) {
  const signal = new AbortController().signal;
  const loaders = new Map<string, DataLoader<K, unknown, string>>();
  const createGroup = () => {
    // Kept no longer than a window: what is asked twice within one is asked once.
    const loader: DataLoader<K, unknown, string> = new DataLoader<K, unknown, string>(
      (keys) => {
        loader.clearAll();
        return source.readMany(keys, { sentAt: clock.now(), signal });
      },
      {
        cacheKeyFn: ({ id }) => id,
        maxBatchSize: source.keysPerCall,
        batchScheduleFn: (send) => clock.after(windowMs, send),
      },
    );
    return loader;
  };
  return (key: K) => {
    const group = source.groupOf(key);
    const loader = loaders.get(group) ?? createGroup();
    loaders.set(group, loader);
    return loader.load(key);
  };
}

function createLoader<K extends Key, Answer>(source: ErpSource<K, Answer>, clock: Clock) {
  const signal = new AbortController().signal;
  return new DataLoader((keys: readonly K[]) => source.readMany(keys, { sentAt: clock.now(), signal }), {
    cacheKeyFn: ({ id }: K) => id,
    maxBatchSize: source.keysPerCall,
  });
}
