import type { Clock } from "../../../src/clock.js";
import type { SeededRandom } from "../seeded-random.js";

/** How a replica reaches the store: all its connections go over it. */
export interface Route {
  /** Connections end, and none can be made. */
  isCut: boolean;
  /** What goes to the store, or comes from it, waits until this is over: TCP sends it again and again. */
  isDeaf: boolean;
  isMute: boolean;
  /** How long one way takes at least and at most, in ms. */
  delayMs: readonly [number, number];
}

export const goodRoute: Route = { isCut: false, isDeaf: false, isMute: false, delayMs: [0, 3] };

/** One way of a connection: what is sent first comes first. */
class Pipe {
  readonly #clock: Clock;
  readonly #random: SeededRandom;
  readonly #route: Route;
  readonly #isHeld: () => boolean;
  readonly #held: (() => void)[] = [];
  #lastAt = 0;

  constructor(clock: Clock, random: SeededRandom, route: Route, isHeld: () => boolean) {
    this.#clock = clock;
    this.#random = random;
    this.#route = route;
    this.#isHeld = isHeld;
  }

  send(arrive: () => void): void {
    const [least, most] = this.#route.delayMs;
    this.#lastAt = Math.max(this.#lastAt, this.#clock.now() + this.#random.int(least, most));
    this.#clock.after(this.#lastAt - this.#clock.now(), () => {
      if (this.#isHeld()) this.#held.push(arrive);
      else arrive();
    });
  }

  /** To be told when it is no longer held up. */
  release(): void {
    for (const arrive of this.#held.splice(0)) this.send(arrive);
  }
}

/** One connection of a replica's to the store. It is made as soon as what was sent first is answered. */
export class Connection {
  readonly toStore: Pipe;
  readonly fromStore: Pipe;
  readonly #pending = new Set<(error: Error) => void>();
  isOpen = true;

  constructor(clock: Clock, random: SeededRandom, route: Route) {
    this.toStore = new Pipe(clock, random, route, () => route.isDeaf);
    this.fromStore = new Pipe(clock, random, route, () => route.isMute);
  }

  /** @param fail told where it ends before the answer. @returns to be told when that came */
  expect(fail: (error: Error) => void): () => void {
    this.#pending.add(fail);
    return () => this.#pending.delete(fail);
  }

  end(error: Error): void {
    this.isOpen = false;
    for (const fail of [...this.#pending]) fail(error);
    this.#pending.clear();
  }
}
