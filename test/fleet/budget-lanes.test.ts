import { beforeEach, describe, expect, test } from "vitest";
import { SeededRandom } from "../simulation/seeded-random.js";
import { VirtualClock } from "../support/virtual-clock.js";
import { BudgetReplica, CountingErp } from "./budget-fleet.js";
import { LuaServer } from "./lua-server.js";

let clock: VirtualClock;
let server: LuaServer;
let erp: CountingErp;

beforeEach(async () => {
  clock = new VirtualClock();
  server = await LuaServer.create(clock);
  erp = new CountingErp(clock);
});

async function start(count: number, most: number): Promise<BudgetReplica[]> {
  const { next: random } = new SeededRandom(1);
  const options = { most, replicas: count, longestCallMs: 300, skew: 1 };
  const replicas = Array.from({ length: count }, (_, index) => {
    return new BudgetReplica(`replica-${index}`, server, erp, random, options);
  });
  await clock.advance(3_000);
  return replicas;
}

const sharesOf = (replicas: readonly BudgetReplica[]) => replicas.map(({ lease }) => lease.share);
const feedOf = (replicas: readonly BudgetReplica[]) => replicas.map(({ lease }) => lease.feedShare);

describe("the lanes of a fleet's one budget", () => {
  test("with fewer than two slots for each, buyers who wait go before a slot that nobody uses", async () => {
    const replicas = await start(4, 6);
    expect(Math.min(...sharesOf(replicas))).toBe(1);
    replicas[0]?.want({ storefront: 9 });
    await clock.advance(2_000);
    expect(sharesOf(replicas)).toEqual([6, 0, 0, 0]);
  });

  test("a replica that had a checkout within the last second keeps a slot for the next", async () => {
    const replicas = await start(4, 6);
    replicas[0]?.want({ storefront: 9 });
    replicas[3]?.want({ checkout: 1 });
    await clock.advance(2_000);
    replicas[3]?.want({});
    await clock.advance(500);
    expect(sharesOf(replicas)).toEqual([5, 0, 0, 1]);
    await clock.advance(1_500);
    expect(sharesOf(replicas)).toEqual([6, 0, 0, 0]);
  });

  test("a checkout where there was no slot has one within a call and two words with the store", async () => {
    const replicas = await start(4, 6);
    replicas[0]?.want({ storefront: 9 });
    await clock.advance(2_000);
    replicas[3]?.want({ checkout: 1 });
    await clock.advance(300 + 100 + 10);
    expect(replicas[3]?.lease.share).toBe(1);
    expect(erp.peak).toBe(6);
  });

  test("a buyer who waits has the store asked at once, and no oftener than twenty times a second", async () => {
    const [one] = (await start(1, 2)) as [BudgetReplica];
    await clock.advance(100);
    const before = server.ran;
    one.want({ checkout: 9 });
    await clock.advance(1_000);
    expect(server.ran - before).toBeGreaterThan(10);
    expect(server.ran - before).toBeLessThanOrEqual(21);
  });

  test("a store that is slow is told no oftener by a buyer who waits: each word may be carried out unseen", async () => {
    const [one] = (await start(1, 2)) as [BudgetReplica];
    one.want({ checkout: 9 });
    await clock.advance(500);
    // It is up again each time, and answers too late each time.
    one.store.link.delayMs = 80;
    const before = server.ran;
    for (let look = 0; look < 100; look++) {
      one.lease.hurry();
      await clock.advance(50);
    }
    expect(server.ran - before).toBeLessThanOrEqual(5);
  });

  test("the feed alone hurries nobody", async () => {
    const [one] = (await start(1, 2)) as [BudgetReplica];
    const before = server.ran;
    one.want({ feed: 9 });
    await clock.advance(1_000);
    expect(server.ran - before).toBeLessThanOrEqual(5);
  });

  test("the feed takes what buyers leave over all replicas, but for a quarter that stays free for who may come", async () => {
    const replicas = await start(4, 8);
    replicas[0]?.want({ storefront: 2, feed: 9 });
    replicas[1]?.want({ storefront: 2, feed: 9 });
    replicas[2]?.want({ feed: 9 });
    await clock.advance(2_000);
    const feed = feedOf(replicas) as number[];
    expect(feed.reduce((sum, each) => sum + each, 0)).toBe(2);
    expect(feed[3]).toBe(0);
  });

  test("a feed that has waited for half of its time goes before slots that nobody uses, and leaves a quarter free all the same", async () => {
    const replicas = await start(6, 8);
    replicas[0]?.want({ storefront: 1, feed: 9 });
    replicas[1]?.want({ storefront: 1 });
    await clock.advance(2_000);
    expect(feedOf(replicas)).toEqual([2, 0, 0, 0, 0, 0]);
    (replicas[0] as BudgetReplica).isFeedPressed = true;
    await clock.advance(2_000);
    expect(feedOf(replicas)).toEqual([4, 0, 0, 0, 0, 0]);
    const shares = sharesOf(replicas);
    expect(shares.slice(0, 2)).toEqual([5, 1]);
    expect(shares.reduce((sum, each) => sum + each, 0)).toBe(8);
  });

  test("a checkout has the slot back that a pressed feed was lent within a word of its replica's, a call, and two words more", async () => {
    const replicas = await start(4, 6);
    const [feeding, buying] = replicas as [BudgetReplica, BudgetReplica];
    feeding.want({ feed: 9 });
    feeding.isFeedPressed = true;
    await clock.advance(12_000);
    expect(sharesOf(replicas)[1]).toBe(0);
    buying.want({ checkout: 1 });
    await clock.advance(100 + 300 + 100 + 10);
    expect(buying.lease.share).toBe(1);
    expect(erp.peak).toBe(6);
  });

  test("the feed has all but what stays with each once no buyer has come anywhere for ten seconds", async () => {
    const replicas = await start(2, 8);
    replicas[0]?.want({ storefront: 1 });
    replicas[1]?.want({ feed: 9 });
    await clock.advance(2_000);
    expect(replicas[1]?.lease.feedShare).toBe(5);
    replicas[0]?.want({});
    await clock.advance(9_000);
    expect(replicas[1]?.lease.feedShare).toBe(6);
    await clock.advance(2_000);
    expect(replicas[1]?.lease.feedShare).toBe(7);
  });

  test("the feed of a replica without buyers goes on where others have enough for all slots", async () => {
    const replicas = await start(3, 4);
    replicas[0]?.want({ storefront: 9 });
    replicas[1]?.want({ storefront: 9, feed: 9 });
    replicas[2]?.want({ feed: 9 });
    await clock.advance(2_000);
    expect(feedOf(replicas)).toEqual([0, 0, 1]);
    expect(replicas[2]?.lease.share).toBe(1);
  });

  test("without a lease nobody reckons the feed's part over all", async () => {
    const [one] = (await start(2, 8)) as [BudgetReplica];
    server.kill();
    await clock.advance(2_000);
    expect(one.lease.feedShare).toBeNull();
  });

  test("nor does a store that came back empty, until it knows who has what", async () => {
    const replicas = await start(2, 8);
    for (const replica of replicas) replica.want({ feed: 9 });
    server.kill();
    await clock.advance(300);
    server.state = "running";
    await clock.advance(1_000);
    expect(feedOf(replicas)).toEqual([null, null]);
    await clock.advance(5_000);
    expect(feedOf(replicas)).toEqual([4, 4]);
  });
});
