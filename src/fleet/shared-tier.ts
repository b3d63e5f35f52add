import type { KeyNames } from "../pricing/invalidation.js";
import type { AnswerKind, Ask, Found, Key, Outcome, Reading, TellingSource, Unknown } from "../pricing/source.js";
import type { SharedOutcome } from "../telemetry/metric-names.js";
import { AnswerWindows, type AnswerWindowsOptions } from "./answer-windows.js";
import { HeldLeases } from "./held-leases.js";
import { linesOf } from "./lines.js";
import { LocalLines } from "./local-lines.js";
import {
  type FleetParts,
  type SharedAnswer,
  type SharedKey,
  SharedStore,
  type Taken,
  type WantedKey,
} from "./shared-store.js";

export interface SharedTierOptions<K extends Key, Answer> extends FleetParts, AnswerWindowsOptions<Answer> {
  readonly kind: AnswerKind;
  readonly namesOf: (key: K) => KeyNames;
  /** Whether what the ERP said holds for all who ask the same key; left out, it always does. */
  readonly holdsForAll?: (key: K, outcome: Found<Answer> | Unknown) => boolean;
  /** What becomes of its questions behind this tier. */
  readonly dispatch: Dispatch<K>;
  /** Since when what is superseded now is so, by the store's clock, in ms since the epoch; null where that is not known yet. "told": the store's own lines say so. */
  readonly supersededSince: () => "told" | number | null;
  readonly onLookup: (outcome: SharedOutcome, count: number) => void;
}

interface Dispatch<K extends Key> {
  /** Whether a question that is under way, or waits to be sent, will answer this one. */
  wouldJoin(key: K, ask: Ask): boolean;
  /** Whether its question was sent and is not answered yet, or waits to be sent. */
  standingOf(key: K): "sent" | "waiting" | null;
}

/** Of a question's time, what it spends at most on waiting for another replica. The rest is for asking itself. */
const waitingShare = 0.5;

type Told<K extends Key, Answer> = (key: K, outcome: Outcome<Answer>, reading: Reading) => void;

/**
 * Answers from what any replica of the fleet was told by the ERP, and has one replica at a time ask for one thing. It stands below the
 * memory and before the budgets, so that nobody is charged for what another replica read. Where the store cannot be used, or is slow, the source
 * behind it is asked: it makes answers cheaper, and is needed for none.
 */
export class SharedTier<K extends Key, Answer> implements TellingSource<K, Answer> {
  readonly #inner: TellingSource<K, Answer>;
  readonly #options: SharedTierOptions<K, Answer>;
  readonly #store: SharedStore<K, Answer>;
  readonly #windows: AnswerWindows<Answer>;
  readonly #localLines = new LocalLines<K>();
  readonly #leases: HeldLeases<K>;
  readonly #listeners: Told<K, Answer>[] = [];
  /** How many questions to the store about a key are not answered yet: one may have been told that the lease is ours. */
  readonly #taking = new Map<string, number>();

