import type { Clock } from "../clock.js";
import { ErpOverloaded, ErpTimeout } from "../errors.js";
import type { AnswerKind, ErpCall, ErpSource, Key, Outcome } from "../pricing/source.js";
import type { CallOutcome } from "../telemetry/metric-names.js";
import { type SpanContext, withSpan } from "../telemetry/traces.js";

export interface ErpCallerOptions {
  readonly kind: AnswerKind;
  readonly clock: Clock;
  /** How long one call may take, in ms. */
  readonly timeoutMs: number;
  readonly onCall: (call: FinishedCall) => void;
}

export interface FinishedCall {
  readonly kind: AnswerKind;
  readonly keys: number;
  /** In ms since the epoch. */
  readonly sentAt: number;
  readonly seconds: number;
  readonly outcome: CallOutcome;
  /** Why the call failed as a whole; null where it was answered. */
  readonly error: Error | null;
  /** What was wrong with single keys of an answered call. */
  readonly keyErrors: readonly Error[];
}

/** Makes single calls to the ERP: bounds their time, reports and traces them. */
export class ErpCaller<K extends Key, Answer> {
  readonly #erp: ErpSource<K, Answer>;
  readonly #options: ErpCallerOptions;
  #failedInARow = 0;

  constructor(erp: ErpSource<K, Answer>, options: ErpCallerOptions) {
    this.#erp = erp;
    this.#options = options;
  }

  /** How many of the latest calls failed as a whole, one after the other. */
  get failedInARow(): number {
    return this.#failedInARow;
  }

  /**
   * @param sentAt now, in ms since the epoch
   * @param causes the requests on whose behalf it is made, for the trace
   * @returns one outcome per key, in order
   * @throws {Error} when the call failed as a whole
   */
  async read(keys: readonly K[], sentAt: number, causes: readonly SpanContext[]) {
    const { clock, timeoutMs } = this.#options;
    const abort = new AbortController();
    const cancelTimeout = clock.after(timeoutMs, () => abort.abort());
    try {
      const outcomes = await this.#call(keys, { sentAt, signal: abort.signal }, causes);
      this.#failedInARow = 0;
      this.#report(keys.length, sentAt, null, outcomes);
      return outcomes;
    } catch (thrown) {
      const error = thrown instanceof Error ? thrown : new Error(`the connector threw ${String(thrown)}`);
      this.#failedInARow++;
      this.#report(keys.length, sentAt, error, []);
      throw error;
    } finally {
      cancelTimeout();
    }
  }

  #call(keys: readonly K[], call: ErpCall, causes: readonly SpanContext[]): Promise<Outcome<Answer>[]> {
    const { kind } = this.#options;
    const attributes = { "pricelane.kind": kind, "pricelane.keys": keys.length };
    const read = async () => {
      const outcomes = await this.#erp.readMany(keys, call);
      if (outcomes.length === keys.length) return outcomes;
      throw new Error(`the connector gave ${outcomes.length} outcomes for ${keys.length} ${kind} keys`);
    };
    return withSpan(`erp ${kind}`, attributes, read, { kind: "client", causes });
  }

  #report(keys: number, sentAt: number, error: Error | null, outcomes: readonly Outcome<Answer>[]): void {
    const { kind, clock, onCall } = this.#options;
    const seconds = (clock.now() - sentAt) / 1000;
    const keyErrors = outcomes.flatMap((outcome) => (outcome.kind === "failed" ? [outcome.error] : []));
    onCall({ kind, keys, sentAt, seconds, error, keyErrors, outcome: outcomeOf(error, outcomes) });
  }
}

/** What the call tells of the ERP's load: an answer that found nothing cost it little, so its speed tells nothing. */
function outcomeOf(error: Error | null, outcomes: readonly Outcome<unknown>[]): CallOutcome {
  if (error instanceof ErpTimeout || error instanceof ErpOverloaded) return "dropped";
  return outcomes.some(({ kind }) => kind === "found") ? "success" : "ignored";
}
