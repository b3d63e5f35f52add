import { ErpError, ErpTimeout } from "../errors.js";
import {
  type Ask,
  type ErpSource,
  failed,
  type Key,
  type Outcome,
  type Reading,
  type TellingSource,
} from "../pricing/source.js";
import type { Breaker } from "./breaker.js";
import type { CallSlots } from "./call-slots.js";
import { ErpCaller, type ErpCallerOptions } from "./erp-caller.js";
import { Flight, isMoreUrgent } from "./flight.js";
import { readHalving } from "./halving.js";

export interface DispatcherOptions extends ErpCallerOptions {
  readonly breaker: Breaker;
  /** Shared by the dispatchers of all kinds that ask the same ERP. */
  readonly slots: CallSlots;
}

/** After this many failed calls in a row it is not one key that is to blame, and no failed batch is halved. */
const hopelessFailures = 3;

/**
 * Asks one ERP, for one kind of question. A free slot sends at once; with none free, keys pool until one frees and then
 * leave as one batch. A key in flight is joined instead of asked again.
 */
export class Dispatcher<K extends Key, Answer> implements TellingSource<K, Answer> {
  readonly #erp: ErpSource<K, Answer>;
  readonly #options: DispatcherOptions;
  readonly #caller: ErpCaller<K, Answer>;
  readonly #waiting = new Map<string, Flight<K, Answer>>();
  readonly #sent = new Map<string, Flight<K, Answer>>();
  readonly #listeners: ((key: K, outcome: Outcome<Answer>, reading: Reading) => void)[] = [];

