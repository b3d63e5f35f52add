import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import type { Caller } from "../pricing/caller.js";
import { type AnswerKind, type Lane, lanes } from "../pricing/source.js";
import {
  answerKinds,
  type BreakerState,
  breakerStates,
  type CacheOutcome,
  type CallOutcome,
  cacheOutcomes,
  callerKinds,
  callKeysBuckets,
  callOutcomes,
  callSecondsBuckets,
  chargeOutcomes,
  type DispatchDecision,
  dispatchDecisions,
  type InvalidationOrigin,
  invalidationOrigins,
  type LastKnownReason,
  type LeftOutReason,
  type LimitDecrease,
  lastKnownReasons,
  leftOutReasons,
  limitDecreases,
  type PollOutcome,
  pollOutcomes,
  type RequestOutcome,
  requestOutcomes,
  requestSecondsBuckets,
  type SharedOutcome,
  type StreamFormat,
  type StreamOutcome,
  sharedOutcomes,
  streamFormats,
  streamOutcomes,
} from "./metric-names.js";

// Each series is looked up once, here: a question answered from memory takes microseconds and pays for no hashing of labels.
// All but the errors start at 0, since no rate can be seen of a series that appears with its first event.

export function countRequests(registry: Registry) {
  const requests = counter(registry, "requests_total", "Requests answered.", ["lane", "outcome"]);
  const seconds = histogram(registry, "request_seconds", "From arrival to answer.", "lane", requestSecondsBuckets);
  const counts = byLabel(lanes, (lane) => byLabel(requestOutcomes, (outcome) => requests({ lane, outcome })));
  const times = byLabel(lanes, (lane) => seconds.labels(lane));
  return (lane: Lane, outcome: RequestOutcome, took: number): void => {
    counts[lane][outcome].add(1);
    times[lane].observe(took);
  };
}

export function measureCalls(registry: Registry) {
  const calls = counter(registry, "erp_calls_total", "ERP calls that ended.", ["kind", "outcome"]);
  const keys = counter(registry, "erp_keys_total", "Keys that ERP calls carried.", ["kind"]);
  const seconds = histogram(registry, "erp_call_seconds", "How long ERP calls took.", "kind", callSecondsBuckets);
  const size = histogram(registry, "erp_call_keys", "Keys in one ERP call.", "kind", callKeysBuckets);
  const series = byLabel(answerKinds, (kind) => ({
    calls: byLabel(callOutcomes, (outcome) => calls({ kind, outcome })),
    keys: keys({ kind }),
    seconds: seconds.labels(kind),
    size: size.labels(kind),
  }));
  return (kind: AnswerKind, outcome: CallOutcome, carried: number, took: number): void => {
    const ofKind = series[kind];
    ofKind.calls[outcome].add(1);
    ofKind.keys.add(carried);
    ofKind.seconds.observe(took);
    ofKind.size.observe(carried);
  };
}

export function countCacheOutcomes(registry: Registry) {
  const labels = ["kind", "lane", "outcome"];
  const lookups = counter(registry, "cache_outcomes_total", "Keys looked up in the cache.", labels);
  const counts = byLabel(answerKinds, (kind) =>
    byLabel(lanes, (lane) => byLabel(cacheOutcomes, (outcome) => lookups({ kind, lane, outcome }))),
  );
  return (kind: AnswerKind, lane: Lane, outcome: CacheOutcome, count: number): void => {
    counts[kind][lane][outcome].add(count);
  };
}

export function countShared(registry: Registry) {
  const help = "Keys looked up in the tier that replicas share.";
  const lookups = counter(registry, "shared_outcomes_total", help, ["kind", "outcome"]);
  const counts = byLabel(answerKinds, (kind) => byLabel(sharedOutcomes, (outcome) => lookups({ kind, outcome })));
  return (kind: AnswerKind, outcome: SharedOutcome, count: number): void => counts[kind][outcome].add(count);
}

export function countCharges(registry: Registry) {
  const help = "ERP keys that callers' budgets were asked for.";
  const keys = counter(registry, "caller_keys_total", help, ["caller", "outcome"]);
  const counts = byLabel(callerKinds, (caller) => byLabel(chargeOutcomes, (outcome) => keys({ caller, outcome })));
  return (caller: Caller["kind"], charged: number, refused: number): void => {
    counts[caller].charged.add(charged);
    counts[caller].refused.add(refused);
  };
}

export function countDecisions(registry: Registry) {
  const labels = ["kind", "lane", "decision"];
  const decisions = counter(registry, "dispatch_decisions_total", "What dispatch decided of keys.", labels);
  const counts = byLabel(answerKinds, (kind) =>
    byLabel(lanes, (lane) => byLabel(dispatchDecisions, (decision) => decisions({ kind, lane, decision }))),
  );
  return (kind: AnswerKind, lane: Lane, decision: DispatchDecision): void => {
    counts[kind][lane][decision].add(1);
  };
}

