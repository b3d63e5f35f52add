import { describe, expect, test } from "vitest";
import { CallSlots } from "../../src/dispatch/call-slots.js";
import { Dispatcher } from "../../src/dispatch/dispatcher.js";
import { ErpBadAnswer, ErpOverloaded, ErpTimeout, ErpUnavailable } from "../../src/errors.js";
import { failed } from "../../src/pricing/source.js";
import { FakeErp, keysOf } from "../support/fake-source.js";
import { askAt, foundAt, unknownAt } from "../support/samples.js";
import { settle, VirtualClock } from "../support/virtual-clock.js";
import { createBreaker, fixedLimit, grouped, optionsOf, setUpDispatcher } from "./dispatcher-setup.js";

describe("batching by back-pressure", () => {
  test("a free slot sends at once, with no timer in between", () => {
    const { clock, erp, read } = setUpDispatcher({ limit: 2 });
    read(["a", "b"]);
    read(["c"]);
    expect(erp.asked).toEqual([["a", "b"], ["c"]]);
    expect(erp.callAt(0).call.sentAt).toBe(clock.now());
  });

  test("with no free slot keys pool, and leave as one batch once one frees", async () => {
    const { erp, dispatcher, read } = setUpDispatcher();
    read(["busy"]);
    const callers = [read(["a", "b"]), read(["b", "c"]), read(["d"], { lane: "feed" })];
    expect([erp.calls.length, dispatcher.waitingKeys]).toEqual([1, 4]);
    erp.callAt(0).answer();
    await settle();
    expect(erp.asked.slice(1)).toEqual([["a", "b", "c", "d"]]);
    erp.callAt(1).answer();
    await settle();
    expect(callers.map(({ words }) => words)).toEqual([["a", "b"], ["b", "c"], ["d"]]);
  });

  test("a batch carries no more keys than the ERP takes in one call", async () => {
    const { erp, read } = setUpDispatcher({ keysPerCall: 3 });
    const caller = read(["a", "b", "c", "d", "e", "f", "g"]);
    for (const call of [0, 1, 2]) {
      erp.callAt(call).answer();
      await settle();
    }
    expect(erp.asked).toEqual([["a", "b", "c"], ["d", "e", "f"], ["g"]]);
    expect(caller.words).toEqual(["a", "b", "c", "d", "e", "f", "g"]);
  });

  test("a call carries keys of one group alone", async () => {
    const { erp, read } = setUpDispatcher();
    read(["busy"]);
    const caller = read([...grouped("x", "x1"), ...grouped("y", "y1"), ...grouped("x", "x2"), ...grouped("y", "y2")]);
    for (const call of [0, 1, 2]) {
      erp.callAt(call).answer();
      await settle();
    }
    expect(erp.asked.slice(1)).toEqual([
      ["x1", "x2"],
      ["y1", "y2"],
    ]);
    expect(caller.words).toEqual(["x1", "y1", "x2", "y2"]);
  });

  test("one bad key of a batch spoils no neighbour", async () => {
    const { clock, erp, finished, read } = setUpDispatcher();
    const caller = read(["bad", "good", "unknown"]);
    erp.callAt(0).answer(({ id }) => {
      if (id === "bad") return failed(new ErpBadAnswer("a poisoned row"));
      return id === "good" ? foundAt(id, clock.now()) : unknownAt(clock.now());
    });
    await settle();
    expect(caller.words).toEqual(["ErpBadAnswer", "good", "unknown"]);
    expect(finished).toMatchObject([
      { outcome: "success", error: null, keys: 3, keyErrors: [{ code: "ERP_BAD_ANSWER" }] },
    ]);
  });

  test("every call is told once it is over: its keys, its time, and whether it speaks of load", async () => {
    const { clock, erp, finished, read } = setUpDispatcher();
    const errors = [
      new ErpTimeout("silent"),
      new ErpOverloaded("503", { countsAsFailure: true }),
      new ErpUnavailable("hung up"),
    ];
    for (const [index, error] of errors.entries()) {
      read(["a", "b"]);
      await clock.advance(250);
      erp.callAt(index).fail(error);
      await settle();
    }
    expect(
      finished.map(({ kind, keys, seconds, outcome, error }) => ({ kind, keys, seconds, outcome, error })),
    ).toEqual([
      { kind: "price", keys: 2, seconds: 0.25, outcome: "dropped", error: errors[0] },
      { kind: "price", keys: 2, seconds: 0.25, outcome: "dropped", error: errors[1] },
      { kind: "price", keys: 2, seconds: 0.25, outcome: "ignored", error: errors[2] },
    ]);
  });
});

