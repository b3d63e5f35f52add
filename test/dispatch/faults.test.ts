import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { systemClock } from "../../src/clock.js";
import { CallSlots } from "../../src/dispatch/call-slots.js";
import { ConcurrencyLimit } from "../../src/dispatch/concurrency-limit.js";
import { Dispatcher } from "../../src/dispatch/dispatcher.js";
import { ErpBadAnswer, ErpOverloaded, ErpTimeout, ErpUnavailable } from "../../src/errors.js";
import { FakeErp } from "../support/fake-source.js";
import { askAt } from "../support/samples.js";
import { settle } from "../support/virtual-clock.js";
import {
  createBreaker,
  fixedLimit,
  grouped,
  optionsOf,
  Reading,
  runThrough,
  setUpDispatcher,
} from "./dispatcher-setup.js";

describe("a bug beside the ERP", () => {
  test("in whoever listens is that key's failure, and costs neither its neighbours nor a slot", async () => {
    const { erp, dispatcher, slots, read } = setUpDispatcher();
    dispatcher.onOutcome(({ id }) => {
      if (id === "a") throw new TypeError("a bug");
    });
    const caller = read(["a", "b"]);
    erp.callAt(0).answer();
    await settle();
    expect([caller.words, slots.inFlight]).toEqual([["TypeError", "b"], 0]);
  });

  test("in the connector, be it thrown at once or no error at all, fails its keys and gives the slot back", async () => {
    const { erp, slots, finished, read } = setUpDispatcher();
    for (const thrown of ["a word", undefined]) {
      const caller = read(["a"]);
      erp.calls.at(-1)?.fail(thrown as unknown as Error);
      await settle();
      expect([caller.words, slots.inFlight]).toEqual([["Error"], 0]);
    }
    erp.readMany = () => {
      throw new TypeError("a bug");
    };
    const caller = read(["a"]);
    await settle();
    expect([caller.words, slots.inFlight, finished.length]).toEqual([["TypeError"], 0, 3]);
  });
});

describe("a question that waits behind an earlier read of its key", () => {
  test("leaves as soon as that was answered, though the rest of its batch is still being halved", async () => {
    const { erp, read } = setUpDispatcher({ limit: 2 });
    read(["a", "b"]);
    read(["a"], { maxAgeMs: 0 });
    erp.callAt(0).fail(new ErpBadAnswer("a poisoned row", undefined, { mayBeOneKey: true }));
    await settle();
    erp.callAt(1).answer();
    await settle();
    expect(erp.asked).toEqual([["a", "b"], ["a"], ["a"], ["b"]]);
  });
});

describe("Retry-After", () => {
  test("is told at once to who would be asked again before it has passed", async () => {
    const { clock, erp, decisions, read } = setUpDispatcher({ limit: 2, adapts: true });
    for (let call = 0; call < 10; call++) {
      read(["warm"]);
      erp.calls.at(-1)?.answer();
      await settle();
    }
    await clock.advance(1);
    const caller = read(grouped("1", "a"));
    read(grouped("2", "b"));
    erp.callAt(11).fail(new ErpOverloaded("429", { countsAsFailure: false, retryAfterSeconds: 5 }));
    await settle();
    erp.callAt(10).fail(new ErpUnavailable("down"));
    await settle();
    expect(caller.words).toEqual(["ErpOverloaded"]);
    expect(decisions).toEqual(["storefront retried", "storefront held"]);
  });
});

describe("a flood", () => {
  test("of feed keys fills its own lane alone: beyond it the feed is told so at once, buyers wait as ever", async () => {
    const { dispatcher, decisions, read } = setUpDispatcher();
    read(["busy"]);
    const ids = Array.from({ length: 20_001 }, (_, index) => `feed ${index}`);
    read(ids.slice(0, 20_000), { lane: "feed" });
    const tooMany = read(ids.slice(20_000), { lane: "feed" });
    const buyer = read(["page"]);
    await settle();
    expect([tooMany.words, buyer.words, dispatcher.waitingKeys]).toEqual([["ErpOverloaded"], null, 20_001]);
    expect(decisions.filter((decision) => decision === "feed shed")).toHaveLength(1);
  });
});

