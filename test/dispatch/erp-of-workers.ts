import { type ErpCall, type ErpSource, fromErp, type Outcome } from "../../src/pricing/source.js";
import type { NamedKey } from "../support/fake-source.js";
import type { VirtualClock } from "../support/virtual-clock.js";

export interface WorkersOptions {
  readonly clock: VirtualClock;
  readonly workers: number;
  /** What a call costs a worker, in ms. */
  readonly msOf: (keys: number) => number;
  readonly keysPerCall?: number;
}

/** An ERP of so many workers under virtual time: who finds none free waits in the order of coming. */
export class ErpOfWorkers implements ErpSource<NamedKey, string> {
  readonly keysPerCall: number;
  /** May be changed at any time: what is being worked on is finished. */
  workers: number;
  inFlight = 0;
  mostInFlight = 0;
  /** Time that workers gave to each kind of group, by its first letter, in ms. */
  readonly workedMs = new Map<string, number>();
  readonly #options: WorkersOptions;
  readonly #queue: (() => void)[] = [];
  #busy = 0;

  constructor(options: WorkersOptions) {
    this.#options = options;
    this.workers = options.workers;
    this.keysPerCall = options.keysPerCall ?? 100;
  }

  groupOf({ group }: NamedKey): string {
    return group;
  }

  readMany(keys: readonly NamedKey[], call: ErpCall): Promise<Outcome<string>[]> {
    this.inFlight++;
    this.mostInFlight = Math.max(this.mostInFlight, this.inFlight);
    const ms = this.#options.msOf(keys.length);
    const letter = keys[0]?.group.slice(0, 1) ?? "";
    this.workedMs.set(letter, (this.workedMs.get(letter) ?? 0) + ms);
    return new Promise((resolve) => {
      this.#queue.push(() => {
        this.#options.clock.after(ms, () => {
          this.#busy--;
          this.inFlight--;
          resolve(keys.map(({ id }) => ({ kind: "found", answer: id, freshness: fromErp(call) })));
          this.#work();
        });
      });
      this.#work();
    });
  }

  #work(): void {
    while (this.#busy < this.workers) {
      const next = this.#queue.shift();
      if (next === undefined) return;
      this.#busy++;
      next();
    }
  }
}
