import { afterEach, expect, test } from "vitest";
import { systemClock } from "../../src/clock.js";
import { BudgetLease } from "../../src/fleet/budget-lease.js";
import { Fleet } from "../../src/fleet/fleet.js";
import { ValkeyStore } from "../../src/fleet/valkey-store.js";
import type { BreakerHint } from "../../src/pricing/breaker-hint.js";
import type { ErpBaseline } from "../../src/pricing/erp-baseline.js";
import { eventually } from "../support/eventually.js";
import { describeWith } from "../support/parts.js";
import { createLogger } from "./quiet-logger.js";
import { RealFleet } from "./real-fleet.js";
import { fleetSecret } from "./replica.js";

const baseline: ErpBaseline = {
  quickest: [{ kind: "price", keys: 24, ms: 40 }],
  usualQuickest: { mean: 0.1, deviation: 0.05, rounds: 40 },
  usualMean: { mean: 0.2, deviation: 0.05, rounds: 40 },
};

/** A replica that follows an ERP's changes, and knows how the ERP is at ease or would like to. */
class Follower {
  readonly warnings: string[];
  readonly store: ValkeyStore;
  readonly fleet: Fleet;
  readonly share;
  begunWith: ErpBaseline | null = null;

  constructor(url: string, warnings: string[], secret = fleetSecret) {
    this.warnings = warnings;
    const logger = createLogger(warnings);
    const clock = systemClock;
    this.store = new ValkeyStore({ url, timeoutMs: 500, clock, random: () => 0, logger });
    const forgets = { onInvalidated() {}, onUnsure() {} };
    this.fleet = new Fleet({ store: this.store, secret, erp: "erp", rules: "rules", clock, logger, ...forgets });
    this.fleet.start();
    this.share = this.fleet.followChanges();
    this.store.start();
  }

  recall(own: ErpBaseline | null = null): void {
    const startFrom = (begunWith: ErpBaseline) => {
      this.begunWith = begunWith;
      return true;
    };
    this.fleet.shareBaseline({ baseline: () => own, startFrom }, 5_000);
  }

  stop(): void {
    this.store.close();
    void this.fleet.close();
  }
}

