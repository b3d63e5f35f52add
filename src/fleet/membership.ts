import type { Clock } from "../clock.js";
import type { Logger } from "../telemetry/logger.js";
import { beatScript } from "./scripts.js";
import type { Seal } from "./seal.js";
import type { Store } from "./store.js";
import { newId, type StoreLife } from "./store-life.js";

export interface MembershipOptions {
  readonly store: Store;
  readonly seal: Seal;
  readonly life: StoreLife;
  readonly clock: Clock;
  readonly logger: Logger;
  /**
   * Told when an invalidation may have been missed: nothing that is kept can be believed. @param isFirst it is the first contact: what was
   * kept until then was kept by a replica that was alone
   */
  readonly onUnsure: (isFirst: boolean) => void;
  /** Told of each beat that the store took: what could not be told before may be now. */
  readonly onBeat: () => void;
}

const beatMs = 1_000;

/** A replica that heard nothing for so long, in ms, no longer believes what it keeps from before. */
export const sureMs = 10_000;

/** How long a replica that says nothing is waited for, and named, in ms; then it is taken for gone. */
export const memberKeptMs = 60_000;

/**
 * Says that this replica is there, and finds out whether it heard of all invalidations. It may have missed some where the store began a
 * new life, where one did not come by the second beat after it, and where the store did not answer for long.
 */
export class Membership {
  readonly #options: MembershipOptions;
  /** All invalidations up to this number were heard of, or what they touch was forgotten otherwise. */
  #heardTo = 0;
  /** Numbers beyond, which came before those between. */
  readonly #ahead = new Set<number>();
  /** The number that had come up by the latest beat: by the next one it must have been heard of. */
  #owed = 0;
  #lastAnswered: number;
  /** Who was there by the latest beat, and in which life of the store. */
  #known = { life: "", members: [] as readonly string[] };
  /** "new": the store's life is, and no beat was in it yet. */
  #state: "first" | "new" | "sure" | "cut off" = "first";
  #isClosed = false;
  #cancelTimer = () => {};

  constructor(options: MembershipOptions) {
    this.#options = options;
    this.#lastAnswered = options.clock.now();
    options.store.onChange((isUp) => {
      if (isUp) void this.#beat();
    });
    options.life.onNew((isFirst) => {
      if (isFirst) return;
      this.#state = "new";
      this.#lose("the shared store began anew");
    });
  }

  get isSure(): boolean {
    return this.#state === "sure";
  }

  /** Whether all invalidations up to this number were heeded, or what they touch was forgotten otherwise. */
  hasHeard(seq: number): boolean {
    return this.isSure && this.#heardTo >= seq;
  }

  start(): void {
    void this.#beat();
  }

  /** Leaves, so that nobody waits for this replica. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelTimer();
    if (this.#options.store.isUp) await this.#run("0").catch(() => null);
  }

  /** An invalidation was heeded. @param seq its number in the store's present life */
  hear(seq: number): void {
    if (seq <= this.#heardTo) return;
    this.#ahead.add(seq);
    while (this.#ahead.delete(this.#heardTo + 1)) this.#heardTo++;
  }

  async #beat(): Promise<void> {
    this.#cancelTimer();
    if (this.#isClosed) return;
    this.#cancelTimer = this.#options.clock.after(beatMs, () => void this.#beat());
    const { store, clock } = this.#options;
    const sentAt = clock.now();
    const seq = store.isUp ? await this.#run(String(memberKeptMs)).catch(() => null) : null;
    if (this.#isClosed) return;
    if (seq === null) this.#doubt();
    else this.#compare(seq, sentAt);
  }

  async #run(keptMs: string): Promise<number> {
    const { store, seal, life } = this.#options;
    const args = [newId(), life.replica, keptMs, this.#known.life, ...this.#known.members];
    const reply = await store.run(beatScript, [`${seal.prefix}fleet`], args);
    const [id, storeTime, seq, ...members] = reply as [Buffer, number, number, ...Buffer[]];
    this.#known = { life: id.toString(), members: members.map(String) };
    life.hear(id.toString(), storeTime);
    return seq;
  }

  #compare(seq: number, sentAt: number): void {
    // From this beat on the others know of this replica. What was invalidated before they told nobody here.
    if (this.#state === "first") this.#options.onUnsure(true);
    if (this.#state === "new") this.#options.onUnsure(false);
    const isNew = this.#state === "first" || this.#state === "new";
    if (!isNew && this.#heardTo < this.#owed) this.#lose("an invalidation was missed");
    this.#goOnFrom(isNew ? seq : Math.max(this.#heardTo, this.#owed));
    this.#owed = seq;
    this.#lastAnswered = sentAt;
    this.#state = "sure";
    this.#options.onBeat();
  }

  #goOnFrom(seq: number): void {
    this.#heardTo = seq;
    for (const ahead of this.#ahead) if (ahead <= seq) this.#ahead.delete(ahead);
    while (this.#ahead.delete(this.#heardTo + 1)) this.#heardTo++;
  }

  #doubt(): void {
    if (this.#state !== "sure" || this.#options.clock.now() - this.#lastAnswered < sureMs) return;
    this.#state = "cut off";
    this.#lose(`the shared store did not answer for ${sureMs / 1000} s`);
  }

  #lose(why: string): void {
    this.#options.logger.warn({ why }, "invalidations may have been missed: answers from before are forgotten");
    this.#options.onUnsure(false);
  }
}
