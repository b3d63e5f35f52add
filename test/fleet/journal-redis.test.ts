import { createClient } from "@redis/client";
import { afterEach, beforeEach, expect, test } from "vitest";
import { systemClock } from "../../src/clock.js";
import type { JournalPosition } from "../../src/feed/change-journal.js";
import type { SharedJournal } from "../../src/feed/shared-journal.js";
import { ValkeyStore } from "../../src/fleet/valkey-store.js";
import { eventually } from "../support/eventually.js";
import { describeWith } from "../support/parts.js";
import { RunningRedis } from "../support/redis.js";
import { createSharedJournal } from "./journal-fleet.js";
import { createLogger } from "./quiet-logger.js";

const eur = { currency: "EUR", measure: "1 " };
const day = 24 * 3_600_000;

describeWith("redis", "the journal in a real Valkey or Redis", () => {
  let redis: RunningRedis;
  let stores: ValkeyStore[];
  let journals: SharedJournal[];
  let logs: string[];
  let failures: number;

  beforeEach(() => {
    [stores, journals, logs, failures] = [[], [], [], 0];
  });
  afterEach(async () => {
    await redis.stop();
    for (const store of stores) store.close();
    await Promise.all(journals.map((journal) => journal.close()));
  });

  async function join(maxSkus = 10_000): Promise<SharedJournal> {
    const options = { url: redis.url, timeoutMs: 500, clock: systemClock, random: () => 0 };
    const store = new ValkeyStore({ ...options, logger: createLogger([]) });
    const journal = createSharedJournal(store, systemClock, { maxSkus, logs, onFailed: () => failures++ });
    stores.push(store);
    journals.push(journal);
    store.start();
    await eventually("the store is up", () => store.isUp);
    return journal;
  }

  const areUp = () => eventually("the store is up", () => stores.every(({ isUp }) => isUp));

  async function tell(journal: SharedJournal, sku: string, value: number): Promise<JournalPosition> {
    const head = await journal.head();
    journal.note(sku, "price", value, 0);
    return journal.keep([sku], head);
  }

  async function changesSince(journal: SharedJournal, { sequence }: JournalPosition): Promise<string[]> {
    const head = await journal.head();
    return (await journal.changesBetween(sequence, head.sequence, 10_000)).map(({ sku }) => sku).sort();
  }

  /** Asks the store itself. */
  async function command(...words: string[]): Promise<unknown> {
    const client = createClient({ url: redis.url }).on("error", () => {});
    await client.connect();
    try {
      return await client.sendCommand(words);
    } finally {
      client.destroy();
    }
  }

  async function keys(): Promise<string[]> {
    return (await command("KEYS", "*")) as string[];
  }

  test("a cursor of one replica is honoured by another and by the next process, and so is what prices were", async () => {
    redis = await RunningRedis.start();
    const [first, second] = [await join(), await join()];
    const cursor = await tell(first, "Ä/1 |", 1);
    first.notePrice("Ä/1 |", { ...eur, net: "8.00", saidAt: Date.now() - 31 * day });
    first.notePrice("Ä/1 |", { ...eur, net: "9.00", saidAt: Date.now() - day });
    second.note("Ä/1 |", "price", 2, 0);
    second.touch(["B"]);
    expect(await changesSince(second, cursor)).toEqual(["B", "Ä/1 |"]);
    expect(await changesSince(first, cursor)).toEqual(["B", "Ä/1 |"]);
    await Promise.all([first.close(), second.close()]);
    const next = await join();
    expect(await next.reaches(cursor)).toBe(true);
    expect(await changesSince(next, cursor)).toEqual(["B", "Ä/1 |"]);
    await eventually("prices are known", () => next.lowestNetsOf("Ä/1 |", "EUR").lowest === "8.00");
    // What nobody asks any more, as after a change of price lists, goes; not before prices of 30 days are of no use.
    const keptDays = (await Promise.all((await keys()).map((key) => command("PTTL", key)))).map(
      (ms) => Number(ms) / day,
    );
    expect(keptDays.every((days) => days > 0 && days <= 31)).toBe(true);
    expect(keptDays.filter((days) => days > 30)).toHaveLength(4);
    expect(logs).toEqual([]);
    const client = JSON.stringify(await Promise.all((await keys()).map((key) => command("DUMP", key))));
    expect(client).not.toMatch(/Ä|EUR|8\.00/);
  });

  test("where all of many may have changed each is named once", async () => {
    redis = await RunningRedis.start();
    const journal = await join();
    const cursor = await journal.head();
    const skus = Array.from({ length: 3_000 }, (_, index) => `S${index}`).sort();
    for (const sku of skus) journal.note(sku, "price", 1, Date.now());
    await journal.keep(skus, cursor);
    expect(await changesSince(journal, cursor)).toEqual([]);
    journal.touchAll();
    expect(await changesSince(journal, cursor)).toEqual(skus);
    expect(journal.size).toBe(3_000);
  });

  test("beyond the bound the oldest are forgotten, and what is kept of them in the store with them", async () => {
    redis = await RunningRedis.start();
    const journal = await join(50);
    const cursor = await journal.head();
    for (let index = 0; index < 200; index++) {
      journal.touch([`S${index}`]);
      if (index % 40 === 39) await journal.head();
    }
    await journal.head();
    expect(journal.size).toBe(50);
    expect(await journal.reaches(cursor)).toBe(false);
    expect(await journal.reaches(await journal.head())).toBe(true);
  });

  test.each([
    ["without persistence", []],
    ["with an append-only file", ["--appendonly", "yes", "--appendfsync", "always"]],
  ] as const)("a server that was killed and restarted %s: cursors are lost, prices are not", async (_name, args) => {
    redis = await RunningRedis.start(...args);
    const journal = await join();
    const cursor = await tell(journal, "A", 1);
    journal.notePrice("A", { ...eur, net: "8.00", saidAt: Date.now() - 31 * day });
    expect(await journal.reaches(cursor)).toBe(true);
    await eventually("prices are written", async () => Number(await command("DBSIZE")) === 5);
    await redis.kill();
    expect(await journal.reaches(cursor)).toBe(false);
    await redis.restart();
    await areUp();
    expect(await journal.reaches(cursor)).toBe(false);
    expect(logs.filter((line) => line.includes("began anew"))).toHaveLength(1);
    const next = await tell(journal, "A", 1);
    expect(await journal.reaches(next)).toBe(true);
    const other = await join();
    await eventually("prices are known", () => other.lowestNetsOf("A", "EUR").lowest === "8.00");
  });

  test("a server that took over from another one: cursors of before are lost", async () => {
    redis = await RunningRedis.start();
    const primary = redis;
    const journal = await join();
    const cursor = await tell(journal, "A", 1);
    redis = await RunningRedis.start("--replicaof", "127.0.0.1", String(primary.port));
    await eventually("it follows", async () => Number(await command("DBSIZE")) >= 3);
    await primary.stop();
    const readOnly = await join();
    expect(await readOnly.reaches(cursor)).toBe(false);
    expect((await readOnly.head()).epoch).toBe("lost");
    await command("REPLICAOF", "NO", "ONE");
    expect(await readOnly.reaches(cursor)).toBe(false);
    expect(await readOnly.reaches(await readOnly.head())).toBe(true);
  });

  test("emptied, or a part of it evicted: cursors are lost", async () => {
    redis = await RunningRedis.start();
    const [first, second] = [await join(), await join()];
    for (const lose of [["FLUSHALL"], null]) {
      const cursor = await tell(first, "A", 1);
      expect(await second.reaches(cursor)).toBe(true);
      if (lose !== null) await command(...lose);
      else for (const key of await keys()) if ((await command("TYPE", key)) === "zset") await command("DEL", key);
      for (const each of [first, second]) expect(await each.reaches(cursor)).toBe(false);
    }
  });

  test("stopped in its tracks: nobody waits for long, a run says that its cursor is lost, and all is written once it goes on", async () => {
    redis = await RunningRedis.start();
    const [first, second] = [await join(), await join()];
    const cursor = await tell(first, "A", 1);
    redis.signal("SIGSTOP");
    const began = performance.now();
    first.note("A", "price", 2, Date.now());
    first.touch(["B"]);
    expect(performance.now() - began).toBeLessThan(50);
    expect((await first.head()).epoch).toBe("lost");
    expect(await second.reaches(cursor)).toBe(false);
    await expect(second.changesBetween(0, 9, 9)).rejects.toMatchObject({ reason: "CURSOR_LOST" });
    expect(performance.now() - began).toBeLessThan(5_000);
    redis.signal("SIGCONT");
    await areUp();
    await eventually("it is written", () => first.unsaved === 0);
    expect(await changesSince(second, cursor)).toEqual(["A", "B"]);
    expect(await second.reaches(cursor)).toBe(true);
  });

  test("full: told once, counted, cursors of a run are lost, and those of before are good again once there is room", async () => {
    redis = await RunningRedis.start("--maxmemory-policy", "noeviction");
    const [first, second] = [await join(), await join()];
    const cursor = await tell(first, "A", 1);
    await command("CONFIG", "SET", "maxmemory", "1mb");
    const full = await tell(first, "A", 2);
    expect(full.epoch).toBe("lost");
    expect(await second.reaches(cursor)).toBe(false);
    await eventually("it was tried again", () => failures > 2);
    expect(logs.filter((line) => line.includes("could not be written"))).toHaveLength(1);
    await command("CONFIG", "SET", "maxmemory", "0");
    await eventually("it is written", () => first.unsaved === 0);
    expect(await second.reaches(cursor)).toBe(true);
    expect(await changesSince(second, cursor)).toEqual(["A"]);
    expect(await second.reaches(full)).toBe(false);
  });

  test.each(["string", "list"])("what somebody else put there as a %s is done away with", async (type) => {
    redis = await RunningRedis.start();
    const journal = await join();
    await tell(journal, "A", 1);
    journal.notePrice("A", { ...eur, net: "8.00", saidAt: Date.now() - 31 * day });
    await eventually("prices are written", async () => Number(await command("DBSIZE")) === 5);
    const cursor = await journal.head();
    for (const key of await keys()) {
      await command("DEL", key);
      await command(...(type === "string" ? ["SET", key, "x"] : ["LPUSH", key, "x"]));
    }
    expect(await journal.reaches(cursor)).toBe(false);
    const next = await tell(journal, "A", 2);
    expect(await journal.reaches(next)).toBe(true);
    const other = await join();
    await eventually("prices are known", () => other.lowestNetsOf("A", "EUR").lowest === "8.00");
  });

  test("one who may not ask for INFO, has the journal refused, and nothing else", async () => {
    redis = await RunningRedis.start("--user", ..."default on nopass ~* &* +@all -info".split(" "));
    const journal = await join();
    expect((await tell(journal, "A", 1)).epoch).toBe("lost");
    expect(logs.filter((line) => line.includes("could not be written"))).toHaveLength(1);
  });
});
