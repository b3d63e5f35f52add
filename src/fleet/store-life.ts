import { randomBytes } from "node:crypto";
import type { Clock } from "../clock.js";

/** How far apart the instants lie that are remembered, and for how long, in ms. */
const apartMs = 100;
const rememberedMs = 60_000;

interface Heard {
  /** By our clock, in ms since the epoch. */
  readonly at: number;
  /** By the store's, likewise. */
  readonly storeTime: number;
}

/**
 * What a replica knows of the store's life and time. Replicas never compare their clocks: the store's own time is what all of them
 * heard of, and what was asked after it was heard is later than it.
 */
export class StoreLife {
  /** The name of this replica, for the time it runs: 16 characters, unlike every other's. */
  readonly replica = newId();
  readonly #clock: Clock;
  readonly #listeners: ((isFirst: boolean) => void)[] = [];
  #id: string | null = null;
  #heard: Heard[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The life that was heard of last; null before the first. */
  get id(): string | null {
    return this.#id;
  }

  /** Has it told when a life begins that was not known, before anything of it is used. */
  onNew(listener: (isFirst: boolean) => void): void {
    this.#listeners.push(listener);
  }

  /** To be told what each reply says. @param storeTime in ms since the epoch */
  hear(id: string, storeTime: number): void {
    if (id !== this.#id) {
      const isFirst = this.#id === null;
      this.#id = id;
      this.#heard = [];
      for (const listener of this.#listeners) listener(isFirst);
    }
    const now = this.#clock.now();
    const last = this.#heard.at(-1);
    if (last !== undefined && now - last.at < apartMs) return;
    this.#heard.push({ at: now, storeTime });
    while ((this.#heard[0]?.at ?? now) < now - rememberedMs) this.#heard.shift();
  }

  /**
   * The store's time, as it was last heard before an instant of ours: earlier than that instant, by little.
   * @param at in ms since the epoch. @returns null where nothing was heard before
   */
  timeBefore(at: number): number | null {
    // What was heard within the same millisecond may have been heard after it.
    return this.#heard.findLast((heard) => heard.at < at)?.storeTime ?? null;
  }
}

/** Unlike every other, and as the scripts take them: 16 characters. */
export function newId(): string {
  return randomBytes(12).toString("base64url");
}
