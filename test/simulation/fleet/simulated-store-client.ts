import {
  type Store,
  StoreRefused,
  type StoreReply,
  type StoreScript,
  StoreUnavailable,
} from "../../../src/fleet/store.js";
import { StoreHealth } from "../../../src/fleet/store-health.js";
import type { SeededRandom } from "../seeded-random.js";
import type { SimulationClock } from "../simulation-clock.js";
import { Connection, goodRoute, type Route } from "./connection.js";
import type { SimulatedProcess } from "./simulated-process.js";
import type { SimulatedStore } from "./simulated-store.js";

export interface SimulatedStoreClientOptions {
  readonly store: SimulatedStore;
  readonly process: SimulatedProcess;
  readonly clock: SimulationClock;
  readonly random: SeededRandom;
  readonly timeoutMs: number;
}

interface Subscription {
  readonly channel: string;
  readonly onMessage: (message: string) => void;
  readonly onGap: () => void;
}

/** How long a sign of life may take, connecting included, in ms; as the real client has it. */
const probeTimeoutMs = 1_000;

/** One replica's client of the simulated store: as `ValkeyStore`, with connections that are simulated. */
export class SimulatedStoreClient implements Store {
  readonly route: Route = { ...goodRoute };
  readonly #options: SimulatedStoreClientOptions;
  readonly #health: StoreHealth;
  readonly #subscriptions: Subscription[] = [];
  readonly #listeners: ((isUp: boolean) => void)[] = [];
  /** Also those it has given up: what was sent over them may still arrive. */
  readonly #connections = new Set<Connection>();
  #commands: Connection | null = null;
  #messages: Connection | null = null;
  /** When a beat was answered first, in ms since the epoch by the true time; null where none was. */
  knownSince: number | null = null;

  constructor(options: SimulatedStoreClientOptions) {
    this.#options = options;
    const { process, random, timeoutMs } = options;
    this.#health = new StoreHealth({
      ...{ timeoutMs, probeTimeoutMs, clock: process, random: random.next },
      probe: (wasUp) => this.#probe(wasUp),
      onChange: (isUp) => {
        for (const listener of this.#listeners) listener(isUp);
      },
    });
  }

  get isUp(): boolean {
    return this.#health.isUp;
  }

  get isRouteGood(): boolean {
    const { isCut, isDeaf, isMute, delayMs } = this.route;
    return !isCut && !isDeaf && !isMute && delayMs === goodRoute.delayMs;
  }

  /** As others name this replica, which did not confirm. */
  get replicaName(): string {
    return this.#subscriptions.map(({ channel }) => /confirmed:(.+)$/.exec(channel)?.[1]).find(Boolean) ?? "";
  }

  start(): void {
    this.#health.start();
  }

  close(): void {
    this.#health.close();
    this.#drop();
  }

  onChange(listener: (isUp: boolean) => void): void {
    this.#listeners.push(listener);
  }

  async run(script: StoreScript, keys: readonly string[], args: readonly (string | Buffer)[]): Promise<StoreReply> {
    const { store, clock } = this.#options;
    const reply = await this.#health.guard(() =>
      this.#request(this.#commands, () => store.runScript(script, keys, args)),
    );
    if (script.name === "beat") this.knownSince ??= clock.now();
    return reply;
  }

  publish(channel: string, message: string): Promise<number> {
    const { store } = this.#options;
    const execute = () => {
      store.publish({ channel, message });
      return 1;
    };
    return this.#health.guard(async () => (await this.#request(this.#commands, execute)) as number);
  }

  subscribe(channel: string, onMessage: (message: string) => void, onGap: () => void): void {
    this.#subscriptions.push({ channel, onMessage, onGap });
  }

  /** Its connections end, which it notices unless nothing comes through to it. */
  cut(): void {
    this.route.isCut = true;
    for (const connection of this.#connections) this.#loseByNetwork(connection);
  }

  /** The route is as good as at first. */
  mend(): void {
    Object.assign(this.route, goodRoute);
    for (const { toStore, fromStore } of this.#connections) {
      toStore.release();
      fromStore.release();
    }
  }

  /** The process is gone, and its kernel ends the connections; what was sent may arrive. */
  die(): void {
    for (const connection of this.#connections) {
      connection.isOpen = false;
      this.#options.store.leave(connection);
    }
  }

  async #probe(wasUp: boolean): Promise<void> {
    if (!wasUp) {
      this.#drop();
      await this.#connect();
    }
    await this.#request(this.#commands, () => null);
    await this.#request(this.#messages, () => null);
  }

  async #connect(): Promise<void> {
    this.#commands = this.#open();
    this.#messages = this.#open();
    const messages = this.#messages;
    await Promise.all([this.#request(this.#commands, () => null), this.#request(messages, () => null)]);
    for (const subscription of this.#subscriptions) await this.#listen(messages, subscription);
  }

  async #listen(connection: Connection, { channel, onMessage, onGap }: Subscription): Promise<void> {
    const { store } = this.#options;
    await this.#request(connection, () => {
      store.subscribe(channel, connection, (message) => this.#deliver(connection, () => onMessage(message)));
      return null;
    });
    if (this.#messages === connection) onGap();
  }

  #open(): Connection {
    const { clock, random, store } = this.#options;
    const connection = new Connection(clock, random, this.route);
    const isAccepted = !this.route.isCut && store.accept(connection, () => this.#loseByNetwork(connection));
    this.#connections.add(connection);
    if (!isAccepted) clock.after(1, () => this.#loseByNetwork(connection));
    return connection;
  }

  #request(connection: Connection | null, execute: () => StoreReply): Promise<StoreReply> {
    const { store } = this.#options;
    if (!connection?.isOpen) return Promise.reject(new StoreUnavailable("the simulated store is not connected"));
    return new Promise((resolve, reject) => {
      const came = connection.expect(reject);
      connection.toStore.send(() => {
        // A connection that ended takes with it, by chance, what was on its way.
        if (!connection.isOpen && this.#options.random.chance(0.5)) return;
        store.receive(execute, (reply) =>
          this.#deliver(connection, () => {
            came();
            if (reply instanceof StoreRefused) reject(reply);
            else resolve(reply);
          }),
        );
      });
    });
  }

  #deliver(connection: Connection, run: () => void): void {
    connection.fromStore.send(() => {
      this.#options.process.enter(() => {
        if (connection.isOpen) run();
      });
    });
  }

  #loseByNetwork(connection: Connection): void {
    const { store, process } = this.#options;
    store.leave(connection);
    connection.fromStore.send(() => {
      process.enter(() => connection.end(new StoreUnavailable("the simulated connection was lost")));
    });
  }

  #drop(): void {
    for (const connection of [this.#commands, this.#messages]) {
      if (connection === null) continue;
      this.#options.store.leave(connection);
      connection.end(new StoreUnavailable("the simulated connection was closed"));
    }
    this.#commands = null;
    this.#messages = null;
  }
}
