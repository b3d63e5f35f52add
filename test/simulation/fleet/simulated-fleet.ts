import type { Lane } from "../../../src/pricing/source.js";
import { drawInvalidation } from "../draw-invalidation.js";
import type { History } from "../history.js";
import type { SeededRandom } from "../seeded-random.js";
import { SimulatedErp } from "../simulated-erp.js";
import type { Weather } from "../weather.js";
import { drainMs, type FleetConditions } from "./fleet-conditions.js";
import { troubles } from "./fleet-troubles.js";
import type { LuaRedis } from "./lua-redis.js";
import type { Machines } from "./simulated-process.js";
import { type FleetSpoil, SimulatedReplica } from "./simulated-replica.js";
import { SimulatedStore } from "./simulated-store.js";

export interface SimulatedFleetOptions {
  readonly machines: Machines;
  readonly random: SeededRandom;
  readonly history: History;
  readonly weather: readonly Weather[];
  readonly redis: LuaRedis;
  readonly conditions: FleetConditions;
  readonly spoil: FleetSpoil;
}

/** Troubles that are over at once, and felt for a while. */
const passing = /evicts|starts at once|clock is set/;

/** How the questions part between replicas; not evenly, as no proxy does. */
const shares = [0.4, 0.2, 0.15, 0.1, 0.1, 0.05];

/** All replicas of a run, the store and the ERP between them, and what goes wrong with them. */
export class SimulatedFleet {
  readonly store: SimulatedStore;
  /** What went wrong and when, in ms since the run began. */
  readonly happened: { readonly at: number; readonly what: string }[] = [];
  /** When questions came for which no replica was ready, in ms since the epoch. */
  readonly turnedAway: number[] = [];
  readonly #options: SimulatedFleetOptions;
  readonly #erp: SimulatedErp;
  readonly #random: SeededRandom;
  readonly #replicas: SimulatedReplica[] = [];
  readonly #startedAt: number;

  constructor(options: SimulatedFleetOptions) {
    const { machines, random, history, weather, redis, conditions } = options;
    const { clock } = machines;
    this.#options = options;
    this.#random = random.fork();
    this.#startedAt = clock.now();
    const erp = { ...conditions.erp, clock, random: random.fork(), world: history.world, history, weather };
    this.#erp = new SimulatedErp(erp);
    this.store = new SimulatedStore(clock, random.fork(), redis);
    const { scripts = {} } = options.spoil;
    redis.rewrite = ({ name, lua }) => scripts[name]?.(lua) ?? lua;
  }

  get living(): SimulatedReplica[] {
    return this.#replicas.filter(({ isAlive }) => isAlive);
  }

  start(): void {
    const { machines, random, history, conditions, spoil } = this.#options;
    const number = this.#replicas.length;
    const parts = { machines, random: random.fork(), history, store: this.store, erp: this.#erp, conditions, spoil };
    this.#replicas.push(new SimulatedReplica({ ...parts, number }));
  }

  /** There are never more than the settings say. */
  startMissing(most = Number.POSITIVE_INFINITY): void {
    const missing = this.#options.conditions.replicas - this.living.length;
    for (let count = Math.min(missing, most); count > 0; count--) this.start();
  }

  leave(replica: SimulatedReplica): void {
    replica.leave(drainMs);
  }

  ask(lane: Lane): void {
    const ready = this.#replicas.filter(({ isReady }) => isReady);
    const weightOf = (_: SimulatedReplica, place: number) => shares[place % shares.length] as number;
    let left = this.#random.next() * ready.map(weightOf).reduce((sum, weight) => sum + weight, 0);
    for (const [place, replica] of ready.entries()) {
      left -= weightOf(replica, place);
      if (left >= 0) continue;
      replica.ask(lane);
      return;
    }
    this.turnedAway.push(this.#options.machines.clock.now());
  }

  invalidateSomething(): void {
    const ready = this.#replicas.filter(({ isReady }) => isReady);
    const invalidation = drawInvalidation(this.#random);
    if (ready.length > 0) this.#random.pick(ready).invalidate(invalidation);
  }

  /** Something of the kinds of trouble that this run has. */
  goWrong(): void {
    const { living } = this;
    const { troubles: has } = this.#options.conditions;
    const kinds = Object.entries(troubles).filter(([kind]) => has[kind as keyof typeof troubles]);
    if (kinds.length === 0 || living.length === 0) return;
    const [what, happen] = this.#random.pick(Object.entries(this.#random.pick(kinds)[1]));
    this.#note(what);
    happen(this, this.#random.pick(living), this.#random);
    for (const replica of this.living) replica.noteHealth(passing.test(what));
  }

  /** All is well again, and all replicas are there. */
  recover(): void {
    this.#note("all is well");
    this.store.goOn();
    this.store.restart();
    Object.assign(this.store, { isFull: false, commandMs: 0 });
    for (const { client } of this.living) client.mend();
    for (const replica of this.living) replica.goOn();
    this.startMissing();
    for (const replica of this.living) replica.noteHealth(false);
  }

  kill(): void {
    for (const replica of this.living) replica.kill();
  }

  #note(what: string): void {
    this.happened.push({ at: this.#options.machines.clock.now() - this.#startedAt, what });
  }
}
