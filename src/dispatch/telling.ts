import { failed, type Key, type Outcome, type Reading } from "../pricing/source.js";
import type { Turns } from "../pricing/turns.js";
import type { Flight } from "./flight.js";

type Listener<K extends Key, Answer> = (key: K, outcome: Outcome<Answer>, reading: Reading) => void;

export interface TellingOptions<K extends Key, Answer> {
  /** In which what the feed alone waits for is told. */
  readonly turns: Turns;
  /** Told of each flight whose outcome is known, before those who wait for it. */
  readonly onTold: (flight: Flight<K, Answer>) => void;
  /** Told once the buyers of a part that was answered were told, and once its feed was. */
  readonly onPartTold: () => void;
}

/** Tells what came of questions to whoever listens and to those who wait: buyers at once, the feed in its turns. */
export class Telling<K extends Key, Answer> {
  readonly #options: TellingOptions<K, Answer>;
  readonly #listeners: Listener<K, Answer>[] = [];

  constructor(options: TellingOptions<K, Answer>) {
    this.#options = options;
  }

  onOutcome(listener: Listener<K, Answer>): void {
    this.#listeners.push(listener);
  }

  /** The ERP answered these, which the slot of their call does not wait for. */
  tellAnswers(part: readonly Flight<K, Answer>[], outcomes: readonly Outcome<Answer>[]): void {
    const { turns, onPartTold } = this.#options;
    const feeds: Flight<K, Answer>[] = [];
    for (const [index, flight] of part.entries()) {
      flight.answer = outcomes[index] as Outcome<Answer>;
      if (flight.lane === "feed") feeds.push(flight);
      else this.tellNow(flight);
    }
    if (feeds.length < part.length) onPartTold();
    void turns.each(feeds.length, (index) => {
      this.tellNow(feeds[index] as Flight<K, Answer>);
      if (index === feeds.length - 1) onPartTold();
    });
  }

  /** Tells what the ERP said, if it has, unless that was told before. */
  tellNow(flight: Flight<K, Answer>): void {
    if (flight.answer !== null && flight.outcome === null) this.tell(flight, flight.answer);
  }

  tell(flight: Flight<K, Answer>, outcome: Outcome<Answer>): void {
    this.#options.onTold(flight);
    flight.settle(this.#toListeners(flight, outcome));
  }

  /** A bug in whoever listens is that key's failure: it costs neither its neighbours an answer nor the ERP a slot. */
  #toListeners(flight: Flight<K, Answer>, outcome: Outcome<Answer>): Outcome<Answer> {
    try {
      for (const listener of this.#listeners) listener(flight.key, outcome, flight);
      return outcome;
    } catch (error) {
      return failed(error as Error);
    }
  }
}
