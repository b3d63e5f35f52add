import type { Clock } from "../../clock.js";

/** How a call fared: done by a worker, sent away at the door, or lost when the ERP went down. */
export type Passage =
  | { readonly kind: "served" }
  | { readonly kind: "refused"; readonly retryAfterSeconds: number }
  | { readonly kind: "lost" };

export interface CapacityOptions {
  /** Calls worked on at once. */
  readonly workers: number;
  /** Calls that may wait for a worker; one more is refused. */
  readonly queue: number;
  /** How much slower a call gets for each worker's load of other calls: at 0.5, a call among 8 others at 8 workers takes 1.5 times as long. */
  readonly contention: number;
  readonly clock: Clock;
}

interface Waiting {
  readonly workMs: number;
  readonly leave: (passage: Passage) => void;
}

/**
 * A capacity that can be exceeded: a few workers, a bounded queue, and work that takes longer the more there is of it,
 * those that wait included. Past the queue calls are refused at once. As in most ERPs, work goes on when its caller has left.
 */
export class Capacity {
  #workers: number;
  readonly #options: CapacityOptions;
  readonly #waiting: Waiting[] = [];
  readonly #inService = new Map<Waiting, () => void>();
  #lastServiceMs = 0;

  constructor(options: CapacityOptions) {
    this.#options = options;
    this.#workers = options.workers;
  }

  get inService(): number {
    return this.#inService.size;
  }

  get queued(): number {
    return this.#waiting.length;
  }

  /** @param workMs how long a worker takes for it when nothing else is going on */
  pass(workMs: number): Promise<Passage> {
    if (this.inService >= this.#workers && this.queued >= this.#options.queue) {
      return Promise.resolve({ kind: "refused", retryAfterSeconds: this.#drainSeconds() });
    }
    return new Promise((leave) => {
      this.#waiting.push({ workMs, leave });
      this.#startNext();
    });
  }

  /** Workers lost or won back; null for as many as at the start. Those at work finish what they do. */
  setWorkers(workers: number | null): void {
    this.#workers = workers ?? this.#options.workers;
    this.#startNext();
  }

  /** Loses all calls, as when the process dies. */
  clear(): void {
    const calls = [...this.#inService.keys(), ...this.#waiting];
    for (const cancel of this.#inService.values()) cancel();
    this.#inService.clear();
    this.#waiting.length = 0;
    for (const { leave } of calls) leave({ kind: "lost" });
  }

  #startNext(): void {
    while (this.inService < this.#workers) {
      const call = this.#waiting.shift();
      if (call === undefined) return;
      this.#start(call);
    }
  }

  #start(call: Waiting): void {
    const { contention, workers, clock } = this.#options;
    const others = this.inService + this.queued;
    const serviceMs = call.workMs * (1 + (contention * others) / workers);
    this.#lastServiceMs = serviceMs;
    if (serviceMs <= 0) {
      call.leave({ kind: "served" });
      return;
    }
    const cancel = clock.after(serviceMs, () => this.#finish(call));
    this.#inService.set(call, cancel);
  }

  #finish(call: Waiting): void {
    this.#inService.delete(call);
    call.leave({ kind: "served" });
    this.#startNext();
  }

  // When all that is here now should be done, in whole seconds, as Retry-After wants them.
  #drainSeconds(): number {
    const rounds = (this.inService + this.queued) / Math.max(1, this.#workers);
    return Math.min(60, Math.max(1, Math.ceil((rounds * this.#lastServiceMs) / 1000)));
  }
}
