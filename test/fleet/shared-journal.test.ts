import { beforeEach, describe, expect, test } from "vitest";
import type { JournalPosition } from "../../src/feed/change-journal.js";
import type { SharedJournal } from "../../src/feed/shared-journal.js";
import type { StoreReply, StoreScript } from "../../src/fleet/store.js";
import { VirtualClock } from "../support/virtual-clock.js";
import { createSharedJournal, inTime, type JournalOptions } from "./journal-fleet.js";
import { LuaRedis, LuaRedisStore } from "./lua-redis.js";

const day = 24 * 3_600_000;
let clock: VirtualClock;
let server: LuaRedis;
let logs: string[];
let failures: number;

beforeEach(async () => {
  clock = new VirtualClock();
  server = await LuaRedis.create(clock);
  logs = [];
  failures = 0;
});

interface Joined {
  readonly store: LuaRedisStore;
  readonly journal: SharedJournal;
}

function join(options: JournalOptions = {}): Joined {
  const store = new LuaRedisStore(server, clock);
  return { store, journal: createSharedJournal(store, clock, { logs, onFailed: () => failures++, ...options }) };
}

const headOf = ({ journal }: Joined) => inTime(clock, journal.head());
const reaches = ({ journal }: Joined, place: JournalPosition) => inTime(clock, journal.reaches(place));
const keep = ({ journal }: Joined, skus: string[], head: JournalPosition) => inTime(clock, journal.keep(skus, head));

async function changesSince(joined: Joined, { sequence }: JournalPosition): Promise<string[]> {
  const head = await headOf(joined);
  const changes = await inTime(clock, joined.journal.changesBetween(sequence, head.sequence, 10_000));
  return changes.map(({ sku }) => sku);
}

/** A replica tells a run what it saw. */
async function tell(joined: Joined, sku: string, value: number): Promise<JournalPosition> {
  const head = await headOf(joined);
  joined.journal.note(sku, "price", value, 0);
  return keep(joined, [sku], head);
}