  constructor(inner: TellingSource<K, Answer>, options: SharedTierOptions<K, Answer>) {
    this.#inner = inner;
    this.#options = options;
    this.#store = new SharedStore(options.kind, options);
    this.#windows = new AnswerWindows(options);
    this.#leases = new HeldLeases({
      ...{ store: options.store, replica: options.life.replica, clock: options.clock },
      isUnderWay: (key) => options.dispatch.standingOf(key) !== null || this.#taking.has(key.id),
      onIdle: (leases) =>
        this.#store.fill(leases.map(({ key }) => ({ of: this.#toShared(key), keepsLease: false, entry: null }))),
    });
    inner.onOutcome((key, outcome, reading) => this.#onOutcome(key, outcome, reading));
    options.life.onNew(() => this.#localLines.clear());
  }

  /** Tells what the ERP said or failed at, and what other replicas were told by it. */
  onOutcome(listener: Told<K, Answer>): void {
    this.#listeners.push(listener);
    this.#inner.onOutcome(listener);
  }

  supersede(matches: (key: K) => boolean): void {
    const since = this.#options.supersededSince();
    if (since !== "told") this.#localLines.add(matches, since);
    this.#inner.supersede(matches);
  }

  /** What was superseded so far: to be handed to {@link stamp} with what the store replies to a question sent now. */
  get mark(): number {
    return this.#localLines.mark;
  }

  /** What was superseded until a mark was so before this time of the store's, in ms since the epoch. */
  stamp(mark: number, storeTime: number): void {
    this.#localLines.stamp(mark, storeTime);
  }

  close(): void {
    this.#leases.close();
  }

  async readMany(keys: readonly K[], ask: Ask): Promise<Outcome<Answer>[]> {
    const { store, dispatch } = this.#options;
    // A live question is the ERP's to answer, and what is under way is paid for.
    const isForErp = (key: K) => ask.maxAgeMs === 0 || !store.isUp || dispatch.wouldJoin(key, ask);
    const direct: K[] = [];
    const shared: WantedKey<K>[] = [];
    for (const key of keys) {
      if (isForErp(key)) direct.push(key);
      else shared.push({ ...this.#toShared(key), askedAfter: 0 });
    }
    if (shared.length === 0) return this.#inner.readMany(keys, ask);
    const outcomes = new Map<string, Outcome<Answer>>();
    const reads = direct.length > 0 ? [this.#ask(direct, ask, outcomes)] : [];
    await this.#readShared(shared, ask, outcomes, reads);
    await Promise.all(reads);
    return keys.map(({ id }) => outcomes.get(id) as Outcome<Answer>);
  }

  async #readShared(
    keys: readonly WantedKey<K>[],
    ask: Ask,
    outcomes: Map<string, Outcome<Answer>>,
    reads: Promise<void>[],
  ): Promise<void> {
    const { clock, wakeUps, onLookup } = this.#options;
    const patienceEnds = clock.now() + (ask.deadline - clock.now()) * waitingShare;
    for (let open = keys, isFirst = true; open.length > 0; isFirst = false) {
      const mark = wakeUps.mark;
      const isOver = ask.signal?.aborted === true || clock.now() >= patienceEnds;
      const taken = isOver ? null : await this.#takeInTime(open, ask, outcomes, patienceEnds);
      const theirs = taken?.filter(({ state }) => state === "theirs") ?? [];
      const toAsk = (taken?.filter(({ state }) => state === "ours").map(({ of }) => of) ?? open).map(({ key }) => key);
      if (toAsk.length > 0) reads.push(this.#ask(toAsk, ask, outcomes));
      const refused = taken?.filter(({ state }) => state === "refused") ?? [];
      // What others take for an answer is leased to nobody: told which one this replica refuses, the store has one ask that does.
      const wantedAnew = refused.map(({ of, askedAt }) => ({ ...of, askedAfter: askedAt }));
      open = [...theirs.map(({ of }) => of), ...wantedAnew];
      if (isFirst && theirs.length > 0) onLookup("awaited", theirs.length);
      if (open.length === 0 || refused.length > 0) continue;
      const leftMs = Math.min(...theirs.map((each) => each.leftMs), patienceEnds - clock.now());
      await wakeUps.wait(
        open.map(({ name }) => name),
        Math.max(Math.ceil(leftMs), 0),
        ask.signal,
        mark,
      );
    }
  }

  /** Null besides where the store takes longer than there is time to wait: a slow one is up, and must not cost a question its deadline. */
  async #takeInTime(
    keys: readonly WantedKey<K>[],
    ask: Ask,
    outcomes: Map<string, Outcome<Answer>>,
    until: number,
  ): Promise<readonly Taken<K, Answer>[] | null> {
    const { clock } = this.#options;
    let isLate = false;
    const taking = this.#take(keys, ask, outcomes).finally(() => {
      if (isLate) this.#leases.endIdle(keys.map(({ key }) => key));
    });
    return new Promise((resolve, reject) => {
      const cancel = clock.after(Math.max(until - clock.now(), 0), () => {
        isLate = true;
        resolve(null);
      });
      taking.then(resolve, reject).finally(cancel);
    });
  }

  /** Null where the store did not answer, or refused. */
  async #take(
    keys: readonly WantedKey<K>[],
    ask: Ask,
    outcomes: Map<string, Outcome<Answer>>,
  ): Promise<readonly Taken<K, Answer>[] | null> {
    const { clock, onLookup } = this.#options;
    const sentAt = clock.now();
    const mark = this.#localLines.mark;
    for (const { key } of keys) this.#taking.set(key.id, (this.#taking.get(key.id) ?? 0) + 1);
    const reply = await this.#store.take(keys, ask.maxAgeMs).catch(() => null);
    this.#endTaking(keys, reply?.taken ?? []);
    if (reply === null) {
      onLookup("unavailable", keys.length);
      return null;
    }
    this.#localLines.stamp(mark, reply.storeTime);
    const given = { life: reply.life, at: reply.storeTime };
    return reply.taken.map((each) => {
      const { of, state, entry } = each;
      if (state === "ours") this.#hold(of, given);
      if (entry === null || this.#localLines.cover(of.key, entry.askedAt)) {
        if (state === "ours") onLookup("absent", 1);
        if (state === "refused") onLookup("refused", 1);
        return state === "fresh" ? { ...each, state: "refused" } : each;
      }
      const isTold = this.#tell(each, entry, ask, sentAt, outcomes);
      // It ended on its way here, or ends sooner by the windows of this replica.
      return state === "fresh" && !isTold ? { ...each, state: "refused" } : each;
    });
  }

  /** Ends the leases that were kept for what these questions would say, where that is not to ask. */
  #endTaking(keys: readonly SharedKey<K>[], taken: readonly Taken<K, Answer>[]): void {
    for (const { key } of keys) {
      const left = (this.#taking.get(key.id) ?? 1) - 1;
      if (left > 0) this.#taking.set(key.id, left);
      else this.#taking.delete(key.id);
    }
    this.#leases.endIdle(taken.filter(({ state }) => state !== "ours").map(({ of }) => of.key));
  }

  #hold({ key, name }: SharedKey<K>, given: { readonly life: string; readonly at: number }): void {
    // What was sent before the lease was given, and may be from before what was forgotten since, is not asked under it.
    const wasSent = this.#options.dispatch.standingOf(key) === "sent";
    const held = this.#leases.end(key);
    const staysAsItIs = held !== undefined && (wasSent || held.given !== null);
    this.#leases.add(staysAsItIs ? held : { key, name, given: wasSent ? null : given });
  }

  /** An answer that is only good as a last known one is told to the listeners alone. @returns whether it answers the question */
  #tell(
    { of: { key }, state }: Taken<K, Answer>,
    entry: SharedAnswer<Answer>,
    ask: Ask,
    sentAt: number,
    outcomes: Map<string, Outcome<Answer>>,
  ): boolean {
    const { clock, onLookup } = this.#options;
    const computedAt = sentAt - entry.ageMs;
    const freshUntil = this.#windows.freshUntil(entry, computedAt);
    const outcome: Outcome<Answer> = {
      ...entry.said,
      freshness: { source: "CACHE", computedAt, freshUntil, staleReason: null },
    };
    const reading = { sentAt: null, lane: ask.lane, vouchedAt: sentAt };
    for (const listener of this.#listeners) listener(key, outcome, reading);
    const isFresh = state === "fresh" && clock.now() < freshUntil;
    if (isFresh) outcomes.set(key.id, outcome);
    if (state !== "theirs") onLookup(isFresh ? "fresh" : "stale", 1);
    return isFresh;
  }

  async #ask(keys: readonly K[], ask: Ask, outcomes: Map<string, Outcome<Answer>>): Promise<void> {
    const read = await this.#inner.readMany(keys, ask);
    for (const [index, key] of keys.entries()) outcomes.set(key.id, read[index] as Outcome<Answer>);
    // What was refused unsent, or left by all who waited for it, is for others to ask.
    this.#leases.endIdle(keys.filter((_, index) => read[index]?.kind === "failed"));
  }

  #onOutcome(key: K, outcome: Outcome<Answer>, { sentAt }: Reading): void {
    const { holdsForAll, store, dispatch, clock } = this.#options;
    const lease = this.#leases.end(key);
    // A read that follows this one, since something was forgotten meanwhile, is asked under the same lease, or under one that the store gives just now.
    const keepsLease = dispatch.standingOf(key) === "waiting" || this.#taking.has(key.id);
    if (lease !== undefined && keepsLease) this.#leases.add({ ...lease, given: null });
    if (!store.isUp) return;
    const of = this.#toShared(key);
    const isForAll = outcome.kind !== "failed" && holdsForAll?.(key, outcome) !== false;
    const given = isForAll ? (lease?.given ?? this.#heardBefore(sentAt)) : null;
    if (outcome.kind === "failed" || given === null) {
      if (lease !== undefined && !keepsLease) this.#store.fill([{ of, keepsLease, entry: null }]);
      return;
    }
    const said: SharedAnswer<Answer>["said"] =
      outcome.kind === "found" ? { kind: "found", answer: outcome.answer } : { kind: "unknown", what: outcome.what };
    const freshMs = this.#windows.freshMs(said, sentAt ?? clock.now());
    const head = { incarnation: given.life, askedAt: given.at, freshMs };
    this.#store.fill([{ of, keepsLease, entry: { head, said, keptMs: this.#windows.keptMs(said) } }]);
  }

  /** For what was asked under no lease: the store's time, as it was heard of last before. */
  #heardBefore(sentAt: number | null): { readonly life: string; readonly at: number } | null {
    const { life } = this.#options;
    const at = sentAt === null ? null : life.timeBefore(sentAt);
    return at === null || life.id === null ? null : { life: life.id, at };
  }

  #toShared(key: K): SharedKey<K> {
    const { seal, kind, namesOf } = this.#options;
    return { key, name: this.#store.nameOf(key), lines: linesOf(seal, kind, namesOf(key)) };
  }
}
