import type { ErpErrorCode } from "../errors.js";
import type { KeyBudget } from "./key-budget.js";

/** The priority that a class of clients has, most urgent first. */
export const lanes = ["checkout", "storefront", "feed"] as const;
export type Lane = (typeof lanes)[number];

export type AnswerKind = "price" | "stock" | "customer";

/** How one request wants its questions answered. */
export interface Ask {
  readonly lane: Lane;
  /** The instant, in ms since the epoch, after which nobody waits for the answer. */
  readonly deadline: number;
  /** The oldest answer that will do, in ms; 0 asks the ERP now; null leaves it to the windows. */
  readonly maxAgeMs: number | null;
  /** Pays for the keys that the ERP is asked; null where nobody counts. */
  readonly budget: KeyBudget | null;
  /** Aborted when the caller has left; null where nobody can. Made when it is first asked for, so who needs it not should not. */
  readonly signal: AbortSignal | null;
}

/** A question to the ERP. Two keys with the same `id` are the same question. */
export interface Key {
  readonly id: string;
}

/** How old an answer is and where it came from. Instants in ms since the epoch. */
export interface Freshness {
  /** ERP: read for this answer. CACHE: read before, still fresh. LAST_KNOWN: older, served because of `staleReason`. */
  readonly source: "ERP" | "CACHE" | "LAST_KNOWN";
  /** The instant the ERP was asked. */
  readonly computedAt: number;
  readonly freshUntil: number;
  readonly staleReason: "REVALIDATING" | ErpErrorCode | null;
}

export interface Found<Answer> {
  readonly kind: "found";
  readonly answer: Answer;
  readonly freshness: Freshness;
}

/** The ERP's word that it knows no such thing: an answer too, with an age. */
export interface Unknown {
  readonly kind: "unknown";
  readonly what: "sku" | "customer";
  readonly freshness: Freshness;
}

export interface Failed {
  readonly kind: "failed";
  /** A GatewayError; anything else is a bug, and is masked. */
  readonly error: Error;
}

export type Told<Answer> = Found<Answer> | Unknown;
export type Outcome<Answer> = Told<Answer> | Failed;

/** Anything that answers keys. Cache, dispatch and connectors all have this shape and are stacked in `src/gateway.ts`. */
export interface Source<K extends Key, Answer> {
  /**
   * Answers many keys in one call.
   * @param keys at least one, no two with the same id
   * @returns one outcome per key, in the order of `keys`: what happened to one key says nothing of its neighbours
   */
  readMany(keys: readonly K[], ask: Ask): Promise<Outcome<Answer>[]>;
}

/** How an outcome was come by. */
export interface Reading {
  /** When the ERP was asked, in ms since the epoch; null where it was not. */
  readonly sentAt: number | null;
  /** The most urgent lane of those who asked. */
  readonly lane: Lane;
  /** Where it was not asked for now: until when it is known that nothing made it void, in ms since the epoch. */
  readonly vouchedAt?: number;
}

/** A source that also tells what it was told before, without asking. */
export interface RememberingSource<K extends Key, Answer> extends Source<K, Answer> {
  /** Null where nothing is kept that may still be shown; labelled LAST_KNOWN, however young it is. */
  lastKnown(key: K): Found<Answer> | null;
}

/** A source that also answers at once what memory alone can answer. */
export interface PromptSource<K extends Key, Answer> extends RememberingSource<K, Answer> {
  /**
   * What `readMany` would answer, where memory holds a fresh answer to every key. One answer, while it is kept and fresh, should be
   * told by one and the same object, so that what is made of it can be remembered with it.
   * @param keys doubles may be among them
   * @returns null where anything would be asked, renewed or refused: then `readMany` is to be called
   */
  allFresh(keys: readonly K[], ask: FreshAsk): readonly Told<Answer>[] | null;
  /** To be told of what `allFresh` answered once it is served: an attempt that came to nothing is asked again, and would count twice. */
  noteServed(found: number, unknown: number, lane: Lane): void;
}

/** As much of an ask as matters where nothing is asked. */
export type FreshAsk = Pick<Ask, "lane" | "maxAgeMs">;

/** A source that also tells each answer as it comes, whether or not somebody still waits for it. */
export interface TellingSource<K extends Key, Answer> extends Source<K, Answer> {
  onOutcome(listener: (key: K, outcome: Outcome<Answer>, reading: Reading) => void): void;
  /** From now on no question is answered by a read of these keys that was sent before. */
  supersede(matches: (key: K) => boolean): void;
}

/** What a connector is asked: one call, or as few as its ERP needs, for keys of one group. */
export interface ErpSource<K extends Key, Answer> {
  /** Most keys that one call may carry. */
  readonly keysPerCall: number;
  /** Keys with the same group can share a call. */
  groupOf(key: K): string;
  /**
   * @param keys 1 to {@link keysPerCall} keys of one group, no two with the same id
   * @param call the instant it counts as asked, and a signal aborted when its time is up
   * @returns one outcome per key, in the order of `keys`
   * @throws {ErpError} only when no key could be answered
   */
  readMany(keys: readonly K[], call: ErpCall): Promise<Outcome<Answer>[]>;
}

export interface ErpCall {
  /** When the call was sent, in ms since the epoch: the `computedAt` of its answers. */
  readonly sentAt: number;
  readonly signal: AbortSignal;
}

/** Freshness of what the ERP said just now; the cache widens `freshUntil` by its own windows. */
export function fromErp(call: Pick<ErpCall, "sentAt">): Freshness {
  return { source: "ERP", computedAt: call.sentAt, freshUntil: call.sentAt, staleReason: null };
}

export function failed(error: Error): Failed {
  return { kind: "failed", error };
}

/** Asks each distinct key once. @returns one outcome per key, in the order of `keys`, doubles answered twice */
export async function readDistinct<K extends Key, Answer>(
  source: Source<K, Answer>,
  keys: readonly K[],
  ask: Ask,
): Promise<Outcome<Answer>[]> {
  // Nearly always there are no doubles, and then nothing is to be put back in order.
  if (new Set(keys.map(({ id }) => id)).size === keys.length) return source.readMany(keys, ask);
  const first = new Map<string, K>();
  for (const key of keys) if (!first.has(key.id)) first.set(key.id, key);
  const distinct = [...first.values()];
  const outcomes = await source.readMany(distinct, ask);
  const byId = new Map(distinct.map((key, index) => [key.id, outcomes[index] as Outcome<Answer>]));
  return keys.map(({ id }) => byId.get(id) as Outcome<Answer>);
}
