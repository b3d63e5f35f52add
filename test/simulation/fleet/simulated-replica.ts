import { KeptJournal } from "../../../src/feed/kept-journal.js";
import type { Store } from "../../../src/fleet/store.js";
import { type Layers, stackLayers } from "../../../src/layers.js";
import type { Connector } from "../../../src/pricing/connector.js";
import type { Invalidation } from "../../../src/pricing/invalidation.js";
import type { ErpCall, ErpSource, Key, Lane } from "../../../src/pricing/source.js";
import { createLogger } from "../../../src/telemetry/logger.js";
import { noMetrics } from "../../../src/telemetry/metrics.js";
import { Clients } from "../clients.js";
import type { CallRecord, History, Observer, ReplicaRecord } from "../history.js";
import { RecordingSource } from "../recording-source.js";
import type { SeededRandom } from "../seeded-random.js";
import type { FleetConditions } from "./fleet-conditions.js";
import { type Machines, SimulatedProcess } from "./simulated-process.js";
import type { SimulatedStore } from "./simulated-store.js";
import { SimulatedStoreClient } from "./simulated-store-client.js";

/** Breaks something of a fleet on purpose, to see whether the checker notices. */
export interface FleetSpoil {
  readonly store?: (store: Store) => Store;
  /** What a script becomes, by its name. */
  readonly scripts?: Readonly<Record<string, (lua: string) => string>>;
  readonly layers?: (layers: Layers) => Layers;
}

export interface SimulatedReplicaOptions {
  readonly number: number;
  readonly machines: Machines;
  readonly random: SeededRandom;
  readonly history: History;
  readonly store: SimulatedStore;
  readonly erp: Connector;
  readonly conditions: FleetConditions;
  readonly spoil: FleetSpoil;
}

const logger = createLogger({ level: "silent" });

/** One gateway of the fleet, from its start until it dies: the layers as they are stacked in production, and the clients it serves. */
export class SimulatedReplica implements Observer {
  readonly replica: number;
  readonly process: SimulatedProcess;
  readonly client: SimulatedStoreClient;
  readonly #options: SimulatedReplicaOptions;
  readonly #layers: Layers;
  readonly #clients: Clients;
  readonly #record: ReplicaRecord;
  readonly #calls: CallRecord[] = [];
  isDraining = false;