describe("lanes", () => {
  const ask = (lane: "checkout" | "storefront" | "feed") => ({ lane });

  test("when a slot frees the most urgent lane leaves first, whoever came first", async () => {
    const { erp, read } = setUpDispatcher();
    read(["busy"]);
    read(grouped("1", "feed"), ask("feed"));
    read(grouped("2", "storefront"), ask("storefront"));
    read(grouped("3", "checkout"), ask("checkout"));
    for (const call of [0, 1, 2]) {
      erp.callAt(call).answer();
      await settle();
    }
    expect(erp.asked).toEqual([["busy"], ["checkout"], ["storefront"], ["feed"]]);
  });

  test("a waiting key that a higher lane asks for moves up, and stays up", async () => {
    const { erp, read } = setUpDispatcher();
    read(["busy"]);
    read(grouped("1", "moved"), ask("feed"));
    read(grouped("2", "other"), ask("storefront"));
    read(grouped("1", "moved"), ask("checkout"));
    read(grouped("1", "moved"), ask("feed"));
    erp.callAt(0).answer();
    await settle();
    expect(erp.asked[1]).toEqual(["moved"]);
  });

  test("a batch takes along what waits of its group in lower lanes", async () => {
    const { erp, read } = setUpDispatcher();
    read(["busy"]);
    read(grouped("1", "feed"), ask("feed"));
    read(grouped("2", "storefront"), ask("storefront"));
    read(grouped("1", "checkout"), ask("checkout"));
    erp.callAt(0).answer();
    await settle();
    expect(erp.asked[1]).toEqual(["checkout", "feed"]);
  });
});

describe("the limit on calls in flight", () => {
  test("holds while calls hang: a time-out ends the wait for the answer, not the ERP's work on it", async () => {
    const { clock, erp, slots, dispatcher, read } = setUpDispatcher({ limit: 2, timeoutMs: 1_000 });
    read(grouped("1", "a"));
    read(grouped("2", "b"));
    read(grouped("3", "c"), { deadline: clock.now() + 60_000 });
    await clock.advance(30_000);
    expect(erp.calls.map(({ call }) => call.signal.aborted)).toEqual([true, true]);
    expect([erp.calls.length, slots.inFlight, dispatcher.waitingKeys]).toEqual([2, 2, 1]);
    erp.callAt(1).fail(new ErpTimeout("the socket is gone"));
    await settle();
    expect([erp.asked.at(-1), slots.inFlight]).toEqual([["c"], 2]);
  });

  test("a call's signal is aborted when its time is up, not before", async () => {
    const { clock, erp, read } = setUpDispatcher({ timeoutMs: 1_000, onAbort: new ErpTimeout("gone") });
    const caller = read(["a"]);
    await clock.advance(999);
    expect(erp.callAt(0).call.signal.aborted).toBe(false);
    await clock.advance(1);
    expect(erp.callAt(0).call.signal.aborted).toBe(true);
    expect(caller.words).toEqual(["ErpTimeout"]);
  });

  test("a call that was answered is never aborted afterwards", async () => {
    const { clock, erp, read } = setUpDispatcher({ timeoutMs: 1_000 });
    read(["a"]);
    erp.callAt(0).answer();
    await clock.advance(60_000);
    expect([erp.callAt(0).call.signal.aborted, clock.pendingTimers]).toEqual([false, 0]);
  });

  test("is one for all kinds of question, and freed slots go round among them", async () => {
    const clock = new VirtualClock();
    const slots = new CallSlots(fixedLimit(1), clock);
    const breaker = createBreaker(() => clock.now());
    const [prices, stock] = (["price", "stock"] as const).map((kind) => {
      const erp = new FakeErp({ keysPerCall: 1 });
      return { erp, reads: new Dispatcher(erp, { ...optionsOf({ slots, breaker, clock }), kind }) };
    });
    if (prices === undefined || stock === undefined) throw new Error("two dispatchers were made");
    void prices.reads.readMany(keysOf("p1", "p2", "p3"), askAt(clock.now()));
    void stock.reads.readMany(keysOf("s1", "s2", "s3"), askAt(clock.now()));
    const order: string[] = [];
    for (let turn = 0; turn < 6; turn++) {
      const flying = [...prices.erp.inFlight, ...stock.erp.inFlight];
      expect(flying).toHaveLength(1);
      order.push(...flying.flatMap(({ keys }) => keys.map(({ id }) => id)));
      flying[0]?.answer();
      await settle();
    }
    expect(slots.inFlight).toBe(0);
    expect([...order].sort()).toEqual(["p1", "p2", "p3", "s1", "s2", "s3"]);
    // Neither kind waits behind the whole queue of the other.
    expect(order.slice(0, 3).some((id) => id.startsWith("s"))).toBe(true);
    expect(order.slice(0, 3).some((id) => id.startsWith("p"))).toBe(true);
    breaker.shutdown();
  });
});

