import { ErpTimeout } from "../errors.js";
import type { SlotClass } from "../pricing/slots.js";
import {
  type Ask,
  type ErpSource,
  failed,
  type Key,
  type Lane,
  type Outcome,
  type Reading,
} from "../pricing/source.js";
import { oneTurn, type Turns } from "../pricing/turns.js";
import type { DispatchDecision } from "../telemetry/metric-names.js";
import { BatchReader, type BatchReaderOptions } from "./batch-reader.js";
import type { JoinableSource } from "./charging-source.js";
import { Departures } from "./departures.js";
import { Flight, type Waiter } from "./flight.js";
import { Passenger } from "./passenger.js";
import { heldBack, queueFull } from "./refusals.js";
import { mayPass, mostRetries, RetryBudget, retryWaitMs } from "./retry-budget.js";
import { Telling } from "./telling.js";

export interface DispatcherOptions extends BatchReaderOptions {
  /** From 0 up to 1. */
  readonly random: () => number;
  /** Told of each key that was not simply sent at once. */
  readonly onDecision: (decision: DispatchDecision, lane: Lane) => void;
  /** In which what the feed alone waits for is told; left out, all of it at once. */
  readonly turns?: Turns;
}

/**
 * Most keys of one lane that may wait, a few hundred bytes each. The storefront is shed long before; what else would bound the
 * other lanes is their deadlines alone.
 */
const mostWaiting = 20_000;

/**
 * Asks one ERP, for one kind of question. A free slot sends at once; with none free, keys pool until one frees and then
 * leave as one batch. A key in flight is joined instead of asked again.
 */
export class Dispatcher<K extends Key, Answer> implements JoinableSource<K, Answer> {
  readonly #erp: ErpSource<K, Answer>;
  readonly #options: DispatcherOptions;
  readonly #telling: Telling<K, Answer>;
  readonly #reader: BatchReader<K, Answer>;
  readonly #departures: Departures<K, Answer>;
  readonly #sent = new Map<string, Flight<K, Answer>>();
  readonly #retries = new RetryBudget();
  /** Those of calls given up that still count are among them. */
  #slotsTaken = 0;

