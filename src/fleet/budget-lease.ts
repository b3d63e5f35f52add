import type { Clock } from "../clock.js";
import { type Lane, lanes } from "../pricing/source.js";
import { budgetScript, granted } from "./budget-script.js";
import { ReckonedTime } from "./reckoned-time.js";
import { type Store, StoreRefused, type StoreReply } from "./store.js";

/** What calls told of the limit since it was last shared. */
export interface LimitChange {
  /** By how many calls it grew. */
  readonly grown: number;
  /** By what factor it fell; 1 where it did not. */
  readonly factor: number;
  /** When the calls that had it fall were sent, in ms since the epoch. */
  readonly sentAt: number;
}

/** The adaptive limit of the ERP, as all replicas learn it together. */
export interface SharedLimit {
  /** Over all replicas, from 1, not rounded. */
  readonly full: number;
  /** To be told to the others, once: what does not reach the store is learnt anew. */
  takeChange(): LimitChange;
  /** Follows what all replicas learnt, which the change that was taken last is part of, if it reached the store. */
  adopt(limit: number): void;
}

export interface BudgetLeaseOptions {
  readonly store: Store;
  readonly clock: Clock;
  /** Where the ERP's budget stands in the store. */
  readonly key: string;
  /** Unlike that of every other replica, and of this one before it was started anew. */
  readonly id: string;
  /** How many replicas run at once at most, as the settings say. */
  readonly replicas: number;
  /** Most calls at the ERP, as the settings say. */
  readonly most: number;
  /** How long the store may take to answer, in ms. */
  readonly storeTimeoutMs: number;
  /** How long the ERP may be at a call at most, given up or not, in ms. */
  readonly longestCallMs: number;
  readonly limit: SharedLimit;
  /** What this replica could use of a lane at present: calls under way, and keys that wait, of which one call may carry many. So the most it can be, in calls. */
  readonly demandOf: (lane: Lane) => number;
  /** Whether something of the feed has waited for more than half of its time. */
  readonly isFeedPressed: () => boolean;
  /** Calls that may be under way at the ERP, those given up among them. */
  readonly inFlight: () => number;
  /** Told when there may be more slots. */
  readonly onShare: () => void;
  /** Told when a lease came after none, and when none followed it. */
  readonly onLeased: (isLeased: boolean) => void;
  /** Told where the store no longer knows who has what, which it did: it was emptied, or written to by somebody else. */
  readonly onForgotten?: () => void;
  /** Told where there are more replicas than the settings say. */
  readonly onMoreReplicas: (seen: number) => void;
}

/** Between renewals, in ms. */
const renewMs = 250;
/** Likewise at the least: where buyers wait for a slot, or one is to be given back, or may be wanted elsewhere. */
const soonMs = 50;
const shortestLeaseMs = 1_000;
/** Likewise where the feed is pressed: it was lent slots that stood idle elsewhere, and a buyer there may want one back. */
const pressedMs = 100;
/** Of the lease as the store counts it; our clock may be a hundredth slower. */
const believedShare = 0.97;
/** After so many renewals in a row that were not answered, none is sent for a while: each may have been carried out unseen, and none is safe before the grace ends. */
const mostUnanswered = 4;
/** For how long the store's time is reckoned on from what it told, in leases. */
const reckonedLeases = 2;

/**
 * This replica's part of the ERP's slots: a lease, renewed a few times a second. Where it is not renewed, the replica goes on with no
 * more than it had, at most its safe share, until all who may have borrowed of that gave it back; then with its safe share.
 * @see docs/decisions/0028-one-budget-for-a-fleet.md
 */
export class BudgetLease {
  readonly #options: BudgetLeaseOptions;
  readonly #leaseMs: number;
  readonly #lateMs: number;
  readonly #graceMs: number;
  /** From the lease, or what is left of it. */
  #granted = 0;
  #feedGranted = 0;
  /** What it said it had, when it was answered last: so much counts as in use here until it says less. */
  #reported = 0;
  /** Whether the limit was below the number of replicas. */
  #isCrowded = false;
  #endsAt = Number.NEGATIVE_INFINITY;
  /** Whether nobody can have borrowed of the safe share any more. */
  #isSafe = false;
  /** The safe share of the limit at its most. One call at most until it is known how many replicas there are. */
  #floor: number;
  #replicas: number;
  /** Whether it had a lease of a store that knew all there were: one that asks for it now was emptied. */
  #isKnown = false;
  #isForgotten = false;
  /** Whether it ever had a share, or waited for one as long as any must. */
  #hasBegun = false;
  #isLeaving = false;
  #seq = 0;
  #isAsking = false;
  /** Whether a buyer waits for a slot since the store was asked last. */
  #isHurried = false;
  #askedAt = Number.NEGATIVE_INFINITY;
  #nextAt = Number.POSITIVE_INFINITY;
  #unanswered = 0;
  readonly #storeTime = new ReckonedTime();
  #cancelSafe = () => {};
  #cancelBegin = () => {};
  #cancelNext = () => {};
  #cancelEnd = () => {};

