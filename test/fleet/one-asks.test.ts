import { beforeEach, describe, expect, test } from "vitest";
import { Seal } from "../../src/fleet/seal.js";
import { everything } from "../../src/pricing/invalidation.js";
import { LuaRedis } from "../simulation/fleet/lua-redis.js";
import { Machines, SimulatedProcess } from "../simulation/fleet/simulated-process.js";
import { SimulatedStore } from "../simulation/fleet/simulated-store.js";
import { SimulatedStoreClient } from "../simulation/fleet/simulated-store-client.js";
import { SeededRandom } from "../simulation/seeded-random.js";
import { SimulationClock } from "../simulation/simulation-clock.js";
import { FakeErp } from "../support/fake-source.js";
import { fleetSecret, Replica } from "./replica.js";

/** How long one way to the store takes, in ms. */
const wayMs = 5;
const freshMs = 200;
/** For how long of that the store tells an answer. */
const toldMs = 190;

/** Leaves of an entry what the scripts read, and none of its content. */
const poison = {
  name: "poison",
  lua: "redis.call('SET', KEYS[1], string.sub(redis.call('GET', KEYS[1]), 1, 40) .. string.rep('A', 80), 'PX', 60000) return 0",
};

const redis = LuaRedis.create();

describe("one replica at a time asks one thing", () => {
  let clock: SimulationClock;
  let erp: FakeErp;
  let replicas: [Replica, Replica, Replica];
  let clients: SimulatedStoreClient[];
  /** When all that the ERP says ends, in ms since the epoch. */
  let validUntil: number | null;

  beforeEach(async () => {
    clock = new SimulationClock();
    erp = new FakeErp();
    const machines = new Machines(clock);
    const store = new SimulatedStore(clock, new SeededRandom(1), await redis);
    clients = [];
    validUntil = null;
    const join = () => {
      const process = new SimulatedProcess(machines);
      const client = new SimulatedStoreClient({ store, process, clock, random: new SeededRandom(2), timeoutMs: 100 });
      client.route.delayMs = [wayMs, wayMs];
      clients.push(client);
      const replica = new Replica(client, erp, { clock: process, freshMs, validUntil: () => validUntil });
      client.start();
      return replica;
    };
    replicas = [join(), join(), join()];
    await clock.advance(1_000);
  });

  /** Of those who ask after a change, whichever replica they ask. */
  async function expectOneMoreCall(after: Promise<unknown>, other: Replica): Promise<void> {
    const elsewhere = other.read(["A"]);
    await clock.advance(50);
    expect(erp.calls).toHaveLength(2);
    erp.callAt(1).answer(() => ({ ...found(erp, 1), answer: "new" }));
    await clock.advance(50);
    expect(await Promise.all([after, elsewhere])).toEqual([["new"], ["new"]]);
    expect(erp.calls).toHaveLength(2);
  }

  test("also once more, since something was forgotten meanwhile: it keeps the lease", async () => {
    const [first, second] = replicas;
    const before = first.read(["A"]);
    await clock.advance(50);
    await Promise.all([first.invalidate("A"), clock.advance(50)]);
    const after = first.read(["A"]);
    await clock.advance(50);
    expect(erp.calls).toHaveLength(1);
    erp.callAt(0).answer(() => ({ ...found(erp, 0), answer: "old" }));
    expect(await before).toEqual(["old"]);
    await expectOneMoreCall(after, second);
  });

  test("also where its call ends while the store says that the next one is its own to make", async () => {
    const [first, second] = replicas;
    const before = first.read(["A"]);
    await clock.advance(2 * wayMs);
    await Promise.all([first.invalidate("A"), clock.advance(50)]);
    const after = first.read(["A"]);
    await clock.advance(wayMs + 2);
    erp.callAt(0).answer(() => ({ ...found(erp, 0), answer: "old" }));
    expect(await before).toEqual(["old"]);
    await clock.advance(50);
    await expectOneMoreCall(after, second);
  });

  test("also where what it asked under no lease is answered just when the store gives it one", async () => {
    const [first, second, third] = replicas;
    const failing = first.read(["A"]);
    await clock.advance(2 * wayMs);
    const impatient = second.read(["A"], { deadline: clock.now() + 100 });
    const patient = second.read(["A"]);
    await clock.advance(60);
    expect(erp.calls).toHaveLength(2);
    erp.callAt(0).fail(new Error("the ERP failed"));
    // By now the second was told, and has asked the store again.
    await clock.advance(2 * wayMs + 2);
    validUntil = clock.now();
    erp.callAt(1).answer();
    await clock.advance(1);
    validUntil += 60_000;
    const elsewhere = third.read(["A"]);
    await clock.advance(50);
    expect(erp.calls).toHaveLength(3);
    erp.callAt(2).answer();
    await clock.advance(50);
    expect(await Promise.all([failing, impatient, patient, elsewhere])).toEqual([["Error"], ["A"], ["A"], ["A"]]);
    expect(erp.calls).toHaveLength(3);
  });

  test("also where one of those who wait leaves just when the store gives the lease: the others of its replica keep it", async () => {
    const [first, second, third] = replicas;
    const failing = first.read(["A"]);
    await clock.advance(2 * wayMs);
    const left = new AbortController();
    const leaving = second.read(["A"], { signal: left.signal });
    const staying = second.read(["A"]);
    await clock.advance(4 * wayMs);
    expect(erp.calls).toHaveLength(1);
    erp.callAt(0).fail(new Error("the ERP failed"));
    // By now the second was told, and has asked the store again.
    await clock.advance(2 * wayMs + 2);
    left.abort();
    await clock.advance(2 * wayMs);
    expect(await Promise.all([failing, leaving])).toEqual([["Error"], ["ErpTimeout"]]);
    await expectOneMoreCall(staying, third);
  });

  test("also where what the store told was fresh there, and is no more when it comes", async () => {
    const [first, second, third] = replicas;
    const reading = first.read(["A"]);
    await clock.advance(2 * wayMs);
    erp.callAt(0).answer();
    expect(await reading).toEqual(["A"]);
    // Asked so that the store has it 3 and 2 ms before its end, counted from when it gave the lease.
    await clock.advance(toldMs - 2 * wayMs - 3);
    const others = [second.read(["A"])];
    await clock.advance(1);
    others.push(third.read(["A"]));
    await clock.advance(50);
    expect(erp.calls).toHaveLength(2);
    erp.callAt(1).answer();
    await clock.advance(50);
    expect(await Promise.all(others)).toEqual([["A"], ["A"]]);
    expect(erp.calls).toHaveLength(2);
  });

  test("also once what the ERP said has ended by its own word, within its fresh window", async () => {
    validUntil = clock.now() + toldMs / 2;
    const reading = replicas[0].read(["A"]);
    await clock.advance(2 * wayMs);
    erp.callAt(0).answer();
    expect(await reading).toEqual(["A"]);
    await clock.advance(toldMs / 2);
    validUntil += 60_000;
    expect(await askAtOnce()).toBe(1);
  });

  test("where the store is slow a question waits for it no longer than it has time, and what it leases late is let go", async () => {
    for (const client of clients) client.route.delayMs = [45, 45];
    const ends: number[] = [];
    const began = clock.now();
    const reading = replicas[0].outcomes(["A"], { deadline: began + 60 }).then((outcomes) => {
      ends.push(clock.now() - began);
      return outcomes;
    });
    await clock.advance(35);
    expect(erp.calls).toHaveLength(1);
    await clock.advance(25);
    expect((await reading)[0]?.kind).toBe("failed");
    expect(ends).toEqual([60]);
    await clock.advance(40);
    erp.callAt(0).fail(new Error("the ERP failed"));
    for (const client of clients) client.route.delayMs = [wayMs, wayMs];
    // A failure is remembered for a second.
    await clock.advance(1_500);
    expect(await askAtOnce()).toBe(1);
  });

  /** All three ask at once, or these. @returns how many of them asked the ERP */
  async function askAtOnce(
    [first, ...others]: readonly Replica[] = [replicas[2], replicas[0], replicas[1]],
  ): Promise<number> {
    const before = erp.calls.length;
    const reading = [first?.read(["A"])];
    await clock.advance(2 * wayMs + 1);
    reading.push(...others.map((other) => other.read(["A"])));
    await clock.advance(30);
    erp.callAt(before).answer();
    await clock.advance(30);
    for (let call = before + 1; call < erp.calls.length; call++) erp.callAt(call).answer();
    expect(await Promise.all(reading)).toEqual(reading.map(() => ["A"]));
    return erp.calls.length - before;
  }

  test("some time after an invalidation that names a customer, too: it is known when that was", async () => {
    const named = { ...everything, skus: new Set(["A"]), customers: new Set(["C"]) };
    void replicas[0].fleet.tell(named, { scopes: new Set(), customers: new Set() });
    await clock.advance(300);
    expect(await askAtOnce()).toBe(1);
  });

  test("also where they refuse what the store has for fresh: they were told of an invalidation that drew no line before it", async () => {
    const [first, ...others] = replicas;
    expect(await askAtOnce([first])).toBe(1);
    const ofCustomer = { ...everything, customers: new Set(["C"]) };
    void first.fleet.tell(ofCustomer, { scopes: new Set(), customers: new Set() });
    await clock.advance(3 * wayMs);
    expect(await askAtOnce(others)).toBe(1);
  });

  test("also where one of them refuses it by an invalidation that the store is only just told", async () => {
    const [first, second, third] = replicas;
    expect(await askAtOnce([second])).toBe(1);
    const reading = first.read(["A"]);
    await clock.advance(wayMs + 2);
    void first.invalidate("A");
    await clock.advance(3 * wayMs);
    await expectOneMoreCall(reading, third);
  });

  test("also where what the store has for fresh does not open", async () => {
    const [first, ...others] = replicas;
    const [client] = clients as [SimulatedStoreClient];
    expect(await askAtOnce([first])).toBe(1);
    const seal = new Seal(fleetSecret, "erp");
    await Promise.all([
      client.run(poison, [`${seal.prefix}${seal.name("answer", "rules", "price", "A")}`], []),
      clock.advance(2 * wayMs),
    ]);
    expect(await askAtOnce(others)).toBe(1);
    expect(others.map(({ lookups }) => lookups[0])).toEqual(["refused", "refused"]);
  });

  test("also after an invalidation that the store was told later", async () => {
    const [client] = clients as [SimulatedStoreClient];
    client.cut();
    await clock.advance(50);
    void replicas[0].invalidate("A");
    await clock.advance(50);
    client.mend();
    client.route.delayMs = [wayMs, wayMs];
    await clock.advance(3_000);
    expect(await askAtOnce()).toBe(1);
  });
});

function found(erp: FakeErp, index: number) {
  const { sentAt } = erp.callAt(index).call;
  const freshness = { source: "ERP", computedAt: sentAt, freshUntil: sentAt, staleReason: null } as const;
  return { kind: "found", freshness } as const;
}
