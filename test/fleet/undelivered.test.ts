import { describe, expect, test } from "vitest";
import { FleetInvalidations } from "../../src/fleet/fleet-invalidations.js";
import { Membership } from "../../src/fleet/membership.js";
import { Seal } from "../../src/fleet/seal.js";
import { type Store, type StoreReply, StoreUnavailable } from "../../src/fleet/store.js";
import { StoreLife } from "../../src/fleet/store-life.js";
import { WakeUps } from "../../src/fleet/wake-ups.js";
import { everything } from "../../src/pricing/invalidation.js";
import { settle, VirtualClock } from "../support/virtual-clock.js";
import { createLogger } from "./quiet-logger.js";
import { fleetSecret } from "./replica.js";

/** Knows of one other replica, which never confirms. */
class DeafStore implements Store {
  isUp = false;
  told = 0;

  run(): Promise<StoreReply> {
    if (!this.isUp) return Promise.reject(new StoreUnavailable("down"));
    this.told++;
    return Promise.resolve([
      Buffer.from("a life of a store"),
      1_000_000,
      this.told,
      0,
      Buffer.from("who never answers"),
    ]);
  }

  publish = () => Promise.resolve(0);
  subscribe(): void {}
  onChange(): void {}
}

describe("invalidations that a store that was away could not be told", () => {
  test("are all told at once when it is back, not each after the wait for the one before", async () => {
    const clock = new VirtualClock();
    const store = new DeafStore();
    const [seal, life] = [new Seal(fleetSecret, "erp"), new StoreLife(clock)];
    const wakeUps = new WakeUps(store, seal.prefix, life.replica, clock);
    const parts = { store, seal, rules: "rules", life, wakeUps, clock };
    const logger = createLogger([]);
    const membership = new Membership({ ...parts, logger, onUnsure() {}, onBeat() {} });
    const invalidations = new FleetInvalidations({ ...parts, membership, onInvalidated() {} });
    const nobody = { scopes: new Set<string>(), customers: new Set<string>() };
    for (const sku of ["A", "B", "C"])
      expect(await invalidations.tell({ ...everything, skus: new Set([sku]) }, nobody)).toEqual(["*"]);
    store.isUp = true;
    const delivered = invalidations.deliver();
    await settle();
    expect(store.told).toBe(3);
    await clock.advance(1_000);
    await delivered;
    await invalidations.deliver();
    expect(store.told).toBe(3);
  });
});
