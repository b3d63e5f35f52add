import { expect, test } from "vitest";
import { Seal } from "../../src/fleet/seal.js";
import { SharedStore } from "../../src/fleet/shared-store.js";
import type { Store, StoreReply } from "../../src/fleet/store.js";
import { newId, StoreLife } from "../../src/fleet/store-life.js";
import { WakeUps } from "../../src/fleet/wake-ups.js";
import { VirtualClock } from "../support/virtual-clock.js";
import { fleetSecret } from "./replica.js";

test("a lease that is let go is so before the store is asked for it anew: it would give the one that ends then", async () => {
  const clock = new VirtualClock();
  const ran: string[] = [];
  const store: Store = {
    isUp: true,
    async run({ name }): Promise<StoreReply> {
      ran.push(name);
      return name === "take" ? [Buffer.from(newId()), clock.now(), 1, 0, null] : [Buffer.from(newId()), clock.now()];
    },
    publish: async () => 0,
    subscribe() {},
    onChange() {},
  };
  const seal = new Seal(fleetSecret, "erp");
  const life = new StoreLife(clock);
  const wakeUps = new WakeUps(store, seal.prefix, life.replica, clock);
  const shared = new SharedStore("price", { store, seal, life, clock, wakeUps, rules: "rules" });
  const of = { key: { id: "A" }, name: "A", lines: [] };
  shared.fill([{ of, keepsLease: false, entry: null }]);
  const { taken } = await shared.take([{ ...of, askedAfter: 0 }], null);
  expect(ran).toEqual(["fill", "take"]);
  expect(taken.map(({ state }) => state)).toEqual(["ours"]);
  await clock.advance(1_000);
  expect(ran).toEqual(["fill", "take"]);
});
