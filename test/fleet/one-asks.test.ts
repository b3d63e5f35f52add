import { beforeEach, describe, expect, test } from "vitest";
import { LuaRedis } from "../simulation/fleet/lua-redis.js";
import { Machines, SimulatedProcess } from "../simulation/fleet/simulated-process.js";
import { SimulatedStore } from "../simulation/fleet/simulated-store.js";
import { SimulatedStoreClient } from "../simulation/fleet/simulated-store-client.js";
import { SeededRandom } from "../simulation/seeded-random.js";
import { SimulationClock } from "../simulation/simulation-clock.js";
import { FakeErp } from "../support/fake-source.js";
import { Replica } from "./replica.js";

/** How long one way to the store takes, in ms. */
const wayMs = 5;
const freshMs = 200;
/** For how long of that the store tells an answer. */
const toldMs = 190;

const redis = LuaRedis.create();

describe("one replica at a time asks one thing", () => {
  let clock: SimulationClock;
  let erp: FakeErp;
  let replicas: [Replica, Replica, Replica];

  beforeEach(async () => {
    clock = new SimulationClock();
    erp = new FakeErp();
    const machines = new Machines(clock);
    const store = new SimulatedStore(clock, new SeededRandom(1), await redis);
    const join = () => {
      const process = new SimulatedProcess(machines);
      const client = new SimulatedStoreClient({ store, process, clock, random: new SeededRandom(2), timeoutMs: 100 });
      client.route.delayMs = [wayMs, wayMs];
      const replica = new Replica(client, erp, { clock: process, freshMs });
      client.start();
      return replica;
    };
    replicas = [join(), join(), join()];
    await clock.advance(1_000);
  });

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
    const elsewhere = second.read(["A"]);
    await clock.advance(50);
    expect(erp.calls).toHaveLength(2);
    erp.callAt(1).answer(() => ({ ...found(erp, 1), answer: "new" }));
    await clock.advance(50);
    expect(await Promise.all([after, elsewhere])).toEqual([["new"], ["new"]]);
    expect(erp.calls).toHaveLength(2);
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
});

function found(erp: FakeErp, index: number) {
  const { sentAt } = erp.callAt(index).call;
  const freshness = { source: "ERP", computedAt: sentAt, freshUntil: sentAt, staleReason: null } as const;
  return { kind: "found", freshness } as const;
}
