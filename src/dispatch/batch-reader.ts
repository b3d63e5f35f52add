import { ErpError, ErpOverloaded, ErpTimeout } from "../errors.js";
import type { ErpSource, Key, Outcome } from "../pricing/source.js";
import type { Breaker } from "./breaker.js";
import type { CallSlots } from "./call-slots.js";
import { ErpCaller, type ErpCallerOptions, type FinishedCall } from "./erp-caller.js";
import type { Flight } from "./flight.js";
import { readHalving } from "./halving.js";
import { LatencySeen } from "./latency-seen.js";
import { RecoveryRamp } from "./recovery-ramp.js";

export interface BatchReaderOptions extends ErpCallerOptions {
  readonly breaker: Breaker;
  /** Shared by the dispatchers of all kinds that ask the same ERP. */
  readonly slots: CallSlots;
  /** How long the slot of a call that timed out stays taken, in ms; null: as long as all but the slowest calls took of late. */
  readonly abandonMs: number | null;
}

/** After this many failed calls in a row it is not one key that is to blame, and no failed batch is halved. */
const hopelessFailures = 3;

/** Of answered calls, all but the slowest: what a call that was given up is taken to need before the ERP drops it too, for one. */
const slowShare = 0.95;
/** Of answered calls, the share that is quicker than what the next one is expected to take. */
const usualShare = 0.5;

/** Reads batches of one kind in slots that were taken for them, through the circuit breaker, and learns how the ERP is. */
export class BatchReader<K extends Key, Answer> {
  readonly #options: BatchReaderOptions;
  readonly #caller: ErpCaller<K, Answer>;
  readonly #onAnswer: (part: readonly Flight<K, Answer>[], outcomes: readonly Outcome<Answer>[]) => void;
  readonly #latency = new LatencySeen();
  readonly #ramp = new RecoveryRamp();

  /** @param onAnswer told of each part of a batch that was answered, as it is */
  constructor(
    erp: ErpSource<K, Answer>,
    options: BatchReaderOptions,
    onAnswer: (part: readonly Flight<K, Answer>[], outcomes: readonly Outcome<Answer>[]) => void,
  ) {
    this.#options = options;
    this.#onAnswer = onAnswer;
    this.#caller = new ErpCaller(erp, { ...options, onCall: (call) => this.#onCall(call) });
  }

  /** Most calls of this kind that may be under way now, whatever the limit allows over all kinds. */
  get mostCalls(): number {
    return this.#options.breaker.refuses ? 0 : this.#ramp.most;
  }

  /**
   * Whether a question would be refused unsent. So it is, too, while a trial call is due and cannot be made since the ERP may
   * still be at earlier ones: nobody knows how long that will be.
   * @param slotsTaken by calls of this kind
   */
  refuses(slotsTaken: number): boolean {
    const { breaker } = this.#options;
    return breaker.refuses || (breaker.state === "half-open" && slotsTaken >= this.#ramp.most);
  }

  /** How long a call takes of late, in ms; null where none was answered. */
  get usualMs(): number | null {
    return this.#latency.percentile(usualShare, this.#options.clock.now());
  }

  /** How long all but the slowest calls take of late, likewise. */
  get slowMs(): number | null {
    return this.#latency.percentile(slowShare, this.#options.clock.now());
  }

  /** How long a call that timed out is taken to keep the ERP busy from then on, in ms. */
  get abandonMs(): number {
    const { abandonMs, timeoutMs } = this.#options;
    return abandonMs ?? Math.min(this.slowMs ?? timeoutMs, timeoutMs);
  }

  /** @returns the flights that were not answered, each with the reason, once the breaker has counted the batch */
  async read(batch: readonly Flight<K, Answer>[]): Promise<Map<Flight<K, Answer>, Error>> {
    const { breaker, slots } = this.#options;
    const isOrdinary = breaker.state === "closed";
    const lost = new Map<Flight<K, Answer>, Error>();
    // The breaker counts a batch once, and as a success where any part of it was answered.
    const error = await breaker.run(() => this.#readHalving(batch, lost));
    // Refused by the breaker, if it is not what a call met.
    if (error !== null) for (const flight of batch) if (!lost.has(flight)) lost.set(flight, error);
    if (breaker.state !== "closed") this.#ramp.restart();
    else if (isOrdinary && lost.size < batch.length) this.#ramp.onSuccess(slots.limit.current);
    return lost;
  }

  #readHalving(batch: readonly Flight<K, Answer>[], lost: Map<Flight<K, Answer>, Error>): Promise<Error | null> {
    let isTimedOut = false;
    return readHalving(batch, {
      attempt: async (part) => {
        const reason = await this.#attempt(part);
        if (reason instanceof ErpTimeout) isTimedOut = true;
        return reason;
      },
      mayBeOne: (reason) => reason instanceof ErpError && reason.mayBeOneKey,
      // After a time-out the ERP may still be at it, and this batch has one slot alone.
      mayGoOn: (part) => !isTimedOut && this.#mayGoOn(part),
      giveUp: (part, reason) => {
        for (const flight of part) lost.set(flight, reason);
      },
    });
  }

  async #attempt(part: readonly Flight<K, Answer>[]): Promise<Error | null> {
    const sentAt = this.#options.clock.now();
    for (const flight of part) flight.sentAt = sentAt;
    const causes = [...new Set(part.flatMap(({ cause }) => cause ?? []))];
    const keys = part.map(({ key }) => key);
    const outcomes = await this.#caller.read(keys, sentAt, causes).catch((error: Error) => error);
    if (outcomes instanceof Error) return outcomes;
    this.#onAnswer(part, outcomes);
    return null;
  }

  /** Whether a part of a failed batch is worth another call: not to an ERP that fails at everything, nor for nobody. */
  #mayGoOn(part: readonly Flight<K, Answer>[]): boolean {
    const { breaker, slots } = this.#options;
    // A replica whose share fell meanwhile may use this slot for the call under way alone.
    if (slots.inFlight > slots.limit.current) return false;
    if (breaker.state === "open" || slots.heldMs > 0 || this.#caller.failedInARow >= hopelessFailures) return false;
    return part.some(({ isGone }) => !isGone);
  }

  #onCall(call: FinishedCall): void {
    const { slots, clock, onCall } = this.#options;
    const { kind, keys, sentAt, outcome, error } = call;
    const endedAt = clock.now();
    const holdSeconds = error instanceof ErpOverloaded ? error.holdSeconds : null;
    const holdMs = holdSeconds === null ? null : holdSeconds * 1000;
    if (outcome === "success") this.#latency.add(endedAt - sentAt, endedAt);
    slots.limit.onCallEnd({ kind, keys, sentAt, endedAt, inFlight: slots.inFlight, outcome, holdMs });
    onCall(call);
  }
}