describe("one journal of several replicas", () => {
  test("honours at one the cursor that another one gave, and names what any of them saw", async () => {
    const [first, second, third] = [join(), join(), join()];
    for (const sku of ["A", "B", "C"]) first.journal.note(sku, "price", 1, clock.now());
    const cursor = await tell(first, "A", 1);
    await clock.advance(1_000);
    second.journal.note("B", "price", 2, clock.now());
    third.journal.note("C", "stock", 5, clock.now());
    third.journal.note("A", "price", 1, clock.now());
    await clock.advance(1_100);
    for (const each of [first, second, third]) {
      expect(await reaches(each, cursor)).toBe(true);
      expect(await changesSince(each, cursor)).toEqual(["B"]);
    }
    expect(logs).toEqual([]);
  });

  test("outlives all of them", async () => {
    const before = join();
    before.journal.note("A", "price", 1, clock.now());
    const cursor = await tell(before, "A", 1);
    before.journal.note("B", "price", 1, clock.now());
    await inTime(clock, before.journal.close());
    await clock.advance(3_600_000);
    const after = join();
    expect(await reaches(after, cursor)).toBe(true);
    after.journal.note("A", "price", 1, clock.now());
    after.journal.note("B", "price", 2, clock.now());
    expect(await changesSince(after, cursor)).toEqual(["B"]);
    expect(after.journal.size).toBe(2);
  });

  test("names again what a replica told that another one had contradicted before", async () => {
    const [first, second] = [join(), join()];
    first.journal.note("A", "price", 1, clock.now());
    await clock.advance(2_500);
    second.journal.note("A", "price", 2, clock.now());
    await clock.advance(1_500);
    // What the first one keeps is older than what was seen since.
    const cursor = await tell(first, "A", 1);
    expect(await changesSince(second, cursor)).toEqual(["A"]);
  });

  test("names what nobody can put into an order until somebody has asked anew", async () => {
    const [first, second] = [join(), join()];
    first.journal.note("A", "price", 7, clock.now());
    await clock.advance(2_500);
    const askedAt = clock.now();
    await clock.advance(50);
    second.journal.note("A", "price", 2, clock.now());
    await headOf(second);
    // Asked before, answered behind: by which of the two the ERP stands is not known.
    first.journal.note("A", "price", 1, askedAt);
    await headOf(first);
    let cursor = await tell(first, "A", 1);
    expect(await changesSince(second, cursor)).toEqual(["A"]);
    cursor = await tell(second, "A", 2);
    expect(await changesSince(first, cursor)).toEqual(["A"]);
    await clock.advance(3_000);
    first.journal.note("A", "price", 2, clock.now());
    await headOf(first);
    cursor = await tell(second, "A", 2);
    expect(await changesSince(first, cursor)).toEqual([]);
  });

  test("names what was another one and the same again before it was written down", async () => {
    const joined = join();
    await tell(joined, "A", 2);
    const head = await headOf(joined);
    joined.journal.note("A", "price", 1, clock.now());
    joined.journal.note("A", "price", 2, clock.now());
    const cursor = await keep(joined, ["A"], head);
    expect(await changesSince(joined, cursor)).toEqual(["A"]);
  });

  test("what is invalidated is changed once, known or not; what it says next is no second change", async () => {
    const [first, second] = [join(), join()];
    const cursor = await tell(first, "A", 1);
    second.journal.touch(["A", "B"]);
    await clock.advance(10);
    expect(await changesSince(first, cursor)).toEqual(["A", "B"]);
    const later = await headOf(first);
    first.journal.note("A", "price", 3, clock.now());
    second.journal.note("B", "price", 3, clock.now());
    await clock.advance(1_100);
    expect(await changesSince(second, later)).toEqual([]);
  });

  test("where all may have changed a run waits until all are named", async () => {
    const [first, second] = [join({ maxSkus: 5_000 }), join({ maxSkus: 5_000 })];
    const skus = Array.from({ length: 1_300 }, (_, index) => `S${index}`);
    for (const sku of skus) first.journal.note(sku, "price", 1, clock.now());
    const cursor = await headOf(first);
    await keep(first, skus, cursor);
    second.journal.touchAll();
    await clock.advance(5);
    first.journal.note("S7", "price", 2, clock.now());
    expect((await changesSince(second, cursor)).sort()).toEqual([...skus].sort());
    const later = await headOf(first);
    for (const sku of skus) first.journal.note(sku, "price", 2, clock.now());
    await keep(first, skus, later);
    expect(await changesSince(second, later)).toEqual([]);
  });

  test("beyond its bound the SKU goes that changed longest ago, and cursors from before it are lost", async () => {
    const joined = join({ maxSkus: 2 });
    const start = await headOf(joined);
    joined.journal.touch(["A", "B"]);
    const place = await headOf(joined);
    joined.journal.touch(["C"]);
    await clock.advance(10);
    expect(joined.journal.size).toBe(2);
    expect(await reaches(joined, start)).toBe(false);
    expect(await reaches(joined, place)).toBe(true);
    joined.journal.note("A", "price", 1, clock.now());
    expect(await changesSince(joined, place)).toEqual(["C", "A"]);
  });

  test("replicas that ask the ERP otherwise have another one, and nobody who looks into the store sees an SKU", async () => {
    const [first, other] = [join(), join({ rules: "other" })];
    const cursor = await tell(first, "SKU-77", 1);
    const { run } = server;
    const sent: string[] = [];
    server.run = (script, keys, args, reply) => {
      sent.push(...keys, ...args);
      return run.call(server, script, keys, args, reply);
    };
    expect(await reaches(other, cursor)).toBe(false);
    await tell(other, "SKU-77", 123_456_789);
    expect(sent.length).toBeGreaterThan(10);
    expect(sent.join("\n")).not.toMatch(/SKU-77|123456789/);
  });
});

