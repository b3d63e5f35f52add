import { describe, expect, test } from "vitest";
import { SimulatedErp } from "../../bench/support/brown-out/simulated-erp.js";
import { VirtualClock } from "../support/virtual-clock.js";

function setUp(workers = 8) {
  const clock = new VirtualClock();
  const start = clock.now();
  const erp = new SimulatedErp({ clock, workers, callMs: 200 });
  const done: [string, number][] = [];
  const send = (name: string) => erp.send(() => done.push([name, clock.now() - start]));
  return { clock, erp, done, send };
}

describe("the simulated ERP", () => {
  test("eight workers of 200 ms answer 40 calls a second, and a ninth call waits for the first", async () => {
    const { clock, erp, done, send } = setUp();
    for (let call = 0; call < 41; call++) send(`${call}`);
    expect([erp.inFlight, erp.waiting]).toEqual([41, 33]);
    await clock.advance(1_000);
    expect(done).toHaveLength(40);
    expect([done[7], done[8]]).toEqual([
      ["7", 200],
      ["8", 400],
    ]);
    expect([erp.inFlight, erp.mostInFlight, erp.workedMs]).toEqual([1, 41, 8_000]);
  });

  test("calls that find no worker free are taken in the order of coming", async () => {
    const { clock, done, send } = setUp(1);
    for (const name of ["a", "b", "c"]) send(name);
    await clock.advance(600);
    expect(done).toEqual([
      ["a", 200],
      ["b", 400],
      ["c", 600],
    ]);
  });

  test("what was given up is worked on, holds up those behind it, and counts as wasted", async () => {
    const { clock, erp, done, send } = setUp(1);
    send("a").abandon();
    send("b").abandon();
    send("c");
    await clock.advance(600);
    expect(done.at(-1)).toEqual(["c", 600]);
    expect([erp.workedMs, erp.wastedMs]).toEqual([600, 400]);
  });

  test("what was answered before it was given up is no waste", async () => {
    const { clock, erp, send } = setUp(1);
    const work = send("a");
    await clock.advance(200);
    work.abandon();
    expect([erp.workedMs, erp.wastedMs]).toEqual([200, 0]);
  });

  test("workers that are lost finish what they have in hand; those that come back take up what waits", async () => {
    const { clock, erp, done, send } = setUp(8);
    for (let call = 0; call < 16; call++) send(`${call}`);
    erp.setWorkers(3);
    await clock.advance(400);
    expect(done).toHaveLength(8 + 3);
    erp.setWorkers(8);
    await clock.advance(200);
    expect(done).toHaveLength(16);
  });

  test("after a quiet night it works as on the first day", async () => {
    const { clock, done, send } = setUp(1);
    send("a");
    await clock.advance(8 * 3_600_000);
    send("b");
    await clock.advance(199);
    expect(done).toHaveLength(1);
    await clock.advance(1);
    expect(done).toHaveLength(2);
  });
});
