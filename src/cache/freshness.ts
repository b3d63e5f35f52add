import type { Found, FreshAsk, Told, Unknown } from "../pricing/source.js";

/** How long answers of one kind are good for, in ms, counted from when the ERP was asked. */
export interface Windows {
  /** Served without asking. */
  readonly freshMs: number;
  /** Hard bound on a last known answer. Not below `freshMs`. */
  readonly staleMs: number;
  /** How long the ERP's word that it knows no such thing is believed. */
  readonly unknownMs: number;
  /** How long a failure is answered again without asking. */
  readonly failureMs: number;
}

/** When the ERP was asked, and until when its answer is good for what. Instants in ms since the epoch. */
export interface Times {
  readonly computedAt: number;
  readonly freshUntil: number;
  readonly staleUntil: number;
}

/** What the ERP said, and until when it is good for what. */
export interface Entry<Answer> extends Times {
  readonly said: Pick<Found<Answer>, "kind" | "answer"> | Pick<Unknown, "kind" | "what">;
  /** Itself as it is told while it is fresh: made when it is first told, since the same is told each time. */
  asFresh?: Told<Answer>;
}

/** As it is told while it is fresh. */
export function toldFresh<Answer>(entry: Entry<Answer>): Told<Answer> {
  entry.asFresh ??= toTold(entry, "CACHE", null);
  return entry.asFresh;
}

export function toTold<Answer>(
  { said, computedAt, freshUntil }: Entry<Answer>,
  source: Told<Answer>["freshness"]["source"],
  staleReason: Told<Answer>["freshness"]["staleReason"],
): Told<Answer> {
  const freshness = { source, computedAt, freshUntil, staleReason };
  // Not by a spread, which costs several times as much: this is made for each key of each page.
  return said.kind === "found"
    ? { kind: "found", answer: said.answer, freshness }
    : { kind: "unknown", what: said.what, freshness };
}

/**
 * An answer from further ahead than this, in ms, was dated by a clock that was wrong: nobody can tell how old it is. Our own time is
 * never set back, so only an ERP's or another process's date can be meant.
 */
const believedAheadMs = 1_000;

export function isDatedAhead({ computedAt }: Pick<Entry<unknown>, "computedAt">, now: number): boolean {
  return computedAt - now > believedAheadMs;
}

/** What an entry is still good for: served as it is, served labelled while it is read again, or not at all. */
export type Freshness = "fresh" | "stale" | "absent";

export function freshnessOf(entry: Entry<unknown> | undefined, now: number, ask: FreshAsk): Freshness {
  if (entry === undefined || ask.maxAgeMs === 0 || isDatedAhead(entry, now)) return "absent";
  if (ask.maxAgeMs !== null && now - entry.computedAt > ask.maxAgeMs) return "absent";
  if (now < entry.freshUntil) return "fresh";
  // Checkout is answered live or told that it is not: a last known answer is never passed to it as an answer.
  return now < entry.staleUntil && ask.lane !== "checkout" ? "stale" : "absent";
}

/**
 * By how much of itself a fresh window may end early. Enough to spread a page's answers over seconds, and little enough for the ERP to be
 * asked hardly more than it has to be: half of it, in the mean, is what jitter adds to its load.
 */
const jitterShare = 0.04;

/**
 * @param validUntil the instant the answer itself ends, in ms since the epoch, or null
 * @param random from 0 up to 1; shortens the fresh window by up to {@link jitterShare}, so that what came together does not end together
 */
export function createEntry<Answer>(
  outcome: Found<Answer> | Unknown,
  windows: Windows,
  validUntil: number | null,
  random: () => number,
): Entry<Answer> {
  const { computedAt } = outcome.freshness;
  if (outcome.kind === "unknown") {
    const until = computedAt + windows.unknownMs;
    const said = { kind: "unknown", what: outcome.what } as const;
    return { said, computedAt, freshUntil: until, staleUntil: until };
  }
  const end = validUntil ?? Number.POSITIVE_INFINITY;
  return {
    said: { kind: "found", answer: outcome.answer },
    computedAt,
    // Whole ms, which take less room where it is kept.
    freshUntil: Math.min(computedAt + Math.ceil(windows.freshMs * (1 - jitterShare * random())), end),
    staleUntil: computedAt + windows.staleMs,
  };
}
