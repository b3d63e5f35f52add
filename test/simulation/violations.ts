import type { Outcome } from "../../src/pricing/source.js";
import type { Asked, CallRecord, History, InvalidationRecord, Kind, QuestionRecord } from "./history.js";

export const rules = [
  "foreign",
  "never true",
  "too old",
  "before an invalidation",
  "over the limit",
  "asked twice",
  "past its deadline",
] as const;

/** A promise that was broken. */
export interface Violation {
  readonly rule: (typeof rules)[number];
  readonly text: string;
  /** Where in the history. */
  readonly place: number;
  /** Null where it is about no one question. */
  readonly asked: Asked | null;
}

/** What the settings promise. Times in ms. */
export interface Bounds {
  readonly freshMs: Record<Kind, number>;
  readonly staleMs: Record<Kind, number>;
  /** How long the ERP's word that it knows no such thing is believed. */
  readonly unknownMs: number;
  readonly maxConcurrency: number;
  /** How long a call that was given up counts on; where the gateway reckons it, 0. */
  readonly abandonMs: number;
  /** How long a call of a process that is dead, or stopped when that is over, counts at most from when it was sent. */
  readonly longestCallMs: number;
  /** Of a window, by how much it may last longer, since clocks that are ahead give way; 0 where none is set. */
  readonly clockShare: number;
  /** Whether answers may be said to be older than they are: what replicas share is, by little. */
  readonly mayBeSaidOlder: boolean;
}

/** @see {Outcome} without the failures */
export type Answered = Exclude<Outcome<unknown>, { readonly kind: "failed" }>;

export function isSame(one: Asked, other: Asked): boolean {
  return one.kind === other.kind && one.owner === other.owner && one.name === other.name;
}

export function endOf({ endedAt }: Pick<CallRecord, "endedAt">): number {
  return endedAt ?? Number.POSITIVE_INFINITY;
}

/**
 * Those acknowledged before a question came to a replica, that name what was asked, for certain: in its own name, whatever the gateway
 * knows of scopes.
 */
export function invalidatedBefore(
  history: History,
  { replica, place }: Pick<QuestionRecord, "replica" | "place">,
  asked: Asked,
): InvalidationRecord[] {
  return history.invalidations.filter(
    (record) => isAcknowledgedTo(history, record, replica, place) && surelyNames(record, asked),
  );
}

/** At once where it was said; elsewhere once nobody is named who did not confirm. Who is known to nobody cannot be named. */
function isAcknowledgedTo(history: History, record: InvalidationRecord, replica: number, place: number): boolean {
  if (record.replica === replica) return record.place < place;
  const { acknowledged } = record;
  if (acknowledged === null || acknowledged.place >= place) return false;
  const { name, knownSince } = history.replicas.get(replica) ?? { name: "", knownSince: null };
  if (knownSince === null || knownSince > record.at) return false;
  return !acknowledged.missing.some((each) => each === name || each === "*");
}

export function surelyNames({ invalidation }: InvalidationRecord, { kind, owner, name }: Asked): boolean {
  const { kinds, skus, customers, priceScopes } = invalidation;
  if (kinds !== null && !kinds.has(kind)) return false;
  if (kind === "customer") return skus === null && priceScopes === null && (customers?.has(name) ?? true);
  if (skus !== null && !skus.has(name)) return false;
  if (customers === null && priceScopes === null) return true;
  const [ownerKind, whose = ""] = owner.split(":");
  if (ownerKind === "customer") return priceScopes === null && customers?.has(whose) === true;
  if (ownerKind === "scope") return customers === null && priceScopes?.has(whose) === true;
  return false;
}
