import { type Lane, lanes } from "../../../src/pricing/source.js";
import { brownOutEndsMs, lengthMs, type Phase, phaseAt, phases, plan } from "./plan.js";
import type { Asked, Run } from "./run.js";

/** What became of the questions of one lane that were asked in one phase. Shares are of all that were asked, from 0 to 1. */
export interface LaneFigures {
  readonly asked: number;
  readonly live: number;
  readonly lastKnown: number;
  /** Of those answered in time, in ms; null where there were none. */
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
}

export interface ContenderFigures {
  readonly lanes: Record<Phase, Record<Lane, LaneFigures>>;
  /** Share of the ERP's work during the brown-out, and in the whole run, that ended after its asker's deadline. */
  readonly wasted: number;
  readonly wastedWhole: number;
  /** Most calls at the ERP at once in any run. */
  readonly mostInFlight: number;
  /** What the feed's answers in time cost, as a share of what the workers left could do during the brown-out. */
  readonly feedShare: number;
  /** From the end of the brown-out until {@link recoveredShare} of the calm goodput is back, in s, over the seeds; null: not in the run. */
  readonly recoverySeconds: { readonly median: number | null; readonly worst: number | null };
  /** Seeds in which it did not come back before the run ended. */
  readonly staysDown: number;
}

const recoveredShare = 0.95;
/** Goodput is told over this long, so that chance does not look like a relapse. */
const recoveryWindowMs = 5_000;

/** What figures are told of. */
export type Told = Pick<Run, "asked" | "mostInFlight" | "brownOut" | "whole">;

interface LaneCounts {
  asked: number;
  live: number;
  lastKnown: number;
  /** How many were answered in time after so many ms. */
  readonly byMs: Record<number, number>;
}

/** What any number of runs came to, without the runs: to be added up over threads. All of it can be cloned. */
export interface Sums {
  readonly lanes: Record<Phase, Record<Lane, LaneCounts>>;
  brownOut: Run["brownOut"];
  whole: Run["whole"];
  mostInFlight: number;
  feedShare: number;
  /** In s, for each run; infinite where it did not come back. */
  readonly recoveries: number[];
}

export function emptySums(): Sums {
  const none = { workedMs: 0, wastedMs: 0 };
  return {
    lanes: byPhase(() => byLane(() => ({ asked: 0, live: 0, lastKnown: 0, byMs: {} }))),
    ...{ brownOut: none, whole: none, mostInFlight: 0, feedShare: 0, recoveries: [] },
  };
}

export function addRun(sums: Sums, { asked, brownOut, whole, mostInFlight }: Told): void {
  for (const { lane, askedAt, answer, ms } of asked) {
    const counts = sums.lanes[phaseAt(askedAt)][lane];
    counts.asked++;
    if (answer === "none") continue;
    counts[answer === "live" ? "live" : "lastKnown"]++;
    counts.byMs[ms] = (counts.byMs[ms] ?? 0) + 1;
  }
  sums.brownOut = plus(sums.brownOut, brownOut);
  sums.whole = plus(sums.whole, whole);
  sums.mostInFlight = Math.max(sums.mostInFlight, mostInFlight);
  sums.feedShare += feedShareOf(asked);
  sums.recoveries.push(recoveryOf(asked));
}

export function addSums(sums: Sums, others: Sums): void {
  for (const phase of phases) {
    for (const lane of lanes) {
      const counts = sums.lanes[phase][lane];
      const { asked, live, lastKnown, byMs } = others.lanes[phase][lane];
      counts.asked += asked;
      counts.live += live;
      counts.lastKnown += lastKnown;
      for (const [ms, count] of Object.entries(byMs)) counts.byMs[Number(ms)] = (counts.byMs[Number(ms)] ?? 0) + count;
    }
  }
  sums.brownOut = plus(sums.brownOut, others.brownOut);
  sums.whole = plus(sums.whole, others.whole);
  sums.mostInFlight = Math.max(sums.mostInFlight, others.mostInFlight);
  sums.feedShare += others.feedShare;
  sums.recoveries.push(...others.recoveries);
}

export function toFigures(runs: readonly Told[]): ContenderFigures {
  const sums = emptySums();
  for (const run of runs) addRun(sums, run);
  return figuresOf(sums);
}

