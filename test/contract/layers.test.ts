import { CachedSource } from "../../src/cache/cached-source.js";
import { LadderSource } from "../../src/cache/ladder-source.js";
import { CallSlots } from "../../src/dispatch/call-slots.js";
import { ChargingSource } from "../../src/dispatch/charging-source.js";
import { Dispatcher } from "../../src/dispatch/dispatcher.js";
import { ErpUnavailable } from "../../src/errors.js";
import type { PriceKey } from "../../src/pricing/keys.js";
import type { Ladder } from "../../src/pricing/ladder.js";
import { type Ask, type ErpCall, type ErpSource, failed, fromErp, type Outcome } from "../../src/pricing/source.js";
import { createBreaker, fixedLimit, optionsOf } from "../dispatch/dispatcher-setup.js";
import { bySku, keysOf, type NamedKey, RecordingSource } from "../support/fake-source.js";
import { askAt, foundAt, ladderOf, priceKeyOf, unknownAt } from "../support/samples.js";
import { VirtualClock } from "../support/virtual-clock.js";
import { promisesOfSource } from "./source.contract.js";

const down = () => new ErpUnavailable("down");

/** Live asks, so that a layer that keeps answers must read each time. */
const live = (clock: VirtualClock): Ask => askAt(clock.now(), { maxAgeMs: 0 });

const named = {
  knownKeys: () => keysOf("a", "b", "c") as [NamedKey, NamedKey, NamedKey],
  unknownKey: () => keysOf("?")[0] as NamedKey,
  isFor: (answer: string, { id }: NamedKey) => answer === id,
};

/** Answers every key at once by its own name, knows no "?", and throws once it is down. */
class InstantErp implements ErpSource<NamedKey, string> {
  readonly keysPerCall = 2;
  readonly asked: string[] = [];
  isDown = false;

  groupOf({ id }: NamedKey): string {
    return id === "c" ? "other" : "";
  }

  async readMany(keys: readonly NamedKey[], call: ErpCall): Promise<Outcome<string>[]> {
    this.asked.push(...keys.map(({ id }) => id));
    if (this.isDown) throw down();
    return keys.map(({ id }) =>
      id === "?" ? unknownAt(call.sentAt) : { ...foundAt(id, 0), freshness: fromErp(call) },
    );
  }
}

promisesOfSource({
  name: "Dispatcher",
  ...named,
  async create() {
    const clock = new VirtualClock();
    const erp = new InstantErp();
    const breaker = createBreaker(() => clock.now());
    const slots = new CallSlots(fixedLimit(2), clock);
    const dispatcher = new Dispatcher(erp, optionsOf({ slots, breaker, clock }));
    return {
      read: (keys) => dispatcher.readMany(keys, live(clock)),
      breakDown() {
        erp.isDown = true;
      },
      askedBehind: () => erp.asked,
      now: () => clock.now(),
      stop: () => breaker.shutdown(),
    };
  },
});

promisesOfSource({
  name: "ChargingSource",
  ...named,
  async create() {
    const clock = new VirtualClock();
    const inner = new RecordingSource<NamedKey, string>(({ id }) =>
      id === "?" ? unknownAt(clock.now()) : foundAt(id, clock.now()),
    );
    const charging = new ChargingSource(Object.assign(inner, { wouldJoin: () => false }));
    const budget = { charge: (wanted: number) => ({ granted: wanted, retryAfterSeconds: 0 }) };
    return {
      read: (keys) => charging.readMany(keys, { ...live(clock), budget }),
      breakDown() {
        inner.outcomeOf = () => failed(down());
      },
      askedBehind: () => inner.askedIds.flat(),
      now: () => clock.now(),
    };
  },
});

promisesOfSource({
  name: "CachedSource",
  ...named,
  async create() {
    const clock = new VirtualClock();
    const inner = new RecordingSource<NamedKey, string>(({ id }) =>
      id === "?" ? unknownAt(clock.now()) : foundAt(id, clock.now()),
    );
    const cache = new CachedSource(inner, {
      windows: { freshMs: 60_000, staleMs: 600_000, unknownMs: 30_000, failureMs: 1_000 },
      maxBytes: 1_000_000,
      clock,
      random: () => 0,
      validUntil: () => null,
      revalidateMs: 10_000,
      longestFlightMs: 5_000,
      namesOf: bySku,
      onLookup() {},
    });
    return {
      read: (keys) => cache.readMany(keys, live(clock)),
      breakDown() {
        inner.outcomeOf = () => failed(down());
      },
      askedBehind: () => inner.askedIds.flat(),
      now: () => clock.now(),
    };
  },
});

for (const tells of ["whole ladders", "one quantity"] as const) {
  promisesOfSource<PriceKey, Ladder>({
    name: `LadderSource over an ERP that tells ${tells}`,
    knownKeys: () => ["A", "B", "C"].map((sku) => priceKeyOf({ sku })) as [PriceKey, PriceKey, PriceKey],
    unknownKey: () => priceKeyOf({ sku: "?" }),
    isFor: (ladder, { sku }) => ladder.sku === sku,
    async create() {
      const clock = new VirtualClock();
      const inner = new RecordingSource<PriceKey, Ladder>(({ sku, quantity }) => {
        if (sku === "?") return unknownAt(clock.now());
        return foundAt(ladderOf({ sku, onlyQuantity: tells === "one quantity" ? quantity : null }), clock.now());
      });
      const source = new LadderSource(inner);
      return {
        read: (keys) => source.readMany(keys, live(clock)),
        breakDown() {
          inner.outcomeOf = () => failed(down());
        },
        askedBehind: () => inner.askedIds.flat(),
        now: () => clock.now(),
      };
    },
  });
}