describe("one slot for all", () => {
  test("is never the feed's by turn while a checkout waits for it", async () => {
    const parts = setUpDispatcher();
    const { clock, erp, read } = parts;
    read(grouped("first", "first"), { lane: "checkout" });
    for (let key = 0; key < 5; key++)
      read(grouped(`f${key}`, `f${key}`), { lane: "feed", deadline: clock.now() + 60_000 });
    for (let key = 0; key < 30; key++) {
      read(grouped(`c${key}`, `c${key}`), { lane: "checkout", deadline: clock.now() + 60_000 });
    }
    for (let call = 0; call < 31; call++) {
      await clock.advance(100);
      erp.inFlight[0]?.answer();
      await settle();
    }
    expect(erp.asked.flat().findIndex((id) => id.startsWith("f") && id !== "first")).toBe(31);
  });
});

describe("a clock that was set back", () => {
  test("leaves the limit able to fall", () => {
    const limit = new ConcurrencyLimit(8);
    const drop = (endedAt: number) =>
      limit.onCallEnd({
        ...{ kind: "price", keys: 1, inFlight: 1, outcome: "dropped", holdMs: null },
        ...{ sentAt: endedAt - 10, endedAt },
      });
    drop(10_000_000);
    drop(10_000_000 - 3_600_000);
    expect(limit.current).toBe(2);
  });
});

test("a limit may start below its most, and grows from there", () => {
  expect(new ConcurrencyLimit(8, 2).current).toBe(2);
  expect(new ConcurrencyLimit(2, 8).current).toBe(2);
});

describe("calls that outlive the opening of the circuit", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test("are no trial: their failures do not lengthen the wait, nor do their answers close the circuit", async () => {
    const breaker = createBreaker(() => Date.now());
    const ends: [() => void, (error: Error) => void][] = [];
    const earlier = [0, 1].map(() =>
      runThrough(breaker, () => new Promise<void>((resolve, reject) => ends.push([resolve, reject]))).catch(() => {}),
    );
    for (let call = 0; call < 5; call++)
      await runThrough(breaker, () => Promise.reject(new ErpUnavailable("down"))).catch(() => {});
    await vi.advanceTimersByTimeAsync(1_000);
    ends[0]?.[1](new ErpTimeout("silent"));
    ends[1]?.[0]();
    await Promise.all(earlier);
    expect([breaker.state, breaker.refuses]).toEqual(["half-open", false]);
    await runThrough(breaker, async () => {});
    expect(breaker.state).toBe("closed");
    breaker.shutdown();
  });

  test("keep the trial waiting, but not the callers: they are refused at once", async () => {
    const breaker = createBreaker(() => Date.now());
    const erp = new FakeErp({ onAbort: new ErpTimeout("silent") });
    const slots = new CallSlots(fixedLimit(5), systemClock);
    const parts = { ...optionsOf({ slots, breaker, clock: systemClock }), abandonMs: 5_000 };
    const dispatcher = new Dispatcher(erp, parts);
    const read = (id: string) => new Reading(dispatcher.readMany(grouped(id, id), askAt(Date.now())));
    for (let call = 0; call < 5; call++) read(`${call}`);
    await vi.advanceTimersByTimeAsync(6_500);
    expect([breaker.state, slots.inFlight]).toEqual(["half-open", 5]);
    const caller = read("a");
    await vi.advanceTimersByTimeAsync(0);
    expect(caller.words).toEqual(["ErpUnavailable"]);
    await vi.advanceTimersByTimeAsync(3_500);
    read("b");
    expect(erp.asked.slice(5)).toEqual([["b"]]);
    breaker.shutdown();
  });
});
