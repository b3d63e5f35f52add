import { collectDefaultMetrics, Registry } from "prom-client";
import type { Caller } from "../pricing/caller.js";
import type { AnswerKind, Lane } from "../pricing/source.js";
import { createGauges, type GaugeLabels } from "./gauges.js";
import type {
  BreakerState,
  CacheOutcome,
  CallOutcome,
  DispatchDecision,
  GaugeName,
  InvalidationOrigin,
  LastKnownReason,
  LeftOutReason,
  LimitDecrease,
  PollOutcome,
  RequestOutcome,
  SharedOutcome,
  StreamFormat,
  StreamOutcome,
} from "./metric-names.js";
import {
  countCacheOutcomes,
  countCharges,
  countDecisions,
  countErrors,
  countInvalidations,
  countJournalFailures,
  countLastKnown,
  countLimitDecreases,
  countPolls,
  countRequests,
  countShared,
  countStreams,
  measureCalls,
  showBreakers,
} from "./metric-series.js";

/** What other layers tell of themselves. Times are durations in seconds. */
export interface Metrics {
  requestDone(lane: Lane, outcome: RequestOutcome, seconds: number): void;
  /** @param keys how many keys the call carried */
  erpCallDone(kind: AnswerKind, outcome: CallOutcome, keys: number, seconds: number): void;
  /** @param count how many keys met this outcome */
  cacheOutcome(kind: AnswerKind, lane: Lane, outcome: CacheOutcome, count: number): void;
  /** @param count how many keys met this outcome */
  sharedOutcome(kind: AnswerKind, outcome: SharedOutcome, count: number): void;
  /** A caller's budget was asked for `charged` + `refused` keys. No caller is named: their number has no end. */
  keysCharged(caller: Caller["kind"], charged: number, refused: number): void;
  /** Told once for each key. */
  dispatchDecided(kind: AnswerKind, lane: Lane, decision: DispatchDecision): void;
  /** A last known answer was served. */
  lastKnownServed(kind: AnswerKind, lane: Lane, reason: LastKnownReason): void;
  /** @param forgotten how many answers */
  invalidated(origin: InvalidationOrigin, forgotten: number): void;
  changesPolled(outcome: PollOutcome): void;
  streamEnded(format: StreamFormat, outcome: StreamOutcome): void;
  /** Items were written to the reader of a streamed feed. */
  itemsStreamed(format: StreamFormat, count: number): void;
  /** A streamed feed told nothing of an SKU, or not all of it. */
  itemLeftOut(format: StreamFormat, reason: LeftOutReason): void;
  /** The shared store did not take what the journal of changes has for it, or not in time. */
  journalWriteFailed(): void;
  limitDecreased(reason: LimitDecrease): void;
  /** @param code as in `extensions.code` */
  errorSent(code: string): void;
  setBreaker(kind: AnswerKind, state: BreakerState): void;
  /**
   * Names who is asked for a gauge's value when the metrics are read. Asking again for the same labels replaces the reader.
   * @param labels as in `gaugeLabels`
   */
  observe(gauge: GaugeName, read: () => number, labels?: GaugeLabels): void;
  /** The metrics in the text format of Prometheus. */
  text(): Promise<string>;
  readonly contentType: string;
}

export interface MetricsOptions {
  /** Whether the process's own metrics (CPU, memory, event loop) are among them. They observe the process until it ends. */
  readonly processMetrics?: boolean;
}

/** Metrics with a registry of their own, so that several can live in one process. */
export function createMetrics({ processMetrics = true }: MetricsOptions = {}): Metrics {
  const registry = new Registry();
  if (processMetrics) collectDefaultMetrics({ register: registry });
  return {
    requestDone: countRequests(registry),
    erpCallDone: measureCalls(registry),
    cacheOutcome: countCacheOutcomes(registry),
    sharedOutcome: countShared(registry),
    keysCharged: countCharges(registry),
    dispatchDecided: countDecisions(registry),
    lastKnownServed: countLastKnown(registry),
    invalidated: countInvalidations(registry),
    changesPolled: countPolls(registry),
    ...countStreams(registry),
    journalWriteFailed: countJournalFailures(registry),
    limitDecreased: countLimitDecreases(registry),
    errorSent: countErrors(registry),
    setBreaker: showBreakers(registry),
    observe: createGauges(registry),
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}

/** Counts nothing; for what is tested without metrics. */
export const noMetrics: Metrics = {
  requestDone() {},
  erpCallDone() {},
  cacheOutcome() {},
  sharedOutcome() {},
  keysCharged() {},
  dispatchDecided() {},
  lastKnownServed() {},
  invalidated() {},
  changesPolled() {},
  streamEnded() {},
  itemsStreamed() {},
  itemLeftOut() {},
  journalWriteFailed() {},
  limitDecreased() {},
  errorSent() {},
  setBreaker() {},
  observe() {},
  text: async () => "",
  contentType: "text/plain",
};
