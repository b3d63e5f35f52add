import type { Clock } from "../clock.js";
import type { AnswerKind, Key } from "../pricing/source.js";
import { leaseMs } from "./held-leases.js";
import { fillScript, takeScript } from "./scripts.js";
import type { Seal } from "./seal.js";
import { type EntryHead, readEntry, type Said, writeEntry } from "./shared-entry.js";
import type { Store, StoreReply } from "./store.js";
import { newId, type StoreLife } from "./store-life.js";
import type { WakeUps } from "./wake-ups.js";

/** What all kinds of answers have in common. */
export interface FleetParts {
  readonly store: Store;
  readonly seal: Seal;
  /** As in `FleetOptions`. */
  readonly rules: string;
  readonly life: StoreLife;
  readonly wakeUps: WakeUps;
  readonly clock: Clock;
}

/** A key as the store knows it. */
export interface SharedKey<K extends Key> {
  readonly key: K;
  readonly name: string;
  /** The lines in time that may stand before its answers. */
  readonly lines: readonly string[];
}

/** A key that an answer is wanted for. */
export interface WantedKey<K extends Key> extends SharedKey<K> {
  /** What was asked then or before will not do, by the store's clock, in ms since the epoch; 0 where all will. */
  readonly askedAfter: number;
}

/** What the store had of a key; what it has is not for this replica to tell unless it is looked at. */
export interface Taken<K extends Key, Answer> {
  readonly of: WantedKey<K>;
  /**
   * "fresh": to be told as it is. "ours": for this replica to ask. "theirs": another one asks. "refused": fresh to the store, and no answer here.
   */
  readonly state: "fresh" | "ours" | "theirs" | "refused";
  /** When the store has it that what is fresh there was asked, by its clock, in ms since the epoch. */
  readonly askedAt: number;
  /** For how long another replica has it, unless that one renews its lease, in ms. */
  readonly leftMs: number;
  /** The age was `ageMs` when the store was asked, or less; null where there is none. */
  readonly entry: SharedAnswer<Answer> | null;
}

export interface SharedAnswer<Answer> {
  readonly said: Said<Answer>;
  readonly ageMs: number;
  readonly freshMs: number;
  /** By the store's clock, in ms since the epoch. */
  readonly askedAt: number;
}

/** An answer to be written. */
export interface Fill<K extends Key, Answer> {
  readonly of: SharedKey<K>;
  /** Whether this replica asks again at once: else its lease ends. */
  readonly keepsLease: boolean;
  /** Null where the lease alone is to end. */
  readonly entry: { readonly head: EntryHead; readonly said: Said<Answer>; readonly keptMs: number } | null;
}

/** Asks the store for answers of one kind, and hands it new ones; one round trip for all keys of a batch. */
export class SharedStore<K extends Key, Answer> {
  readonly #kind: AnswerKind;
  readonly #parts: FleetParts;
  #unwritten: Fill<K, Answer>[] = [];

  constructor(kind: AnswerKind, parts: FleetParts) {
    this.#kind = kind;
    this.#parts = parts;
  }

  nameOf(key: K): string {
    const { seal, rules } = this.#parts;
    return `${seal.prefix}${seal.name("answer", rules, this.#kind, key.id)}`;
  }

  /** @param maxAgeMs the oldest that will do; null for whatever is fresh. @throws as `Store.run` */
  async take(
    keys: readonly WantedKey<K>[],
    maxAgeMs: number | null,
  ): Promise<{ readonly storeTime: number; readonly life: string; readonly taken: readonly Taken<K, Answer>[] }> {
    const { store, life, seal } = this.#parts;
    // A lease that was just let go would be told to be this replica's still, and end behind that.
    this.#flush();
    const args = [newId(), life.replica, String(maxAgeMs ?? Number.MAX_SAFE_INTEGER), String(leaseMs)];
    const ofKeys = keys.flatMap(({ askedAfter, lines }) => [String(askedAfter), ...lines]);
    const reply = await store.run(takeScript, this.#keysOf(keys), [...args, ...ofKeys]);
    const [id, storeTime, ...rest] = reply as [Buffer, number, ...StoreReply[]];
    life.hear(id.toString(), storeTime);
    const taken = keys.map((of, index) => {
      const [state, ageMs, entry] = rest.slice(3 * index, 3 * index + 3) as [number, number, Buffer | null];
      const read = entry === null ? null : readEntry<Answer>(seal, this.#about(of.key), entry);
      const answer = read === null ? null : { ...read, ageMs };
      const shown = { of, askedAt: storeTime - ageMs, leftMs: state > 1 ? state : 0, entry: answer };
      return { ...shown, state: stateOf(state, answer) };
    });
    return { storeTime, life: id.toString(), taken };
  }

  /** Answers of one call come in one breath, and leave in one. What cannot be written is asked again by whoever needs it. */
  fill(fills: readonly Fill<K, Answer>[]): void {
    if (this.#unwritten.length === 0) queueMicrotask(() => this.#flush());
    this.#unwritten.push(...fills);
  }

  #flush(): void {
    if (this.#unwritten.length === 0) return;
    const written = this.#unwritten;
    this.#unwritten = [];
    void this.#write(written).catch(() => {});
  }

  async #write(fills: readonly Fill<K, Answer>[]): Promise<void> {
    const { store, life, seal, wakeUps } = this.#parts;
    const args = fills.flatMap(({ of, entry, keepsLease }) => {
      const stays = keepsLease ? "1" : "0";
      if (entry === null) return ["", "0", "0", stays, ...of.lines];
      const { head, said, keptMs } = entry;
      const written = writeEntry(seal, this.#about(of.key), head, said);
      return [written, String(head.askedAt), String(Math.trunc(keptMs)), stays, ...of.lines];
    });
    const keys = this.#keysOf(fills.map(({ of }) => of));
    const reply = await store.run(fillScript, keys, [newId(), life.replica, wakeUps.channelPrefix, ...args]);
    const [id, storeTime] = reply as [Buffer, number];
    life.hear(id.toString(), storeTime);
  }

  #keysOf(keys: readonly SharedKey<K>[]): string[] {
    const names = keys.map(({ name }) => name);
    return [`${this.#parts.seal.prefix}fleet`, ...names, ...names.map((name) => `${name}:lease`)];
  }

  #about({ id }: K): string {
    return `${this.#parts.rules} ${this.#kind} ${id}`;
  }
}

/** @param state as {@link takeScript} replies it */
function stateOf(state: number, answer: SharedAnswer<unknown> | null): Taken<Key, unknown>["state"] {
  if (state > 0) return state === 1 ? "ours" : "theirs";
  return answer === null ? "refused" : "fresh";
}