export function countLastKnown(registry: Registry) {
  const labels = ["kind", "lane", "reason"];
  const served = counter(registry, "last_known_total", "Last known answers served.", labels);
  const counts = byLabel(answerKinds, (kind) =>
    byLabel(lanes, (lane) => byLabel(lastKnownReasons, (reason) => served({ kind, lane, reason }))),
  );
  return (kind: AnswerKind, lane: Lane, reason: LastKnownReason): void => {
    counts[kind][lane][reason].add(1);
  };
}

export function countInvalidations(registry: Registry) {
  const acts = counter(registry, "invalidations_total", "Invalidations.", ["origin"]);
  const answers = counter(registry, "invalidated_answers_total", "Answers that were forgotten by them.", ["origin"]);
  const counts = byLabel(invalidationOrigins, (origin) => ({ acts: acts({ origin }), answers: answers({ origin }) }));
  return (origin: InvalidationOrigin, forgotten: number): void => {
    counts[origin].acts.add(1);
    counts[origin].answers.add(forgotten);
  };
}

export function countPolls(registry: Registry) {
  const polls = counter(registry, "change_polls_total", "Times the ERP was asked what changed.", ["outcome"]);
  const counts = byLabel(pollOutcomes, (outcome) => polls({ outcome }));
  return (outcome: PollOutcome): void => counts[outcome].add(1);
}

export function countJournalFailures(registry: Registry) {
  const help = "Times the shared store did not take what the journal of changes had for it.";
  const failures = counter(registry, "journal_write_failures_total", help, [])({});
  return (): void => failures.add(1);
}

export function countStreams(registry: Registry) {
  const streams = counter(registry, "feed_streams_total", "Streamed feeds that ended.", ["format", "outcome"]);
  const items = counter(registry, "feed_items_total", "Items written to readers of streamed feeds.", ["format"]);
  const help = "SKUs that streamed feeds told nothing of, or not all.";
  const leftOut = counter(registry, "feed_left_out_total", help, ["format", "reason"]);
  const series = byLabel(streamFormats, (format) => ({
    ended: byLabel(streamOutcomes, (outcome) => streams({ format, outcome })),
    items: items({ format }),
    leftOut: byLabel(leftOutReasons, (reason) => leftOut({ format, reason })),
  }));
  return {
    streamEnded: (format: StreamFormat, outcome: StreamOutcome): void => series[format].ended[outcome].add(1),
    itemsStreamed: (format: StreamFormat, count: number): void => series[format].items.add(count),
    itemLeftOut: (format: StreamFormat, reason: LeftOutReason): void => series[format].leftOut[reason].add(1),
  };
}

export function countLimitDecreases(registry: Registry) {
  const decreases = counter(registry, "limit_decreases_total", "Times the concurrency limit fell.", ["reason"]);
  const counts = byLabel(limitDecreases, (reason) => decreases({ reason }));
  return (reason: LimitDecrease): void => counts[reason].add(1);
}

/** Codes beyond these are counted as "OTHER": no input may make series without end. */
export const maxCodes = 50;

export function countErrors(registry: Registry) {
  const errors = counter(registry, "errors_total", "Errors sent to clients.", ["code"]);
  const counts = new Map<string, Tally>();
  return (code: string): void => {
    const name = counts.has(code) || counts.size < maxCodes ? code : "OTHER";
    const count = counts.get(name) ?? errors({ code: name });
    counts.set(name, count);
    count.add(1);
  };
}

export function showBreakers(registry: Registry) {
  const gauge = new Gauge({
    name: "pricelane_breaker_state",
    help: "1 at the state that the circuit breaker is in.",
    labelNames: ["kind", "state"],
    registers: [registry],
  });
  const show = (kind: AnswerKind, state: BreakerState): void => {
    for (const each of breakerStates) gauge.set({ kind, state: each }, each === state ? 1 : 0);
  };
  for (const kind of answerKinds) show(kind, "closed");
  return show;
}

/** One series of a counter. Adding costs an addition; a child of prom-client hashes its labels each time, half a microsecond. */
class Tally {
  total = 0;
  add(count: number): void {
    this.total += count;
  }
}

type Labels = Record<string, string>;

/** A counter whose series are handed out by their labels, and read when the metrics are asked for. */
function counter(registry: Registry, name: string, help: string, labelNames: string[]): (labels: Labels) => Tally {
  const series: { labels: Labels; tally: Tally }[] = [];
  new Counter({
    name: `pricelane_${name}`,
    help,
    labelNames,
    registers: [registry],
    collect() {
      this.reset();
      for (const { labels, tally } of series) this.inc(labels, tally.total);
    },
  });
  return (labels) => {
    const tally = new Tally();
    series.push({ labels, tally });
    return tally;
  };
}

function histogram(registry: Registry, name: string, help: string, label: string, buckets: number[]): Histogram {
  return new Histogram({ name: `pricelane_${name}`, help, labelNames: [label], buckets, registers: [registry] });
}

function byLabel<Value extends string, Made>(values: readonly Value[], make: (value: Value) => Made) {
  return Object.fromEntries(values.map((value) => [value, make(value)])) as Record<Value, Made>;
}
