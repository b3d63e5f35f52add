import { type Ask, type Key, type Lane, lanes, type Outcome } from "../pricing/source.js";
import { activeSpan, type SpanContext } from "../telemetry/traces.js";

/** One read of one key. It belongs to no caller: whoever asks meanwhile joins it, and whoever leaves only leaves. */
export class Flight<K extends Key, Answer> {
  readonly key: K;
  /** The most urgent lane of those who wait. */
  lane: Lane;
  /** The latest deadline of those who wait, in ms since the epoch: after it nobody does. */
  deadline: number;
  /** The earliest deadline of those who wait, in ms since the epoch. */
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
  outcome: Outcome<Answer> | null = null;
  /** Whether something changed since it was sent, so that nobody who asks from then on may be given its answer. */
  #isSuperseded = false;
  /** The request that asked first, for the trace; undefined without tracing. */
  readonly cause: SpanContext | undefined = activeSpan();
  readonly #waiting: (() => void)[] = [];

  /** @param now ms since the epoch */
  constructor(key: K, ask: Ask, now: number) {
    this.key = key;
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

  /** Whether what was sent answers `ask`: a read from before a live question may be from before what it is about. */
  isYoungEnough({ maxAgeMs }: Ask, now: number): boolean {
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

  /** @param run called once the outcome is there */
  whenSettled(run: () => void): void {
    if (this.outcome === null) this.#waiting.push(run);
    else run();
  }

  settle(outcome: Outcome<Answer>): void {
    this.outcome = outcome;
    for (const run of this.#waiting) run();
  }
}

function isMoreUrgent(lane: Lane, than: Lane): boolean {
  return lanes.indexOf(lane) < lanes.indexOf(than);
}
