import type { SeededRandom } from "./seeded-random.js";
import type { SimulationClock } from "./simulation-clock.js";

/** What happens again and again in a run, each thing by chance of its own, until it is paused. */
export class RepeatedEvents {
  readonly #clock: SimulationClock;
  readonly #random: SeededRandom;
  #turn = 0;

  constructor(clock: SimulationClock, random: SeededRandom) {
    this.#clock = clock;
    this.#random = random;
  }

  /** @param perSecond on average; 0 for never */
  repeat(perSecond: number, run: () => void): void {
    const chance = this.#random.fork();
    const mine = this.#turn;
    const again = () => {
      this.#clock.after(chance.gapMs(perSecond), () => {
        if (mine !== this.#turn) return;
        run();
        again();
      });
    };
    if (perSecond > 0) again();
  }

  /** Ends all that is repeated by now. */
  pause(): void {
    this.#turn++;
  }
}
