import type { ErpBaseline } from "../pricing/erp-baseline.js";
import type { AnswerKind } from "../pricing/source.js";
import type { CallOutcome, LimitDecrease } from "../telemetry/metric-names.js";
import { LatencyModel } from "./latency-model.js";
import { UsualDelay } from "./usual-delay.js";

/** One ERP call that ended, as far as it tells of the ERP's load. Instants in ms since the epoch. */
export interface CallSample {
  readonly kind: AnswerKind;
  readonly keys: number;
  readonly sentAt: number;
  readonly endedAt: number;
  /** Calls under way when it ended, itself included. */
  readonly inFlight: number;
  readonly outcome: CallOutcome;
  /** For how long the ERP asked not to be asked (Retry-After), in ms; null where it did not. */
  readonly holdMs: number | null;
}

/** How many calls an ERP may be asked at once; what enforces it stands elsewhere. */
export interface Limit {
  /** At least 1, but for a replica whose share of it is none at present. */
  readonly current: number;
  /** No call is to be sent before this instant, in ms since the epoch. */
  readonly heldUntil: number;
  onCallEnd(sample: CallSample): void;
}

/** Told when the limit fell: from how many calls to how many, and why. */
export type OnDecrease = (decrease: {
  readonly from: number;
  readonly to: number;
  readonly reason: LimitDecrease;
}) => void;

/** A call that timed out or was refused for load halves the limit, as TCP does with its window. Source: RFC 5681, 3.1. */
const dropFactor = 0.5;
/** A standing queue takes off at least this much, and less than a dropped call where it is short: latency is less sure than what the ERP says. */
const gentlestFactor = 0.9;
/**
 * Latency of a round of calls over what is explained and usual: while its mean is below the first the limit may grow; where even
 * its quickest call is above the second, calls stand in a queue at the ERP. Where rounds differ much, so many deviations instead.
 */
const growBelow = 1.25;
const growDeviations = 1;
const shrinkAbove = 1.5;
const shrinkDeviations = 2;
/** Unexplained latency up to this is nobody's queue but the noise of two busy machines, in ms. */
const noiseMs = 50;
/** Rounds after which others are told what was learnt. */
const tellingRounds = 16;
/** Fewest answered calls of a round: one slow call is no queue. */
const leastRound = 4;

/**
 * The adaptive limit of one ERP over all kinds of question: additive increase while it is in use, multiplicative decrease
 * on dropped calls and on a standing queue, which is latency beyond what the size of the batch explains and what is usual
 * for this ERP, in even the quickest of a round of calls. It starts at its most, since an ERP that is well should not wait to be believed so.
 * A state machine: it reads no clock, sets no timer and holds back no call.
 */
export class ConcurrencyLimit implements Limit {
  readonly #most: number;
  readonly #onDecrease: OnDecrease;
  readonly #models = new Map<AnswerKind, LatencyModel>();
  #limit: number;
  #heldUntil = Number.NEGATIVE_INFINITY;
  #decreasedAt = Number.NEGATIVE_INFINITY;
  readonly #usualQuickest = new UsualDelay();
  readonly #usualMean = new UsualDelay();
  #round = newRound();
  #ownRounds = 0;
  /** What the last round told. */
  #mayGrow = true;
  #share: () => number = () => Number.POSITIVE_INFINITY;
  #grown = 0;
  #fell = 1;
  #fellSentAt = 0;

  /** @param most a whole number from 1. @param start what it is at first, where that is less */
  constructor(most: number, start = most, onDecrease: OnDecrease = () => {}) {
    this.#most = most;
    this.#onDecrease = onDecrease;
    this.#limit = Math.min(start, most);
  }

