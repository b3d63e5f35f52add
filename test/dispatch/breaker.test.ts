import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Breaker } from "../../src/dispatch/breaker.js";
import { ErpBadAnswer, ErpOverloaded, ErpTimeout, ErpUnavailable } from "../../src/errors.js";
import type { BreakerState } from "../../src/telemetry/metric-names.js";
import { runThrough } from "./dispatcher-setup.js";

let breaker: Breaker;
let states: BreakerState[];

// opossum reads the global clock and timers, so these are what is turned.
beforeEach(() => {
  vi.useFakeTimers();
  states = [];
  breaker = new Breaker({
    failuresInARow: 5,
    firstOpenMs: 1_000,
    longestOpenMs: 10_000,
    now: () => Date.now(),
    onState: (state) => states.push(state),
  });
});

afterEach(() => {
  breaker.shutdown();
  vi.useRealTimers();
});

const down = () => new ErpUnavailable("down");

function fail(error: Error = down()): Promise<unknown> {
  return runThrough(breaker, () => Promise.reject(error)).catch((thrown: unknown) => thrown);
}

function succeed(): Promise<string> {
  return runThrough(breaker, async () => "answered");
}

async function failTimes(times: number): Promise<void> {
  for (let time = 0; time < times; time++) await fail();
}

describe("the circuit breaker", () => {
  test("hands on what the call gave or threw, while it is closed", async () => {
    const error = down();
    expect(await succeed()).toBe("answered");
    expect(await fail(error)).toBe(error);
    expect(breaker.state).toBe("closed");
  });

  test("opens at the fifth failed call in a row, not before", async () => {
    await failTimes(4);
    expect([breaker.state, breaker.refuses]).toEqual(["closed", false]);
    await fail();
    expect([breaker.state, breaker.refuses]).toEqual(["open", true]);
  });

  test("a success in between begins the row anew", async () => {
    await failTimes(4);
    await succeed();
    await failTimes(4);
    expect(breaker.state).toBe("closed");
  });

  test("a row is a row across a quiet night", async () => {
    await failTimes(4);
    await vi.advanceTimersByTimeAsync(8 * 3_600_000);
    await fail();
    expect(breaker.state).toBe("open");
  });

  test.each([
    ["a time-out", new ErpTimeout("silent"), "open"],
    ["a 503", new ErpOverloaded("503", { countsAsFailure: true }), "open"],
    ["an unreachable ERP", down(), "open"],
    ["a 429", new ErpOverloaded("429", { countsAsFailure: false }), "closed"],
    ["a refused credential", new ErpUnavailable("401", { countsAsFailure: false }), "closed"],
    ["an answer that cannot be used", new ErpBadAnswer("garbage"), "closed"],
    ["a bug of ours", new TypeError("a bug"), "closed"],
  ])("after twenty times %s it is as it should be", async (_what, error, state) => {
    for (let time = 0; time < 20; time++) await fail(error);
    expect(breaker.state).toBe(state);
  });

  test("opens at half of ten calls within ten seconds", async () => {
    await alternate(9);
    expect(breaker.state).toBe("closed");
    await alternate(1, 9);
    expect(breaker.state).toBe("open");
  });

  test("stays closed below half of the calls", async () => {
    for (let round = 0; round < 10; round++) {
      await succeed();
      await succeed();
      await fail();
    }
    expect(breaker.state).toBe("closed");
  });

  test("failures of more than ten seconds ago no longer count", async () => {
    await alternate(8);
    await vi.advanceTimersByTimeAsync(11_000);
    await alternate(2);
    expect(breaker.state).toBe("closed");
  });

  test("while open it runs nothing, and says in how many seconds to come again", async () => {
    await failTimes(5);
    const call = vi.fn();
    const refusal = await runThrough(breaker, call).catch((error: unknown) => error);
    expect(call).not.toHaveBeenCalled();
    expect(refusal).toBeInstanceOf(ErpUnavailable);
    expect(refusal).toMatchObject({ retryAfterSeconds: 1, countsAsFailure: false });
  });

  test("the wait that it tells is what is left, rounded up", async () => {
    await openFor(4_000);
    expect(breaker.refusal().retryAfterSeconds).toBe(4);
    await vi.advanceTimersByTimeAsync(1_001);
    expect(breaker.refusal().retryAfterSeconds).toBe(3);
  });

  test("one trial call is let through after a second, and its success closes the circuit", async () => {
    await failTimes(5);
    await vi.advanceTimersByTimeAsync(999);
    expect([breaker.state, breaker.refuses]).toEqual(["open", true]);
    await vi.advanceTimersByTimeAsync(1);
    expect([breaker.state, breaker.refuses]).toEqual(["half-open", false]);
    let answer = (_: string) => {};
    const trial = runThrough(
      breaker,
      () =>
        new Promise<string>((resolve) => {
          answer = resolve;
        }),
    );
    expect(breaker.refuses).toBe(true);
    await expect(succeed()).rejects.toBeInstanceOf(ErpUnavailable);
    answer("well again");
    expect(await trial).toBe("well again");
    expect([breaker.state, breaker.refuses]).toEqual(["closed", false]);
    expect(states).toEqual(["open", "half-open", "closed"]);
  });

  test("each failed trial doubles the wait, up to ten seconds", async () => {
    await failTimes(5);
    for (const wait of [1_000, 2_000, 4_000, 8_000, 10_000, 10_000]) {
      await vi.advanceTimersByTimeAsync(wait - 1);
      expect(breaker.state).toBe("open");
      await vi.advanceTimersByTimeAsync(1);
      expect(breaker.state).toBe("half-open");
      await fail();
      expect(breaker.state).toBe("open");
    }
  });

  test("once closed, the next wait is a second again", async () => {
    await openFor(4_000);
    await vi.advanceTimersByTimeAsync(4_000);
    await succeed();
    await vi.advanceTimersByTimeAsync(60_000);
    await failTimes(5);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(breaker.state).toBe("half-open");
  });

  test("a trial that the ERP answers in its right mind closes the circuit, be the answer of no use", async () => {
    await failTimes(5);
    await vi.advanceTimersByTimeAsync(1_000);
    await fail(new ErpBadAnswer("garbage"));
    expect(breaker.state).toBe("closed");
  });

  test("after a quiet night in half-open the next call is the trial", async () => {
    await failTimes(5);
    await vi.advanceTimersByTimeAsync(8 * 3_600_000);
    expect([breaker.state, breaker.refuses]).toEqual(["half-open", false]);
    await fail();
    expect([breaker.state, breaker.refusal().retryAfterSeconds]).toEqual(["open", 2]);
  });

  test("calls sent before it opened and failing after do not lengthen the wait", async () => {
    const pending: ((error: Error) => void)[] = [];
    const late = Array.from({ length: 3 }, () =>
      runThrough(breaker, () => new Promise((_, reject) => pending.push(reject))).catch(() => {}),
    );
    await failTimes(5);
    for (const reject of pending) reject(down());
    await Promise.all(late);
    expect(breaker.refusal().retryAfterSeconds).toBe(1);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(breaker.state).toBe("half-open");
  });
});

/** Calls that succeed and fail in turn. @param from the number of calls before */
async function alternate(calls: number, from = 0): Promise<void> {
  for (let call = from; call < from + calls; call++) {
    if (call % 2 === 0) await succeed();
    else await fail();
  }
}

/** Opens, and fails trials until the wait for the next one is `ms`. */
async function openFor(ms: number): Promise<void> {
  await failTimes(5);
  for (let wait = 1_000; wait < ms; wait *= 2) {
    await vi.advanceTimersByTimeAsync(wait);
    await fail();
  }
}
