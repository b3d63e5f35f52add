import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { systemClock } from "../../src/clock.js";
import type { Breaker } from "../../src/dispatch/breaker.js";
import { CallSlots } from "../../src/dispatch/call-slots.js";
import { Dispatcher } from "../../src/dispatch/dispatcher.js";
import { ErpBadAnswer, ErpUnavailable } from "../../src/errors.js";
import { FakeErp, type NamedKey } from "../support/fake-source.js";
import { askAt } from "../support/samples.js";
import { createBreaker, fixedLimit, grouped, optionsOf, Reading, runThrough } from "./dispatcher-setup.js";

let breaker: Breaker;
let erp: FakeErp;
let slots: CallSlots;
let dispatcher: Dispatcher<NamedKey, string>;

// opossum knows the global clock alone, so here the dispatcher takes it too, and all of it is turned.
beforeEach(() => {
  vi.useFakeTimers();
  breaker = createBreaker(() => Date.now());
  erp = new FakeErp();
  slots = new CallSlots(fixedLimit(2), systemClock);
  dispatcher = new Dispatcher(erp, optionsOf({ slots, breaker, clock: systemClock }));
});

afterEach(() => {
  breaker.shutdown();
  vi.useRealTimers();
});

function read(...keys: NamedKey[]): Reading {
  return new Reading(dispatcher.readMany(keys, askAt(Date.now())));
}

const settle = () => vi.advanceTimersByTimeAsync(0);

async function failCalls(times: number, error: Error): Promise<void> {
  for (let time = 0; time < times; time++) {
    read(...grouped("", `failing ${time}`));
    erp.calls.at(-1)?.fail(error);
    await settle();
  }
}

describe("dispatch with the circuit breaker", () => {
  test("an ERP that failed five times in a row is not asked; callers are refused at once, and told when to come again", async () => {
    await failCalls(5, new ErpUnavailable("down"));
    const caller = read(...grouped("", "a", "b"));
    await settle();
    expect(caller.words).toEqual(["ErpUnavailable", "ErpUnavailable"]);
    expect(caller.outcomes[0]).toMatchObject({ error: { retryAfterSeconds: 1, countsAsFailure: false } });
    expect([erp.calls.length, slots.inFlight, dispatcher.waitingKeys]).toEqual([5, 0, 0]);
  });

  test("keys that waited when it opened are refused as soon as a slot frees", async () => {
    const first = read(...grouped("1", "a"));
    read(...grouped("2", "b"));
    const waiting = read(...grouped("3", "c"));
    for (let time = 0; time < 5; time++) {
      // Another kind of question shares neither slots nor ERP calls with this one here, only the breaker.
      await runThrough(breaker, () => Promise.reject(new ErpUnavailable("down"))).catch(() => {});
    }
    erp.callAt(0).answer();
    await settle();
    expect([first.words, waiting.words]).toEqual([["a"], ["ErpUnavailable"]]);
    expect(erp.calls).toHaveLength(2);
  });

  test("when the time comes one call is the trial, and all others are refused until it ends", async () => {
    await failCalls(5, new ErpUnavailable("down"));
    await vi.advanceTimersByTimeAsync(1_000);
    const trial = read(...grouped("1", "a"));
    const other = read(...grouped("2", "b"));
    await settle();
    expect(erp.asked.slice(5)).toEqual([["a"]]);
    expect([trial.words, other.words]).toEqual([null, ["ErpUnavailable"]]);
    erp.callAt(5).answer();
    await settle();
    expect(trial.words).toEqual(["a"]);
    read(...grouped("1", "a"));
    expect(erp.calls).toHaveLength(7);
  });

  test("after the trial one call is under way at first, and more with each answer, until the limit is reached", async () => {
    await failCalls(5, new ErpUnavailable("down"));
    expect(dispatcher.mostCalls).toBe(0);
    await vi.advanceTimersByTimeAsync(1_000);
    read(...grouped("trial", "trial"));
    erp.calls.at(-1)?.answer();
    await settle();
    expect(dispatcher.mostCalls).toBe(1);
    for (let group = 0; group < 6; group++) read(...grouped(`${group}`, `key ${group}`));
    expect(erp.inFlight).toHaveLength(1);
    erp.inFlight[0]?.answer();
    await settle();
    expect([erp.inFlight.length, slots.inFlight]).toEqual([2, 2]);
    expect(dispatcher.mostCalls).toBe(Number.POSITIVE_INFINITY);
  });

  test("answers that cannot be used never close the way to the ERP", async () => {
    await failCalls(20, new ErpBadAnswer("garbage"));
    const caller = read(...grouped("", "a"));
    erp.calls.at(-1)?.answer();
    await settle();
    expect(caller.words).toEqual(["a"]);
  });

  test("an outage that outlives a quiet night ends with the first question after it", async () => {
    await failCalls(5, new ErpUnavailable("down"));
    await vi.advanceTimersByTimeAsync(8 * 3_600_000);
    const caller = read(...grouped("", "a"));
    erp.calls.at(-1)?.answer();
    await settle();
    expect(caller.words).toEqual(["a"]);
    expect(breaker.state).toBe("closed");
  });
});
