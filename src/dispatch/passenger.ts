import type { Clock } from "../clock.js";
import { ErpTimeout } from "../errors.js";
import { type Ask, failed, type Key, type Outcome } from "../pricing/source.js";
import type { Flight, Waiter } from "./flight.js";

export type Leave<K extends Key, Answer> = (flight: Flight<K, Answer>, waiter: Waiter<K, Answer>) => void;

/** One reader of some keys: it waits until each was settled, its deadline passed, or its caller left. */
export class Passenger<K extends Key, Answer> implements Waiter<K, Answer> {
  /** One per flight, in order: what it brought, and a time-out for each that was still under way. */
  readonly outcomes: Promise<Outcome<Answer>[]>;
  readonly #flights: readonly Flight<K, Answer>[];
  readonly #signal: AbortSignal | null;
  readonly #leave: Leave<K, Answer>;
  #resolve: (outcomes: Outcome<Answer>[]) => void = () => {};
  #cancelTimer: () => void = () => {};
  #missing = 0;

  /** @param leave told of each flight that it no longer waits for */
  constructor(
    flights: readonly Flight<K, Answer>[],
    { deadline, signal }: Pick<Ask, "deadline" | "signal">,
    clock: Clock,
    leave: Leave<K, Answer>,
  ) {
    this.#flights = flights;
    this.#signal = signal;
    this.#leave = leave;
    this.outcomes = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    for (const flight of flights) {
      if (flight.outcome !== null) continue;
      flight.board(this);
      this.#missing++;
    }
    if (this.#missing === 0) {
      this.#finish("");
      return;
    }
    this.#cancelTimer = clock.after(Math.max(deadline - clock.now(), 0), () =>
      this.#walkOff("no answer before the deadline"),
    );
    signal?.addEventListener("abort", this.#onAbort);
  }

  get isGone(): boolean {
    return this.#signal?.aborted === true;
  }

  onSettled(): void {
    if (--this.#missing === 0) this.#finish("");
  }

  readonly #onAbort = () => this.#walkOff("the caller left");

  #walkOff(reason: string): void {
    for (const flight of this.#flights) if (flight.outcome === null) this.#leave(flight, this);
    this.#finish(reason);
  }

  #finish(reason: string): void {
    this.#cancelTimer();
    this.#signal?.removeEventListener("abort", this.#onAbort);
    this.#resolve(this.#flights.map(({ outcome }) => outcome ?? failed(new ErpTimeout(reason))));
  }
}
