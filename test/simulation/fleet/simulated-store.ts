import type { Clock } from "../../../src/clock.js";
import { budgetScript } from "../../../src/fleet/budget-script.js";
import { StoreRefused, type StoreReply, type StoreScript } from "../../../src/fleet/store.js";
import type { SeededRandom } from "../seeded-random.js";
import type { Connection } from "./connection.js";
import type { LuaRedis, Message } from "./lua-redis.js";

interface Request {
  readonly execute: () => StoreReply;
  readonly answer: (reply: StoreReply | StoreRefused) => void;
}

/** Set back by more than this from what it told last, in ms, a clock is found out, as decision 26 has it. */
const seenBackMs = 1_000;

/** The Valkey of a run: one thread, which may be held up, slow, full, killed, or have its clock set. */
export class SimulatedStore {
  readonly #clock: Clock;
  readonly #random: SeededRandom;
  readonly #redis: LuaRedis;
  readonly #queue: Request[] = [];
  readonly #subscribers = new Map<string, Map<Connection, (message: string) => void>>();
  readonly #connections = new Set<{ readonly connection: Connection; readonly onEnd: () => void }>();
  #state: "running" | "stopped" | "dead" = "running";
  #isBusy = false;
  /** By how much its clock is ahead, in ms. */
  aheadMs = 0;
  isFull = false;
  /** What it told last of its time, in ms since the epoch, and how far its clock was ahead then; null where it told none. */
  #told: { readonly time: number; readonly aheadMs: number } | null = null;
  /** What one command takes at most, in ms. */
  commandMs = 0;
  scriptsRun = 0;

  constructor(clock: Clock, random: SeededRandom, redis: LuaRedis) {
    this.#clock = clock;
    this.#random = random;
    this.#redis = redis;
    redis.reset();
  }

  get state() {
    return this.#state;
  }

  get isWell(): boolean {
    return this.#state === "running" && !this.isFull && this.commandMs === 0;
  }

  stop(): void {
    if (this.#state === "running") this.#state = "stopped";
  }

  /** Goes on where it was stopped: what came meanwhile is carried out now, also for those who left. */
  goOn(): void {
    if (this.#state !== "stopped") return;
    this.#state = "running";
    this.#work();
  }

  kill(): void {
    this.#state = "dead";
    this.#queue.length = 0;
    this.#subscribers.clear();
    this.evict(1);
    this.#told = null;
    for (const { onEnd } of this.#connections) onEnd();
    this.#connections.clear();
  }

  /** Starts it again, empty. */
  restart(): void {
    if (this.#state === "dead") this.#state = "running";
  }

  /** @param nth 1 forgets all, 2 every second key */
  evict(nth: number): void {
    this.#redis.forgetEvery(nth);
  }

  /** @param onEnd told when the store dies. @returns whether it listens */
  accept(connection: Connection, onEnd: () => void): boolean {
    if (this.#state === "dead") return false;
    this.#connections.add({ connection, onEnd });
    return true;
  }

  /** @param answer told what it says, unless it dies before */
  receive(execute: () => StoreReply, answer: Request["answer"]): void {
    if (this.#state === "dead") return;
    this.#queue.push({ execute, answer });
    this.#work();
  }

  runScript(script: StoreScript, keys: readonly string[], args: readonly (string | Buffer)[]): StoreReply {
    this.scriptsRun++;
    // The budget has a time of its own.
    const isOfAnswers = script !== budgetScript;
    if (isOfAnswers) this.#undoUnseen();
    const { reply, published } = this.#redis.run(script, keys, args, this.#clock.now() + this.aheadMs, this.isFull);
    if (isOfAnswers && Array.isArray(reply)) this.#told = { time: Number(reply[1]), aheadMs: this.aheadMs };
    for (const message of published) this.publish(message);
    return reply;
  }

  publish({ channel, message }: Message): void {
    for (const tell of this.#subscribers.get(channel)?.values() ?? []) tell(message);
  }

  subscribe(channel: string, connection: Connection, tell: (message: string) => void): void {
    const ofChannel = this.#subscribers.get(channel) ?? new Map();
    this.#subscribers.set(channel, ofChannel.set(connection, tell));
  }

  leave(connection: Connection): void {
    for (const ofChannel of this.#subscribers.values()) ofChannel.delete(connection);
    for (const each of this.#connections) if (each.connection === connection) this.#connections.delete(each);
  }

  /** Where its clock was set back so that nobody can find out from what it told last, it is set forward again: ages would be told too young. */
  #undoUnseen(): void {
    if (this.#told === null || this.#clock.now() + this.aheadMs < this.#told.time - seenBackMs) return;
    this.aheadMs = Math.max(this.aheadMs, this.#told.aheadMs);
  }

  #work(): void {
    while (this.#state === "running" && !this.#isBusy) {
      const request = this.#queue.shift();
      if (request === undefined) return;
      if (this.commandMs === 0) {
        carryOut(request);
        continue;
      }
      this.#isBusy = true;
      this.#clock.after(this.#random.int(1, this.commandMs), () => {
        this.#isBusy = false;
        // It may have been stopped or killed meanwhile.
        if (this.#state === "stopped") this.#queue.unshift(request);
        else if (this.#state === "running") carryOut(request);
        this.#work();
      });
    }
  }
}

function carryOut({ execute, answer }: Request): void {
  try {
    answer(execute());
  } catch (error) {
    if (!(error instanceof StoreRefused)) throw error;
    answer(error);
  }
}
