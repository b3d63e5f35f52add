import { beforeEach, describe, expect, test } from "vitest";
import { SeededRandom } from "../simulation/seeded-random.js";
import { VirtualClock } from "../support/virtual-clock.js";
import { BudgetReplica, CountingErp, type FleetOptions } from "./budget-fleet.js";
import { LuaServer } from "./lua-server.js";

let clock: VirtualClock;
let server: LuaServer;
let erp: CountingErp;
let replicas: BudgetReplica[];

beforeEach(async () => {
  clock = new VirtualClock();
  server = await LuaServer.create(clock);
  erp = new CountingErp(clock);
  replicas = [];
});

function add(count: number, options: Partial<FleetOptions> = {}): BudgetReplica[] {
  const seeded = new SeededRandom(1);
  const random = () => seeded.next();
  const added = Array.from({ length: count }, (_, index) => {
    const id = `replica-${replicas.length + index}`;
    return new BudgetReplica(id, server, erp, random, { most: 8, replicas: 6, ...options });
  });
  replicas.push(...added);
  return added;
}

const shares = () => replicas.filter(({ isAlive }) => isAlive).map(({ lease }) => lease.share);
const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);

describe("a fleet's one budget", () => {
  test("six that start at once at full load share all of the limit within a second, and never use more", async () => {
    for (const replica of add(6)) replica.want({ storefront: 100 });
    expect(shares()).toEqual([0, 0, 0, 0, 0, 0]);
    await clock.advance(250);
    expect(shares()).toEqual([0, 0, 0, 0, 0, 0]);
    await clock.advance(750);
    expect(sum(shares())).toBe(8);
    expect(Math.min(...shares())).toBe(1);
    expect(erp.peak).toBe(8);
  });

  test.each([5, 251, 333, 5_000])("is dealt out whatever the store's time-out is: %i ms", async (storeTimeoutMs) => {
    add(2, { replicas: 2, storeTimeoutMs });
    await clock.advance(30 * storeTimeoutMs + 3_000);
    expect(shares()).toEqual([4, 4]);
  });

  test("slots go where checkouts wait, then where the storefront does, then the feed; one stays with each", async () => {
    const [first, second, third] = add(3, { replicas: 3 });
    await clock.advance(2_000);
    expect(shares()).toEqual([3, 3, 2]);
    first?.want({ feed: 8 });
    second?.want({ storefront: 8 });
    third?.want({ checkout: 3 });
    await clock.advance(3_000);
    expect(shares()).toEqual([1, 4, 3]);
  });

  test("with more replicas than slots, each has its turn", async () => {
    for (const replica of add(6, { most: 2 })) replica.want({ storefront: 1 });
    const had = new Set<number>();
    for (let second = 0; second < 30; second++) {
      await clock.advance(1_000);
      for (const [index, share] of shares().entries()) if (share > 0) had.add(index);
    }
    expect(had.size).toBe(6);
    expect(erp.peak).toBeLessThanOrEqual(2);
  });

  /** How long the longest of many waits for a slot was, in ms, where one replica after the other wants some for a while. */
  async function longestWait(slots: number): Promise<number> {
    let longest = 0;
    for (let turn = 0; turn < 40; turn++) {
      const replica = replicas[turn % replicas.length] as BudgetReplica;
      replica.want({ storefront: slots });
      const since = clock.now();
      while (replica.lease.share < slots) await clock.advance(5);
      longest = Math.max(longest, clock.now() - since);
      await clock.advance(100 + 37 * (turn % 7));
      replica.want({});
    }
    return longest;
  }

  test("with fewer slots than replicas, one that stands idle is soon with who waits for it", async () => {
    add(6, { most: 1, longestCallMs: 50 });
    await clock.advance(8_000);
    expect(await longestWait(1)).toBeLessThanOrEqual(200);
    expect(erp.peak).toBe(1);
  });

  test("slots that are another's by now are soon given back", async () => {
    add(2, { most: 8, replicas: 2, longestCallMs: 50 });
    await clock.advance(3_000);
    expect(await longestWait(7)).toBeLessThanOrEqual(400);
    expect(erp.peak).toBe(8);
  });

  test("without the store each goes on with its safe share, for as long as it takes", async () => {
    for (const replica of add(3, { replicas: 3 })) replica.want({ storefront: 8 });
    replicas[0]?.want({ storefront: 8 });
    replicas[1]?.want({});
    replicas[2]?.want({});
    await clock.advance(3_000);
    expect(shares()).toEqual([6, 1, 1]);
    server.kill();
    await clock.advance(1_200);
    expect(shares()).toEqual([2, 1, 1]);
    await clock.advance(3_600_000);
    expect(shares()).toEqual([2, 2, 2]);
    expect(erp.peak).toBeLessThanOrEqual(8);
  });

  test("a store that comes back empty deals out no more than is safe until it knows all, and then all", async () => {
    for (const replica of add(3, { replicas: 3 })) replica.want({ storefront: 8 });
    await clock.advance(3_000);
    server.kill();
    await clock.advance(300);
    server.state = "running";
    await clock.advance(1_000);
    expect(Math.max(...shares())).toBeLessThanOrEqual(3);
    expect(Math.min(...shares())).toBeGreaterThanOrEqual(1);
    await clock.advance(5_000);
    expect(sum(shares())).toBe(8);
    expect(erp.peak).toBe(8);
  });

  test("what a replica that was killed had is dealt out once its calls have ended, but for its place", async () => {
    for (const replica of add(3, { replicas: 3 })) replica.want({ storefront: 8 });
    await clock.advance(3_000);
    replicas[0]?.kill();
    await clock.advance(5_000);
    expect(sum(shares())).toBe(6);
    add(1, { replicas: 3 })[0]?.want({ storefront: 8 });
    await clock.advance(5_000);
    expect(sum(shares())).toBe(8);
    expect(erp.peak).toBe(8);
  });

  test("one that leaves gives back its slots and its place at once", async () => {
    for (const replica of add(3, { replicas: 2 })) replica.want({ storefront: 8 });
    await clock.advance(4_000);
    expect(sum(shares())).toBe(8);
    void replicas[0]?.stop();
    await clock.advance(2_000);
    expect(sum(shares())).toBe(8);
    expect(erp.peak).toBe(8);
  });

  test("one that starts where the store is away waits until nobody can have its place, and takes one call then", async () => {
    server.kill();
    const [replica] = add(1, { replicas: 2 });
    await clock.advance(3_000);
    expect(replica?.lease.share).toBe(0);
    await clock.advance(3_000);
    expect(replica?.lease.share).toBe(1);
  });

  test("a fleet that starts with an empty store is ready once it has its shares, and not before", async () => {
    const [first] = add(2, { replicas: 3 });
    await clock.advance(1_500);
    expect(first?.lease.share).toBe(0);
    expect(first?.lease.isReady).toBe(false);
    await clock.advance(3_000);
    expect(first?.lease.share).toBeGreaterThan(0);
    expect(first?.lease.isReady).toBe(true);
    server.kill();
    await clock.advance(2_000);
    expect(first?.lease.isReady, "once ready, always").toBe(true);
  });

  test("one that has no place without the store is ready after as long as it may have to wait, share or none", async () => {
    server.kill();
    const [replica] = add(1, { most: 1, replicas: 2 });
    await clock.advance(3_000);
    expect(replica?.lease.isReady).toBe(false);
    await clock.advance(3_000);
    expect(replica?.lease.share).toBe(0);
    expect(replica?.lease.isReady).toBe(true);
  });

  test("a limit that falls at one replica falls for all, once for all that noticed the same", async () => {
    for (const replica of add(4, { replicas: 4 })) replica.want({ storefront: 8 });
    await clock.advance(3_000);
    for (const replica of replicas) replica.limit.fall(0.5, clock.now() - 100);
    await clock.advance(1_500);
    expect(replicas.map(({ limit }) => limit.full)).toEqual([4, 4, 4, 4]);
    expect(sum(shares())).toBe(4);
    const [starter] = add(1, { replicas: 4 });
    await clock.advance(3_000);
    expect(starter?.limit.full).toBe(4);
  });

  test("a fleet of more replicas than it was told shares by the number it sees", async () => {
    for (const replica of add(6, { replicas: 2 })) replica.want({ storefront: 8 });
    await clock.advance(5_000);
    expect(sum(shares())).toBe(8);
    server.kill();
    await clock.advance(20_000);
    expect(shares()).toEqual([1, 1, 1, 1, 1, 1]);
    expect(erp.peak).toBe(8);
  });

  test("a store whose clock is set, forward or back, deals out no more", async () => {
    for (const replica of add(4, { replicas: 4 })) replica.want({ storefront: 8 });
    await clock.advance(3_000);
    for (const skewMs of [3_600_000, -60_000, 1_500]) {
      server.skewMs = skewMs;
      await clock.advance(5_000);
      expect(sum(shares())).toBe(8);
    }
    expect(erp.peak).toBe(8);
  });

  test.each([
    [40, 0],
    [700, 500],
    [5_000, 500],
    [3_600_000, 500],
  ])(
    "where a replica's own clock is set forward by %i ms, the others miss slots for %i ms at most",
    async (ms, mostMs) => {
      const [first, ...others] = add(4, { replicas: 4 });
      for (const replica of others) replica.want({ storefront: 8 });
      await clock.advance(5_000);
      expect(shares()).toEqual([1, 3, 2, 2]);
      (first as BudgetReplica).clock.aheadMs += ms;
      let missed = 0;
      for (let look = 0; look < 100; look++) {
        await clock.advance(20);
        if (sum(others.map(({ lease }) => lease.share)) < 7) missed += 20;
      }
      expect(missed).toBeLessThanOrEqual(mostMs);
      expect(erp.peak).toBe(7);
    },
  );

  test.each([
    ["is set back before, by somewhat more than that lasts", -6_400, 0],
    ["is set back before, by far more than that lasts", -60_000, 0],
    ["is set back meanwhile, by somewhat more than that lasts", 0, -6_400],
    ["is set back meanwhile, by just so much that what was asked before seems to be in time", 0, -5_900],
    ["is set back meanwhile, by far more than that lasts", 0, -60_000],
    ["stands still meanwhile, as its machine does", 0, -6_000],
  ])(
    "a store that is held up lends no place by what it was asked before, though its clock %s",
    async (_what, beforeMs, meanwhileMs) => {
      const [first, second] = add(2, { replicas: 2 });
      first?.want({ storefront: 8 });
      await clock.advance(5_000);
      expect(shares()).toEqual([7, 1]);
      server.skewMs += beforeMs;
      server.state = "stopped";
      await clock.advance(6_000);
      expect(shares(), "each goes on with its place").toEqual([4, 4]);
      server.skewMs += meanwhileMs;
      // What it sent before is there still, and would lend its place.
      (second as BudgetReplica).store.link.isDeaf = true;
      server.goOn();
      second?.want({ storefront: 8 });
      await clock.advance(2_000);
      expect(erp.peak).toBeLessThanOrEqual(8);
      expect(shares()).toEqual([4, 4]);
      (second as BudgetReplica).store.link.isDeaf = false;
      second?.want({});
      await clock.advance(10_000);
      expect(shares(), "and all is dealt out again").toEqual([7, 1]);
      expect(erp.peak).toBeLessThanOrEqual(8);
    },
  );

  test.each([0, 3_600_000, -60_000])(
    "calls of one that was not heard of count until they have ended, though another took its place and the clock is set by %i ms again and again",
    async (skewMs) => {
      const [first, second] = add(2, { replicas: 2, longestCallMs: 10_000, skew: 0.01 });
      await clock.advance(30_000);
      (second as BudgetReplica).store.link.isDeaf = true;
      await clock.advance(60_000);
      second?.want({ storefront: 8 });
      await clock.advance(100);
      expect(second?.inFlight).toBe(4);
      second?.kill();
      add(1, { replicas: 2, longestCallMs: 10_000 });
      await clock.advance(100);
      first?.want({ storefront: 8 });
      for (let second = 0; second < 9; second++) {
        server.skewMs += skewMs;
        await clock.advance(1_000);
      }
      expect(erp.peak).toBeLessThanOrEqual(8);
      await clock.advance(30_000);
      expect(first?.lease.share).toBe(7);
    },
  );

  test("calls of one that was killed count until they have ended, however often the store's clock is set", async () => {
    const [first, second] = add(2, { replicas: 2, longestCallMs: 10_000, skew: 0.01 });
    second?.want({ storefront: 8 });
    await clock.advance(1_200);
    expect(second?.inFlight).toBeGreaterThan(3);
    second?.kill();
    first?.want({ storefront: 8 });
    for (let step = 0; step < 15; step++) {
      server.skewMs += 3_600_000;
      await clock.advance(600);
    }
    expect(erp.peak).toBe(8);
  });

  test("where several are lost at once, those that the store hears of go on with all that the lost ones do not use", async () => {
    for (const replica of add(6, { longestCallMs: 10_000 })) replica.want({ storefront: 8 });
    await clock.advance(40_000);
    const lost = replicas.slice(3);
    const held = sum(lost.map(({ lease }) => lease.share));
    for (const { store } of lost) store.link.isDeaf = true;
    const dealtOut = async () => sum(replicas.slice(0, 3).map(({ lease }) => lease.share));
    let least = 8;
    for (let second = 0; second < 30; second++) {
      await clock.advance(1_000);
      least = Math.min(least, await dealtOut());
    }
    expect(least).toBe(8 - held);
    expect(await dealtOut()).toBe(5);
    expect(erp.peak).toBe(8);
    for (const { store } of lost) store.link.isDeaf = false;
    await clock.advance(30_000);
    expect(sum(shares())).toBe(8);
    expect(erp.peak).toBe(8);
  });

  test("one that is lost and held little has its place kept free for it from the first", async () => {
    const [first, second] = add(2, { replicas: 2, longestCallMs: 10_000, skew: 0.01 });
    first?.want({ storefront: 8 });
    await clock.advance(40_000);
    expect(shares()).toEqual([7, 1]);
    (second as BudgetReplica).store.link.isDeaf = true;
    second?.want({ storefront: 8 });
    await clock.advance(60_000);
    expect(shares()).toEqual([4, 4]);
    expect(erp.peak).toBe(8);
  });
});
