import type { Clock } from "../../src/clock.js";

interface Timer {
  readonly at: number;
  readonly run: () => void;
}

/** A clock that stands still until it is turned. Timers run in the order of their instants, then of their making. */
export class VirtualClock implements Clock {
  #now: number;
  readonly #timers = new Set<Timer>();

  /** @param start ms since the epoch */
  constructor(start = Date.UTC(2026, 10, 24, 9, 30)) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  after(ms: number, run: () => void): () => void {
    // As real timers do, which may come a part of a millisecond early.
    const timer = { at: this.#now + Math.trunc(ms), run };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Turns the clock, running what is due at its own instant; promises settle in between. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settle();
    for (let timer = this.#nextUntil(end); timer !== null; timer = this.#nextUntil(end)) {
      this.#timers.delete(timer);
      this.#now = timer.at;
      timer.run();
      await settle();
    }
    this.#now = end;
  }

  get pendingTimers(): number {
    return this.#timers.size;
  }

  #nextUntil(end: number): Timer | null {
    let next: Timer | null = null;
    for (const timer of this.#timers) {
      if (timer.at <= end && (next === null || timer.at < next.at)) next = timer;
    }
    return next;
  }
}

/** Lets every promise that can settle do so. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
