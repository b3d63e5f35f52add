import type { Lane } from "../../../src/pricing/source.js";
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

export function toFigures(runs: readonly Run[]): ContenderFigures {
  const asked = runs.flatMap((run) => run.asked);
  const recoveries = runs.map((run) => recoveryOf(run.asked)).sort((one, other) => one - other);
  const finite = (seconds: number | undefined) => (seconds !== undefined && Number.isFinite(seconds) ? seconds : null);
  return {
    lanes: byPhase((phase) => {
      const inPhase = asked.filter(({ askedAt }) => phaseAt(askedAt) === phase);
      return byLane((lane) => laneFigures(inPhase.filter((one) => one.lane === lane)));
    }),
    wasted: ratio(
      runs,
      ({ brownOut }) => brownOut.wastedMs,
      ({ brownOut }) => brownOut.workedMs,
    ),
    wastedWhole: ratio(
      runs,
      ({ whole }) => whole.wastedMs,
      ({ whole }) => whole.workedMs,
    ),
    mostInFlight: Math.max(...runs.map(({ mostInFlight }) => mostInFlight)),
    feedShare: feedShareOf(asked) / runs.length,
    recoverySeconds: {
      median: finite(recoveries[Math.floor((recoveries.length - 1) / 2)]),
      worst: finite(recoveries.at(-1)),
    },
    staysDown: recoveries.filter((seconds) => !Number.isFinite(seconds)).length,
  };
}

function laneFigures(asked: readonly Asked[]): LaneFigures {
  const answered = asked.filter(({ answer }) => answer !== "none");
  const inOrder = answered.map(({ ms }) => ms).sort((one, other) => one - other);
  const share = (answer: Asked["answer"]) => asked.filter((one) => one.answer === answer).length / asked.length;
  return {
    asked: asked.length,
    live: share("live"),
    lastKnown: share("last-known"),
    p50Ms: quantile(inOrder, 0.5),
    p99Ms: quantile(inOrder, 0.99),
  };
}

/** @param inOrder the lowest first */
function quantile(inOrder: readonly number[], share: number): number | null {
  return inOrder[Math.max(Math.ceil(inOrder.length * share) - 1, 0)] ?? null;
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
export function goodputOverTime(runs: readonly Run[], binMs: number): Record<Lane, number[]> {
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

function ratio(runs: readonly Run[], above: (run: Run) => number, below: (run: Run) => number): number {
  const sum = (of: (run: Run) => number) => runs.reduce((all, run) => all + of(run), 0);
  return sum(above) / sum(below);
}

function byLane<T>(of: (lane: Lane) => T): Record<Lane, T> {
  return { checkout: of("checkout"), storefront: of("storefront"), feed: of("feed") };
}

function byPhase<T>(of: (phase: Phase) => T): Record<Phase, T> {
  const [calm, brownOut, after] = phases;
  return { [calm]: of(calm), [brownOut]: of(brownOut), [after]: of(after) };
}