describe("a cursor is lost, and says so,", () => {
  async function told(): Promise<{ first: Joined; second: Joined; cursor: JournalPosition }> {
    const [first, second] = [join(), join()];
    const cursor = await tell(first, "A", 1);
    await headOf(second);
    return { first, second, cursor };
  }

  test("where the store was emptied", async () => {
    const { first, second, cursor } = await told();
    server.kill();
    server.goOn();
    for (const each of [first, second]) expect(await reaches(each, cursor)).toBe(false);
    expect(logs).toEqual([expect.stringContaining("began anew"), expect.stringContaining("began anew")]);
    const next = await tell(second, "A", 1);
    expect(await reaches(first, next)).toBe(true);
  });

  test("where another server went on that knows less, and came as far again before anybody could tell", async () => {
    const { first, second } = await told();
    server.save();
    const cursor = await tell(first, "A", 2);
    first.store.link.isDeaf = true;
    server.restore();
    second.journal.touch(["B", "C", "D"]);
    await clock.advance(10);
    expect((await headOf(second)).sequence).toBeGreaterThan(cursor.sequence);
    expect(await reaches(second, cursor)).toBe(false);
  });

  test("where the store went back without a word, and has not come as far again", async () => {
    const { first, second, cursor } = await told();
    server.save();
    const later = await tell(first, "A", 2);
    server.restore("run1"); // as where a snapshot is put back into a running server
    expect(await reaches(first, later)).toBe(false);
    expect(await reaches(second, cursor)).toBe(false);
  });

  test("where nobody asked for half a day", async () => {
    const { first, second, cursor } = await told();
    for (const { store } of [first, second]) store.link.isDeaf = true;
    await clock.advance(13 * 3_600_000);
    expect(await reaches(join(), cursor)).toBe(false);
  });

  test.each(["isDeaf", "isMute"] as const)("where the store %s while it is given", async (way) => {
    const { first, second } = await told();
    first.store.link[way] = true;
    const cursor = await tell(first, "A", 2);
    first.store.link[way] = false;
    await clock.advance(5_000);
    for (const each of [first, second]) expect(await reaches(each, cursor)).toBe(false);
  });

  test("where a page could not be written down, though the run began before and went on after", async () => {
    const { first, second } = await told();
    const head = await headOf(first);
    first.store.link.isDeaf = true;
    first.journal.note("A", "price", 2, clock.now());
    const page = await keep(first, ["A"], head);
    first.store.link.isDeaf = false;
    await clock.advance(5_000);
    second.journal.note("B", "price", 1, clock.now());
    expect(await reaches(second, await keep(second, ["B"], page))).toBe(false);
  });

  test("where another journal told a part of the run", async () => {
    const { first, cursor } = await told();
    const foreign = { ...cursor, epoch: "of a file" };
    expect((await keep(first, ["A"], foreign)).epoch).toBe("lost");
    expect(await keep(first, ["A"], cursor)).toEqual(cursor);
  });

  test("where more was seen than is remembered until it can be written down", async () => {
    const { first, second, cursor } = await told();
    const bounded = join({ maxSkus: 5 });
    bounded.store.link.isDeaf = true;
    for (let index = 0; index < 12; index++) bounded.journal.note(`S${index}`, "price", 1, clock.now());
    expect(bounded.journal.unsaved).toBeLessThanOrEqual(5);
    await clock.advance(3_000);
    expect(await reaches(first, cursor)).toBe(true);
    bounded.store.link.isDeaf = false;
    await clock.advance(5_000);
    for (const each of [first, second]) expect(await reaches(each, cursor)).toBe(false);
  });

  test("and the changes behind it are refused, where the store does not answer", async () => {
    const { first, cursor } = await told();
    server.state = "stopped";
    const asked = first.journal.changesBetween(cursor.sequence, 99, 9);
    await expect(inTime(clock, asked)).rejects.toMatchObject({ reason: "CURSOR_LOST" });
    expect(await reaches(first, cursor)).toBe(false);
  });
});