  get current(): number {
    return Math.floor(Math.min(this.#limit, this.#share()));
  }

  /** Over all replicas, not rounded. */
  get full(): number {
    return this.#limit;
  }

  /** From now on `current` is no more than this replica's share, which is asked for at each departure. */
  shareBy(share: () => number): void {
    this.#share = share;
  }

  /** What calls told since this was last asked; `sentAt`, when those were sent that had it fall. */
  takeChange(): { grown: number; factor: number; sentAt: number } {
    const change = { grown: this.#grown, factor: this.#fell, sentAt: this.#fellSentAt };
    this.#grown = 0;
    this.#fell = 1;
    return change;
  }

  /** Follows what all replicas learnt; what calls told here since the last {@link takeChange} is put on top. */
  adopt(limit: number): void {
    this.#limit = Math.min(Math.max(limit * this.#fell + this.#grown, 1), this.#most);
  }

  /** What it learnt itself of the ERP at ease; null before it has seen enough to tell others. @param now ms since the epoch */
  baseline(now: number): ErpBaseline | null {
    if (this.#ownRounds < tellingRounds) return null;
    const quickest = [...this.#models].flatMap(([kind, model]) =>
      model.quickest(now).map((call) => ({ kind, ...call })),
    );
    return { quickest, usualQuickest: this.#usualQuickest.usual, usualMean: this.#usualMean.usual };
  }

  /** Begins with what others learnt; of no effect once it has learnt something itself. @returns whether it does */
  startFrom({ quickest, usualQuickest, usualMean }: ErpBaseline, now: number): boolean {
    if (this.#ownRounds > 0) return false;
    for (const { kind, keys, ms } of quickest) this.#modelOf(kind).learn(keys, ms, now);
    this.#usualQuickest.startFrom(usualQuickest);
    this.#usualMean.startFrom(usualMean);
    return true;
  }

  get heldUntil(): number {
    return this.#heldUntil;
  }

  onCallEnd(sample: CallSample): void {
    // A clock that was set back must not make this decrease the last one until it catches up.
    if (sample.endedAt < this.#decreasedAt) this.#decreasedAt = Number.NEGATIVE_INFINITY;
    if (sample.holdMs !== null) this.#heldUntil = Math.max(this.#heldUntil, sample.endedAt + sample.holdMs);
    if (sample.outcome === "dropped") this.#decrease(dropFactor, sample, "dropped");
    if (sample.outcome === "success") this.#onSuccess(sample);
  }

  #onSuccess(sample: CallSample): void {
    this.#measure(sample);
    // Calls that were sent into a higher limit tell nothing of the queue at this one.
    if (sample.sentAt > this.#decreasedAt && this.#round.calls >= Math.max(this.current, leastRound)) {
      this.#endRound(sample);
    }
    const isUsed = sample.inFlight * 2 > this.current;
    if (!isUsed || !this.#mayGrow) return;
    this.#grown += 1 / this.#limit;
    this.#limit = Math.min(this.#limit + 1 / this.#limit, this.#most);
  }

  #measure({ kind, keys, sentAt, endedAt }: CallSample): void {
    const model = this.#modelOf(kind);
    const ms = endedAt - sentAt;
    model.learn(keys, ms, endedAt);
    if (sentAt <= this.#decreasedAt) return;
    const explained = Math.max(model.explained(keys, endedAt) ?? ms, 1);
    const delay = ms - explained > noiseMs ? ms / explained : 1;
    this.#round.quickest = Math.min(this.#round.quickest, delay);
    this.#round.logSum += Math.log(delay);
    this.#round.calls++;
  }

  #modelOf(kind: AnswerKind): LatencyModel {
    const model = this.#models.get(kind) ?? new LatencyModel();
    this.#models.set(kind, model);
    return model;
  }

  #endRound(sample: CallSample): void {
    this.#ownRounds++;
    const { quickest, logSum, calls } = this.#round;
    this.#round = newRound();
    const mean = this.#usualMean.learn(Math.exp(logSum / calls));
    const standing = this.#usualQuickest.learn(quickest);
    this.#mayGrow = mean.ratio < Math.max(growBelow, mean.deviation ** growDeviations);
    const bearable = Math.max(shrinkAbove, standing.deviation ** shrinkDeviations);
    if (standing.ratio <= bearable) return;
    this.#decrease(Math.min(Math.max(bearable / standing.ratio, dropFactor), gentlestFactor), sample, "queue");
  }

  /** At most once a round trip: what was sent before the last decrease knows nothing of it. */
  #decrease(factor: number, { sentAt, endedAt }: CallSample, reason: LimitDecrease): void {
    if (sentAt <= this.#decreasedAt) return;
    const from = this.current;
    this.#limit = Math.max(this.#limit * factor, 1);
    this.#grown *= factor;
    this.#fell *= factor;
    this.#fellSentAt = sentAt;
    this.#decreasedAt = endedAt;
    this.#round = newRound();
    if (this.current < from) this.#onDecrease({ from, to: this.current, reason });
  }
}

/** Calls that were answered since the last look at the limit. */
function newRound() {
  return { calls: 0, quickest: Number.POSITIVE_INFINITY, logSum: 0 };
}