  constructor(erp: ErpSource<K, Answer>, options: DispatcherOptions) {
    this.#erp = erp;
    this.#options = options;
    this.#telling = new Telling({
      turns: options.turns ?? oneTurn,
      onTold: (flight) => this.#endSent(flight),
      // What waited behind these keys need not wait for the rest of their batch, too.
      onPartTold: () => {
        if (this.waitingKeys > 0) options.slots.deal();
      },
    });
    this.#reader = new BatchReader(erp, options, (part, outcomes) => this.#telling.tellAnswers(part, outcomes));
    this.#departures = new Departures({
      erp,
      outlook: () => this.#outlook(),
      refuse: (flight, error, decision) => this.#refuse(flight, error, decision),
    });
    options.slots.join({
      waitingIn: (lane) => this.waitingIn(lane),
      onHeld: (until) => this.#refuseHeldBack(this.#departures.queue.flights(), until),
      offer: (slotClass) => {
        const first = this.#firstOf(slotClass);
        if (first === null) return null;
        const { lane, dueAt } = first;
        const isPressed = lane === "feed" && first.isPressed(options.clock.now());
        return {
          ...{ isCheckout: lane === "checkout", dueAt, isPressed },
          send: (giveBack) => this.#sendWith(first, giveBack),
        };
      },
    });
  }

  /** Keys that wait for a slot. */
  get waitingKeys(): number {
    return this.#departures.queue.size;
  }

  /** Counted when asked for, as the metrics do: those that may not leave yet are among them. */
  waitingIn(lane: Lane): number {
    let waiting = 0;
    for (const flight of this.#departures.queue.flights()) if (flight.lane === lane) waiting++;
    return waiting;
  }

  /** Most calls of this kind that may be under way now, whatever the limit allows over all kinds. */
  get mostCalls(): number {
    return this.#reader.mostCalls;
  }

  onOutcome(listener: (key: K, outcome: Outcome<Answer>, reading: Reading) => void): void {
    this.#telling.onOutcome(listener);
  }

  /**
   * From now on no question joins a read of these keys that was sent already: what it will say may be from before the
   * change. Those who wait for it get its answer all the same; those who come share one read that follows it.
   */
  supersede(matches: (key: K) => boolean): void {
    for (const flight of this.#sent.values()) if (matches(flight.key)) flight.supersede();
  }

  readMany(keys: readonly K[], ask: Ask): Promise<Outcome<Answer>[]> {
    const { clock, slots } = this.#options;
    const { signal } = ask;
    if (signal?.aborted === true) return Promise.resolve(keys.map(() => failed(new ErpTimeout("the caller left"))));
    const flights = keys.map((key) => this.#board(key, ask));
    this.#pump();
    const { heldUntil } = slots.limit;
    for (const flight of flights) {
      if (flight.sentAt === null && flight.outcome === null) this.#refuseHeldBack([flight], heldUntil);
      if (flight.sentAt === null && flight.outcome === null) this.#noteWait(flight);
    }
    return new Passenger(flights, { deadline: ask.deadline, signal }, clock, this.#leave).outcomes;
  }

  wouldJoin(key: K, ask: Ask): boolean {
    const sent = this.#sent.get(key.id);
    return (
      sent?.isYoungEnough(ask, this.#options.clock.now()) === true || this.#departures.queue.get(key.id) !== undefined
    );
  }

  /** Whether a question of this key was sent and is not answered yet, superseded or not, or waits to be sent. */
  standingOf({ id }: K): "sent" | "waiting" | null {
    if (this.#sent.has(id)) return "sent";
    return this.#departures.queue.get(id) === undefined ? null : "waiting";
  }

  /** The flight that will answer this key: one that can be joined, or a new one. */
  #board(key: K, ask: Ask): Flight<K, Answer> {
    const { queue } = this.#departures;
    const now = this.#options.clock.now();
    const sent = this.#sent.get(key.id);
    // A buyer waits for none of the feed's turns: not to be told what was answered, nor to ask anew.
    if (sent !== undefined && ask.lane !== "feed") this.#telling.tellNow(sent);
    if (sent?.isYoungEnough(ask, now)) {
      sent.join(ask);
      return sent;
    }
    const waiting = queue.get(key.id);
    if (waiting !== undefined) {
      queue.join(waiting, ask, now);
      return waiting;
    }
    const flight = new Flight<K, Answer>(key, this.#erp.groupOf(key), ask, now);
    if (queue.lane(ask.lane).length >= mostWaiting) this.#refuse(flight, queueFull(), "shed");
    else if (!this.#sent.has(key.id)) queue.release(flight, now);
    else queue.park(flight);
    return flight;
  }

  /** A flight that nobody waits for any more is dropped, unless it was sent: then its answer is worth keeping. */
  readonly #leave = (flight: Flight<K, Answer>, waiter: Waiter<K, Answer>): void => {
    const { queue } = this.#departures;
    flight.leave(waiter);
    if (!flight.isGone) return;
    if (flight.follower !== null) this.#leave(flight.follower, flight);
    else if (queue.has(flight)) {
      queue.remove(flight);
      this.#options.onDecision("left", flight.lane);
    }
  };

  #noteWait(flight: Flight<K, Answer>): void {
    if (!flight.hasWaited) this.#options.onDecision("waited", flight.lane);
    flight.hasWaited = true;
  }

  /** Sends what can be sent, and refuses at once what it is known will not be. */
  #pump(): void {
    this.#refuseWhereOpen();
    this.#options.slots.deal();
  }

  /** The ERP's failure, to which the breaker answers, is told as that of each key. */
  #refuseWhereOpen(): void {
    const { queue } = this.#departures;
    if (queue.size === 0 || !this.#reader.refuses(this.#slotsTaken)) return;
    const refused = failed(this.#options.breaker.refusal());
    for (const flight of queue.flights()) {
      queue.remove(flight);
      this.#options.onDecision("refused", flight.lane);
      this.#telling.tell(flight, refused);
    }
  }

  /** Those who cannot wait as long as the ERP asked to be left alone are told so now, not at their deadline. */
  #refuseHeldBack(flights: Iterable<Flight<K, Answer>>, heldUntil: number): void {
    const now = this.#options.clock.now();
    if (heldUntil <= now) return;
    const refusal = heldBack(heldUntil, now);
    for (const flight of flights) {
      if (now < flight.deadline && flight.deadline < heldUntil) this.#refuse(flight, refusal, "held");
    }
  }

  #outlook() {
    return {
      now: this.#options.clock.now(),
      callMs: this.#reader.usualMs,
      slowCallMs: this.#reader.slowMs,
      isIdle: this.#slotsTaken === 0,
    };
  }

  #firstOf(slotClass: SlotClass): Flight<K, Answer> | null {
    this.#refuseWhereOpen();
    return this.#slotsTaken < this.#reader.mostCalls ? this.#departures.first(slotClass) : null;
  }

  #sendWith(first: Flight<K, Answer>, giveBack: () => void): void {
    const batch = this.#departures.take(first);
    for (const flight of batch) this.#sent.set(flight.key.id, flight);
    if (batch.some(({ retries }) => retries === 0)) this.#retries.onCall();
    this.#slotsTaken++;
    void this.#send(batch, () => {
      this.#slotsTaken--;
      giveBack();
    });
  }

  /** Reads a batch, and gives its slot back when nothing of it is under way. */
  async #send(batch: readonly Flight<K, Answer>[], giveBack: () => void): Promise<void> {
    const lost = await this.#reader.read(batch);
    // Told only now that the breaker has counted it, so that who asks again at once meets the breaker's answer.
    if (lost.size === batch.length) this.#retryWhatMayPass(lost);
    for (const [flight, error] of lost) this.#telling.tell(flight, failed(error));
    const wasAbandoned = [...lost.values()].some((error) => error instanceof ErpTimeout);
    const keptMs = wasAbandoned ? this.#reader.abandonMs : 0;
    if (keptMs > 0) this.#options.clock.after(keptMs, giveBack);
    else giveBack();
    this.#pump();
  }

  /** Puts back into the queue, after a while, what is worth asking again, and takes it out of `lost`. One call's worth of budget. */
  #retryWhatMayPass(lost: Map<Flight<K, Answer>, Error>): void {
    const { breaker, clock, random } = this.#options;
    if (breaker.state !== "closed") return;
    const now = clock.now();
    const retries = Math.max(...[...lost.keys()].map((flight) => flight.retries));
    const waitMs = retryWaitMs(retries, random());
    const soonest = now + waitMs + (this.#reader.usualMs ?? 0);
    const again = [...lost].filter(([{ deadline, isGone }, error]) => mayPass(error) && soonest < deadline && !isGone);
    if (retries >= mostRetries || again.length === 0 || !this.#retries.tryTake()) return;
    for (const [flight] of again) {
      lost.delete(flight);
      this.#putBack(flight, now);
    }
    const resting = again.map(([flight]) => flight).filter((flight) => this.#departures.queue.has(flight));
    this.#refuseHeldBack(resting, this.#options.slots.limit.heldUntil);
    // Not by comparing instants: a timer may come a part of a millisecond early.
    clock.after(waitMs, () => {
      for (const flight of resting) {
        flight.isResting = false;
        if (this.#departures.queue.has(flight)) this.#departures.queue.release(flight, clock.now());
      }
      this.#pump();
    });
  }

  #putBack(flight: Flight<K, Answer>, now: number): void {
    const { queue } = this.#departures;
    this.#options.onDecision("retried", flight.lane);
    flight.rest();
    const follower = queue.get(flight.key.id);
    if (follower === undefined) queue.park(flight);
    else {
      // A live question already waits to be sent after it: that one read serves both.
      queue.join(follower, flight, now);
      flight.follow(follower);
    }
    this.#endSent(flight);
  }

  /** Lets the next question for its key leave, where one waits for that. */
  #endSent(flight: Flight<K, Answer>): void {
    const { id } = flight.key;
    if (this.#sent.get(id) !== flight) return;
    this.#sent.delete(id);
    const next = this.#departures.queue.get(id);
    if (next?.isResting === false) this.#departures.queue.release(next, this.#options.clock.now());
  }

  /** Ends a flight that was not sent. It is told to those who wait alone: it says nothing of the ERP. */
  #refuse(flight: Flight<K, Answer>, error: Error, decision: DispatchDecision): void {
    this.#options.onDecision(decision, flight.lane);
    this.#departures.queue.remove(flight);
    flight.settle(failed(error));
  }
}
