import { beforeEach, describe, expect, test } from "vitest";
import { VirtualClock } from "../support/virtual-clock.js";
import { ChangingErp, FollowingReplica, intervalMs } from "./change-fleet.js";
import { LuaRedis } from "./lua-redis.js";

let clock: VirtualClock;
let server: LuaRedis;
let erp: ChangingErp;
let replicas: FollowingReplica[];

beforeEach(async () => {
  clock = new VirtualClock();
  server = await LuaRedis.create(clock);
  erp = new ChangingErp(clock);
  replicas = [];
});

function add(count: number, since: string | null = null): FollowingReplica[] {
  const added = Array.from({ length: count }, (_, index) => {
    return new FollowingReplica(`replica-${replicas.length + index}`, server, erp, since);
  });
  replicas.push(...added);
  return added;
}

const leaders = () => replicas.filter((replica) => replica.isAlive && replica.turn().kind === "leads");
const askers = () => new Set(erp.asked.splice(0).map(({ by }) => by));

/** Everybody keeps an answer, then the ERP has another one. */
function change(sku: string): void {
  for (const replica of replicas) replica.read(sku);
  erp.change(sku);
}

describe("of replicas that share a store", () => {
  test("one asks the ERP what changed, and all forget it", async () => {
    add(6);
    await clock.advance(10_000);
    expect(leaders()).toHaveLength(1);
    erp.asked.splice(0);
    change("A");
    change("B");
    await clock.advance(intervalMs + 100);
    expect(replicas.map(({ outdated }) => outdated)).toEqual([[], [], [], [], [], []]);
    await clock.advance(10 * intervalMs);
    expect(erp.asked.length, "one call an interval").toBeLessThanOrEqual(12);
    expect(askers().size).toBe(1);
    expect(replicas.every(({ followedTo }) => followedTo === "2")).toBe(true);
  });

  test("one that starts believes nothing of before, asks the ERP nothing, and hears what changes from then on", async () => {
    add(2);
    await clock.advance(10_000);
    change("A");
    await clock.advance(2 * intervalMs);
    erp.asked.splice(0);
    const [starter] = add(1);
    await clock.advance(10_000);
    change("B");
    await clock.advance(2 * intervalMs);
    expect(starter?.outdated).toEqual([]);
    expect(starter?.followedTo).toBe("2");
    expect(askers().size).toBe(1);
  });

  test("one that kept a journal reads what changed since for itself, once, then hears it", async () => {
    add(2);
    await clock.advance(10_000);
    for (let index = 0; index < 8; index++) change(`A${index}`);
    await clock.advance(2 * intervalMs);
    erp.asked.splice(0);
    const [starter] = add(1, "2");
    await clock.advance(1_000);
    expect(erp.asked.filter(({ by }) => by === starter?.name).map(({ since }) => since)).toEqual(["2", "5"]);
    expect(starter?.journal.size).toBe(6);
    change("B");
    await clock.advance(2 * intervalMs);
    expect(starter?.journal).toContain("B");
    expect(erp.asked.filter(({ by }) => by === starter?.name)).toHaveLength(2);
  });

  test.each(["killed", "stopped for good", "held up"])(
    "another takes over within seconds from one that was %s",
    async (how) => {
      add(3);
      await clock.advance(10_000);
      const [leader] = leaders();
      change("A");
      if (how === "killed") leader?.kill();
      if (how === "stopped for good") void leader?.stop();
      if (how === "held up") leader?.clock.hold();
      change("B");
      await clock.advance(intervalMs + 5_000);
      const others = replicas.filter((replica) => replica !== leader);
      expect(others.map(({ outdated }) => outdated)).toEqual([[], []]);
      expect(leaders().filter((replica) => replica !== leader)).toHaveLength(1);
      if (how !== "held up") return;
      leader?.clock.goOn();
      await clock.advance(2 * intervalMs);
      expect(leader?.outdated).toEqual([]);
      expect(leaders()).toHaveLength(1);
    },
  );

  test("one that stops while it tells what changed does not take the lead back: another one has it at once", async () => {
    add(3);
    await clock.advance(10_000);
    const [leader] = leaders();
    change("A");
    erp.asked.splice(0);
    while (erp.asked.length === 0) await clock.advance(1);
    await clock.advance(1); // the others are being told
    void leader?.stop();
    await clock.advance(1_100);
    expect(leaders()).toHaveLength(1);
    await clock.advance(intervalMs);
    expect(replicas.filter(({ isAlive }) => isAlive).map(({ outdated }) => outdated)).toEqual([[], []]);
  });

  test("each asks for itself while the store is away, goes on from where all had got to, and one does once it is back", async () => {
    add(3);
    await clock.advance(10_000);
    change("A");
    await clock.advance(2 * intervalMs);
    server.kill();
    erp.asked.splice(0);
    await clock.advance(1_000);
    change("B");
    await clock.advance(2 * intervalMs);
    expect(new Set(erp.asked.map(({ since }) => since))).toEqual(new Set(["1", "2"]));
    expect(askers().size).toBe(3);
    expect(replicas.map(({ outdated }) => outdated)).toEqual([[], [], []]);
    server.state = "running";
    await clock.advance(2 * intervalMs);
    erp.asked.splice(0);
    change("C");
    await clock.advance(4 * intervalMs);
    expect(askers().size).toBe(1);
    expect(replicas.map(({ outdated }) => outdated)).toEqual([[], [], []]);
  });

  test("what others found out alone while one was held up is told to that one, too", async () => {
    const [first, second, third] = add(3);
    await clock.advance(10_000);
    const held = [first, second, third].find((replica) => replica?.turn().kind === "follows");
    held?.read("A");
    held?.clock.hold();
    server.state = "stopped";
    await clock.advance(500);
    erp.change("A");
    await clock.advance(7_500);
    server.goOn();
    await clock.advance(500);
    held?.clock.goOn();
    await clock.advance(3 * intervalMs);
    expect(held?.logs, "it need not doubt what it kept").toEqual([]);
    expect(held?.outdated).toEqual([]);
  });

  test("one that misses what is told does not count it as followed", async () => {
    add(2, "0");
    await clock.advance(10_000);
    const follower = replicas.find((replica) => replica.turn().kind === "follows") as FollowingReplica;
    follower.store.link.misses = true;
    change("A");
    await clock.advance(2 * intervalMs);
    expect(follower.missed).toEqual([]);
    expect(follower.outdated).toEqual([]);
    expect(follower.logs).toEqual(["an invalidation was missed"]);
  });

  test("one that cannot ask the ERP has another one do it", async () => {
    add(2);
    await clock.advance(10_000);
    const [leader] = leaders();
    const { read } = erp;
    erp.read = (by, since, size) => {
      if (by !== leader?.name) return read.call(erp, by, since, size);
      throw new Error("cut off from the ERP");
    };
    change("A");
    await clock.advance(60_000);
    expect(replicas.map(({ outdated }) => outdated)).toEqual([[], []]);
  });

  test("where the ERP lost the cursor, all forget everything, and go on", async () => {
    add(3);
    await clock.advance(10_000);
    change("A");
    erp.forgotten = 1;
    await clock.advance(2 * intervalMs);
    expect(replicas.map(({ kept }) => kept.size)).toEqual([0, 0, 0]);
    change("B");
    await clock.advance(2 * intervalMs);
    expect(replicas.map(({ outdated }) => outdated)).toEqual([[], [], []]);
    expect(erp.asked.filter(({ since }) => since === null).length).toBeLessThanOrEqual(2);
  });
});