export function figuresOf(sums: Sums): ContenderFigures {
  const recoveries = sums.recoveries.toSorted((one, other) => one - other);
  const finite = (seconds: number | undefined) => (seconds !== undefined && Number.isFinite(seconds) ? seconds : null);
  return {
    lanes: byPhase((phase) => byLane((lane) => laneFigures(sums.lanes[phase][lane]))),
    wasted: sums.brownOut.wastedMs / sums.brownOut.workedMs,
    wastedWhole: sums.whole.wastedMs / sums.whole.workedMs,
    mostInFlight: sums.mostInFlight,
    feedShare: sums.feedShare / recoveries.length,
    recoverySeconds: {
      median: finite(recoveries[Math.floor((recoveries.length - 1) / 2)]),
      worst: finite(recoveries.at(-1)),
    },
    staysDown: recoveries.filter((seconds) => !Number.isFinite(seconds)).length,
  };
}

function laneFigures({ asked, live, lastKnown, byMs }: LaneCounts): LaneFigures {
  return {
    asked,
    live: live / asked,
    lastKnown: lastKnown / asked,
    p50Ms: quantile(byMs, 0.5),
    p99Ms: quantile(byMs, 0.99),
  };
}

function quantile(byMs: LaneCounts["byMs"], share: number): number | null {
  // Names that are numbers come in order, the lowest first.
  const counts = Object.entries(byMs);
  const place = Math.ceil(counts.reduce((all, [, count]) => all + count, 0) * share);
  let passed = 0;
  for (const [ms, count] of counts) {
    passed += count;
    if (passed >= place) return Number(ms);
  }
  return null;
}

function plus(one: Run["whole"], other: Run["whole"]): Run["whole"] {
  return { workedMs: one.workedMs + other.workedMs, wastedMs: one.wastedMs + other.wastedMs };
}

function feedShareOf(asked: readonly Asked[]): number {
  const answered = asked.filter(({ lane, answer, askedAt, ms }) => {
    return lane === "feed" && answer === "live" && phaseAt(askedAt + ms) === "brownOut";
  });
  return (answered.length * plan.erp.callMs) / (plan.workersLeft * plan.brownOutMs);
}

/** Seconds after the brown-out until a window begins in which as large a share is answered as in the calm; infinite if none does. */
function recoveryOf(asked: readonly Asked[]): number {
  const goal = recoveredShare * answeredShare(asked, 0, plan.calmMs);
  for (let from = brownOutEndsMs; from + recoveryWindowMs <= lengthMs; from += 1_000) {
    if (answeredShare(asked, from, from + recoveryWindowMs) >= goal) return (from - brownOutEndsMs) / 1000;
  }
  return Number.POSITIVE_INFINITY;
}

function answeredShare(asked: readonly Asked[], from: number, to: number): number {
  const inWindow = asked.filter(({ askedAt }) => askedAt >= from && askedAt < to);
  return inWindow.filter(({ answer }) => answer !== "none").length / inWindow.length;
}

/** Share of the questions of each `binMs`, of all runs, that were answered in time; for drawing. */
export function goodputOverTime(runs: readonly Told[], binMs: number): Record<Lane, number[]> {
  return byLane((lane) => {
    const bins = Array.from({ length: Math.ceil(lengthMs / binMs) }, () => ({ asked: 0, answered: 0 }));
    for (const one of runs.flatMap((run) => run.asked)) {
      const bin = bins[Math.floor(one.askedAt / binMs)];
      if (bin === undefined || one.lane !== lane) continue;
      bin.asked++;
      if (one.answer !== "none") bin.answered++;
    }
    return bins.map(({ asked, answered }) => (asked === 0 ? 0 : answered / asked));
  });
}

function byLane<T>(of: (lane: Lane) => T): Record<Lane, T> {
  return { checkout: of("checkout"), storefront: of("storefront"), feed: of("feed") };
}

function byPhase<T>(of: (phase: Phase) => T): Record<Phase, T> {
  const [calm, brownOut, after] = phases;
  return { [calm]: of(calm), [brownOut]: of(brownOut), [after]: of(after) };
}
