import { type Clock, createSteadyNow } from "../../../src/clock.js";
import type { SimulationClock } from "../simulation-clock.js";

/** Whose step the present one is: what sets the process's own timers, as opossum does, sets them in it. */
export class Machines {
  readonly clock: SimulationClock;
  current: SimulatedProcess | null = null;

  constructor(clock: SimulationClock) {
    this.clock = clock;
  }

  /** What stands for the timers of Node while a run goes on. */
  readonly timers = {
    now: () => (this.current ?? this.clock).now(),
    after: (ms: number, run: () => void) => (this.current ?? this.clock).after(ms, run),
    afterUncounted: (ms: number, run: () => void) => (this.current ?? this.clock).afterUncounted(ms, run),
  };
}

/**
 * One process, with a clock that may be set. All that happens to it enters by it: while it is stopped that waits, and once it is dead
 * nothing happens any more.
 */
export class SimulatedProcess implements Clock {
  readonly #machines: Machines;
  readonly #steadyNow: () => number;
  readonly #waiting: (() => void)[] = [];
  #state: "running" | "stopped" | "dead" = "running";
  /** By how much its machine's clock is ahead, in ms. */
  #aheadMs = 0;
  /** Its time each time just before its clock was set, and by how much that was ahead then. */
  readonly #beforeSet: { readonly now: number; readonly offsetMs: number }[] = [];

  constructor(machines: Machines) {
    this.#machines = machines;
    const { clock } = machines;
    this.#steadyNow = createSteadyNow(
      () => clock.now() + this.#aheadMs,
      () => clock.now(),
    );
  }

  get state() {
    return this.#state;
  }

  now(): number {
    return this.#steadyNow();
  }

  /** By how much what it takes for now is ahead, in ms. */
  get offsetMs(): number {
    return this.now() - this.#machines.clock.now();
  }

  /** The latest true instant for which it can have taken an instant: its clock may have been set forward since. */
  latestTrue(instant: number): number {
    const before = this.#beforeSet.find(({ now }) => instant <= now);
    return instant - (before?.offsetMs ?? this.offsetMs);
  }

  setClock(byMs: number): void {
    this.#beforeSet.push({ now: this.now(), offsetMs: this.offsetMs });
    this.#aheadMs += byMs;
  }

  after(ms: number, run: () => void): () => void {
    return this.#after(ms, run, "after");
  }

  afterUncounted(ms: number, run: () => void): () => void {
    return this.#after(ms, run, "afterUncounted");
  }

  enter(run: () => void): void {
    if (this.#state === "dead") return;
    if (this.#state === "stopped") {
      this.#waiting.push(run);
      return;
    }
    this.#machines.current = this;
    run();
  }

  stop(): void {
    if (this.#state === "running") this.#state = "stopped";
  }

  /** What came meanwhile enters now, one after the other. */
  goOn(): void {
    if (this.#state !== "stopped") return;
    this.#state = "running";
    for (const run of this.#waiting.splice(0)) this.#machines.clock.after(0, () => this.enter(run));
  }

  kill(): void {
    this.#state = "dead";
    this.#waiting.length = 0;
  }

  #after(ms: number, run: () => void, how: "after" | "afterUncounted"): () => void {
    let isCancelled = false;
    const cancel = this.#machines.clock[how](ms, () =>
      this.enter(() => {
        if (!isCancelled) run();
      }),
    );
    return () => {
      isCancelled = true;
      cancel();
    };
  }
}
