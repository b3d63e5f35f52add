import { type Ask, type Key, type Lane, lanes, type Outcome } from "../pricing/source.js";
import { activeSpan, type SpanContext } from "../telemetry/traces.js";

/** One read of one key. It belongs to no caller: whoever asks meanwhile joins it, and whoever leaves only leaves. */
export class Flight<K extends Key, Answer> {
  readonly key: K;
  /** The most urgent lane of those who wait. */
  lane: Lane;
  /** The latest deadline of those who wait, in ms since the epoch: after it nobody does. */
  deadline: number;
  /** When the ERP was asked, in ms since the epoch; null while it waits. */
  sentAt: number | null = null;
  outcome: Outcome<Answer> | null = null;
  /** Whether something changed since it was sent, so that nobody who asks from then on may be given its answer. */
  #isSuperseded = false;
  /** The request that asked first, for the trace; undefined without tracing. */
  readonly cause: SpanContext | undefined = activeSpan();
  readonly #waiting: (() => void)[] = [];

  constructor(key: K, ask: Ask) {
    this.key = key;
    this.lane = ask.lane;
    this.deadline = ask.deadline;
  }

  join(ask: Ask): void {
    if (isMoreUrgent(ask.lane, this.lane)) this.lane = ask.lane;
    this.deadline = Math.max(this.deadline, ask.deadline);
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

export function isMoreUrgent(lane: Lane, than: Lane): boolean {
  return lanes.indexOf(lane) < lanes.indexOf(than);
}