  constructor(options: BudgetLeaseOptions) {
    this.#options = options;
    const { storeTimeoutMs, longestCallMs, replicas, most } = options;
    this.#leaseMs = Math.max(shortestLeaseMs, 4 * storeTimeoutMs);
    // The store's time is known to within how long it took to be told, and an answer may take as long again.
    // Whole, since the store takes no parts of a millisecond.
    this.#lateMs = 2 * storeTimeoutMs + Math.ceil(this.#leaseMs / 10);
    // What was sent last may be carried out late and makes a lease; before that ends others borrow for as long; then calls end.
    this.#graceMs = this.#lateMs + 2 * this.#leaseMs + longestCallMs + renewMs;
    this.#replicas = replicas;
    this.#floor = Math.min(Math.floor(most / replicas), 1);
  }

  /** Most calls that this replica may have under way now. */
  get share(): number {
    if (this.#isLeaving) return 0;
    if (this.isLeased) return this.#granted;
    const safe = this.#safeShare;
    return this.#isSafe ? safe : Math.min(this.#granted, safe);
  }

  /** Of the share, what the feed may use: reckoned over all replicas, so null without a lease, and while the store learns who has what. */
  get feedShare(): number | null {
    return this.isLeased && !this.#isForgotten ? this.#feedGranted : null;
  }

  get isLeased(): boolean {
    return this.#options.clock.now() < this.#endsAt;
  }

  /** False from the start to the first share, for as long at most as it may have to be waited for without the store. */
  get isReady(): boolean {
    return this.#hasBegun;
  }

  start(): void {
    this.#awaitSafety();
    this.#cancelBegin = this.#options.clock.after(this.#graceMs + mostUnanswered * this.#lateMs, () => this.#begin());
    this.#options.store.onChange((isUp) => {
      if (isUp && this.#unanswered < mostUnanswered) void this.#renew();
    });
    void this.#renew();
  }

