import type { ChangeShare, ChangeTurn, ToldChange } from "../pricing/change-share.js";
import type { Logger } from "../telemetry/logger.js";
import type { FleetInvalidations } from "./fleet-invalidations.js";
import type { Membership } from "./membership.js";
import { leadScript, leadVersion } from "./scripts.js";
import type { FleetParts } from "./shared-store.js";
import { newId } from "./store-life.js";

export interface ChangeLeadOptions extends FleetParts {
  readonly membership: Membership;
  readonly invalidations: Pick<FleetInvalidations, "announce">;
  readonly logger: Logger;
}

/** Between two words to the store, in ms. */
const renewMs = 1_000;
/** For how long one leads that says no more, in ms: then another one does. */
const leaseMs = 3_000;
/** Of the lease as the store counts it; our clock may be slower. */
const believedShare = 0.97;

/** One line of the log in this time, in ms. */
const refusedToldMs = 60_000;

const about = "changes followed to";

type Kind = ChangeTurn["kind"];

const said: Readonly<Record<Kind, string>> = {
  alone: "this replica asks the ERP what changed for itself: the shared store does not say who does for all",
  leads: "this replica asks the ERP what changed, for all",
  follows: "another replica asks the ERP what changed, for all",
};

/**
 * Has one replica of those that ask the ERP in the same way ask it what changed. That one tells the others as a client's invalidation is told, and
 * only then notes in the store how far it got: the next one goes on from there, so that some is told twice rather than not at all. Where the store cannot be
 * asked, or this replica is not sure to hear what is told, it is alone.
 * @see docs/decisions/0033-one-replica-follows-the-changes.md
 */
export class ChangeLead implements ChangeShare {
  readonly #options: ChangeLeadOptions;
  readonly #keys: readonly string[];
  readonly #listeners: (() => void)[] = [];
  /** Until when what the store said last holds, by our clock, in ms since the epoch. */
  #heldUntil: number;
  #isLeading = false;
  #cursor: string | null = null;
  /** Of the invalidation that the cursor was noted after, and the store's life that counts it. */
  #seq = 0;
  #life: string | null = null;
  #passesUntil = Number.NEGATIVE_INFINITY;
  #told: { readonly kind: Kind; readonly cursor: string | null };
  #refusedAt = Number.NEGATIVE_INFINITY;
  #isClosed = false;
  #cancelTimer = () => {};

  constructor(options: ChangeLeadOptions) {
    this.#options = options;
    const { seal, rules, clock } = options;
    this.#keys = [`${seal.prefix}fleet`, `${seal.prefix}${seal.name("changes", leadVersion, rules)}`];
    // One that starts hears of the others before it asks for what they know.
    this.#heldUntil = clock.now() + leaseMs;
    this.#told = { kind: "follows", cursor: null };
  }

  start(): void {
    this.#options.store.onChange((isUp) => {
      if (isUp) void this.#renew();
    });
    void this.#renew();
  }

  /** Lets another one lead at once. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelTimer();
    if (this.#isLeading && this.#options.store.isUp) await this.#ask(0, null).catch(() => {});
  }

  turn(): ChangeTurn {
    const { clock, membership, life } = this.#options;
    if (clock.now() >= this.#heldUntil) return { kind: "alone" };
    if (!membership.isSure) return { kind: "follows", cursor: null };
    if (this.#isLeading) return { kind: "leads", cursor: this.#cursor };
    const isHeard = this.#life === life.id && membership.hasHeard(this.#seq);
    return { kind: "follows", cursor: isHeard ? this.#cursor : null };
  }

  onTurn(listener: () => void): void {
    this.#listeners.push(listener);
  }

  async tell(changes: readonly ToldChange[], cursor: string): Promise<void> {
    const { invalidations, seal } = this.#options;
    for (const { invalidation, reach } of changes) await invalidations.announce(invalidation, reach);
    // Noted by one that gave the lead up, it would have it back for a while.
    if (this.#isClosed) throw new Error("this replica stops: who leads after it tells once more what changed");
    // Where another one leads meanwhile it is not noted, and told once more by that one.
    await this.#ask(leaseMs, seal.close(cursor, about));
    this.#tellTurn();
  }

  pass(ms: number): void {
    this.#passesUntil = this.#options.clock.now() + ms;
    void this.#renew();
  }

  async #renew(): Promise<void> {
    this.#cancelTimer();
    if (this.#isClosed) return;
    const { clock, store } = this.#options;
    this.#cancelTimer = clock.after(renewMs, () => void this.#renew());
    const isPassing = clock.now() < this.#passesUntil;
    if (store.isUp) await this.#ask(isPassing ? 0 : leaseMs, null).catch(() => {});
    if (!this.#isClosed) this.#tellTurn();
  }

  async #ask(forMs: number, sealed: Buffer | null): Promise<void> {
    const { store, life, seal, clock } = this.#options;
    const askedAt = clock.now();
    const reply = await store.run(leadScript, this.#keys, [newId(), life.replica, String(forMs), sealed ?? ""]);
    const [id, storeTime, leads, seq, cursor] = reply as [Buffer, number, number, number, Buffer];
    life.hear(id.toString(), storeTime);
    this.#heldUntil = askedAt + leaseMs * believedShare;
    this.#isLeading = leads === 1;
    this.#cursor = cursor.length === 0 ? null : seal.open(cursor, about);
    if (cursor.length > 0 && this.#cursor === null) this.#refuse();
    this.#seq = seq;
    this.#life = id.toString();
  }

  /** Nobody who does not hold the secret makes one up; this is as none. */
  #refuse(): void {
    const { clock, logger } = this.#options;
    if (clock.now() - this.#refusedAt < refusedToldMs) return;
    this.#refusedAt = clock.now();
    logger.warn(
      { why: "up to where the ERP's changes were followed does not open under VALKEY_KEY_SECRET" },
      "what the shared store keeps is not believed: who else writes there?",
    );
  }

  #tellTurn(): void {
    const turn = this.turn();
    const cursor = turn.kind === "alone" ? null : turn.cursor;
    if (turn.kind === this.#told.kind && cursor === this.#told.cursor) return;
    if (turn.kind !== this.#told.kind) this.#options.logger.info(said[turn.kind]);
    this.#told = { kind: turn.kind, cursor };
    for (const listener of this.#listeners) listener();
  }
}
