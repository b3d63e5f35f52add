import { ErpTimeout } from "../../src/errors.js";
import type { FeedPage } from "../../src/feed/feed-page.js";
import { KeptJournal } from "../../src/feed/kept-journal.js";
import { type Layers, stackLayers } from "../../src/layers.js";
import type { Connector } from "../../src/pricing/connector.js";
import type { PriceKey, StockKey } from "../../src/pricing/keys.js";
import { type ErpCall, type ErpSource, fromErp, type Key, type Outcome } from "../../src/pricing/source.js";
import { readSettings } from "../../src/read-settings.js";
import { createLogger } from "../../src/telemetry/logger.js";
import { noMetrics } from "../../src/telemetry/metrics.js";
import { SeededRandom } from "../simulation/seeded-random.js";
import { SimulationClock, withVirtualTimers } from "../simulation/simulation-clock.js";
import { ladderOf, stockOf } from "../support/samples.js";
import { skusTo } from "./feed-world.js";

export interface SweepPlan {
  readonly skus: number;
  readonly workers: number;
  readonly keysPerCall: number;
  /** What a call of so many keys takes a worker, and a page of the list, in ms. */
  readonly callMs: (keys: number) => number;
  readonly listMs: number;
  /** Smaller than any that can be set, so that a small catalogue crosses it. */
  readonly cacheMaxBytes?: number;
}

/** One call that the ERP was asked. Instants in ms since the epoch. */
export interface SeenCall {
  readonly kind: "price" | "stock" | "list";
  readonly keys: number;
  readonly at: number;
  /** Whether its caller had given up by the time it was done. */
  isWasted: boolean;
}

/** Everything below the loaders as it is stacked in production, before an ERP of so many workers, under virtual time. */
export class SweepWorld {
  readonly clock = new SimulationClock();
  readonly random = new SeededRandom(5);
  readonly calls: SeenCall[] = [];
  readonly layers: Layers;
  readonly skus: readonly string[];
  /** How much longer than planned the ERP takes for all that it begins now. */
  slowness = 1;
  readonly #plan: SweepPlan;
  readonly #waiting: (() => void)[] = [];
  #busy = 0;

  constructor(plan: SweepPlan) {
    this.#plan = plan;
    this.skus = skusTo(plan.skus);
    const usual = readSettings({ CALLER_KEYS_PER_SECOND: "0", CHANGES_POLL_SECONDS: "0" });
    const settings = { ...usual, cacheMaxBytes: plan.cacheMaxBytes ?? usual.cacheMaxBytes };
    const { clock } = this;
    const logger = createLogger({ level: "silent" });
    const journal = new KeptJournal({ maxSkus: settings.journalMaxSkus, clock, epoch: "sweep", store: null, logger });
    const parts = { settings, clock, random: this.random.next, logger, metrics: noMetrics };
    this.layers = stackLayers(this.#createConnector(), journal, parts);
  }

  /** Runs `act` while the process's own timers are those of the world's clock. */
  static async run<T>(plan: SweepPlan, act: (world: SweepWorld) => Promise<T>): Promise<T> {
    const world = new SweepWorld(plan);
    return withVirtualTimers(world.clock, async () => {
      try {
        return await act(world);
      } finally {
        world.layers.close();
      }
    });
  }

  /** The least that a whole sweep can take, in ms: all its calls, each as full as it goes, on all workers at once. */
  get leastMs(): number {
    const { skus, workers, keysPerCall, callMs, listMs } = this.#plan;
    const itemCalls = 2 * Math.ceil(skus / keysPerCall);
    return (itemCalls * callMs(keysPerCall) + Math.ceil(skus / 1_000) * listMs) / workers;
  }

  /** A whole sweep, while the clock is turned by somebody. @param onPage told of each page */
  async sweep(pageSize: number, onPage = (_page: FeedPage) => {}): Promise<number> {
    const startedAt = this.clock.now();
    const start = { after: null, changedSince: null, wants: { price: true, stock: true }, pageSize };
    for await (const page of this.layers.feed.readFeed({ ...start, signal: new AbortController().signal }))
      onPage(page);
    return this.clock.now() - startedAt;
  }

  /** Turns the clock until it has come. */
  async inTime<T>(promise: Promise<T>): Promise<T> {
    let isSettled = false;
    const settled = promise.finally(() => {
      isSettled = true;
    });
    while (!isSettled) await this.clock.advance(10);
    return settled;
  }

  #createConnector(): Connector {
    const { workers, keysPerCall, callMs, listMs } = this.#plan;
    const sourceOf = <K extends Key, A>(kind: "price" | "stock", answer: (key: K) => A): ErpSource<K, A> => ({
      keysPerCall,
      groupOf: () => "",
      readMany: async (keys, call) => {
        await this.#work(kind, keys.length, callMs(keys.length), call.signal);
        return keys.map((key): Outcome<A> => ({ kind: "found", answer: answer(key), freshness: fromErp(call) }));
      },
    });
    return {
      name: "simulated",
      prices: sourceOf("price", ({ sku }: PriceKey) => ladderOf({ sku })),
      stock: sourceOf("stock", ({ sku }: StockKey) => stockOf({ sku, warehouses: [{ code: "1", available: "5" }] })),
      customers: {
        keysPerCall: 1,
        groupOf: () => "",
        readMany: () => Promise.reject(new Error("no customer is asked")),
      },
      products: {
        readPage: async (after, limit, signal) => {
          await this.#work("list", limit, listMs, signal);
          const from = after === null ? 0 : Number(after);
          const next = from + limit < this.skus.length ? String(from + limit) : null;
          return { skus: this.skus.slice(from, from + limit), next };
        },
      },
      maxConcurrency: workers,
      async checkHealth() {},
      async close() {},
    };
  }

  /** Who finds no worker free waits in the order of coming; what was given up is worked on all the same. */
  #work(kind: SeenCall["kind"], keys: number, ms: number, signal: ErpCall["signal"]): Promise<void> {
    const call: SeenCall = { kind, keys, at: this.clock.now(), isWasted: false };
    this.calls.push(call);
    return new Promise((resolve, reject) => {
      signal.addEventListener("abort", () => reject(new ErpTimeout("the call was given up")));
      this.#waiting.push(() => {
        this.#busy++;
        this.clock.after(ms * this.slowness, () => {
          this.#busy--;
          call.isWasted = signal.aborted;
          resolve();
          this.#workOn();
        });
      });
      this.#workOn();
    });
  }

  #workOn(): void {
    while (this.#busy < this.#plan.workers) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      next();
    }
  }
}
