import CircuitBreaker from "opossum";
import { ErpError, ErpUnavailable } from "../errors.js";

export type BreakerState = "closed" | "open" | "half-open";

export interface BreakerOptions {
  /** Opens after this many failed calls in a row. */
  readonly failuresInARow: number;
  /** How long it stays open before the first trial call, in ms; doubles with each failed trial, up to `longestOpenMs`. */
  readonly firstOpenMs: number;
  readonly longestOpenMs: number;
  /** ms since the epoch. */
  readonly now: () => number;
  readonly onState: (state: BreakerState) => void;
}

const answered = Promise.resolve();

/**
 * Stops calling an ERP that fails. opossum keeps the state and counts; its time-out, capacity and coalescing are off,
 * since it would free a place while the ERP still works on the call. What the ERP did wrong counts, what we refused
 * or what it answered in its right mind does not.
 */
export class Breaker {
  readonly #opossum: CircuitBreaker<[Error | null], void>;
  readonly #options: BreakerOptions;
  /** opossum reads its options anew each time it opens: writing `resetTimeout` here sets the next wait. */
  readonly #live: { resetTimeout: number } & CircuitBreaker.Options;
  #failuresInARow = 0;
  #openMs: number;
  #trialAt = 0;
  /** How often it opened: what was sent before the last time tells nothing of the ERP since. */
  #period = 0;
  #isTrialUnderWay = false;

  constructor(options: BreakerOptions) {
    this.#options = options;
    this.#openMs = options.firstOpenMs;
    this.#live = {
      timeout: false,
      resetTimeout: options.firstOpenMs,
      errorThresholdPercentage: 49.999, // opossum opens above its threshold; ours is "at 50 %"
      volumeThreshold: 10,
      rollingCountTimeout: 10_000,
      rollingPercentilesEnabled: false, // it would sort every latency of the window at each failure
      enableSnapshots: false,
      errorFilter: (error: unknown) => !(error instanceof ErpError && error.countsAsFailure),
    };
    this.#opossum = new CircuitBreaker(
      (error: Error | null) => (error === null ? answered : Promise.reject(error)),
      this.#live,
    );
    this.#listen();
  }

  get state(): BreakerState {
    if (this.#opossum.opened) return "open";
    return this.#opossum.halfOpen ? "half-open" : "closed";
  }

  /** Runs the call unless the circuit is open. @throws {ErpUnavailable} at once where it is; else what the call throws */
  async run<T>(call: () => Promise<T>): Promise<T> {
    if (this.refuses) throw this.refusal();
    this.#isTrialUnderWay = this.#opossum.halfOpen;
    const period = this.#period;
    try {
      const result = await call();
      await this.#count(null, period);
      return result;
    } catch (error) {
      await this.#count(error as Error, period);
      throw error;
    }
  }

  /** Whether a call would be refused unsent. */
  get refuses(): boolean {
    return !this.#opossum.closed && (!this.#opossum.halfOpen || this.#isTrialUnderWay);
  }

  /** opossum is told of calls as they end, and of a trial alone while it waits for one. */
  async #count(error: Error | null, period: number): Promise<void> {
    if (period !== this.#period) return;
    try {
      await this.#opossum.fire(error);
    } catch {
      // Whoever made the call has this error already.
    }
  }

  refusal(): ErpUnavailable {
    // No longer than it was opened for, be the clock set back meanwhile.
    const waitMs = Math.min(Math.max(this.#trialAt - this.#options.now(), 0), this.#openMs);
    return new ErpUnavailable("the circuit breaker is open", {
      countsAsFailure: false,
      retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1000)),
    });
  }

  shutdown(): void {
    this.#opossum.shutdown();
  }

  #listen(): void {
    const { failuresInARow, firstOpenMs, longestOpenMs, now, onState } = this.#options;
    // Before opossum opens again after a failed trial, so that its timer takes the longer wait.
    this.#opossum.on("failure", () => {
      if (this.#opossum.halfOpen) this.#openMs = Math.min(this.#openMs * 2, longestOpenMs);
      this.#live.resetTimeout = this.#openMs;
      if (++this.#failuresInARow >= failuresInARow) this.#opossum.open();
    });
    this.#opossum.on("success", () => {
      this.#failuresInARow = 0;
    });
    this.#opossum.on("open", () => {
      this.#trialAt = now() + this.#openMs;
      this.#period++;
      onState("open");
    });
    this.#opossum.on("halfOpen", () => {
      this.#isTrialUnderWay = false;
      onState("half-open");
    });
    this.#opossum.on("close", () => {
      this.#failuresInARow = 0;
      this.#openMs = firstOpenMs;
      this.#live.resetTimeout = firstOpenMs;
      onState("closed");
    });
  }
}
