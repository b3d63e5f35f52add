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

/**
 * Stops calling an ERP that fails. opossum keeps the state and counts; its time-out, capacity and coalescing are off,
 * since it would free a place while the ERP still works on the call. What the ERP did wrong counts, what we refused
 * or what it answered in its right mind does not.
 */
export class Breaker {
  readonly #opossum: CircuitBreaker<[() => Promise<unknown>], unknown>;
  readonly #options: BreakerOptions;
  /** opossum reads its options anew each time it opens: writing `resetTimeout` here sets the next wait. */
  readonly #live: { resetTimeout: number } & CircuitBreaker.Options;
  #failuresInARow = 0;
  #openMs: number;
  #trialAt = 0;

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
    this.#opossum = new CircuitBreaker((call: () => Promise<unknown>) => call(), this.#live);
    this.#listen();
  }

  get state(): BreakerState {
    if (this.#opossum.opened) return "open";
    return this.#opossum.halfOpen ? "half-open" : "closed";
  }

  /** Runs the call unless the circuit is open. @throws {ErpUnavailable} at once where it is; else what the call throws */
  async run<T>(call: () => Promise<T>): Promise<T> {
    try {
      return (await this.#opossum.fire(call)) as T;
    } catch (error) {
      if (!CircuitBreaker.isOurError(error as Error)) throw error;
      throw this.refusal();
    }
  }

  /** Whether a call would be refused unsent. */
  get refuses(): boolean {
    return !this.#opossum.closed && !this.#opossum.pendingClose;
  }

  refusal(): ErpUnavailable {
    const waitMs = Math.max(this.#trialAt - this.#options.now(), 0);
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
      onState("open");
    });
    this.#opossum.on("halfOpen", () => onState("half-open"));
    this.#opossum.on("close", () => {
      this.#failuresInARow = 0;
      this.#openMs = firstOpenMs;
      this.#live.resetTimeout = firstOpenMs;
      onState("closed");
    });
  }
}