describeWith("redis", "what others write where a fleet keeps what it shares", () => {
  let real: RealFleet;
  const followers: Follower[] = [];
  const warnings: string[] = [];
  afterEach(async () => {
    for (const follower of followers.splice(0)) follower.stop();
    warnings.length = 0;
    await real.stop();
  });
  const add = (secret = fleetSecret) => {
    const follower = new Follower(real.redis.url, warnings, secret);
    followers.push(follower);
    return follower;
  };
  const leads = (follower: Follower) => eventually("it leads", () => follower.share.turn().kind === "leads");
  /** All keys but that of membership, budget and answers: here, that of who leads. */
  const keyOfLead = async () => {
    const keys = await real.keys();
    return keys.find((key) => !key.endsWith(":fleet")) as string;
  };

  test.each([
    ["a text", ["SET", "KEY", "junk"]],
    ["a list", ["RPUSH", "KEY", "junk"]],
    ["a leader that never ends", ["HSET", "KEY", "leader", "nobody", "ends", "9999999999999999"]],
    ["a leader that ends at no time", ["HSET", "KEY", "leader", "nobody", "ends", "nan"]],
    ["half of it", ["HDEL", "KEY", "ends", "seq"]],
  ])(
    "who leads: %s takes the lead from nobody for long, and no cursor is lost that replicas know",
    async (_what, command) => {
      real = await RealFleet.start();
      const follower = add();
      await leads(follower);
      await follower.share.tell([], "cursor 7");
      const key = await keyOfLead();
      if (command[0] !== "HSET" && command[0] !== "HDEL") await real.command("DEL", key);
      await real.command(...command.map((part) => (part === "KEY" ? key : part)));
      await follower.share.tell([], "cursor 8");
      expect(follower.share.turn()).toEqual({ kind: "leads", cursor: "cursor 8" });
      const next = add();
      await eventually("it knows", () => JSON.stringify(next.share.turn()).includes("cursor 8"));
    },
  );

  test("the cursor: one that was not written under the secret is none, and the log says so", async () => {
    real = await RealFleet.start();
    const follower = add();
    await leads(follower);
    await follower.share.tell([], "cursor 7");
    await real.command("HSET", await keyOfLead(), "cursor", "cursor 9");
    await eventually("it is none", () => JSON.stringify(follower.share.turn()).includes("null"));
    expect(warnings.filter((line) => line.includes("does not open under VALKEY_KEY_SECRET"))).toHaveLength(1);
  });

  test("another secret, ERP or release has a leader and a cursor of its own", async () => {
    real = await RealFleet.start();
    const [one, other] = [add(), add(new TextEncoder().encode("another secret of another fleet, 32 bytes"))];
    await leads(one);
    await leads(other);
    await one.share.tell([], "cursor 7");
    expect(other.share.turn()).toEqual({ kind: "leads", cursor: null });
    expect(warnings).toEqual([]);
  });

  test.each([
    ["a text", ["SET", "KEY", "junk"]],
    ["a list", ["RPUSH", "KEY", "junk"]],
  ])(
    "how the ERP is at ease: %s is not believed, and the log says so",
    async (_what, command) => {
      real = await RealFleet.start();
      const follower = add();
      await leads(follower);
      const before = await real.keys();
      follower.recall(baseline);
      await eventually("it is told", async () => (await real.keys()).length > before.length, { withinMs: 20_000 });
      const key = (await real.keys()).find((each) => !before.includes(each)) as string;
      const taught = add();
      await eventually("it is a member", () => taught.fleet.isSure);
      taught.recall();
      await eventually("it begins with it", () => taught.begunWith !== null);
      expect(taught.begunWith).toEqual(baseline);
      await real.command("DEL", key);
      await real.command(...command.map((part) => (part === "KEY" ? key : part)));
      const starter = add();
      await eventually("it is a member", () => starter.fleet.isSure);
      starter.recall();
      if (command[0] === "SET")
        await eventually("it says so", () => warnings.some((line) => line.includes("or is as no ERP is")));
      expect(starter.begunWith).toBeNull();
    },
    40_000,
  );

  test("breakers: what was not sealed, or is cut, is not heeded", async () => {
    real = await RealFleet.start();
    const follower = add();
    await leads(follower);
    const heeded: unknown[] = [];
    follower.fleet.shareHints("price", { onHint() {}, heed: (hint) => heeded.push(hint) });
    const key = await keyOfLead();
    const channel = `${key.slice(0, key.lastIndexOf(":"))}:breakers`;
    for (const junk of ["", "junk", Buffer.from('{"of":"price","hint":{"kind":"well"}}').toString("base64")])
      expect(await real.command("PUBLISH", channel, junk)).toBe(1);
    const other = add();
    let tell = (_hint: BreakerHint) => {};
    other.fleet.shareHints("price", {
      onHint(listener) {
        tell = listener;
      },
      heed() {},
    });
    await eventually("it is a member", () => other.fleet.isSure);
    await eventually("the one that it tells is heeded", () => {
      tell({ kind: "well", forMs: 0 });
      return heeded.length > 0;
    });
    expect(new Set(heeded.map((hint) => JSON.stringify(hint)))).toEqual(new Set(['{"kind":"well","forMs":0}']));
  });

  test.each([
    ["a text", ["SET", "budget", "junk"]],
    ["a list", ["RPUSH", "budget", "junk"]],
    ["a number", ["SET", "budget", "5"]],
    ["no entries", ["SET", "budget", '{"clock":1,"raw":1}']],
    [
      "entries that are none",
      [
        "SET",
        "budget",
        '{"clock":1,"raw":1,"learnsUntil":0,"limit":8,"fellAt":0,"peak":0,"peakAt":0,"entries":{"a":{"held":"x"}}}',
      ],
    ],
  ])(
    "the budget: %s counts as a store that was emptied: safe shares, then all again, and it is told",
    async (_what, command) => {
      real = await RealFleet.start();
      let forgotten = 0;
      const leases = ["a", "b"].map((id) => {
        const logger = createLogger(warnings);
        const store = new ValkeyStore({
          url: real.redis.url,
          timeoutMs: 100,
          clock: systemClock,
          random: () => 0,
          logger,
        });
        real.stores.push(store);
        const limit = { full: 8, takeChange: () => ({ grown: 0, factor: 1, sentAt: 0 }), adopt: () => {} };
        const lease = new BudgetLease({
          ...{ store, clock: systemClock, key: "budget", id, limit, most: 8, replicas: 2, storeTimeoutMs: 100 },
          longestCallMs: 500,
          demandOf: (lane) => (lane === "storefront" && id === "a" ? 8 : 0),
          isFeedPressed: () => false,
          ...{ inFlight: () => 0, onShare() {}, onLeased() {}, onMoreReplicas() {}, onForgotten: () => forgotten++ },
        });
        lease.start();
        store.start();
        return lease;
      });
      const shares = () => leases.map(({ share }) => share).join();
      await eventually("all is dealt out", () => shares() === "7,1");
      await real.command("DEL", "budget");
      await real.command(...command);
      await eventually("safe shares", () => shares() === "4,1");
      await eventually("all is dealt out again", () => shares() === "7,1", { withinMs: 15_000 });
      expect(forgotten).toBe(2);
      expect(warnings).toEqual([]);
      for (const lease of leases) await lease.close();
    },
    30_000,
  );
});
