import type { Clock } from "../clock.js";
import type { HintedBreaker } from "../pricing/breaker-hint.js";
import type { ChangeShare } from "../pricing/change-share.js";
import type { Invalidation, Reach } from "../pricing/invalidation.js";
import type { AnswerKind, Key, TellingSource } from "../pricing/source.js";
import type { Logger } from "../telemetry/logger.js";
import { BreakerHints } from "./breaker-hints.js";
import { ChangeLead } from "./change-lead.js";
import { FleetInvalidations, type Unconfirmed } from "./fleet-invalidations.js";
import { Membership } from "./membership.js";
import { Seal } from "./seal.js";
import { type BaselineLearner, SharedBaseline } from "./shared-baseline.js";
import type { FleetParts } from "./shared-store.js";
import { SharedTier, type SharedTierOptions } from "./shared-tier.js";
import type { Store } from "./store.js";
import { StoreLife } from "./store-life.js";
import { WakeUps } from "./wake-ups.js";

export interface FleetOptions {
  /** Not to be started before the fleet was made, which listens from the first. */
  readonly store: Store;
  /** At least 32 bytes. */
  readonly secret: Uint8Array;
  /** Which ERP it is that all of them ask. */
  readonly erp: string;
  /** How they ask it, in short: those that ask it otherwise share invalidations, and no answers. */
  readonly rules: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Forgets what another replica's client had invalidated. */
  readonly onInvalidated: (invalidation: Invalidation) => void;
  /** Forgets all: invalidations may have been missed. @param isFirst as in `MembershipOptions` */
  readonly onUnsure: (isFirst: boolean) => void;
}

/** What this replica shares with the others: answers, who asks for them, and invalidations. */
export class Fleet {
  readonly #parts: FleetParts;
  readonly #membership: Membership;
  readonly #invalidations: FleetInvalidations;
  readonly #tiers: Pick<SharedTier<Key, unknown>, "mark" | "stamp" | "close">[] = [];
  readonly #hints: BreakerHints;
  readonly #logger: Logger;
  #lead: ChangeLead | null = null;
  #baseline: SharedBaseline | null = null;
  /** As in `SharedTierOptions`. */
  #supersededSince: "told" | number | null = null;

  constructor(options: FleetOptions) {
    const { store, rules, clock, logger, onInvalidated, onUnsure } = options;
    this.#logger = logger;
    const seal = new Seal(options.secret, options.erp);
    const life = new StoreLife(clock);
    const wakeUps = new WakeUps(store, seal.prefix, life.replica, clock);
    this.#parts = { store, seal, rules, life, wakeUps, clock };
    this.#hints = new BreakerHints(this.#parts);
    this.#membership = new Membership({
      ...{ store, seal, life, clock, logger },
      onUnsure: (isFirst) => this.#heed("told", () => onUnsure(isFirst)),
      onBeat: () => void this.#invalidations.deliver(this.#toStamp()),
    });
    this.#invalidations = new FleetInvalidations({
      ...this.#parts,
      membership: this.#membership,
      onInvalidated: (invalidation, drawnAt) => {
        // Whose records this replica keeps and the teller does not, their scopes have no line in the store.
        const isWhole = invalidation.customers === null && invalidation.priceScopes === null;
        this.#heed(isWhole ? "told" : drawnAt, () => onInvalidated(invalidation));
      },
    });
  }

  /** Puts the shared tier of one kind before a source. */
  share<K extends Key, Answer>(
    inner: TellingSource<K, Answer>,
    options: Omit<SharedTierOptions<K, Answer>, keyof FleetParts | "supersededSince">,
  ): SharedTier<K, Answer> {
    const tier = new SharedTier(inner, { ...options, ...this.#parts, supersededSince: () => this.#supersededSince });
    this.#tiers.push(tier);
    return tier;
  }

  /** Has this replica's circuit breaker of a kind of question and those of the others hear of one another. */
  shareHints(of: AnswerKind, breaker: HintedBreaker): void {
    this.#hints.join(of, breaker);
  }

  /** Has this replica begin with how the ERP is at ease, as others learnt it, and tell what it learns itself. Called once. */
  shareBaseline(learner: BaselineLearner, longestCallMs: number): void {
    this.#baseline = new SharedBaseline({ ...this.#parts, learner, longestCallMs, logger: this.#logger });
    this.#baseline.start();
  }

  /** Has one replica ask the ERP for all what changed; for those alone that follow changes, and once. */
  followChanges(): ChangeShare {
    const [membership, logger] = [this.#membership, this.#logger];
    const announce = (invalidation: Invalidation, reach: Reach) =>
      this.#invalidations.announce(invalidation, reach, this.#toStamp());
    this.#lead = new ChangeLead({ ...this.#parts, membership, invalidations: { announce }, logger });
    this.#lead.start();
    return this.#lead;
  }

  /** What this replica is called, for the time it runs. */
  get replica(): string {
    return this.#parts.life.replica;
  }

  /** Whether it is known to the others, and heard of all invalidations. */
  get isSure(): boolean {
    return this.#membership.isSure;
  }

  start(): void {
    this.#membership.start();
  }

  /** Has every other replica forget what this one has forgotten already. @returns who did not confirm */
  tell(invalidation: Invalidation, reach: Reach): Promise<Unconfirmed> {
    return this.#invalidations.tell(invalidation, reach, this.#toStamp());
  }

  async close(): Promise<void> {
    for (const tier of this.#tiers) tier.close();
    this.#baseline?.close();
    await this.#lead?.close();
    await this.#membership.close();
  }

  /** What was forgotten until now was so before whatever time the store tells in reply to what it is asked now. */
  #toStamp(): (storeTime: number) => void {
    const marks = this.#tiers.map((tier) => tier.mark);
    return (storeTime) => {
      for (const [index, tier] of this.#tiers.entries()) tier.stamp(marks[index] as number, storeTime);
    };
  }

  /** @param since as in `SharedTierOptions` */
  #heed(since: "told" | number | null, forget: () => void): void {
    this.#supersededSince = since;
    try {
      forget();
    } finally {
      this.#supersededSince = null;
    }
  }
}
