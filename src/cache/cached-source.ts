import { LRUCache } from "lru-cache";
import type { Clock } from "../clock.js";
import { ErpError } from "../errors.js";
import type { KeyNames, Whereabouts } from "../pricing/invalidation.js";
import type {
  Ask,
  Found,
  FreshAsk,
  Key,
  Lane,
  Outcome,
  PromptSource,
  Reading,
  TellingSource,
  Told,
  Unknown,
} from "../pricing/source.js";
import type { CacheOutcome, LastKnownReason } from "../telemetry/metric-names.js";
import { type Codec, createPlainCodec } from "./codec.js";
import { createEntry, type Entry, freshnessOf, isDatedAhead, toldFresh, toTold, type Windows } from "./freshness.js";
import { InvalidationLog } from "./invalidation-log.js";
import { KeptAnswers } from "./kept-answers.js";

export interface CachedSourceOptions<K extends Key, Answer> {
  readonly windows: Windows;
  /** Most memory for answers, the least recently used goes first; at most a tenth of it for what the feed alone asked. */
  readonly maxBytes: number;
  /** Most answers kept for buyers, and a tenth more for what the feed alone asked; left out, as many as there is room for. */
  readonly maxEntries?: number;
  /** How keys and answers are kept in little room; left out, as JSON. */
  readonly codec?: Codec<K, Answer>;
  readonly clock: Clock;
  /** From 0 up to 1. */
  readonly random: () => number;
  /** The instant an answer itself ends, in ms since the epoch; null where it does not. Left out, none does. */
  readonly validUntil?: (answer: Answer) => number | null;
  /** Whether what the ERP said holds for all who ask the same key, and so may be kept; left out, it always does. */
  readonly holdsForAll?: (key: K, outcome: Found<Answer> | Unknown) => boolean;
  /** The names that an answer is found by when they are invalidated. */
  readonly namesOf: (key: K) => KeyNames;
  /** How long a last known answer may take to be read again behind the caller's back, in ms. */
  readonly revalidateMs: number;
  /** How long an answer may be on its way, in ms; one that takes longer may be lost to the cache. */
  readonly longestFlightMs: number;
  /** @param keys how many keys met this outcome */
  readonly onLookup: (outcome: CacheOutcome, lane: Lane, keys: number) => void;
  /** Told of each last known answer that is served. */
  readonly onLastKnown?: (reason: LastKnownReason, lane: Lane) => void;
}

interface RecentFailure<K> {
  readonly key: K;
  readonly error: Error;
  /** In ms since the epoch; the failure labels last known answers beyond it, until the ERP answers again. */
  readonly until: number;
}

/** Failures are remembered for a second: more than this many keys do not fail in one. */
const rememberedFailures = 10_000;

/** Answers from memory where what the ERP said is still good, and asks the source behind it for the rest. */
export class CachedSource<K extends Key, Answer> implements PromptSource<K, Answer> {
  readonly #inner: TellingSource<K, Answer>;
  readonly #options: CachedSourceOptions<K, Answer>;
  readonly #entries: KeptAnswers<K, Answer>;
  readonly #failures: LRUCache<string, RecentFailure<K>>;
  readonly #invalidations: InvalidationLog<K>;

