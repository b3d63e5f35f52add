import { FeedEnded } from "./feed-ended.js";
import { differenceOf, type FeedState, type FeedTarget, noWholeRuns, type UnfinishedRun } from "./run-state.js";

/** How long a run that was cut off may lie, in ms: what it told first must not be of another day than what it tells last. */
export const resumableMs = 6 * 3_600_000;

export interface RunWish {
  readonly target: FeedTarget;
  readonly out: string;
  readonly wantsDelta: boolean;
  /** Whether a delta whose start is lost may be a full run instead. */
  readonly fullIfLost: boolean;
  /** Whether to forget a run that was cut off. */
  readonly isFresh: boolean;
  /** Where the state is, for messages. */
  readonly statePath: string;
}

export interface RunPlan {
  readonly state: FeedState & { readonly run: UnfinishedRun };
  /** What the caller should know of how it begins. */
  readonly notes: readonly string[];
}

/**
 * Whether a run goes on or begins, and where.
 * @param state null where there is none, or none that counts
 * @throws {FeedEnded} where the state is of another feed, or of a run that this one must not end
 */
export function planRun(state: FeedState | null, wish: RunWish, now: number): RunPlan {
  const known = state === null ? null : acceptState(state, wish);
  if (known?.run != null && !wish.isFresh) {
    const why = whyNotResumed(known.run, wish, now);
    if (why === null) return { state: { ...known, run: known.run }, notes: [tellResumed(known.run)] };
    return beginRun(known, wish, now, [why]);
  }
  return beginRun(known, wish, now);
}

/** @param notes what to tell before */
export function beginRun(known: FeedState | null, wish: RunWish, now: number, notes: readonly string[] = []): RunPlan {
  const whole = known?.whole ?? noWholeRuns;
  if (!wish.wantsDelta) return begin({ kind: "full", changedSince: null }, notes);
  if (whole.deltaCursor !== null) return begin({ kind: "delta", changedSince: whole.deltaCursor }, notes);
  const why = `${wish.statePath} knows of no whole run that a delta could start from`;
  return begin({ kind: "full", changedSince: null }, [...notes, lostOrFull(wish, why)]);

  function begin(start: Pick<UnfinishedRun, "kind" | "changedSince">, told: readonly string[]): RunPlan {
    const progress = { endCursor: null, isReceived: false, deltaCursor: null, bytes: 0, items: 0 };
    const run = { ...start, ...progress, out: wish.out, startedAt: now, keptAt: now };
    return { state: { target: wish.target, run, whole }, notes: told };
  }
}

/**
 * The delta's start is lost.
 * @returns what to tell where a full run is welcome instead
 * @throws {FeedEnded} where it is not
 */
export function lostOrFull({ fullIfLost }: RunWish, why: string): string {
  if (fullIfLost) return `${why}: running in full`;
  throw new FeedEnded("cursorLost", `${why}: run in full, without --delta, or give --full-if-lost`);
}

function acceptState(state: FeedState, { target, isFresh, statePath }: RunWish): FeedState | null {
  const difference = differenceOf(state.target, target);
  if (difference === null) return state;
  if (isFresh) return null;
  throw new FeedEnded(
    "notAsAsked",
    `${statePath} is of a feed with ${difference}: give what it was made with, --fresh to start over, or another --state`,
  );
}

/** @returns null where it goes on. @throws {FeedEnded} where beginning anew would lose what is wanted */
function whyNotResumed(run: UnfinishedRun, { out, wantsDelta, fullIfLost, statePath }: RunWish, now: number) {
  // What a delta would tell a full run tells too; the other way round the full run would never be.
  if (!wantsDelta && run.kind === "delta") return "a delta was cut off; this full run tells what it would have told";
  if (wantsDelta && run.kind === "full" && !fullIfLost)
    throw new FeedEnded(
      "notAsAsked",
      `${statePath} has a full run that was cut off: finish it, without --delta, or give it up with --fresh`,
    );
  if (run.out !== out)
    throw new FeedEnded(
      "notAsAsked",
      `${statePath} has a run for ${run.out} that was cut off: finish it, or give it up with --fresh`,
    );
  if (now - run.keptAt > resumableMs)
    return `the run that was cut off has lain for over ${resumableMs / 3_600_000} hours: starting over`;
  return null;
}

function tellResumed({ items, startedAt }: UnfinishedRun): string {
  return `going on with the run of ${new Date(startedAt).toISOString()}, ${items} items are here`;
}
