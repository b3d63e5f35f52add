import type { Clock } from "../../src/clock.js";

/** The clock of a process that can be stopped and go on (SIGSTOP, SIGCONT): what was due meanwhile is done then, in its order. */
export class HeldClock implements Clock {
  readonly #clock: Clock;
  readonly #due: (() => void)[] = [];
  #isHeld = false;
  /** By how much its machine's clock was set forward, in ms. */
  aheadMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get isHeld(): boolean {
    return this.#isHeld;
  }

  now(): number {
    return this.#clock.now() + this.aheadMs;
  }

  after(ms: number, run: () => void): () => void {
    let isCancelled = false;
    const runOnce = () => {
      if (!isCancelled) run();
    };
    const cancel = this.#clock.after(ms, () => {
      if (this.#isHeld) this.#due.push(runOnce);
      else runOnce();
    });
    return () => {
      isCancelled = true;
      cancel();
    };
  }

  hold(): void {
    this.#isHeld = true;
  }

  goOn(): void {
    this.#isHeld = false;
    for (const run of this.#due.splice(0)) run();
  }
}
