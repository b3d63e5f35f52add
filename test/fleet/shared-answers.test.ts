import { afterEach, beforeEach, expect, test } from "vitest";
import { ErpUnavailable } from "../../src/errors.js";
import { eventually } from "../support/eventually.js";
import { describeWith } from "../support/parts.js";
import { RealFleet } from "./real-fleet.js";

describeWith("redis", "answers that replicas share", () => {
  let fleet: RealFleet;
  beforeEach(async () => {
    fleet = await RealFleet.start();
  });
  afterEach(() => fleet.stop());

  test("what one replica was told by the ERP, another tells with its age, and keeps", async () => {
    const [first, second] = [await fleet.join(), await fleet.join()];
    await fleet.readFromErp(first, ["A", "B"]);
    await fleet.written(2);
    const asked = fleet.erp.callAt(0).call.sentAt;
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
    expect(fleet.erp.calls).toHaveLength(1);
  });

  test("replicas that ask the ERP by other rules share no answers, and forget together", async () => {
    const [first, second] = [await fleet.join(), await fleet.join({ rules: "another price list" })];
    await fleet.age();
    await fleet.readFromErp(first, ["A"]);
    await fleet.written(1);
    expect(await fleet.readFromErp(second, ["A"], () => "another price")).toEqual(["another price"]);
    expect(await first.invalidate("A")).toEqual([]);
    expect(second.cache.size).toBe(0);
  });

  test("what the ERP does not know is shared too", async () => {
    const [first, second] = [await fleet.join(), await fleet.join()];
    const reading = first.read(["X"]);
    const call = await fleet.nextCall(0);
    const freshness = { source: "ERP", computedAt: call.call.sentAt, freshUntil: 0, staleReason: null } as const;
    call.answer(() => ({ kind: "unknown", what: "sku", freshness }));
    expect(await reading).toEqual(["unknown"]);
    await fleet.written(1);
    expect(await second.read(["X"])).toEqual(["unknown"]);
    expect(fleet.erp.calls).toHaveLength(1);
  });

  test("an answer that is too old by this replica's own windows is asked again, whatever those of who wrote it", async () => {
    const [first, second] = [await fleet.join(), await fleet.join({ freshMs: 1 })];
    await fleet.readFromErp(first, ["A"]);
    await fleet.written(1);
    expect(await fleet.readFromErp(second, ["A"], () => "A, new")).toEqual(["A, new"]);
  });

  test("an answer that is too old for the question is asked again, and a live question asks the ERP alone", async () => {
    const [first, second] = [await fleet.join(), await fleet.join()];
    await fleet.readFromErp(first, ["A"]);
    await fleet.written(1);
    const live = second.read(["A"], { maxAgeMs: 0 });
    (await fleet.nextCall(1)).answer();
    expect(await live).toEqual(["A"]);
    expect(second.lookups).toEqual([]);
    await second.forgetChanged("A");
    const old = second.read(["A"], { maxAgeMs: 1 });
    (await fleet.nextCall(2)).answer();
    expect(await old).toEqual(["A"]);
  });

  test("where the ERP fails, what another replica was told is the last known answer", async () => {
    const [first, second] = [await fleet.join({ freshMs: 1 }), await fleet.join({ freshMs: 1 })];
    await fleet.readFromErp(first, ["A"]);
    await fleet.written(1);
    const reading = second.outcomes(["A"]);
    (await fleet.nextCall(1)).fail(new ErpUnavailable("gone"));
    expect(await reading).toMatchObject([
      { kind: "found", answer: "A", freshness: { source: "LAST_KNOWN", staleReason: "ERP_UNAVAILABLE" } },
    ]);
  });

  test("while one replica asks, the others wait for its answer", async () => {
    const [first, second, third] = [await fleet.join(), await fleet.join(), await fleet.join()];
    const readings = [first.read(["A", "B"])];
    await fleet.nextCall(0);
    readings.push(second.read(["B", "A"]), third.read(["A"]));
    await eventually("they wait", () => second.lookups.length === 2 && third.lookups.length === 1);
    fleet.erp.callAt(0).answer();
    expect(await Promise.all(readings)).toEqual([["A", "B"], ["B", "A"], ["A"]]);
    expect(second.lookups).toEqual(["awaited", "awaited", "fresh", "fresh"]);
    expect(fleet.erp.calls).toHaveLength(1);
  });

  test("where the one that asks fails, one of those that wait asks in its place", async () => {
    const [first, second] = [await fleet.join(), await fleet.join()];
    const failing = first.read(["A"]);
    await fleet.nextCall(0);
    const waiting = second.read(["A"]);
    await eventually("it waits", () => second.lookups.includes("awaited"));
    fleet.erp.callAt(0).fail(new ErpUnavailable("not now", { countsAsFailure: false }));
    (await fleet.nextCall(1)).answer();
    expect(await waiting).toEqual(["A"]);
    await failing;
  });

  test("a lease outlives a slow call, and not the replica that held it", async () => {
    const [first, second] = [await fleet.join(), await fleet.join()];
    void first.read(["A"], { deadline: Date.now() + 20_000 });
    await fleet.nextCall(0);
    const waiting = second.read(["A"], { deadline: Date.now() + 20_000 });
    const isHeld = async () => (await fleet.keys()).some((name) => name.endsWith(":lease"));
    const since = Date.now();
    while (Date.now() < since + 1_500)
      expect(await eventually("it is looked at", async () => [await isHeld()])).toEqual([true]);
    expect(fleet.erp.calls).toHaveLength(1);
    fleet.stores[0]?.close(); // it is gone: nobody renews
    (await fleet.nextCall(1)).answer();
    expect(await waiting).toEqual(["A"]);
  });

  test("who waited for half of its time asks itself", async () => {
    const [first, second] = [await fleet.join(), await fleet.join()];
    void first.read(["A"], { deadline: Date.now() + 20_000 });
    await fleet.nextCall(0);
    const reading = second.read(["A"], { deadline: Date.now() + 600 });
    (await fleet.nextCall(1)).answer();
    expect(await reading).toEqual(["A"]);
    fleet.erp.callAt(0).answer();
  });

  test("no name of a key or a lease can be guessed, and no content is in clear", async () => {
    const replica = await fleet.join();
    await fleet.readFromErp(replica, ["customer-4711"]);
    const [name = ""] = await fleet.written(1);
    const content = (await fleet.command("GET", name)) as Buffer;
    const all = [...(await fleet.keys()), content.toString("latin1")].join(" ");
    expect(all).not.toContain("4711");
    expect(name).toMatch(/^pricelane:[\w-]{8}:[\w-]{22}$/);
  });

  test("fleets of other secrets or other ERPs share nothing", async () => {
    const first = await fleet.join();
    await fleet.readFromErp(first, ["A"]);
    for (const other of [{ secret: new TextEncoder().encode("x".repeat(32)) }, { erpName: "another" }]) {
      const stranger = await fleet.join(other);
      await fleet.readFromErp(stranger, ["A"]);
      expect(stranger.lookups).toEqual(["absent"]);
    }
  });

  test.each([
    ["another key's answer", (own: Buffer, other: Buffer) => (own.length > 0 ? other : own)],
    [
      "a bit that fell over",
      (own: Buffer) => Buffer.concat([own.subarray(0, -1), Buffer.from([(own.at(-1) ?? 0) ^ 1])]),
    ],
    ["an age that was made younger", (own: Buffer) => asked(own, 1)],
    ["one dated ahead of the store's time", (own: Buffer) => asked(own, 3_600_000)],
    ["an entry cut short", (own: Buffer) => own.subarray(0, 45)],
    ["no entry at all", () => Buffer.from("hello")],
    ["an older version's entry", (own: Buffer) => Buffer.concat([Buffer.from("0"), own.subarray(1)])],
    [
      "one of another life of the store",
      (own: Buffer) => Buffer.concat([own.subarray(0, 1), Buffer.from("x".repeat(16)), own.subarray(17)]),
    ],
  ])("%s is never told", async (_what, poison) => {
    const first = await fleet.join();
    await fleet.readFromErp(first, ["A", "B"]);
    const names = await fleet.written(2);
    const own = (await Promise.all(names.map((name) => fleet.command("GET", name)))) as Buffer[];
    for (const [index, name] of names.entries()) {
      await fleet.command("SET", name, poison(own[index] as Buffer, own[1 - index] as Buffer));
    }
    const second = await fleet.join();
    expect(await fleet.readFromErp(second, ["A", "B"], (id) => `${id} again`)).toEqual(["A again", "B again"]);
    // What is right takes the place of what was not.
    await eventually("it is written", async () => (await (await fleet.join()).read(["A"]))[0] === "A again");
  });

  test("a value of another type costs an answer of the store's, and none of the ERP's", async () => {
    const first = await fleet.join();
    await fleet.readFromErp(first, ["A"]);
    const [name = ""] = await fleet.written(1);
    await fleet.command("DEL", name);
    await fleet.command("LPUSH", name, "poison");
    await fleet.command("LPUSH", `${name}:lease`, "poison");
    const second = await fleet.join();
    expect(await fleet.readFromErp(second, ["A"])).toEqual(["A"]);
  });
});

/** The entry, said to be asked so many ms later. */
function asked(own: Buffer, laterMs: number): Buffer {
  const askedAt = Number(own.toString("latin1", 17, 30)) + laterMs;
  return Buffer.concat([own.subarray(0, 17), Buffer.from(String(askedAt)), own.subarray(30)]);
}
