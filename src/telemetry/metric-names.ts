import type { Caller } from "../pricing/caller.js";
import type { AnswerKind } from "../pricing/source.js";

/** How a request ended: all fields answered, some of them, none since it was refused before the work, or none at all. */
export const requestOutcomes = ["ok", "partial", "refused", "failed"] as const;
export type RequestOutcome = (typeof requestOutcomes)[number];

/**
 * How an ERP call ended, as the concurrency limit sees it. success: something was found. ignored: says nothing of the ERP's
 * load, be it a failure or an answer that knows none of the keys. dropped: timed out or refused for load.
 */
export const callOutcomes = ["success", "ignored", "dropped"] as const;
export type CallOutcome = (typeof callOutcomes)[number];

/** What the cache knew of a key; "bypassed" where the caller wanted the ERP's own word. */
export const cacheOutcomes = ["fresh", "stale", "absent", "unknown", "failed_recently", "bypassed"] as const;
export type CacheOutcome = (typeof cacheOutcomes)[number];

/**
 * What the tier that replicas share knew of a key. stale: only good as a last known answer. awaited: another replica was asking for it, counted
 * beside what came of it. refused: an entry that no replica of this fleet wrote for this key, counted likewise. unavailable: the store did not answer.
 */
export const sharedOutcomes = ["fresh", "stale", "absent", "awaited", "refused", "unavailable"] as const;
export type SharedOutcome = (typeof sharedOutcomes)[number];

/**
 * What dispatch decided of a key. waited: no slot was free, or the same question was under way. retried: asked again after a
 * failure. The others ended it unsent. shed: its queue did not drain. late: the ERP takes longer than there was time left. held:
 * the ERP asked not to be asked for longer. refused: the circuit breaker is open. left: all who waited for it had gone.
 */
export const dispatchDecisions = ["waited", "retried", "shed", "late", "held", "refused", "left"] as const;
export type DispatchDecision = (typeof dispatchDecisions)[number];

/** Why a last known answer was served: it is being read again, or what went wrong with the ERP. */
export const lastKnownReasons = [
  "REVALIDATING",
  "ERP_UNAVAILABLE",
  "ERP_TIMEOUT",
  "ERP_OVERLOADED",
  "ERP_BAD_ANSWER",
] as const;
export type LastKnownReason = (typeof lastKnownReasons)[number];

/**
 * Who had answers forgotten: a client, the ERP by its changes, the record of a customer that moved to another price scope, or the fleet:
 * another replica's client, or that this one may have missed such a one.
 */
export const invalidationOrigins = ["mutation", "change", "scope_move", "fleet"] as const;
export type InvalidationOrigin = (typeof invalidationOrigins)[number];

/** How asking the ERP for its changes went. lost: it no longer reaches back to where we were, so all was forgotten. */
export const pollOutcomes = ["read", "lost", "failed"] as const;
export type PollOutcome = (typeof pollOutcomes)[number];

/** Why the concurrency limit fell. dropped: a call timed out or was refused for load. queue: calls stood in a queue at the ERP. */
export const limitDecreases = ["dropped", "queue"] as const;
export type LimitDecrease = (typeof limitDecreases)[number];

export const breakerStates = ["closed", "open", "half-open"] as const;
export type BreakerState = (typeof breakerStates)[number];

/** Whose budget paid, or did not. */
export const callerKinds = ["customer", "machine", "anonymous"] as const satisfies readonly Caller["kind"][];

/** What a caller's budget said to a key: taken out of it, or not there. */
export const chargeOutcomes = ["charged", "refused"] as const;

/** The formats that feeds are streamed in. */
export const streamFormats = ["ndjson", "google-tsv", "google-xml", "amazon-json"] as const;
export type StreamFormat = (typeof streamFormats)[number];

/**
 * How a streamed feed ended. whole: all that was asked for was written, or as much as one file takes. left: its reader went. stalled: its reader took nothing for
 * minutes. stopping: the gateway stopped. failed: the run could not go on. refused: it never began.
 */
export const streamOutcomes = ["whole", "left", "stalled", "stopping", "failed", "refused"] as const;
export type StreamOutcome = (typeof streamOutcomes)[number];

/** Why a marketplace is not told of an SKU, or not all of it. @see src/feed/formats/feed-format.ts */
export const leftOutReasons = ["unread", "untaxed", "unnameable", "unpriceable", "packed"] as const;
export type LeftOutReason = (typeof leftOutReasons)[number];

export const answerKinds = ["price", "stock", "customer"] as const satisfies readonly AnswerKind[];

/** Gauges whose value is read when the metrics are asked for, by the layer that owns it. */
export const gauges = {
  pricelane_requests_in_flight: "Requests that were accepted and are not answered yet.",
  pricelane_erp_in_flight:
    "ERP calls under way, those included that were given up while the ERP may still work on them.",
  pricelane_erp_waiting_keys: "Keys that wait for a free slot.",
  pricelane_erp_concurrency_limit: "Most ERP calls that may be under way at present.",
  pricelane_erp_share: "Of the limit that replicas share, the calls that this one may have under way at present.",
  pricelane_changes_asked_here:
    "1 where this replica asks the ERP what changed, for all or for itself; 0 where another one does, or none.",
  pricelane_cache_entries: "Answers held in memory.",
  pricelane_cache_bytes: "Memory that those answers take, in bytes, as estimated from above.",
  pricelane_cache_max_bytes: "Memory that they may take, in bytes.",
  pricelane_caller_budgets: "Callers whose budget is held in memory.",
  pricelane_feed_streams: "Feeds that are being streamed.",
  pricelane_journal_skus: "SKUs that the journal of changes remembers.",
  pricelane_journal_unsaved_skus:
    "SKUs of which the journal's file, or the shared store, does not hold the latest yet; 0 where none is kept.",
  pricelane_journal_head: "The sequence of the newest change in the journal.",
  pricelane_journal_horizon: "The sequence of the newest change that the journal forgot; 0 for none.",
} as const;

/** A gauge's name without the prefix. */
export type GaugeName = keyof typeof gauges extends `pricelane_${infer Name}` ? Name : never;

/** Which labels each gauge has; a gauge that is not named here has none. */
export const gaugeLabels: Partial<Record<GaugeName, readonly ("kind" | "lane")[]>> = {
  erp_waiting_keys: ["kind", "lane"],
  cache_entries: ["kind"],
  cache_bytes: ["kind"],
  cache_max_bytes: ["kind"],
};

/**
 * Upper bounds in seconds. A hit takes about a millisecond, a page wants 100 ms, and the deadlines of the lanes stand at 2,
 * 3 and 10 s: each of these is a bound of its own, so that "within its deadline" can be read exactly.
 */
export const requestSecondsBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5, 10];

/** Upper bounds in seconds; 5 s is the default of `ERP_TIMEOUT_MS`. */
export const callSecondsBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10];

export const callKeysBuckets = [1, 2, 5, 10, 20, 50, 100, 200, 500];
