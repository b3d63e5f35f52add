import type { Clock } from "../clock.js";
import { ErpOverloaded, ErpTimeout } from "../errors.js";
import {
  type AnswerKind,
  type Ask,
  type ErpCall,
  type ErpSource,
  failed,
  type Key,
  type Outcome,
  type TellingSource,
} from "../pricing/source.js";
import { withSpan } from "../telemetry/traces.js";
import type { Breaker } from "./breaker.js";
import type { CallSlots } from "./call-slots.js";
import { Flight, isMoreUrgent } from "./flight.js";

export interface DispatcherOptions {
  readonly kind: AnswerKind;
  /** Shared by the dispatchers of all kinds that ask the same ERP. */
  readonly slots: CallSlots;
  readonly breaker: Breaker;
  readonly clock: Clock;
  /** How long one call may take, in ms. */
  readonly timeoutMs: number;
  readonly onCall: (call: FinishedCall) => void;
}

export interface FinishedCall {
  readonly kind: AnswerKind;
  readonly keys: number;
  readonly seconds: number;
  /** success: answered. ignored: failed, but says nothing of the ERP's load. dropped: timed out or refused for load. */
  readonly outcome: "success" | "ignored" | "dropped";
  /** Why the call failed as a whole; null where it was answered. */
  readonly error: Error | null;
  /** What was wrong with single keys of an answered call. */
  readonly keyErrors: readonly Error[];
}

/**
 * Asks one ERP, for one kind of question. A free slot sends at once; with none free, keys pool until one frees and then
 * leave as one batch. A key in flight is joined instead of asked again.
 */
export class Dispatcher<K extends Key, Answer> implements TellingSource<K, Answer> {
  readonly #erp: ErpSource<K, Answer>;
  readonly #options: DispatcherOptions;
  readonly #waiting = new Map<string, Flight<K, Answer>>();
  readonly #sent = new Map<string, Flight<K, Answer>>();
  readonly #listeners: ((key: K, outcome: Outcome<Answer>) => void)[] = [];

  constructor(erp: ErpSource<K, Answer>, options: DispatcherOptions) {
    this.#erp = erp;
    this.#options = options;
    options.slots.onFree(() => this.#pump());
  }

  /** Keys that wait for a slot. */
  get waitingKeys(): number {
    return this.#waiting.size;
  }

  onOutcome(listener: (key: K, outcome: Outcome<Answer>) => void): void {
    this.#listeners.push(listener);
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
        this.#settle([first], [failed(breaker.refusal())]);
        continue;
      }
      if (!slots.tryTake()) return;
      void this.#send(this.#batchAround(first));
    }
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

  async #send(batch: readonly Flight<K, Answer>[]): Promise<void> {
    const { clock, slots, breaker, timeoutMs } = this.#options;
    const sentAt = clock.now();
    for (const flight of batch) {
      flight.sentAt = sentAt;
      this.#waiting.delete(flight.key.id);
      this.#sent.set(flight.key.id, flight);
    }
    const abort = new AbortController();
    const cancelTimeout = clock.after(timeoutMs, () => abort.abort());
    try {
      const outcomes = await breaker.run(() => this.#call(batch, { sentAt, signal: abort.signal }));
      this.#report(batch.length, sentAt, null, outcomes);
      this.#settle(batch, outcomes);
    } catch (error) {
      const outcomes = batch.map(() => failed(error as Error));
      this.#report(batch.length, sentAt, error as Error, []);
      this.#settle(batch, outcomes);
    } finally {
      cancelTimeout();
      slots.give();
      this.#pump();
    }
  }

  #call(batch: readonly Flight<K, Answer>[], call: ErpCall): Promise<Outcome<Answer>[]> {
    const { kind } = this.#options;
    const causes = [...new Set(batch.flatMap(({ cause }) => cause ?? []))];
    const keys = batch.map(({ key }) => key);
    const attributes = { "pricelane.kind": kind, "pricelane.keys": keys.length };
    const read = async () => {
      const outcomes = await this.#erp.readMany(keys, call);
      if (outcomes.length === keys.length) return outcomes;
      throw new Error(`the connector gave ${outcomes.length} outcomes for ${keys.length} ${kind} keys`);
    };
    return withSpan(`erp ${kind}`, attributes, read, { kind: "client", causes });
  }

  #settle(batch: readonly Flight<K, Answer>[], outcomes: readonly Outcome<Answer>[]): void {
    for (const [index, flight] of batch.entries()) {
      const outcome = outcomes[index] as Outcome<Answer>;
      // Another flight for the same key may wait behind this one: only this one ends.
      for (const flights of [this.#waiting, this.#sent]) {
        if (flights.get(flight.key.id) === flight) flights.delete(flight.key.id);
      }
      for (const listener of this.#listeners) listener(flight.key, outcome);
      flight.settle(outcome);
    }
  }

  #report(keys: number, sentAt: number, error: Error | null, outcomes: readonly Outcome<Answer>[]): void {
    const { kind, clock, onCall } = this.#options;
    const seconds = (clock.now() - sentAt) / 1000;
    const isLoad = error instanceof ErpTimeout || error instanceof ErpOverloaded;
    const keyErrors = outcomes.flatMap((outcome) => (outcome.kind === "failed" ? [outcome.error] : []));
    onCall({
      kind,
      keys,
      seconds,
      error,
      keyErrors,
      outcome: error === null ? "success" : isLoad ? "dropped" : "ignored",
    });
  }
}