  constructor(erp: ErpSource<K, Answer>, options: DispatcherOptions) {
    this.#erp = erp;
    this.#options = options;
    this.#caller = new ErpCaller(erp, options);
    options.slots.onFree(() => this.#pump());
  }

  /** Keys that wait for a slot. */
  get waitingKeys(): number {
    return this.#waiting.size;
  }

  onOutcome(listener: (key: K, outcome: Outcome<Answer>, reading: Reading) => void): void {
    this.#listeners.push(listener);
  }

  /**
   * From now on no question joins a read of these keys that was sent already: what it will say may be from before the
   * change. Those who wait for it get its answer all the same; those who come share one read that follows it.
   */
  supersede(matches: (key: K) => boolean): void {
    for (const flight of this.#sent.values()) if (matches(flight.key)) flight.supersede();
  }

  readMany(keys: readonly K[], ask: Ask): Promise<Outcome<Answer>[]> {
    const flights = keys.map((key) => this.#board(key, ask));
    this.#pump();
    return this.#outcomesBy(ask.deadline, flights);
  }

  /** The flight that will answer this key: one under way where its answer will be young enough, one that waits, or a new one. */
  #board(key: K, ask: Ask): Flight<K, Answer> {
    const sent = this.#sent.get(key.id);
    const joinable = sent?.isYoungEnough(ask, this.#options.clock.now()) ? sent : this.#waiting.get(key.id);
    if (joinable !== undefined) {
      joinable.join(ask);
      return joinable;
    }
    const flight = new Flight<K, Answer>(key, ask);
    this.#waiting.set(key.id, flight);
    return flight;
  }

  /** What each flight brought by the deadline, and a time-out for each that is still under way. */
  #outcomesBy(deadline: number, flights: readonly Flight<K, Answer>[]): Promise<Outcome<Answer>[]> {
    const { clock } = this.#options;
    return new Promise((resolve) => {
      let missing = flights.length;
      const finish = () => {
        cancel();
        resolve(flights.map(({ outcome }) => outcome ?? failed(new ErpTimeout("no answer before the deadline"))));
      };
      const cancel = clock.after(Math.max(deadline - clock.now(), 0), finish);
      for (const flight of flights) {
        flight.whenSettled(() => {
          if (--missing === 0) finish();
        });
      }
    });
  }

  #pump(): void {
    const { slots, breaker } = this.#options;
    for (let first = this.#mostUrgent(); first !== null; first = this.#mostUrgent()) {
      if (breaker.refuses) {
        this.#refuseWaiting();
        return;
      }
      if (!slots.tryTake()) return;
      void this.#send(this.#batchAround(first));
    }
  }

  /** Ends all that waits in one pass and with one error: thousands may wait when the circuit opens. */
  #refuseWaiting(): void {
    const outcome = failed(this.#options.breaker.refusal());
    const refused = [...this.#waiting.values()].filter(({ key }) => !this.#sent.has(key.id));
    this.#settle(
      refused,
      refused.map(() => outcome),
    );
  }

  /** The first flight of the most urgent lane; forgets those that nobody waits for any more. */
  #mostUrgent(): Flight<K, Answer> | null {
    const now = this.#options.clock.now();
    let best: Flight<K, Answer> | null = null;
    for (const flight of this.#waiting.values()) {
      if (flight.deadline <= now) this.#waiting.delete(flight.key.id);
      else if (this.#sent.has(flight.key.id))
        continue; // one thing is never asked twice at one time
      else if (best === null || isMoreUrgent(flight.lane, best.lane)) best = flight;
    }
    return best;
  }

  /** All waiting flights that can share a call with `first`, whatever their lane: they ride along for free. */
  #batchAround(first: Flight<K, Answer>): Flight<K, Answer>[] {
    const group = this.#erp.groupOf(first.key);
    const batch = [first];
    for (const flight of this.#waiting.values()) {
      if (batch.length >= this.#erp.keysPerCall) break;
      if (flight === first || this.#sent.has(flight.key.id)) continue;
      if (this.#erp.groupOf(flight.key) === group) batch.push(flight);
    }
    return batch;
  }

  /** Sends a batch in the slot that was taken for it, and gives the slot back when nothing of it is under way. */
  async #send(batch: readonly Flight<K, Answer>[]): Promise<void> {
    for (const flight of batch) {
      this.#waiting.delete(flight.key.id);
      this.#sent.set(flight.key.id, flight);
    }
    const lost = new Map<Flight<K, Answer>, Error>();
    try {
      // The breaker counts a batch once, and as a success where any part of it was answered.
      await this.#options.breaker.run(async () => {
        const error = await readHalving(batch, {
          attempt: (part) => this.#attempt(part),
          mayBeOne: (reason) => reason instanceof ErpError && reason.mayBeOneKey,
          mayGoOn: (part) => this.#mayGoOn(part),
          giveUp: (part, reason) => {
            for (const flight of part) lost.set(flight, reason);
          },
        });
        if (error !== null) throw error;
      });
    } catch (error) {
      // Refused by the breaker, if it is not what a call met.
      for (const flight of batch) if (!lost.has(flight)) lost.set(flight, error as Error);
    }
    // Told only now that the breaker has counted it, so that who asks again at once meets the breaker's answer.
    for (const [flight, error] of lost) this.#settle([flight], [failed(error)]);
    this.#options.slots.give();
    this.#pump();
  }

  async #attempt(part: readonly Flight<K, Answer>[]): Promise<Error | null> {
    const sentAt = this.#options.clock.now();
    for (const flight of part) flight.sentAt = sentAt;
    const causes = [...new Set(part.flatMap(({ cause }) => cause ?? []))];
    const keys = part.map(({ key }) => key);
    const outcomes = await this.#caller.read(keys, sentAt, causes).catch((error: Error) => error);
    if (outcomes instanceof Error) return outcomes;
    this.#settle(part, outcomes);
    return null;
  }

  /** Whether a part of a failed batch is worth another call: not to an ERP that fails at everything, nor for nobody. */
  #mayGoOn(part: readonly Flight<K, Answer>[]): boolean {
    const { breaker, clock } = this.#options;
    if (breaker.state === "open" || this.#caller.failedInARow >= hopelessFailures) return false;
    return part.some(({ deadline }) => deadline > clock.now());
  }

  #settle(batch: readonly Flight<K, Answer>[], outcomes: readonly Outcome<Answer>[]): void {
    for (const [index, flight] of batch.entries()) {
      const outcome = outcomes[index] as Outcome<Answer>;
      // Another flight for the same key may wait behind this one: only this one ends.
      for (const flights of [this.#waiting, this.#sent]) {
        if (flights.get(flight.key.id) === flight) flights.delete(flight.key.id);
      }
      for (const listener of this.#listeners) listener(flight.key, outcome, flight);
      flight.settle(outcome);
    }
  }
}
