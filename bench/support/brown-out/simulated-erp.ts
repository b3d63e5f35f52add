import type { Clock } from "../../../src/clock.js";

export interface SimulatedErpOptions {
  readonly clock: Clock;
  readonly workers: number;
  /** What one call costs a worker, in ms. */
  readonly callMs: number;
}

/** One call at the ERP, from when it is sent until a worker is done with it. */
export interface ErpWork {
  /** Said by whoever sent it, once nobody can use the answer any more. The ERP is not told: it works on. */
  abandon(): void;
}

interface Call {
  isAbandoned: boolean;
  readonly onDone: () => void;
}

/**
 * An ERP of so many workers under virtual time. Who finds none free waits in the order of coming, in the ERP itself, and
 * what its client gave up is worked on all the same: the ERP does not notice.
 */
export class SimulatedErp {
  inFlight = 0;
  mostInFlight = 0;
  /** Time that workers gave to calls they have finished, in ms; the second, to those that nobody could use by then. */
  workedMs = 0;
  wastedMs = 0;
  readonly #options: SimulatedErpOptions;
  readonly #queue: Call[] = [];
  #workers: number;
  #busy = 0;

  constructor(options: SimulatedErpOptions) {
    this.#options = options;
    this.#workers = options.workers;
  }

  get waiting(): number {
    return this.#queue.length;
  }

  /** Loses workers or gets them back. One that is lost finishes the call it has in hand. */
  setWorkers(workers: number): void {
    this.#workers = workers;
    this.#work();
  }

  /** @param onDone called when a worker has finished it, abandoned or not */
  send(onDone: () => void): ErpWork {
    this.inFlight++;
    this.mostInFlight = Math.max(this.mostInFlight, this.inFlight);
    const call: Call = { isAbandoned: false, onDone };
    this.#queue.push(call);
    this.#work();
    return {
      abandon() {
        call.isAbandoned = true;
      },
    };
  }

  #work(): void {
    while (this.#busy < this.#workers) {
      const call = this.#queue.shift();
      if (call === undefined) return;
      this.#busy++;
      this.#options.clock.after(this.#options.callMs, () => this.#finish(call));
    }
  }

  #finish(call: Call): void {
    this.#busy--;
    this.inFlight--;
    this.workedMs += this.#options.callMs;
    if (call.isAbandoned) this.wastedMs += this.#options.callMs;
    call.onDone();
    this.#work();
  }
}
