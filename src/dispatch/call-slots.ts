/**
 * The hard limit on calls in flight at one ERP, over all kinds of question. A slot is taken before a call is sent and
 * given back when the ERP has answered or the call's socket is gone, never earlier.
 */
export class CallSlots {
  readonly limit: number;
  #inFlight = 0;
  readonly #waiters: (() => void)[] = [];

  constructor(limit: number) {
    this.limit = limit;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  tryTake(): boolean {
    if (this.#inFlight >= this.limit) return false;
    this.#inFlight++;
    return true;
  }

  give(): void {
    this.#inFlight--;
    // Turn by turn, so that no kind of question starves behind another one's queue.
    for (let turn = 0; turn < this.#waiters.length && this.#inFlight < this.limit; turn++) {
      const waiter = this.#waiters.shift() as () => void;
      this.#waiters.push(waiter);
      waiter();
    }
  }

  /** @param run called whenever a slot came free; it may take one */
  onFree(run: () => void): void {
    this.#waiters.push(run);
  }
}