  /** A buyer waits for a slot: the store is asked soon, where that does any good. */
  hurry(): void {
    if (this.#isLeaving || this.#unanswered > 0 || !this.isLeased) return;
    this.#isHurried = true;
    if (this.#isAsking) return;
    const now = this.#options.clock.now();
    const soonest = Math.max(this.#askedAt + soonMs, now);
    if (soonest < this.#nextAt) this.#plan(soonest - now);
  }

  /** Gives the lease back; to be called when no more calls are sent. */
  async close(): Promise<void> {
    this.#isLeaving = true;
    this.#cancelSafe();
    this.#cancelBegin();
    this.#cancelNext();
    this.#cancelEnd();
    if (this.#seq > 0 && this.#options.store.isUp) await this.#ask().catch(() => {});
  }

  get #safeShare(): number {
    const part = Math.floor(this.#options.limit.full / this.#replicas);
    return Math.min(Math.max(part, 1), this.#floor);
  }

  async #renew(): Promise<void> {
    if (this.#isAsking || this.#isLeaving) return;
    const { store, clock, isFeedPressed } = this.#options;
    this.#cancelNext();
    if (!store.isUp) return this.#plan(renewMs);
    this.#isAsking = true;
    this.#isHurried = false;
    this.#askedAt = clock.now();
    const isInTime = await this.#ask().then(
      () => true,
      () => false,
    );
    this.#isAsking = false;
    if (this.#isLeaving) return;
    this.#unanswered = isInTime ? 0 : this.#unanswered + 1;
    if (this.#unanswered >= mostUnanswered) this.#plan(2 * this.#graceMs);
    else if (isInTime && (this.#isHurried || this.#mayGiveBack)) this.#plan(soonMs);
    else this.#plan(isFeedPressed() ? pressedMs : renewMs);
  }

  /** Whether a slot counts as in use here that others may wait for: one that is theirs by now, or any where there are too few for all. */
  get #mayGiveBack(): boolean {
    return this.#reported > this.share || (this.#isCrowded && this.share > 0);
  }

  #plan(ms: number): void {
    this.#cancelNext();
    this.#nextAt = this.#options.clock.now() + ms;
    this.#cancelNext = this.#options.clock.after(ms, () => void this.#renew());
  }

  async #ask(): Promise<void> {
    const { store, clock, key, inFlight } = this.#options;
    if (this.#notAfter() === 0) await this.#readTime();
    const share = this.share;
    // Until it is answered, no more than this.
    if (!this.isLeased) this.#granted = share;
    const askedAt = clock.now();
    const held = Math.max(share, inFlight());
    const args = this.#arguments(held, this.#notAfter());
    if (!this.#isLeaving) this.#awaitSafety();
    const reply = await store.run(budgetScript, [key], args);
    this.#follow(reply, askedAt, held);
  }

  async #readTime(): Promise<void> {
    const { store, clock, key } = this.#options;
    const askedAt = clock.now();
    this.#heed(await store.run(budgetScript, [key], this.#arguments(0, 0)), askedAt);
  }

  #heed(reply: StoreReply, askedAt: number): number[] {
    if (!Array.isArray(reply)) throw new StoreRefused("the budget's script answered no list");
    const numbers = reply.map(Number);
    this.#storeTime.hear(numbers[1] ?? 0, askedAt, this.#options.clock.now());
    return numbers;
  }

  /** By the store's time, when what is asked now is too late to be heeded: else a store that was held up would grant it unseen. */
  #notAfter(): number {
    const { clock, storeTimeoutMs } = this.#options;
    return this.#storeTime.latest(clock.now(), storeTimeoutMs, reckonedLeases * this.#leaseMs);
  }

  #arguments(held: number, notAfter: number): string[] {
    const { id, most, replicas, longestCallMs, clock, limit, demandOf, isFeedPressed } = this.#options;
    const { grown, factor, sentAt } = notAfter === 0 ? { grown: 0, factor: 1, sentAt: 0 } : limit.takeChange();
    this.#seq++;
    return [
      ...[id, this.#seq, notAfter, held, Number(this.#isKnown), Number(this.#isLeaving)],
      ...lanes.map((lane) => Math.min(demandOf(lane), most)),
      ...[most, replicas, this.#replicas],
      ...[this.#leaseMs, this.#leaseMs + longestCallMs, this.#leaseMs + this.#lateMs, this.#graceMs],
      ...[limit.full, grown, factor, Math.max(clock.now() - sentAt, 0)],
      ...[Number(isFeedPressed()), this.#storeTime.earliest(clock.now())],
    ].map(String);
  }

  #follow(reply: StoreReply, askedAt: number, held: number): void {
    const { limit, replicas: planned, onShare, onLeased, onMoreReplicas } = this.#options;
    const [status, , share = 0, floor = 0, replicas = 1, thousandths = 1_000, leased = 1, isLearning, feedShare = 0] =
      this.#heed(reply, askedAt);
    if (status !== granted || this.#isLeaving) return;
    const wasLeased = this.isLeased;
    if (replicas > planned && replicas > this.#replicas) onMoreReplicas(replicas);
    this.#granted = share;
    this.#feedGranted = feedShare;
    this.#reported = held;
    this.#isCrowded = leased * 1_000 > thousandths;
    this.#endsAt = askedAt + Math.floor(this.#leaseMs * believedShare);
    this.#floor = floor;
    this.#replicas = replicas;
    if (isLearning === 1 && this.#isKnown && !this.#isForgotten) this.#options.onForgotten?.();
    this.#isForgotten = isLearning === 1;
    if (isLearning === 0) this.#isKnown = true;
    if (share > 0) this.#begin();
    limit.adopt(thousandths / 1_000);
    if (!wasLeased) onLeased(true);
    this.#cancelEnd();
    this.#cancelEnd = this.#options.clock.after(this.#endsAt - this.#options.clock.now() + 1, () => {
      if (this.isLeased) return;
      onLeased(false);
      // The feed goes by what is seen here from now on: it may have waited for a slot that stands idle.
      onShare();
    });
    onShare();
  }

  #begin(): void {
    this.#hasBegun = true;
    this.#cancelBegin();
  }

  /** By a timer: the time of day may be set forward. */
  #awaitSafety(): void {
    this.#isSafe = false;
    this.#cancelSafe();
    this.#cancelSafe = this.#options.clock.after(this.#graceMs, () => {
      this.#isSafe = true;
      this.#options.onShare();
    });
  }
}
