import { afterEach, expect, test } from "vitest";
import { eventually } from "../support/eventually.js";
import { describeWith } from "../support/parts.js";
import { RealFleet } from "./real-fleet.js";
import type { Replica } from "./replica.js";

/** A question that the ERP answers, asked with the store in a bad state: it must not cost the answer. */
async function readAlone(fleet: RealFleet, replica: Replica, sku: string): Promise<void> {
  expect(await fleet.readFromErp(replica, [sku])).toEqual([sku]);
}

describeWith("redis", "a store in a bad state costs no answer", () => {
  let fleet: RealFleet;
  afterEach(() => fleet.stop());

  test("full: the ERP is asked, one line says why, and answers are shared again once there is room", async () => {
    fleet = await RealFleet.start();
    const [first, second] = [await fleet.join(), await fleet.join()];
    await readAlone(fleet, first, "A");
    await fleet.written(1);
    await fleet.command("CONFIG", "SET", "maxmemory", "1mb");
    for (const sku of ["B", "C", "D"]) await readAlone(fleet, second, sku);
    expect(await second.invalidate("A")).toEqual(["*"]);
    await eventually("both say so", () => fleet.warnings.length === 2); // with a beat of the other one's
    expect(fleet.warnings[0]).toMatch(/refuses what it is asked: is it full, or read-only\?.*OOM/);
    await fleet.command("CONFIG", "SET", "maxmemory", "0");
    await readAlone(fleet, first, "E");
    await eventually("it is shared", async () => (await second.read(["E"]))[0] === "E");
    // What was invalidated meanwhile is forgotten everywhere.
    await eventually("the other is told", () => first.cache.size === 1);
    await readAlone(fleet, await fleet.join(), "A");
    expect(fleet.warnings).toHaveLength(2);
  });

  test("full, and evicting: nothing of before an invalidation is told, whatever was evicted", async () => {
    fleet = await RealFleet.start("--maxmemory-policy", "allkeys-random");
    const [first, second] = [await fleet.join(), await fleet.join()];
    await readAlone(fleet, first, "A");
    await first.invalidate("A");
    const used = /used_memory:(\d+)/.exec(String(await fleet.command("INFO", "memory")))?.[1] ?? "0";
    await fleet.command("CONFIG", "SET", "maxmemory", String(Number(used) + 100_000));
    for (let number = 0; number < 300; number++) await fleet.command("SET", `junk ${number}`, "x".repeat(1_000));
    await readAlone(fleet, second, "A");
  });

  test("read-only: the ERP is asked", async () => {
    fleet = await RealFleet.start();
    const [first, second] = [await fleet.join(), await fleet.join()];
    await readAlone(fleet, first, "A");
    await fleet.written(1);
    // Of a primary that is not there.
    await fleet.command("REPLICAOF", "127.0.0.1", "1");
    await readAlone(fleet, second, "A");
    expect(await second.invalidate("A")).toEqual(["*"]);
    expect(fleet.warnings.some((line) => /READONLY|MASTERDOWN|UNKILLABLE/.test(line))).toBe(true);
  });

  test("a wrong password: the replica is alone, and says so once", async () => {
    fleet = await RealFleet.start("--requirepass", "right");
    const replica = fleet.add({}, fleet.redis.url.replace("//", "//:wrong@"));
    await eventually("it says so", () => fleet.warnings.length > 0);
    await readAlone(fleet, replica, "A");
    expect(await replica.invalidate("A")).toEqual(["*"]);
    await readAlone(fleet, replica, "A");
    expect(fleet.warnings).toHaveLength(1);
    expect(fleet.warnings[0]).toMatch(/cannot be used.*WRONGPASS/);
    expect(fleet.warnings[0]).not.toContain("wrong@");
  });

  test("stopped in the middle: who waits for another replica's answer asks itself", async () => {
    fleet = await RealFleet.start();
    const [first, second] = [await fleet.join(), await fleet.join()];
    const early = first.read(["A"]);
    await fleet.nextCall(0);
    const waiting = second.read(["A"], { deadline: Date.now() + 10_000 });
    await eventually("it waits", () => second.lookups.includes("awaited"));
    fleet.redis.signal("SIGSTOP");
    (await fleet.nextCall(1)).answer();
    expect(await waiting).toEqual(["A"]);
    fleet.erp.callAt(0).answer();
    expect(await early).toEqual(["A"]);
    fleet.redis.signal("SIGCONT");
  });

  test("what was written while it stood still is not younger for it", async () => {
    fleet = await RealFleet.start();
    const [first, second] = [await fleet.join({ freshMs: 600 }), await fleet.join({ freshMs: 600 })];
    await readAlone(fleet, first, "B"); // so that the store knows the scripts
    await fleet.written(1);
    const reading = first.read(["A"]);
    const call = await fleet.nextCall(1);
    fleet.redis.signal("SIGSTOP");
    call.answer();
    expect(await reading).toEqual(["A"]);
    // Within its time-out, so that what it was sent is there for it to read.
    const since = Date.now();
    await eventually("it has grown old", () => Date.now() > since + 700);
    fleet.redis.signal("SIGCONT");
    await eventually("it is written", async () => fleet.stores.every(({ isUp }) => isUp) && (await fleet.written(2)));
    await readAlone(fleet, second, "A");
    expect(second.lookups).toContain("stale");
  });

  test("killed and begun anew, empty: answers are shared again, and nothing of before is told", async () => {
    fleet = await RealFleet.start();
    const [first, second] = [await fleet.join(), await fleet.join()];
    await readAlone(fleet, first, "A");
    await fleet.redis.kill();
    await eventually("it is away", () => fleet.stores.every(({ isUp }) => !isUp));
    await readAlone(fleet, second, "A");
    await fleet.redis.restart();
    await eventually("it is back", () => fleet.stores.every(({ isUp }) => isUp));
    await eventually("both are members, and forgot", () => first.isSure && second.isSure && first.cache.size === 0);
    await readAlone(fleet, first, "A");
    await eventually("it is shared", async () => (await second.read(["A"]))[0] === "A");
    expect(fleet.erp.calls).toHaveLength(3);
  });

  test("not there at the start: replicas stand alone until it is", async () => {
    fleet = await RealFleet.start();
    await fleet.redis.kill();
    const [first, second] = [fleet.add(), fleet.add()];
    await readAlone(fleet, first, "A");
    await fleet.redis.restart();
    await eventually("both are members", () => first.isSure && second.isSure);
    await readAlone(fleet, first, "B");
    await eventually("it is shared", async () => (await second.read(["B"]))[0] === "B");
    expect(first.losses).toEqual([]);
  });
});
