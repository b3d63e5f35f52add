import type { Clock } from "../../clock.js";
import type { ErpSource, Key, Outcome } from "../../pricing/source.js";

export interface FinishedCall<Answer> {
  readonly keys: number;
  readonly ms: number;
  /** Empty where the call failed as a whole. */
  readonly outcomes: readonly Outcome<Answer>[];
  readonly error: Error | null;
}

/** As many calls were made as may be. */
export class CallsSpent extends Error {}

export interface ProbeBounds {
  /** Most calls in all. */
  readonly maxCalls: number;
  /** Most calls at once. */
  readonly maxConcurrency: number;
  readonly timeoutMs: number;
  readonly clock: Clock;
  /** In ms, for how long things take; finer than the clock. */
  readonly now: () => number;
}

/** Makes the calls of a probe, and holds to its bounds, whoever asks. */
export class ProbeCalls {
  readonly bounds: ProbeBounds;
  made = 0;
  inFlight = 0;
  peakInFlight = 0;

  constructor(bounds: ProbeBounds) {
    this.bounds = bounds;
  }

  get left(): number {
    return this.bounds.maxCalls - this.made;
  }

  /** @throws {CallsSpent} instead of a call too many; a failure of the ERP's is no exception, but an answer */
  async read<K extends Key, Answer>(source: ErpSource<K, Answer>, keys: readonly K[]): Promise<FinishedCall<Answer>> {
    return this.measure(keys.length, (signal) => source.readMany(keys, { sentAt: this.bounds.clock.now(), signal }));
  }

  async measure<Answer>(
    keys: number,
    read: (signal: AbortSignal) => Promise<readonly Outcome<Answer>[]>,
  ): Promise<FinishedCall<Answer>> {
    const { maxConcurrency, timeoutMs, clock, now } = this.bounds;
    if (this.left <= 0) throw new CallsSpent("the calls of this probe are spent");
    if (this.inFlight >= maxConcurrency) throw new Error("a probe asks for more at once than it may");
    this.made += 1;
    this.inFlight += 1;
    this.peakInFlight = Math.max(this.peakInFlight, this.inFlight);
    const leaving = new AbortController();
    const cancel = clock.after(timeoutMs, () => leaving.abort());
    const begun = now();
    try {
      const outcomes = await read(leaving.signal);
      return { keys, ms: now() - begun, outcomes, error: null };
    } catch (error) {
      return { keys, ms: now() - begun, outcomes: [], error: error as Error };
    } finally {
      cancel();
      this.inFlight -= 1;
    }
  }
}
