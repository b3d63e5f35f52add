import type { Clock } from "../clock.js";
import type { Limit } from "./concurrency-limit.js";

/**
 * Enforces the limit on calls in flight at one ERP, over all kinds of question. A slot is taken before a call is sent and
 * given back when the ERP has answered, or when it can be expected to have stopped working on a call that was given up.
 */
export class CallSlots {
  readonly limit: Limit;
  readonly #clock: Clock;
  #inFlight = 0;
  #isWakeSet = false;
  readonly #waiters: (() => void)[] = [];

  constructor(limit: Limit, clock: Clock) {
    this.limit = limit;
    this.#clock = clock;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** For how long no call may be sent because the ERP asked so, in ms; 0 where it did not. */
  get heldMs(): number {
    return Math.max(this.limit.heldUntil - this.#clock.now(), 0);
  }

  tryTake(): boolean {
    if (this.#inFlight >= this.limit.current) return false;
    if (this.heldMs > 0) {
      this.#wakeWhenReleased();
      return false;
    }
    this.#inFlight++;
    return true;
  }

  give(): void {
    this.#inFlight--;
    this.#offer();
  }

  /** @param run called whenever a slot came free; it may take one */
  onFree(run: () => void): void {
    this.#waiters.push(run);
  }

  #offer(): void {
    // Turn by turn, so that no kind of question starves behind another one's queue.
    for (let turn = 0; turn < this.#waiters.length && this.#inFlight < this.limit.current; turn++) {
      const waiter = this.#waiters.shift() as () => void;
      this.#waiters.push(waiter);
      waiter();
    }
  }

  #wakeWhenReleased(): void {
    if (this.#isWakeSet) return;
    this.#isWakeSet = true;
    this.#clock.after(this.heldMs, () => {
      this.#isWakeSet = false;
      this.#offer();
    });
  }
}