describe("deadlines", () => {
  test("at its deadline a caller has an outcome for every key: a time-out for what is under way, the rest as it came", async () => {
    const { clock, erp, read } = setUpDispatcher({ limit: 2 });
    const caller = read([...grouped("1", "quick"), ...grouped("2", "slow")]);
    erp.callAt(0).answer();
    await clock.advance(1_999);
    expect(caller.words).toBeNull();
    await clock.advance(1);
    expect(caller.words).toEqual(["quick", "ErpTimeout"]);
  });

  test("each caller waits until its own deadline", async () => {
    const { clock, erp, read } = setUpDispatcher();
    const hurried = read(["a"], { deadline: clock.now() + 100 });
    const patient = read(["a"], { deadline: clock.now() + 1_000 });
    await clock.advance(100);
    expect([hurried.words, patient.words]).toEqual([["ErpTimeout"], null]);
    erp.callAt(0).answer();
    await settle();
    expect(patient.words).toEqual(["a"]);
  });

  test("a caller whose deadline has passed is answered at once", async () => {
    const { clock, read } = setUpDispatcher();
    const late = read(["a"], { deadline: clock.now() - 1 });
    await clock.advance(0);
    expect(late.words).toEqual(["ErpTimeout"]);
  });

  test("a key that nobody waits for any more is never sent", async () => {
    const { clock, erp, dispatcher, read } = setUpDispatcher();
    read(["busy"]);
    read(["gone", "wanted"], { deadline: clock.now() + 100 });
    read(["wanted"], { deadline: clock.now() + 1_000 });
    await clock.advance(100);
    erp.callAt(0).answer();
    await settle();
    expect(erp.asked).toEqual([["busy"], ["wanted"]]);
    expect(dispatcher.waitingKeys).toBe(0);
  });

  test("a key given up and asked for again is sent for the new caller", async () => {
    const { clock, erp, read } = setUpDispatcher();
    read(["busy"], { deadline: clock.now() + 60_000 });
    read(["a"], { deadline: clock.now() + 100 });
    await clock.advance(200);
    const again = read(["a"]);
    erp.callAt(0).answer();
    await settle();
    erp.callAt(1).answer();
    await settle();
    expect(again.words).toEqual(["a"]);
  });

  test("no timer is left behind by answered questions", async () => {
    const { clock, erp, read } = setUpDispatcher();
    read(["a"]);
    read(["a"]);
    erp.callAt(0).answer();
    await settle();
    expect(clock.pendingTimers).toBe(0);
  });

  test("after a long quiet time the first question is sent at once", async () => {
    const { clock, erp, read } = setUpDispatcher();
    read(["a"]);
    erp.callAt(0).answer();
    await clock.advance(7 * 24 * 3_600_000);
    const caller = read(["a"]);
    expect(erp.calls).toHaveLength(2);
    erp.callAt(1).answer();
    await settle();
    expect(caller.words).toEqual(["a"]);
  });
});