describe("a store that does not take what was seen", () => {
  test("holds nobody up, is told of in one line, counted, and has it once it does", async () => {
    const [first, second] = [join(), join()];
    const cursor = await tell(first, "A", 1);
    server.state = "stopped";
    const began = clock.now();
    first.journal.note("A", "price", 2, began);
    first.journal.touch(["B"]);
    first.journal.touchAll();
    expect(clock.now()).toBe(began);
    await clock.advance(10_000);
    expect(first.journal.unsaved).toBe(2);
    expect(logs.filter((line) => line.includes("could not be written"))).toHaveLength(1);
    expect(failures).toBeGreaterThan(3);
    server.goOn();
    await clock.advance(5_000);
    expect(first.journal.unsaved).toBe(0);
    expect(await reaches(second, cursor)).toBe(true);
    expect((await changesSince(second, cursor)).sort()).toEqual(["A", "B"]);
  });

  test("does not heed a batch that comes after a later one", async () => {
    const joined = join();
    await tell(joined, "A", 1);
    const held: (() => void)[] = [];
    const { run } = server;
    server.run = (script: StoreScript, keys, args, reply: (said: StoreReply) => void) => {
      if (script.name === "noteChanges" && held.length === 0)
        held.push(() => run.call(server, script, keys, args, () => {}));
      else run.call(server, script, keys, args, reply);
    };
    joined.journal.note("A", "price", 2, clock.now());
    await clock.advance(5_000); // it is sent once more, the other one on its way
    joined.journal.note("A", "price", 1, clock.now());
    const cursor = await headOf(joined);
    expect(held).toHaveLength(1);
    held[0]?.();
    expect(await changesSince(joined, cursor)).toEqual([]);
  });

  test("gets much of it in turns, of 100 at most", async () => {
    const joined = join({ maxSkus: 5_000 });
    const { run } = server;
    let most = 0;
    server.run = (script, keys, args, reply) => {
      if (script.name === "noteChanges") most = Math.max(most, (args.length - 8) / 7);
      run.call(server, script, keys, args, reply);
    };
    for (let index = 0; index < 2_000; index++) joined.journal.note(`S${index}`, "price", 1, clock.now());
    await clock.advance(3_000);
    expect(joined.journal.unsaved).toBe(0);
    expect(most).toBe(100);
  });
});

describe("the lowest prices", () => {
  const eur = { currency: "EUR", measure: "1 " };
  /** It was said so many days ago. */
  function see({ journal }: Joined, sku: string, net: string, daysAgo: number): void {
    const saidAt = clock.now() - daysAgo * day;
    journal.note(sku, "price", Number(net) * 100, saidAt);
    journal.notePrice(sku, { ...eur, net, saidAt });
  }
  const lowestAt = ({ journal }: Joined, sku = "A") => journal.lowestNetsOf(sku, "EUR");

  test("that one replica saw are known to all within seconds, and to the next process", async () => {
    const [first, second] = [join(), join()];
    see(second, "A", "10.00", 31);
    see(first, "A", "10.00", 30.5);
    see(first, "A", "8.00", 6);
    see(first, "A", "10.00", 5);
    see(second, "A", "10.00", 4);
    await clock.advance(10_000);
    const known = { lowest: "8.00", prior: null }; // nobody watched for 30 days before the present one began
    for (const each of [first, second]) expect(lowestAt(each)).toEqual(known);
    await Promise.all([first, second].map(({ journal }) => inTime(clock, journal.close())));
    const next = join();
    await clock.advance(5_000);
    expect(lowestAt(next)).toEqual(known);
    expect(next.journal.knows("A")).toBe(true);
    expect(next.journal.knows("B")).toBe(false);
  });

  test("are written once more into a store that was emptied, by whoever knows them", async () => {
    const first = join();
    for (const sku of ["A", "B"]) see(first, sku, "10.00", 31);
    await clock.advance(5_000);
    server.kill();
    server.goOn();
    await clock.advance(10_000);
    await inTime(clock, first.journal.close());
    const next = join();
    await clock.advance(10_000);
    expect(lowestAt(next)).toMatchObject({ lowest: "10.00" });
    expect(lowestAt(next, "B")).toMatchObject({ lowest: "10.00" });
  });

  test("of many SKUs come in turns, and that a price was said again is written by nobody", async () => {
    const [first, second] = [join(), join()];
    const skus = Array.from({ length: 450 }, (_, index) => `S${index}`);
    for (const sku of skus) see(first, sku, "10.00", 31);
    await clock.advance(20_000);
    for (const sku of skus) expect(lowestAt(second, sku)).toMatchObject({ lowest: "10.00" });
    const { run } = server;
    let written = 0;
    server.run = (script, keys, args, reply) =>
      run.call(server, script, keys, args, (said) => {
        if (script.name === "swapTexts") written += (said as Buffer[]).filter(({ length }) => length === 0).length;
        reply(said);
      });
    for (const sku of skus) see(second, sku, "10.00", 1);
    await clock.advance(20_000);
    expect(written).toBe(0);
    for (const sku of skus.slice(0, 3)) see(second, sku, "9.00", 0.5);
    await clock.advance(20_000);
    expect(written).toBe(3);
  });
});
