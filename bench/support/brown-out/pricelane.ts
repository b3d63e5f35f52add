import { ErpTimeout } from "../../../src/errors.js";
import { KeptJournal } from "../../../src/feed/kept-journal.js";
import type { Store } from "../../../src/fleet/store.js";
import { stackLayers } from "../../../src/layers.js";
import type { Connector } from "../../../src/pricing/connector.js";
import { createPriceKey, type PriceKey, publicScope } from "../../../src/pricing/keys.js";
import type { Ladder } from "../../../src/pricing/ladder.js";
import { type ErpSource, fromErp, type Key, type Outcome } from "../../../src/pricing/source.js";
import { readSettings } from "../../../src/read-settings.js";
import type { Settings } from "../../../src/settings.js";
import { createLogger } from "../../../src/telemetry/logger.js";
import { noMetrics } from "../../../src/telemetry/metrics.js";
import { theOnly, writeTold } from "../../../test/simulation/history.js";
import { RecordingSource } from "../../../test/simulation/recording-source.js";
import { ladderOf } from "../../../test/support/samples.js";
import type { Controller, ControllerParts } from "./controller.js";
import type { Question } from "./questions.js";

/** Those of every contender of ours, but for what a fleet shares. */
export const settings = readSettings({ CALLER_KEYS_PER_SECOND: "0" });

/** The windows of what was answered before; the run begins when no answer is fresh any more. */
export const { priceFreshMs, priceStaleMs } = settings;

/** The gateway's cache and dispatch as they are stacked in production. @param maxConcurrency what this replica is told it may use */
export function createPricelane(parts: ControllerParts, maxConcurrency: number): Controller {
  return create(parts, maxConcurrency, settings, null);
}

/** One of so many replicas that share a store. @param maxConcurrency what all of them may use together */
export function createPricelaneOfFleet(parts: ControllerParts, maxConcurrency: number, replicas: number): Controller {
  const valkeyKeySecret = new TextEncoder().encode("a secret of the fleet, of 32 bytes at least");
  // The embedded ERP is nobody's to share.
  const ofFleet: Settings = { ...settings, connector: "port", fleetReplicas: replicas, valkeyKeySecret };
  const store = parts.connect();
  const controller = create(parts, maxConcurrency, ofFleet, store);
  store.start();
  return controller;
}

function create(parts: ControllerParts, maxConcurrency: number, settings: Settings, store: Store | null): Controller {
  const { clock, startsAt, random, replica, history } = parts;
  const erp = new ErpOfQuestions(parts);
  const connector: Connector = {
    name: "simulated",
    prices: erp,
    stock: unused,
    customers: unused,
    maxConcurrency,
    async checkHealth() {},
    async close() {},
  };
  const logger = createLogger({ level: "silent" });
  const journal = new KeptJournal({ maxSkus: settings.journalMaxSkus, clock, epoch: "bench", store: null, logger });
  const layers = stackLayers(connector, journal, { settings, clock, random, logger, metrics: noMetrics, store });

  const name = `replica-${replica}`;
  history.replicas.set(replica, { name, knownSince: clock.now(), diedAt: null, pauses: [], unwell: [] });
  const prices = new RecordingSource(layers.sources.prices, "price", history, clock, { ...theOnly, replica });

  async function ask({ lane, id, askedAt, deadline }: Question) {
    const key = createPriceKey({ scope: publicScope, sku: id, currency: null, quantity: "1", exactQuantity: false });
    const times = { askedAt: startsAt + askedAt, deadline: startsAt + deadline, signal: null };
    const [outcome] = await prices.readMany([key], { lane, ...times, maxAgeMs: null, budget: null });
    if (outcome?.kind !== "found") return "none";
    return outcome.freshness.source === "LAST_KNOWN" ? "last-known" : "live";
  }

  return {
    ask(question) {
      erp.deadlines.set(question.id, startsAt + question.deadline);
      return ask(question);
    },
    remember(questions) {
      for (const question of questions) {
        erp.deadlines.set(question.id, startsAt);
        void ask({ ...question, lane: "feed", askedAt: clock.now() - startsAt, deadline: 0 });
      }
    },
    close: () => void layers.close(),
  };
}

/** Each question is a call of its own. What was timed out is worked on, as every ERP does that is asked over HTTP. */
class ErpOfQuestions implements ErpSource<PriceKey, Ladder> {
  readonly keysPerCall = 100;
  /** When the last who asked gives up, in ms since the epoch, by SKU. */
  readonly deadlines = new Map<string, number>();
  readonly #parts: ControllerParts;

  constructor(parts: ControllerParts) {
    this.#parts = parts;
  }

  groupOf({ sku }: PriceKey): string {
    return sku;
  }

  readMany(keys: readonly PriceKey[], call: { sentAt: number; signal: AbortSignal }): Promise<Outcome<Ladder>[]> {
    const { erp, clock, history, replica } = this.#parts;
    history.asker = replica;
    const record = history.callSent("price", keys, clock.now());
    const outcomes = keys.map(({ sku }): Outcome<Ladder> => {
      const told = { owner: "public", askedOwner: "public", name: sku, version: 0, call: record.number };
      return { kind: "found", answer: ladderOf({ sku, priceList: writeTold(told) }), freshness: fromErp(call) };
    });
    return new Promise((resolve, reject) => {
      const end = (how: string) => {
        if (record.endedAt !== null) return;
        record.endedAt = clock.now();
        record.endPlace = history.nextPlace();
        record.heardPlace = record.endPlace;
        record.end = how;
      };
      const work = erp.send(() => {
        cancel();
        record.readAt = clock.now();
        end("answered");
        resolve(outcomes);
      });
      const lastDeadline = Math.max(...keys.map(({ sku }) => this.deadlines.get(sku) ?? 0));
      const cancel = clock.after(Math.max(lastDeadline - clock.now(), 0), () => work.abandon());
      call.signal.addEventListener("abort", () => {
        record.wasGivenUp ||= record.endedAt === null;
        end("given up");
        reject(new ErpTimeout("the call was given up"));
      });
    });
  }
}

const unused: ErpSource<Key, never> = {
  keysPerCall: 1,
  groupOf: () => "",
  readMany: () => Promise.reject(new Error("only prices are asked here")),
};
