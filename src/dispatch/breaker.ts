import CircuitBreaker from "opossum";
import { ErpError, ErpUnavailable } from "../errors.js";
import type { BreakerState } from "../telemetry/metric-names.js";
import { FailureRate } from "./failure-rate.js";

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

/**
 * Stops calling an ERP that fails. opossum keeps the state and its timer, and tells of changes; it runs no call, since it would
 * free a place while the ERP still works on one, and counts none, since it goes through all of its window at each failure.
 * What the ERP did wrong counts, what we refused or what it answered in its right mind does not.
 */
export class Breaker {
  readonly #opossum: CircuitBreaker<[], void>;
  readonly #options: BreakerOptions;
  /** opossum reads its options anew each time it opens: writing `resetTimeout` here sets the next wait. */
  readonly #live: { resetTimeout: number } & CircuitBreaker.Options;
  readonly #rate = new FailureRate();
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
      rollingPercentilesEnabled: false,
      enableSnapshots: false,
    };
    this.#opossum = new CircuitBreaker(async () => {}, this.#live);
    this.#listen();
  }

  get state(): BreakerState {
    if (this.#opossum.opened) return "open";
    return this.#opossum.halfOpen ? "half-open" : "closed";
  }

  /**
   * Runs the call unless the circuit is open. Nothing is thrown on the way: throwing costs more than all the rest.
   * @param call gives null, or why it failed. @returns the same once it was counted, or the refusal
   */
  async run(call: () => Promise<Error | null>): Promise<Error | null> {
    if (this.refuses) return this.refusal();
    this.#isTrialUnderWay = this.#opossum.halfOpen;
    const period = this.#period;
    const error = await call();
    if (period === this.#period) this.#count(error instanceof ErpError && error.countsAsFailure);
    return error;
  }

  /** Whether a call would be refused unsent. */
  get refuses(): boolean {
    return !this.#opossum.closed && (!this.#opossum.halfOpen || this.#isTrialUnderWay);
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

  #count(isFailure: boolean): void {
    const now = this.#options.now();
    this.#rate.add(isFailure, now);
    this.#failuresInARow = isFailure ? this.#failuresInARow + 1 : 0;
    if (!isFailure) {
      if (this.#opossum.halfOpen) this.#opossum.close();
      return;
    }
    if (this.#opossum.halfOpen) this.#open(Math.min(this.#openMs * 2, this.#options.longestOpenMs));
    else if (this.#failuresInARow >= this.#options.failuresInARow || this.#rate.isHalf(now)) this.#open(this.#openMs);
  }

  #open(ms: number): void {
    this.#openMs = ms;
    this.#live.resetTimeout = ms;
    this.#trialAt = this.#options.now() + ms;
    this.#period++;
    this.#opossum.open();
  }

  #listen(): void {
    const { firstOpenMs, onState } = this.#options;
    this.#opossum.on("open", () => onState("open"));
    this.#opossum.on("halfOpen", () => {
      this.#isTrialUnderWay = false;
      onState("half-open");
    });
    this.#opossum.on("close", () => {
      this.#failuresInARow = 0;
      this.#openMs = firstOpenMs;
      onState("closed");
    });
  }
}
