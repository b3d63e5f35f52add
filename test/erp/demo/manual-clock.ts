import type { Clock } from "../../../src/clock.js";

/** A clock that stands still until it is turned. */
export class ManualClock implements Clock {
  #timers: { at: number; run: () => void }[] = [];

  constructor(private time = Date.UTC(2026, 10, 24, 9, 30)) {}

  now(): number {
    return this.time;
  }

  /** How many timers run. */
  get pending(): number {
    return this.#timers.length;
  }

  after(ms: number, run: () => void): () => void {
    const timer = { at: this.time + ms, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** Runs what falls due on the way, earliest first, and lets what waits for it go on. */
  async advance(ms: number): Promise<void> {
    const end = this.time + ms;
    for (;;) {
      const next = this.#timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.time = next.at;
      next.run();
      await Promise.resolve();
    }
    this.time = end;
  }
}
