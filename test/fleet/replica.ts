import { CachedSource } from "../../src/cache/cached-source.js";
import { type Clock, systemClock } from "../../src/clock.js";
import { CallSlots } from "../../src/dispatch/call-slots.js";
import { ChargingSource } from "../../src/dispatch/charging-source.js";
import { Dispatcher } from "../../src/dispatch/dispatcher.js";
import { Fleet } from "../../src/fleet/fleet.js";
import type { Store } from "../../src/fleet/store.js";
import { everything, type Invalidation } from "../../src/pricing/invalidation.js";
import type { Ask, ErpSource, Outcome } from "../../src/pricing/source.js";
import { createBreaker, fixedLimit, optionsOf, wordOf } from "../dispatch/dispatcher-setup.js";
import { bySku, keysOf, type NamedKey } from "../support/fake-source.js";
import { askAt } from "../support/samples.js";
import { createLogger } from "./quiet-logger.js";

export const fleetSecret = new TextEncoder().encode("a secret of the fleet, of 32 bytes at least");
export const windows = { freshMs: 60_000, staleMs: 600_000, unknownMs: 30_000, failureMs: 1_000 };

export interface ReplicaOptions {
  readonly clock?: Clock;
  readonly secret?: Uint8Array;
  readonly erpName?: string;
  readonly rules?: string;
  readonly freshMs?: number;
  /** When each answer itself ends, in ms since the epoch. */
  readonly validUntil?: () => number | null;
}

/** One replica's layers for one kind of question, as the gateway stacks them, over an ERP that it shares with others. */
export class Replica {
  readonly fleet: Fleet;
  readonly cache: CachedSource<NamedKey, string>;
  readonly lookups: string[] = [];
  /** What made it doubt all it kept. */
  readonly losses: string[] = [];
  readonly #clock: Clock;

  constructor(store: Store, erp: ErpSource<NamedKey, string>, options: ReplicaOptions = {}) {
    const {
      clock = systemClock,
      secret = fleetSecret,
      erpName = "erp",
      rules = "rules",
      freshMs = windows.freshMs,
      validUntil = () => null,
    } = options;
    this.#clock = clock;
    const own = { ...windows, freshMs };
    const slots = new CallSlots(fixedLimit(8), clock);
    const dispatcher = new Dispatcher(erp, optionsOf({ slots, breaker: createBreaker(() => clock.now()), clock }));
    this.fleet = new Fleet({
      ...{ store, secret, erp: erpName, rules, clock, logger: createLogger(this.losses) },
      onInvalidated: (invalidation) => void this.#forget(invalidation),
      onUnsure: () => void this.#forget(everything),
    });
    const tier = this.fleet.share(new ChargingSource(dispatcher), {
      ...{ kind: "price" as const, dispatch: dispatcher, windows: own, namesOf: bySku, validUntil },
      onLookup: (outcome, count) => this.lookups.push(...Array<string>(count).fill(outcome)),
    });
    this.cache = new CachedSource(tier, {
      ...{ windows: own, maxBytes: 1_000_000, clock, random: () => 0, namesOf: bySku, validUntil },
      ...{ revalidateMs: 10_000, longestFlightMs: 10_000, onLookup() {} },
    });
    this.fleet.start();
  }

  /** As others name it that it did not confirm to. */
  get name(): string {
    return this.fleet.replica;
  }

  /** Whether it is a member of the fleet, and hears what it is told. */
  get isSure(): boolean {
    return this.fleet.isSure;
  }

  async read(ids: readonly string[], ask: Partial<Ask> = {}): Promise<string[]> {
    return (await this.outcomes(ids, ask)).map(wordOf);
  }

  outcomes(ids: readonly string[], ask: Partial<Ask> = {}): Promise<Outcome<string>[]> {
    return this.cache.readMany(keysOf(...ids), askAt(this.#clock.now(), ask));
  }

  /** As its client has it done. @returns who did not confirm */
  invalidate(...skus: readonly string[]): Promise<readonly string[]> {
    const invalidation = { ...everything, skus: new Set(skus) };
    this.#forget(invalidation);
    return this.fleet.tell(invalidation, { scopes: new Set(), customers: new Set() });
  }

  /** As when the ERP's changes, that each replica follows for itself, named these. */
  forgetChanged(...skus: readonly string[]): number {
    return this.#forget({ ...everything, skus: new Set(skus) });
  }

  #forget({ skus }: Invalidation): number {
    const matches = ({ id }: NamedKey) => skus === null || skus.has(id);
    return this.cache.forget(matches, skus === null ? "everything" : { sku: skus });
  }
}
