import { afterEach, beforeEach, expect, test } from "vitest";
import { systemClock } from "../../src/clock.js";
import { ErpUnavailable } from "../../src/errors.js";
import type { StoreScript } from "../../src/fleet/store.js";
import { ValkeyStore } from "../../src/fleet/valkey-store.js";
import { eventually } from "../support/eventually.js";
import { FakeErp } from "../support/fake-source.js";
import { describeWith } from "../support/parts.js";
import { RunningRedis } from "../support/redis.js";
import { createLogger } from "./quiet-logger.js";
import { Replica, type ReplicaOptions } from "./replica.js";

const list: StoreScript = { name: "list", lua: "return redis.call('KEYS', '*')" };
const raw: StoreScript = { name: "raw", lua: "return redis.call(ARGV[1], unpack(KEYS), unpack(ARGV, 2))" };

describeWith("redis", "answers that replicas share", () => {
  let redis: RunningRedis;
  let stores: ValkeyStore[];
  let erp: FakeErp;
  let lines: string[];

  beforeEach(async () => {
    redis = await RunningRedis.start();
    stores = [];
    lines = [];
    erp = new FakeErp();
  });
  afterEach(async () => {
    for (const store of stores) store.close();
    await redis.stop();
  });

  function open(url = redis.url): ValkeyStore {
    const store = new ValkeyStore({
      url,
      timeoutMs: 500,
      clock: systemClock,
      random: () => 0,
      logger: createLogger(lines),
    });
    stores.push(store);
    return store;
  }

  async function join(options: ReplicaOptions = {}, url = redis.url): Promise<Replica> {
    const store = open(url);
    const replica = new Replica(store, erp, options);
    store.start();
    await eventually("the store is up", () => store.isUp);
    return replica;
  }

  /** Reads what the ERP must be asked for, and has it answer. */
  async function readFromErp(replica: Replica, ids: string[], said = (id: string) => id): Promise<string[]> {
    const before = erp.calls.length;
    const reading = replica.read(ids);
    const call = await eventually("the ERP is asked", () => erp.calls[before]);
    call.answer(({ id }) => ({
      ...{ kind: "found", answer: said(id) },
      freshness: { source: "ERP", computedAt: call.call.sentAt, freshUntil: call.call.sentAt, staleReason: null },
    }));
    return reading;
  }

  async function keys(store: ValkeyStore): Promise<string[]> {
    return ((await store.run(list, [], [])) as Buffer[]).map(String).sort();
  }
  const writtenBy = async (store: ValkeyStore, count: number) =>
    eventually(`${count} answers are written`, async () => {
      const names = (await keys(store)).filter((name) => !/:fleet$|:lease$/.test(name));
      return names.length === count && !(await keys(store)).some((name) => name.endsWith(":lease")) ? names : null;
    });

  test("what one replica was told by the ERP, another tells with its age, and keeps", async () => {
    const [first, second] = [await join(), await join()];
    await readFromErp(first, ["A", "B"]);
    await writtenBy(stores[0] as ValkeyStore, 2);
    const asked = erp.callAt(0).call.sentAt;
    const outcomes = await second.outcomes(["A", "B"]);
    expect(outcomes).toMatchObject([
      { kind: "found", answer: "A", freshness: { source: "CACHE", staleReason: null } },
      { kind: "found", answer: "B", freshness: { source: "CACHE", staleReason: null } },
    ]);
    const { computedAt = 0 } = outcomes[0]?.kind === "found" ? outcomes[0].freshness : {};
    // Counted from when the lease was given, and by the way there: never younger than it is.
    expect(computedAt).toBeLessThanOrEqual(asked);
    expect(computedAt).toBeGreaterThan(asked - 500);
    expect(second.cache.size).toBe(2);
    expect(erp.calls).toHaveLength(1);
  });

  test("what the ERP does not know is shared too", async () => {
    const [first, second] = [await join(), await join()];
    const reading = first.read(["X"]);
    const call = await eventually("the ERP is asked", () => erp.calls[0]);
    const freshness = { source: "ERP", computedAt: call.call.sentAt, freshUntil: 0, staleReason: null } as const;
    call.answer(() => ({ kind: "unknown", what: "sku", freshness }));
    expect(await reading).toEqual(["unknown"]);
    await writtenBy(stores[0] as ValkeyStore, 1);
    expect(await second.read(["X"])).toEqual(["unknown"]);
    expect(erp.calls).toHaveLength(1);
  });

  test("an answer that is too old for the question is asked again, and a live question asks the ERP alone", async () => {
    const [first, second] = [await join(), await join()];
    await readFromErp(first, ["A"]);
    await writtenBy(stores[0] as ValkeyStore, 1);
    const live = second.read(["A"], { maxAgeMs: 0 });
    (await eventually("the ERP is asked", () => erp.calls[1])).answer();
    expect(await live).toEqual(["A"]);
    expect(second.lookups).toEqual([]);
    await second.forgetChanged("A");
    const old = second.read(["A"], { maxAgeMs: 1 });
    (await eventually("the ERP is asked", () => erp.calls[2])).answer();
    expect(await old).toEqual(["A"]);
  });

  test("where the ERP fails, what another replica was told is the last known answer", async () => {
    const [first, second] = [await join({ freshMs: 1 }), await join({ freshMs: 1 })];
    await readFromErp(first, ["A"]);
    await writtenBy(stores[0] as ValkeyStore, 1);
    const reading = second.outcomes(["A"]);
    (await eventually("the ERP is asked", () => erp.calls[1])).fail(new ErpUnavailable("gone"));
    expect(await reading).toMatchObject([
      { kind: "found", answer: "A", freshness: { source: "LAST_KNOWN", staleReason: "ERP_UNAVAILABLE" } },
    ]);
  });

  test("while one replica asks, the others wait for its answer", async () => {
    const [first, second, third] = [await join(), await join(), await join()];
    const readings = [first.read(["A", "B"])];
    await eventually("the ERP is asked", () => erp.calls[0]);
    readings.push(second.read(["B", "A"]), third.read(["A"]));
    await eventually("they wait", () => second.lookups.length === 2 && third.lookups.length === 1);
    erp.callAt(0).answer();
    expect(await Promise.all(readings)).toEqual([["A", "B"], ["B", "A"], ["A"]]);
    expect(second.lookups).toEqual(["awaited", "awaited", "fresh", "fresh"]);
    expect(erp.calls).toHaveLength(1);
  });

  test("where the one that asks fails, one of those that wait asks in its place", async () => {
    const [first, second] = [await join(), await join()];
    const failing = first.read(["A"]);
    await eventually("the ERP is asked", () => erp.calls[0]);
    const waiting = second.read(["A"]);
    await eventually("it waits", () => second.lookups.includes("awaited"));
    erp.callAt(0).fail(new ErpUnavailable("not now", { countsAsFailure: false }));
    (await eventually("the ERP is asked again", () => erp.calls[1])).answer();
    expect(await waiting).toEqual(["A"]);
    await failing;
  });

  test("a lease outlives a slow call, and not the replica that held it", async () => {
    const [first, second] = [await join(), await join()];
    void first.read(["A"], { deadline: Date.now() + 20_000 });
    await eventually("the ERP is asked", () => erp.calls[0]);
    const waiting = second.read(["A"], { deadline: Date.now() + 20_000 });
    const isHeld = async () => (await keys(stores[1] as ValkeyStore)).some((name) => name.endsWith(":lease"));
    const since = Date.now();
    while (Date.now() < since + 1_500)
      expect(await eventually("it is looked at", async () => [await isHeld()])).toEqual([true]);
    expect(erp.calls).toHaveLength(1);
    stores[0]?.close(); // it is gone: nobody renews
    (await eventually("the other asks", () => erp.calls[1])).answer();
    expect(await waiting).toEqual(["A"]);
  });

  test("who waited for half of its time asks itself", async () => {
    const [first, second] = [await join(), await join()];
    void first.read(["A"], { deadline: Date.now() + 20_000 });
    await eventually("the ERP is asked", () => erp.calls[0]);
    const reading = second.read(["A"], { deadline: Date.now() + 600 });
    (await eventually("the other asks", () => erp.calls[1])).answer();
    expect(await reading).toEqual(["A"]);
    erp.callAt(0).answer();
  });

  test("no name of a key or a lease can be guessed, and no content is in clear", async () => {
    const replica = await join();
    await readFromErp(replica, ["customer-4711"]);
    const store = stores[0] as ValkeyStore;
    const [name = ""] = await writtenBy(store, 1);
    const content = (await store.run(raw, [name], ["GET"])) as Buffer;
    const all = [...(await keys(store)), content.toString("latin1")].join(" ");
    expect(all).not.toContain("4711");
    expect(name).toMatch(/^pricelane:[\w-]{8}:[\w-]{22}$/);
  });

  test("fleets of other secrets or other ERPs share nothing", async () => {
    const first = await join();
    await readFromErp(first, ["A"]);
    for (const other of [{ secret: new TextEncoder().encode("x".repeat(32)) }, { erpName: "another" }]) {
      const stranger = await join(other);
      await readFromErp(stranger, ["A"]);
      expect(stranger.lookups).toEqual(["absent"]);
    }
  });

  test.each([
    ["another key's answer", (own: Buffer, other: Buffer) => (own.length > 0 ? other : own)],
    [
      "a bit that fell over",
      (own: Buffer) => Buffer.concat([own.subarray(0, -1), Buffer.from([(own.at(-1) ?? 0) ^ 1])]),
    ],
    [
      "an age that was made younger",
      (own: Buffer) =>
        Buffer.concat([
          own.subarray(0, 17),
          Buffer.from(String(Number(own.toString("latin1", 17, 30)) + 1)),
          own.subarray(30),
        ]),
    ],
    ["an entry cut short", (own: Buffer) => own.subarray(0, 45)],
    ["no entry at all", () => Buffer.from("hello")],
    ["an older version's entry", (own: Buffer) => Buffer.concat([Buffer.from("0"), own.subarray(1)])],
    [
      "one of another life of the store",
      (own: Buffer) => Buffer.concat([own.subarray(0, 1), Buffer.from("x".repeat(16)), own.subarray(17)]),
    ],
  ])("%s is never told", async (_what, poison) => {
    const first = await join();
    await readFromErp(first, ["A", "B"]);
    const store = stores[0] as ValkeyStore;
    const names = await writtenBy(store, 2);
    const own = (await Promise.all(names.map((name) => store.run(raw, [name], ["GET"])))) as Buffer[];
    for (const [index, name] of names.entries()) {
      await store.run(raw, [name], ["SET", poison(own[index] as Buffer, own[1 - index] as Buffer)]);
    }
    const second = await join();
    expect(await readFromErp(second, ["A", "B"], (id) => `${id} again`)).toEqual(["A again", "B again"]);
    // What is right takes the place of what was not.
    await eventually("it is written", async () => (await (await join()).read(["A"]))[0] === "A again");
  });

  test("a value of another type costs an answer of the store's, and none of the ERP's", async () => {
    const first = await join();
    await readFromErp(first, ["A"]);
    const store = stores[0] as ValkeyStore;
    const [name = ""] = await writtenBy(store, 1);
    await store.run(raw, [name], ["DEL"]);
    await store.run(raw, [name], ["LPUSH", "poison"]);
    await store.run(raw, [`${name}:lease`], ["LPUSH", "poison"]);
    const second = await join();
    expect(await readFromErp(second, ["A"])).toEqual(["A"]);
  });
});
