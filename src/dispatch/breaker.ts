import CircuitBreaker from "opossum";
import { ErpError, ErpUnavailable } from "../errors.js";
import type { BreakerHint, HintedBreaker } from "../pricing/breaker-hint.js";
import type { BreakerState } from "../telemetry/metric-names.js";
import { FailureRate } from "./failure-rate.js";

export interface BreakerOptions {
  /** Opens after this many failed calls in a row. */
  readonly failuresInARow: number;
  /** How long it stays open before the first trial call, in ms; doubles with each failed trial, up to `longestOpenMs`. */
  readonly firstOpenMs: number;
  readonly longestOpenMs: number;
  /** How long a trial call may take, in ms: so long do other replicas wait for how it ends. 5,000 where left out. */
  readonly longestTrialMs?: number;
  /** From 0 up to 1, so that replicas that wait for one another do not go on in step; 1 where left out. */
  readonly random?: () => number;
  /** ms since the epoch. */
  readonly now: () => number;
  readonly onState: (state: BreakerState) => void;
}

/** Most hints of other replicas that are heeded before an own trial. */
const mostHeeded = 32;
/** Who waited for a failed trial goes before who failed by this part of the wait, for each that it waited for so far: all have their turns. */
const earlierShare = 0.025;
const earliestShare = 0.8;

/**
 * Stops calling an ERP that fails. opossum keeps the state and its timer, and tells of changes; it runs no call, since it would
 * free a place while the ERP still works on one, and counts none, since it goes through all of its window at each failure.
 * What the ERP did wrong counts, what we refused or what it answered in its right mind does not.
 * Other replicas' hints never open or close it: while it is open they put its own trial off, each once and for no longer than it says, or have
 * it made at once.
 * @see docs/decisions/0034-what-a-replica-learnt-is-a-hint.md
 */
export class Breaker implements HintedBreaker {
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
  /** Another replica's trial was answered: the own one may be made before its time. */
  #isHinted = false;
  /** For other replicas' hints the own trial waits, in ms since the epoch. */
  #waitsUntil = Number.NEGATIVE_INFINITY;
  /** What was heeded since it opened: nobody puts it off twice. */
  readonly #heeded = new Set<string>();
  readonly #listeners: ((hint: BreakerHint) => void)[] = [];

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
    if (this.#opossum.opened) return this.#isHinted ? "half-open" : "open";
    return this.#opossum.halfOpen ? "half-open" : "closed";
  }

  /**
   * Runs the call unless the circuit is open. Nothing is thrown on the way: throwing costs more than all the rest.
   * @param call gives null, or why it failed. @returns the same once it was counted, or the refusal
   */
  async run(call: () => Promise<Error | null>): Promise<Error | null> {
    if (this.refuses) return this.refusal();
    this.#isTrialUnderWay = !this.#opossum.closed;
    if (this.#isTrialUnderWay && !this.#isHinted) this.#tell({ kind: "trial", forMs: this.#longestTrialMs });
    const period = this.#period;
    const error = await call();
    if (period === this.#period) this.#count(error instanceof ErpError && error.countsAsFailure);
    return error;
  }

  /** Whether a call would be refused unsent. */
  get refuses(): boolean {
    if (this.#opossum.closed) return false;
    if (this.#isTrialUnderWay || this.#options.now() < this.#waitsUntil) return true;
    return !this.#opossum.halfOpen && !this.#isHinted;
  }

  refusal(): ErpUnavailable {
    // No longer than it was opened for, be the clock set back meanwhile.
    const { now, longestOpenMs } = this.#options;
    const waitMs = Math.min(Math.max(this.#trialAt, this.#waitsUntil) - now(), longestOpenMs);
    return new ErpUnavailable("the circuit breaker is open", {
      countsAsFailure: false,
      retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1000)),
    });
  }

  shutdown(): void {
    this.#opossum.shutdown();
  }

  onHint(listener: (hint: BreakerHint) => void): void {
    this.#listeners.push(listener);
  }

  /** One that is closed goes by what it sees alone. */
  heed(hint: BreakerHint, from: string): void {
    const heeded = `${hint.kind} ${from}`;
    if (this.#opossum.closed || this.#isTrialUnderWay || this.#isHinted) return;
    if (this.#heeded.has(heeded) || this.#heeded.size >= mostHeeded) return;
    this.#heeded.add(heeded);
    const { now, onState, longestOpenMs, random = () => 1 } = this.#options;
    if (hint.kind === "well") {
      this.#waitsUntil = Number.NEGATIVE_INFINITY;
      this.#isHinted = true;
      if (this.#opossum.opened) onState("half-open");
      return;
    }
    const longestMs = hint.kind === "trial" ? this.#longestTrialMs : longestOpenMs;
    const forMs = Math.min(Math.max(hint.forMs, 0), longestMs);
    const waits = this.#heeded.size / 2; // a trial, and that it failed
    const spread = hint.kind === "trial" ? 1 : Math.max(1 - earlierShare * (waits + random()), earliestShare);
    // How a trial ended takes the place of that it was under way.
    this.#waitsUntil = now() + forMs * spread;
  }

  get #longestTrialMs(): number {
    return this.#options.longestTrialMs ?? 5_000;
  }

  #tell(hint: BreakerHint): void {
    for (const listener of this.#listeners) listener(hint);
  }

  #count(isFailure: boolean): void {
    const now = this.#options.now();
    this.#rate.add(isFailure, now);
    this.#failuresInARow = isFailure ? this.#failuresInARow + 1 : 0;
    const isTrial = this.#isTrialUnderWay && !this.#opossum.closed;
    if (!isFailure) {
      if (isTrial) this.#opossum.close();
      if (isTrial) this.#tell({ kind: "well", forMs: 0 });
      return;
    }
    // Made before its time it changes nothing: the own one comes when it would have.
    if (isTrial && this.#opossum.opened) this.#endHinted();
    else if (isTrial) this.#open(Math.min(this.#openMs * 2, this.#options.longestOpenMs));
    else if (this.#failuresInARow >= this.#options.failuresInARow || this.#rate.isHalf(now)) this.#open(this.#openMs);
  }

  #endHinted(): void {
    this.#isTrialUnderWay = false;
    this.#isHinted = false;
    this.#options.onState("open");
  }

  #open(ms: number): void {
    if (!this.#opossum.closed) this.#tell({ kind: "failed", forMs: ms });
    this.#heeded.clear();
    this.#isHinted = false;
    this.#isTrialUnderWay = false;
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
      // One that was made before its time may be under way.
      this.#isTrialUnderWay &&= this.#isHinted;
      onState("half-open");
    });
    this.#opossum.on("close", () => {
      this.#isHinted = false;
      this.#isTrialUnderWay = false;
      this.#waitsUntil = Number.NEGATIVE_INFINITY;
      this.#heeded.clear();
      this.#failuresInARow = 0;
      this.#openMs = firstOpenMs;
      onState("closed");
    });
  }
}