  constructor(options: SimulatedReplicaOptions) {
    const { number, machines, random, history, store, erp, conditions, spoil } = options;
    this.replica = number;
    this.#options = options;
    this.process = new SimulatedProcess(machines);
    machines.current = this.process;
    const { settings, isPlain } = conditions;
    const { clock } = machines;
    const timeoutMs = settings.valkeyTimeoutMs;
    const client = new SimulatedStoreClient({ store, process: this.process, clock, random: random.fork(), timeoutMs });
    this.client = client;
    this.#layers = this.#stack(erp, spoil);
    this.#record = {
      name: client.replicaName,
      get knownSince() {
        return client.knownSince;
      },
      diedAt: null,
      pauses: [],
      unwell: [],
    };
    history.replicas.set(number, this.#record);
    this.noteHealth(false);
    client.onChange(() => this.noteHealth(false));
    const { prices, stock, customers } = this.#layers.sources;
    const sources = {
      prices: new RecordingSource(prices, "price", history, this.process, this),
      stock: new RecordingSource(stock, "stock", history, this.process, this),
      customers: new RecordingSource(customers, "customer", history, this.process, this),
    };
    const { budgetOf } = this.#layers;
    this.#clients = new Clients({
      ...{ clock: this.process, random: random.fork(), history, sources, budgetOf, settings, observer: this, isPlain },
    });
    client.start();
  }

  /** Arrow functions, since they are taken from it. */
  readonly toTrue = (instant: number) => instant - this.process.offsetMs;
  readonly latestTrue = (instant: number) => this.process.latestTrue(instant);

  get isAlive(): boolean {
    return this.process.state !== "dead";
  }

  /** Whether a proxy that asks for `/readyz` sends questions to it. */
  get isReady(): boolean {
    return this.isAlive && !this.isDraining && this.#layers.isReady();
  }

  ask(lane: Lane): void {
    this.process.enter(() => this.#clients.ask(lane));
  }

  invalidate(invalidation: Invalidation): void {
    const { history, machines } = this.#options;
    this.process.enter(() => {
      const { unconfirmed } = this.#layers.forgetEverywhere(invalidation);
      const told = { replica: this.replica, place: history.nextPlace(), at: machines.clock.now(), invalidation };
      const record = { ...told, acknowledged: null as { place: number; missing: readonly string[] } | null };
      history.invalidations.push(record);
      void unconfirmed.then((missing) => {
        record.acknowledged = { place: history.nextPlace(), missing };
      });
    });
  }

  /** To be told after all that happens. @param isDisturbed whether something did that is over at once, and felt for a while */
  noteHealth(isDisturbed: boolean): void {
    const { store, machines } = this.#options;
    const { unwell } = this.#record;
    const now = machines.clock.now();
    const isReached = store.isWell && this.client.isRouteGood && this.client.isUp;
    const isWell = isReached && this.process.state === "running";
    const last = unwell.at(-1);
    const wasWell = last === undefined || last.until <= now;
    if (wasWell && (!isWell || isDisturbed)) unwell.push({ from: now, until: isWell ? now : Number.POSITIVE_INFINITY });
    else if (!wasWell && isWell && last !== undefined) last.until = now;
  }

  stop(): void {
    if (this.process.state !== "running") return;
    this.process.stop();
    this.#record.pauses.push({ from: this.#options.machines.clock.now(), until: Number.POSITIVE_INFINITY });
  }

  goOn(): void {
    const pause = this.#record.pauses.at(-1);
    if (this.process.state === "stopped" && pause !== undefined) pause.until = this.#options.machines.clock.now();
    this.process.goOn();
  }

  kill(): void {
    if (!this.isAlive) return;
    this.process.kill();
    this.client.die();
    this.#record.diedAt = this.#options.machines.clock.now();
    for (const call of this.#calls) if (call.endedAt === null) call.isOrphaned = true;
  }

  /** As SIGTERM has it: what was accepted is answered within `drainMs`. */
  leave(drainMs: number): void {
    if (this.isDraining || !this.isAlive) return;
    this.isDraining = true;
    this.process.after(drainMs, () => {
      void this.#layers.close().then(() => {
        this.client.close();
        this.kill();
      });
    });
  }

  #stack(erp: Connector, { store: withStore = (same) => same, layers: withLayers = (same) => same }: FleetSpoil) {
    const { conditions, random } = this.#options;
    const clock = this.process;
    const journal = new KeptJournal({ maxSkus: 1_000, clock, epoch: "simulation", store: null, logger });
    const parts = { settings: conditions.settings, clock, random: random.fork().next, logger, metrics: noMetrics };
    const store = withStore(this.client);
    return withLayers(stackLayers(this.#connectorTo(erp), journal, { ...parts, store }));
  }

  #connectorTo(erp: Connector): Connector {
    return {
      name: erp.name,
      maxConcurrency: erp.maxConcurrency,
      prices: this.#through(erp.prices),
      stock: this.#through(erp.stock),
      customers: this.#through(erp.customers),
      async checkHealth() {},
      async close() {},
    };
  }

  #through<K extends Key, Answer>(source: ErpSource<K, Answer>): ErpSource<K, Answer> {
    const { history } = this.#options;
    return {
      keysPerCall: source.keysPerCall,
      groupOf: (key) => source.groupOf(key),
      readMany: (keys, call: ErpCall) => {
        history.asker = this.replica;
        const answer = source.readMany(keys, call);
        const record = history.calls.at(-1) as CallRecord;
        this.#calls.push(record);
        return new Promise((resolve, reject) => {
          const hear = (tell: () => void) => {
            record.heardPlace = null;
            this.process.enter(() => {
              record.heardPlace = history.nextPlace();
              tell();
            });
          };
          answer.then(
            (outcomes) => hear(() => resolve(outcomes)),
            (error) => hear(() => reject(error)),
          );
        });
      },
    };
  }
}
