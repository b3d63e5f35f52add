import type { Clock } from "../../src/clock.js";
import { settle } from "../support/virtual-clock.js";

interface Timer {
  readonly at: number;
  /** Which was made first. */
  readonly order: number;
  readonly isCounted: boolean;
  /** Null once it was cancelled. */
  run: (() => void) | null;
}

/**
 * A clock that stands still until it is turned, and counts what it runs: each timer that comes due is one scheduled step. Timers
 * run by their instants, then in the order of their making; they lie in a binary heap, since a run has many thousands.
 */
export class SimulationClock implements Clock {
  steps = 0;
  #now = Date.UTC(2026, 10, 24, 9, 30);
  #made = 0;
  readonly #heap: Timer[] = [];

  now(): number {
    return this.#now;
  }

  after(ms: number, run: () => void): () => void {
    return this.#add(ms, run, true);
  }

  /** For timers that are nobody's interleaving, such as those that turn a window of counts. */
  afterUncounted(ms: number, run: () => void): () => void {
    return this.#add(ms, run, false);
  }

  /** Turns the clock, running what is due at its own instant; promises settle in between. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settle();
    for (let first = this.#heap[0]; first !== undefined && first.at <= end; first = this.#heap[0]) {
      this.#removeFirst();
      if (first.run === null) continue;
      this.#now = Math.max(this.#now, first.at);
      first.run();
      if (!first.isCounted) continue;
      this.steps++;
      await settle();
    }
    // Two may turn it at a time.
    this.#now = Math.max(this.#now, end);
  }

  #add(ms: number, run: () => void, isCounted: boolean): () => void {
    // As real timers do, which may come a part of a millisecond early.
    const timer: Timer = { at: this.#now + Math.trunc(ms), order: this.#made++, isCounted, run };
    this.#rise(timer);
    return () => {
      timer.run = null;
    };
  }

  #rise(timer: Timer): void {
    const heap = this.#heap;
    let index = heap.length;
    heap.push(timer);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!isBefore(timer, heap[parent] as Timer)) break;
      heap[index] = heap[parent] as Timer;
      index = parent;
    }
    heap[index] = timer;
  }

  #removeFirst(): void {
    const heap = this.#heap;
    const last = heap.pop() as Timer;
    if (heap.length === 0) return;
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      if (left >= heap.length) break;
      const right = left + 1;
      const isRight = right < heap.length && isBefore(heap[right] as Timer, heap[left] as Timer);
      const child = isRight ? right : left;
      if (!isBefore(heap[child] as Timer, last)) break;
      heap[index] = heap[child] as Timer;
      index = child;
    }
    heap[index] = last;
  }
}

function isBefore(one: Timer, other: Timer): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order);
}

/** What stands for the process's own timers. */
type TimerClock = Pick<SimulationClock, "now" | "after" | "afterUncounted">;

/**
 * Runs `run` while the process's own timers are those of the clock: opossum, which the breaker is made of, takes no clock. One run at
 * a time in a process.
 */
export async function withVirtualTimers<T>(clock: TimerClock, run: () => Promise<T>): Promise<T> {
  const real = { setTimeout, clearTimeout, setInterval, clearInterval, now: Date.now };
  const handle = (cancel: () => void) => ({ cancel, unref() {}, ref() {} });
  const cancel = (timer?: { cancel?: () => void } | null) => timer?.cancel?.();
  const repeat = (run: () => void, ms: number) => {
    let stop = () => {};
    const again = () => {
      stop = clock.afterUncounted(ms, () => {
        run();
        again();
      });
    };
    again();
    return handle(() => stop());
  };
  Object.assign(globalThis, {
    setTimeout: (run: () => void, ms = 0) => handle(clock.after(Math.max(ms, 1), run)),
    clearTimeout: cancel,
    setInterval: repeat,
    clearInterval: cancel,
  });
  Date.now = () => clock.now();
  try {
    return await run();
  } finally {
    const { now, ...timers } = real;
    Object.assign(globalThis, timers);
    Date.now = now;
  }
}
