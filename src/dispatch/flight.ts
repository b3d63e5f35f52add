import { type Ask, type Key, type Lane, lanes, type Outcome } from "../pricing/source.js";
import { activeSpan, type SpanContext } from "../telemetry/traces.js";
import type { Place, RankedList } from "./ranked-list.js";

/** Where a flight stands that could leave. */
export interface Standing<K extends Key, Answer> {
  readonly lane: Lane;
  readonly inLane: Place<Flight<K, Answer>>;
  readonly group: RankedList<Flight<K, Answer>>;
  readonly inGroup: Place<Flight<K, Answer>>;
}

/** Somebody who waits for a flight. */
export interface Waiter<K extends Key, Answer> {
  /** Whether nobody would take note of the outcome any more. */
  readonly isGone: boolean;
  onSettled(flight: Flight<K, Answer>): void;
}

/** One read of one key. It belongs to no caller: whoever asks meanwhile joins it, and whoever leaves only leaves. */
export class Flight<K extends Key, Answer> implements Waiter<K, Answer> {
  readonly key: K;
  /** Flights of one group can share a call. */
  readonly group: string;
  /** The most urgent lane of those who asked. */
  lane: Lane;
  /** The latest deadline of those who asked, in ms since the epoch: after it nobody waits. */
  deadline: number;
  /** The earliest deadline of those who asked, in ms since the epoch. */
  dueAt: number;
  /** Since when it waits, or waited, in its lane's queue, in ms since the epoch. */
  waitingSince: number;
  /** Whether it failed and is to be asked again, but not yet. */
  isResting = false;
  /** How often it was asked again after a failure. */
  retries = 0;
  /** Whether it ever had to wait for a slot. */
  hasWaited = false;
  /** When the ERP was asked, in ms since the epoch; null while it waits. */
  sentAt: number | null = null;
  /** What the ERP said, before anybody was told. */
  answer: Outcome<Answer> | null = null;
  outcome: Outcome<Answer> | null = null;
  /** The one that reads in its place: it waits for that one's outcome as others do. */
  follower: Flight<K, Answer> | null = null;
  /** Whether something changed since it was sent, so that nobody who asks from then on may be given its answer. */
  #isSuperseded = false;
  /** The request that asked first, for the trace; undefined without tracing. */
  readonly cause: SpanContext | undefined = activeSpan();
  /** Mostly there is one alone, so that a set for each flight would be most of what it takes. */
  #waiter: Waiter<K, Answer> | null = null;
  #others: Set<Waiter<K, Answer>> | null = null;
  /** Where it stands in the queue; the queue's own. */
  standing: Standing<K, Answer> | null = null;

  /** @param now ms since the epoch */
  constructor(key: K, group: string, ask: Pick<Ask, "lane" | "deadline">, now: number) {
    this.key = key;
    this.group = group;
    this.lane = ask.lane;
    this.deadline = ask.deadline;
    this.dueAt = ask.deadline;
    this.waitingSince = now;
  }

  join(ask: Pick<Ask, "lane" | "deadline">): void {
    if (isMoreUrgent(ask.lane, this.lane)) this.lane = ask.lane;
    this.deadline = Math.max(this.deadline, ask.deadline);
    this.dueAt = Math.min(this.dueAt, ask.deadline);
  }

  /** Whether it has waited for more than half of the time that it had. @param now ms since the epoch */
  isPressed(now: number): boolean {
    return now - this.waitingSince > this.dueAt - now;
  }

  /** Whether what was sent answers `ask`: a read from before a live question may be from before what it is about. */
  isYoungEnough({ maxAgeMs }: Pick<Ask, "maxAgeMs">, now: number): boolean {
    if (this.sentAt === null || this.#isSuperseded || maxAgeMs === 0) return false;
    return maxAgeMs === null || now - this.sentAt <= maxAgeMs;
  }

  /** Whoever waits for it still gets its answer; who comes later gets another one. */
  supersede(): void {
    this.#isSuperseded = true;
  }

  /** From sent back to waiting, to be asked again: what comes then is new. */
  rest(): void {
    this.isResting = true;
    this.retries++;
    this.sentAt = null;
    this.#isSuperseded = false;
  }

  /** Whether nobody waits for it any more. */
  get isGone(): boolean {
    if (this.#waiter?.isGone === false) return false;
    if (this.#others !== null) for (const waiter of this.#others) if (!waiter.isGone) return false;
    return true;
  }

  /** @param waiter told once the outcome is there, which it is not yet */
  board(waiter: Waiter<K, Answer>): void {
    if (this.#waiter === null) {
      this.#waiter = waiter;
      return;
    }
    this.#others ??= new Set();
    this.#others.add(waiter);
  }

  leave(waiter: Waiter<K, Answer>): void {
    if (this.#waiter === waiter) this.#waiter = null;
    else this.#others?.delete(waiter);
  }

  settle(outcome: Outcome<Answer>): void {
    if (this.outcome !== null) return;
    this.outcome = outcome;
    this.#waiter?.onSettled(this);
    if (this.#others !== null) for (const waiter of this.#others) waiter.onSettled(this);
    this.#waiter = null;
    this.#others = null;
  }

  /** Gives way to another flight for the same key, which waits. */
  follow(follower: Flight<K, Answer>): void {
    this.follower = follower;
    follower.board(this);
  }

  onSettled({ outcome }: Flight<K, Answer>): void {
    this.settle(outcome as Outcome<Answer>);
  }
}

function isMoreUrgent(lane: Lane, than: Lane): boolean {
  return lanes.indexOf(lane) < lanes.indexOf(than);
}
