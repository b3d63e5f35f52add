import { describe, expect, test } from "vitest";
import { Capacity, type Passage } from "../../../src/erp/demo/capacity.js";
import { ManualClock } from "./manual-clock.js";

function start({ workers = 2, queue = 2, contention = 0 } = {}) {
  const clock = new ManualClock(0);
  const capacity = new Capacity({ workers, queue, contention, clock });
  const left: { name: string; at: number; kind: Passage["kind"] }[] = [];
  const enter = (name: string, workMs = 100) =>
    capacity.pass(workMs).then((passage) => {
      left.push({ name, at: clock.now(), kind: passage.kind });
      return passage;
    });
  return { clock, capacity, left, enter };
}

describe("the capacity of the demonstration ERP", () => {
  test("as many calls as there are workers go at once, the others wait their turn", async () => {
    const { clock, left, enter } = start();
    for (const name of ["a", "b", "c", "d"]) void enter(name);
    await clock.advance(1_000);
    expect(left.map(({ name, at }) => [name, at])).toEqual([
      ["a", 100],
      ["b", 100],
      ["c", 200],
      ["d", 200],
    ]);
  });

  test("past workers and queue a call is refused at once, told when to come again, and let in once there is room", async () => {
    const { clock, capacity, enter } = start();
    for (const name of ["a", "b", "c", "d"]) void enter(name, 3_000);
    // Two rounds of 3 s are to be done.
    expect(await enter("e")).toEqual({ kind: "refused", retryAfterSeconds: 6 });
    await clock.advance(3_000);
    const late = enter("f");
    expect(capacity.queued).toBe(1);
    await clock.advance(6_000);
    expect(await late).toEqual({ kind: "served" });
    expect([capacity.inService, capacity.queued]).toEqual([0, 0]);
  });

  test("without a queue what finds no worker is refused", async () => {
    const { enter } = start({ workers: 1, queue: 0 });
    void enter("a");
    expect((await enter("b")).kind).toBe("refused");
  });

  test("calls get slower by what else is there, the waiting included", async () => {
    const { clock, left, enter } = start({ workers: 2, queue: 10, contention: 1 });
    void enter("alone");
    await clock.advance(100);
    for (const name of ["a", "b", "c", "d"]) void enter(name);
    await clock.advance(10_000);
    const atOf = (wanted: string) => left.find(({ name }) => name === wanted)?.at;
    // a came first: 100 ms; b found one other: 150 ms; c starts at 200 with b in service and d waiting: 200 ms.
    expect(["alone", "a", "b", "c"].map(atOf)).toEqual([100, 200, 250, 400]);
  });

  test("lost workers are missed until they come back, and what they work on is finished", async () => {
    const { clock, capacity, left, enter } = start({ workers: 2, queue: 10 });
    for (const name of ["a", "b", "c", "d"]) void enter(name);
    capacity.setWorkers(0);
    await clock.advance(1_000);
    expect(left.map(({ name }) => name)).toEqual(["a", "b"]);
    capacity.setWorkers(null);
    await clock.advance(100);
    expect(left.map(({ name }) => name)).toEqual(["a", "b", "c", "d"]);
  });

  test("when the ERP dies all calls are lost, and their time never comes", async () => {
    const { clock, capacity, left, enter } = start({ workers: 1 });
    const calls = [enter("a"), enter("b")];
    capacity.clear();
    await Promise.all(calls);
    expect(left.map(({ kind }) => kind)).toEqual(["lost", "lost"]);
    expect(clock.pending).toBe(0);
    const next = enter("c");
    await clock.advance(100);
    expect(await next).toEqual({ kind: "served" });
    expect(left).toHaveLength(3);
  });

  test("work that takes no time is done at once, any number of calls", async () => {
    const { enter } = start({ workers: 1, queue: 0, contention: 1 });
    const passages = await Promise.all(Array.from({ length: 50 }, (_, at) => enter(String(at), 0)));
    expect(new Set(passages.map(({ kind }) => kind))).toEqual(new Set(["served"]));
  });
});