  constructor(inner: TellingSource<K, Answer>, options: CachedSourceOptions<K, Answer>) {
    this.#inner = inner;
    this.#options = options;
    this.#entries = new KeptAnswers({ codec: createPlainCodec(), ...options });
    this.#failures = new LRUCache({ max: rememberedFailures });
    this.#invalidations = new InvalidationLog(options.clock, options.longestFlightMs);
    // Stored as they come, not as they are waited for: an answer that comes after its caller left is worth as much.
    inner.onOutcome((key, outcome, reading) => this.#remember(key, outcome, reading));
  }

  /** Answers kept at present. */
  get size(): number {
    return this.#entries.size;
  }

  /** What they take in memory, in bytes; an estimate from above. */
  get bytes(): number {
    return this.#entries.bytes;
  }

  /** What the ERP said and is kept, however old, for a look at all of it. */
  *answers(): Generator<Answer> {
    for (const { said } of this.#entries.entries()) if (said.kind === "found") yield said.answer;
  }

  /** What the ERP said of a key last, within the hard bound; nothing is asked for it, and it does not count as use. */
  lastKnown(key: K): Found<Answer> | null {
    const entry = this.#entries.peek(key.id);
    if (entry?.said.kind !== "found" || this.#options.clock.now() >= entry.staleUntil) return null;
    const { computedAt, freshUntil } = entry;
    const freshness = { source: "LAST_KNOWN", computedAt, freshUntil, staleReason: this.#staleReason(key) } as const;
    return { ...entry.said, freshness };
  }

  /**
   * Forgets what matches, failures included. No question asked from now on is answered by what was asked before, be it kept or
   * still on its way.
   * @param whereabouts every key that matches has a name of these, or all of them match
   * @returns how many answers were forgotten
   */
  forget(matches: (key: K) => boolean, whereabouts: Whereabouts): number {
    this.#invalidations.add(matches);
    this.#inner.supersede(matches);
    for (const [id, { key }] of [...this.#failures.entries()]) if (matches(key)) this.#failures.delete(id);
    return whereabouts === "everything" ? this.#entries.clear() : this.#entries.deleteNamed(whereabouts, matches);
  }

  allFresh(keys: readonly K[], ask: FreshAsk): readonly Told<Answer>[] | null {
    if (ask.maxAgeMs === 0) return null;
    const now = this.#options.clock.now();
    const told: Told<Answer>[] = [];
    for (const { id } of keys) {
      const entry = this.#entries.read(id, ask.lane);
      if (entry === undefined || freshnessOf(entry, now, ask) !== "fresh") return null;
      told.push(toldFresh(entry));
    }
    return told;
  }

  noteServed(found: number, unknown: number, lane: Lane): void {
    if (found > 0) this.#options.onLookup("fresh", lane, found);
    if (unknown > 0) this.#options.onLookup("unknown", lane, unknown);
  }

  async readMany(keys: readonly K[], ask: Ask): Promise<Outcome<Answer>[]> {
    const stale: K[] = [];
    const absent: K[] = [];
    const outcomes = keys.map((key) => {
      const outcome = this.#answerFromMemory(key, ask, stale);
      if (outcome === null) absent.push(key);
      return outcome;
    });
    // Who would go without an answer comes first at the caller's budget, before what is only to be renewed.
    const reading = absent.length > 0 ? this.#inner.readMany(absent, ask) : null;
    if (stale.length > 0) this.#revalidate(stale, ask);
    if (reading === null) return outcomes as Outcome<Answer>[];
    const read = await reading;
    let next = 0;
    return outcomes.map(
      (outcome, index) => outcome ?? this.#complete(keys[index] as K, read[next++] as Outcome<Answer>, ask),
    );
  }

  /** Null where the ERP must be asked and waited for; a last known answer also joins `stale`. */
  #answerFromMemory(key: K, ask: Ask, stale: K[]): Outcome<Answer> | null {
    const now = this.#options.clock.now();
    const entry = this.#entries.read(key.id, ask.lane);
    switch (freshnessOf(entry, now, ask)) {
      case "fresh":
        this.#options.onLookup(entry?.said.kind === "unknown" ? "unknown" : "fresh", ask.lane, 1);
        return toldFresh(entry as Entry<Answer>);
      case "stale":
        this.#options.onLookup("stale", ask.lane, 1);
        if (this.#recentFailure(key, now) === null) stale.push(key);
        return this.#toLastKnown(entry as Entry<Answer>, this.#staleReason(key), ask);
      case "absent": {
        if (ask.maxAgeMs === 0) {
          this.#options.onLookup("bypassed", ask.lane, 1);
          return null;
        }
        const failure = this.#recentFailure(key, now);
        this.#options.onLookup(failure === null ? "absent" : "failed_recently", ask.lane, 1);
        return failure === null ? null : { kind: "failed", error: failure.error };
      }
    }
  }

  /** What was read just now, with its fresh window; a failure gives way to the last known answer where the ask allows one. */
  #complete(key: K, outcome: Outcome<Answer>, ask: Ask): Outcome<Answer> {
    if (outcome.kind !== "failed") {
      const kept = this.#entries.timesOf(key.id);
      const isStored = kept?.computedAt === outcome.freshness.computedAt;
      return isStored ? { ...outcome, freshness: { ...outcome.freshness, freshUntil: kept.freshUntil } } : outcome;
    }
    if (!(outcome.error instanceof ErpError)) return outcome;
    const entry = this.#entries.peek(key.id);
    switch (freshnessOf(entry, this.#options.clock.now(), ask)) {
      case "fresh": // another read brought it while this one failed
        return toldFresh(entry as Entry<Answer>);
      case "stale":
        return this.#toLastKnown(entry as Entry<Answer>, outcome.error.code, ask);
      case "absent":
        return outcome;
    }
  }

  #toLastKnown(entry: Entry<Answer>, reason: LastKnownReason, { lane }: Ask): Outcome<Answer> {
    this.#options.onLastKnown?.(reason, lane);
    return toTold(entry, "LAST_KNOWN", reason);
  }

  #revalidate(keys: readonly K[], ask: Ask): void {
    const { lane, budget } = ask;
    const deadline = this.#options.clock.now() + this.#options.revalidateMs;
    // Nobody waits for it: what comes is stored by the listener, and what fails is remembered there too. What the caller's
    // budget does not hold is not read again, this time. It goes on when the caller leaves, who has its answer.
    void this.#inner.readMany(keys, { lane, budget, deadline, maxAgeMs: null, signal: null });
  }

  #remember(key: K, outcome: Outcome<Answer>, { sentAt, lane, vouchedAt }: Reading): void {
    const { clock, windows, validUntil, random } = this.#options;
    // What was asked before an invalidation may be from before what changed: it is its askers' answer, and nobody else's.
    const askedAt = outcome.kind === "failed" ? sentAt : (vouchedAt ?? outcome.freshness.computedAt);
    if (askedAt !== null && this.#invalidations.covers(key, askedAt)) return;
    if (outcome.kind === "failed") {
      this.#failures.set(key.id, { key, error: outcome.error, until: clock.now() + windows.failureMs });
      return;
    }
    this.#failures.delete(key.id);
    if (this.#options.holdsForAll?.(key, outcome) === false) return;
    const before = this.#entries.timesOf(key.id);
    const isOlder = before !== undefined && before.computedAt > outcome.freshness.computedAt;
    if (isOlder && !isDatedAhead(before, clock.now())) return;
    const ends = outcome.kind === "found" ? (validUntil?.(outcome.answer) ?? null) : null;
    this.#entries.keep(key.id, key, createEntry(outcome, windows, ends, random), lane);
  }

  #recentFailure(key: K, now: number): RecentFailure<K> | null {
    const failure = this.#failures.get(key.id);
    return failure !== undefined && now < failure.until ? failure : null;
  }

  #staleReason(key: K): LastKnownReason {
    const error = this.#failures.get(key.id)?.error;
    return error instanceof ErpError ? error.code : "REVALIDATING";
  }
}
