import { describe, expect, test } from "vitest";
import { createSteadyNow } from "../src/clock.js";

/** A machine whose clocks the test turns; `pass` lets time go by on both. */
function setUp() {
  const machine = { wall: 1_000_000_000, monotonic: 5_000 };
  const now = createSteadyNow(
    () => machine.wall,
    () => machine.monotonic,
  );
  const pass = (ms: number) => {
    machine.wall += ms;
    machine.monotonic += ms;
  };
  return { machine, now, pass };
}

describe("the time that windows and deadlines are counted in", () => {
  test("is the machine's, to the millisecond, while nobody sets that", () => {
    const { machine, now, pass } = setUp();
    expect(now()).toBe(machine.wall);
    pass(30 * 24 * 3_600_000);
    expect(now()).toBe(machine.wall);
    pass(0.7);
    expect(now()).toBe(Math.floor(machine.wall));
  });

  test("is not set back with the machine's clock: a minute lasts a minute, and a hundredth more", () => {
    const { machine, now, pass } = setUp();
    const before = now();
    machine.wall -= 3_600_000;
    expect(now()).toBe(before);
    pass(60_000);
    expect(now()).toBe(before + 59_400);
  });

  test("gives way until the machine's clock has caught up, and then is that again", () => {
    const { machine, now, pass } = setUp();
    now();
    machine.wall -= 1_000;
    pass(99_000);
    expect(now() - machine.wall).toBe(10);
    pass(1_001);
    expect(now()).toBe(machine.wall);
  });

  test("follows a clock that is set forward at once, and a machine that slept", () => {
    const { machine, now } = setUp();
    machine.wall += 3_600_000;
    expect(now()).toBe(machine.wall);
  });

  test("never runs backward, however the machine's clock is set", () => {
    const { machine, now, pass } = setUp();
    let last = now();
    for (const shift of [-5, 40, -3_000, 0, 2_000, -86_400_000, 12, 0]) {
      machine.wall += shift;
      pass(7);
      const next = now();
      expect(next).toBeGreaterThanOrEqual(last);
      last = next;
    }
  });
});
