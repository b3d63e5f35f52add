import { afterEach, beforeEach, expect, test } from "vitest";
import { eventually } from "../support/eventually.js";
import { describeWith } from "../support/parts.js";
import { RealFleet } from "./real-fleet.js";

describeWith("redis", "invalidations over a fleet", () => {
  let fleet: RealFleet;
  beforeEach(async () => {
    fleet = await RealFleet.start();
  });
  afterEach(() => fleet.stop());

  test("every replica has forgotten once all confirmed, and the store tells nothing of before", async () => {
    const replicas = [await fleet.join(), await fleet.join(), await fleet.join()];
    const [first, second, third] = replicas as [(typeof replicas)[0], (typeof replicas)[0], (typeof replicas)[0]];
    await fleet.age();
    await fleet.readFromErp(first, ["A", "B"]);
    await fleet.written(2);
    for (const other of [second, third]) expect(await other.read(["A", "B"])).toEqual(["A", "B"]);
    expect(await first.invalidate("A")).toEqual([]);
    expect(replicas.map(({ cache }) => cache.size)).toEqual([1, 1, 1]);
    expect(await fleet.readFromErp(third, ["A"], () => "A, new")).toEqual(["A, new"]);
    await eventually("it is written", async () => (await first.read(["A", "B"]))[0] === "A, new");
    expect(fleet.erp.calls).toHaveLength(2);
  });

  test("an answer that was asked before is its askers', and nobody else's, wherever it was asked", async () => {
    const [first, second] = [await fleet.join(), await fleet.join()];
    await fleet.age();
    const early = first.read(["A"]);
    const call = await fleet.nextCall(0);
    expect(await second.invalidate("A")).toEqual([]);
    call.answer();
    expect(await early).toEqual(["A"]);
    expect(await fleet.readFromErp(second, ["A"], () => "A, new")).toEqual(["A, new"]);
    await eventually("it is written", async () => (await first.read(["A"]))[0] === "A, new");
    expect(first.cache.size).toBe(1);
  });

  test("who waited for an answer that was then invalidated asks for a new one", async () => {
    const [first, second] = [await fleet.join(), await fleet.join()];
    const early = first.read(["A"]);
    const call = await fleet.nextCall(0);
    await first.invalidate("A");
    const late = second.read(["A"]);
    await eventually("it waits", () => second.lookups.includes("awaited"));
    call.answer();
    (await fleet.nextCall(1)).answer();
    expect(await Promise.all([early, late])).toEqual([["A"], ["A"]]);
  });

  test("a replica that does not answer is named, until it has left", async () => {
    const [first, second] = [await fleet.join(), await fleet.join()];
    await fleet.age();
    fleet.stores[1]?.close();
    expect(await first.invalidate("A")).toEqual([second.name]);
    const third = await fleet.join();
    await third.fleet.close();
    expect(await first.invalidate("A")).toEqual([second.name]);
  });

  test("where the store is away nobody can be named; once it is back, all are told, and it tells nothing of before", async () => {
    const [first, second] = [await fleet.join(), await fleet.join()];
    await fleet.readFromErp(first, ["A"]);
    await fleet.written(1);
    fleet.redis.signal("SIGSTOP");
    await eventually("it is away", () => fleet.stores.every(({ isUp }) => !isUp));
    expect(await first.invalidate("A")).toEqual(["*"]);
    fleet.redis.signal("SIGCONT");
    await eventually("it is back", () => fleet.stores.every(({ isUp }) => isUp));
    await eventually("the other is told", () => second.cache.size === 0 && second.isSure);
    expect(await fleet.readFromErp(first, ["A"], () => "A, new")).toEqual(["A, new"]);
    await eventually("it is written", async () => (await second.read(["A"]))[0] === "A, new");
  });

  test("a store that has only just begun does not know who is there", async () => {
    const first = await fleet.join();
    expect(await first.invalidate("A")).toEqual(["*"]);
    await fleet.age();
    expect(await first.invalidate("A")).toEqual([]);
  });

  test("nor does one whose clock was set forward since, or that nobody asked meanwhile", async () => {
    const first = await fleet.join();
    await fleet.setForward(30_000);
    expect(await first.invalidate("A")).toEqual(["*"]);
  });

  test("a store that lost what it knew learns of a replica that is cut off from it by those who knew that one", async () => {
    const [first, second] = [await fleet.join(), await fleet.join()];
    const lives = (await fleet.keys()).filter((name) => name.endsWith(":fleet"));
    const heardOf = async ({ name }: typeof first): Promise<number> =>
      JSON.parse(String(await fleet.command("HGET", lives[0] as string, "members")))[name];
    const since = await heardOf(second);
    await eventually("it was told of the other", async () => (await heardOf(first)) > since);
    fleet.stores[1]?.close();
    for (const life of lives) await fleet.command("DEL", life);
    await eventually("it is a member of the new life", () => first.losses.length === 1 && first.isSure);
    await fleet.age();
    expect(await first.invalidate("A")).toEqual([second.name]);
  });

  test("a store that lost what it knew begins a new life: nothing of before is told, and all replicas forget", async () => {
    const [first, second] = [await fleet.join(), await fleet.join()];
    await fleet.readFromErp(first, ["A"]);
    await fleet.written(1);
    expect(await second.read(["A"])).toEqual(["A"]);
    const lives = (await fleet.keys()).filter((name) => name.endsWith(":fleet"));
    for (const life of lives) await fleet.command("DEL", life);
    await eventually("both forgot", () => first.cache.size === 0 && second.cache.size === 0);
    expect(first.losses).toEqual(["the shared store began anew"]);
    await eventually("both are members", () => first.isSure && second.isSure);
    expect(await fleet.readFromErp(second, ["A"], () => "A, new")).toEqual(["A, new"]);
  });

  test("a replica that missed an invalidation finds out, and forgets all", async () => {
    const first = await fleet.join();
    await fleet.readFromErp(first, ["A"]);
    // Another one's, of which no word came.
    for (const life of (await fleet.keys()).filter((name) => name.endsWith(":fleet"))) {
      await fleet.command("HINCRBY", life, "seq", "1");
    }
    await eventually("it forgot", () => first.cache.size === 0);
    expect(first.losses).toEqual(["an invalidation was missed"]);
  });

  test("what was changed is not read back from the store", async () => {
    const [first, second] = [await fleet.join(), await fleet.join()];
    await fleet.readFromErp(first, ["A", "B"]);
    await fleet.written(2);
    expect(await second.read(["A"])).toEqual(["A"]);
    second.forgetChanged("A");
    const reading = second.read(["A", "B"]);
    (await fleet.nextCall(1)).answer();
    expect(await reading).toEqual(["A", "B"]);
    expect(fleet.erp.asked.map((keys) => keys.toSorted())).toEqual([["A", "B"], ["A"]]);
    await eventually("it is written", async () => (await (await fleet.join()).read(["A"])).length === 1);
    second.forgetChanged("A");
    await fleet.readFromErp(second, ["A"]);
  });

  test("more lines than are kept make one line through everything", async () => {
    const [first, second] = [await fleet.join(), await fleet.join()];
    await fleet.readFromErp(first, ["A"]);
    await fleet.written(1);
    for (let page = 0; page < 9; page++) {
      await first.invalidate(...Array.from({ length: 900 }, (_, number) => `${page} ${number}`));
    }
    const [life = ""] = (await fleet.keys()).filter((name) => name.endsWith(":fleet"));
    expect(await fleet.command("HLEN", life)).toBeLessThan(20_100);
    expect(await fleet.readFromErp(second, ["A"], () => "A, new")).toEqual(["A, new"]);
  });
});
