import { describe, expect, test } from "vitest";
import { mayPass, RetryBudget, retryWaitMs } from "../../src/dispatch/retry-budget.js";
import { ErpBadAnswer, ErpOverloaded, ErpTimeout, ErpUnavailable } from "../../src/errors.js";
import { settle } from "../support/virtual-clock.js";
import { runThrough, type SetUp, setUpDispatcher } from "./dispatcher-setup.js";

const down = () => new ErpUnavailable("hung up");

/** A dispatcher that has made so many answered calls, each of 10 ms. */
async function afterCalls(calls: number, setUp: SetUp = {}) {
  const parts = setUpDispatcher(setUp);
  for (let call = 0; call < calls; call++) {
    parts.read([`warm ${call}`]);
    await parts.clock.advance(10);
    parts.erp.callAt(call).answer();
    await settle();
  }
  const fresh = () => parts.erp.asked.slice(calls);
  const failLast = async (error: Error) => {
    parts.erp.calls.at(-1)?.fail(error);
    await settle();
  };
  return { ...parts, fresh, failLast };
}

describe("the budget of retries", () => {
  test("is empty at first, and a tenth of the calls", () => {
    const budget = new RetryBudget();
    expect(budget.tryTake()).toBe(false);
    let retries = 0;
    for (let call = 0; call < 1_000; call++) {
      budget.onCall();
      while (budget.tryTake()) retries++;
    }
    expect(retries).toBe(100);
  });

  test("saves up ten retries, however long all went well", () => {
    const budget = new RetryBudget();
    for (let call = 0; call < 10_000; call++) budget.onCall();
    let retries = 0;
    while (budget.tryTake()) retries++;
    expect(retries).toBe(10);
  });
});

test("a retry waits anything from nothing to a bound that doubles", () => {
  expect([retryWaitMs(0, 0), retryWaitMs(0, 0.5), retryWaitMs(1, 0.5)]).toEqual([0, 50, 100]);
});

test.each([
  ["an ERP that hung up or said 5xx", down(), true],
  ["a refused credential", new ErpUnavailable("401", { countsAsFailure: false }), false],
  ["a time-out", new ErpTimeout("silent"), false],
  ["429 and 503", new ErpOverloaded("503", { countsAsFailure: true }), false],
  ["an answer that cannot be used", new ErpBadAnswer("garbage"), false],
  ["a bug of ours", new TypeError("a bug"), false],
])("of failures that may pass: %s", (_what, error, passes) => {
  expect(mayPass(error)).toBe(passes);
});

describe("a batch that failed with an error that may pass", () => {
  test("is asked again after a while, its callers wait for that, and its failure is not told", async () => {
    const { clock, erp, told, decisions, read, fresh, failLast } = await afterCalls(10);
    told.length = 0;
    const caller = read(["a", "b"]);
    await failLast(down());
    expect([caller.words, fresh()]).toEqual([null, [["a", "b"]]]);
    await clock.advance(49);
    expect(fresh()).toHaveLength(1);
    await clock.advance(1);
    expect(fresh()).toEqual([
      ["a", "b"],
      ["a", "b"],
    ]);
    erp.calls.at(-1)?.answer();
    await settle();
    expect(caller.words).toEqual(["a", "b"]);
    expect(told.map(([, word]) => word)).toEqual(["a", "b"]);
    expect(decisions).toEqual(["storefront retried", "storefront retried"]);
    expect(clock.pendingTimers).toBe(0);
  });

  test("is asked again also where the timer comes a part of a millisecond early", async () => {
    const { clock, read, fresh, failLast } = await afterCalls(10, { random: 0.3749 });
    read(["a"]);
    await failLast(down());
    await clock.advance(38);
    expect(fresh()).toEqual([["a"], ["a"]]);
  });

  test("leaves its slot to others meanwhile", async () => {
    const { read, fresh, failLast } = await afterCalls(10);
    read(["a"]);
    await failLast(down());
    read(["other"]);
    expect(fresh()).toEqual([["a"], ["other"]]);
  });

  test("is not asked again without budget", async () => {
    const { clock, read, fresh, failLast } = await afterCalls(8);
    const caller = read(["a"]); // the ninth call
    await failLast(down());
    await clock.advance(1_000);
    expect([caller.words, fresh().length]).toEqual([["ErpUnavailable"], 1]);
  });

  test("is asked again twice at most", async () => {
    const { clock, read, fresh, failLast } = await afterCalls(100);
    const caller = read(["a"]);
    for (let attempt = 0; attempt < 3; attempt++) {
      await failLast(down());
      await clock.advance(200);
    }
    expect([caller.words, fresh().length]).toEqual([["ErpUnavailable"], 3]);
  });

  test("is not asked again for who could not wait for it, in any lane", async () => {
    for (const lane of ["checkout", "storefront", "feed"] as const) {
      const { clock, read, fresh, failLast } = await afterCalls(10);
      const hurried = read(["hurried"], { lane, deadline: clock.now() + 60 }); // 50 to wait, and 10 for the call
      await failLast(down());
      expect(hurried.words).toEqual(["ErpUnavailable"]);
      await clock.advance(1_000);
      expect(fresh()).toHaveLength(1);
    }
  });

  test("is asked again for those alone who can wait", async () => {
    const { clock, read, fresh, failLast } = await afterCalls(10);
    const busy = read(["busy"]);
    const hurried = read(["hurried"], { deadline: clock.now() + 60 });
    const patient = read(["patient"]);
    await failLast(new ErpBadAnswer("garbage"));
    expect(busy.words).toEqual(["ErpBadAnswer"]);
    await failLast(down());
    await clock.advance(50);
    expect([hurried.words, patient.words]).toEqual([["ErpUnavailable"], null]);
    expect(fresh().at(-1)).toEqual(["patient"]);
  });

  test("is not asked again once the circuit breaker opened", async () => {
    const { clock, breaker, read, fresh, failLast } = await afterCalls(100);
    for (let time = 0; time < 4; time++) await runThrough(breaker, () => Promise.reject(down())).catch(() => {});
    const caller = read(["a"]);
    await failLast(down());
    expect(breaker.state).toBe("open");
    await clock.advance(1_000);
    expect([caller.words, fresh().length]).toEqual([["ErpUnavailable"], 1]);
    breaker.shutdown();
  });

  test("is joined while it waits to be asked again, by live questions too", async () => {
    const { clock, erp, read, fresh, failLast } = await afterCalls(10);
    const first = read(["a"]);
    await failLast(down());
    await clock.advance(20);
    const live = read(["a"], { maxAgeMs: 0, lane: "checkout" });
    await clock.advance(30);
    erp.calls.at(-1)?.answer();
    await settle();
    expect([first.words, live.words, fresh().length]).toEqual([["a"], ["a"], 2]);
    expect(live.outcomes[0]).toMatchObject({ freshness: { computedAt: clock.now() } });
  });

  test("that a live question waits behind is asked again by that one", async () => {
    const { clock, erp, read, fresh, failLast } = await afterCalls(10);
    const first = read(["a"]);
    const live = read(["a"], { maxAgeMs: 0 });
    await failLast(down());
    await clock.advance(50);
    expect(fresh()).toEqual([["a"], ["a"]]);
    erp.calls.at(-1)?.answer();
    await clock.advance(1_000);
    expect([first.words, live.words, fresh().length]).toEqual([["a"], ["a"], 2]);
  });

  test("that was superseded may be joined once it waits to be asked again", async () => {
    const { clock, erp, dispatcher, read, fresh, failLast } = await afterCalls(10);
    const first = read(["a"]);
    dispatcher.supersede(() => true);
    await failLast(down());
    await clock.advance(50);
    const after = read(["a"]);
    erp.calls.at(-1)?.answer();
    await settle();
    expect([first.words, after.words, fresh().length]).toEqual([["a"], ["a"], 2]);
  });

  test("of which parts were answered is not asked again for the rest", async () => {
    const { clock, erp, read, fresh } = await afterCalls(100);
    const caller = read(["a", "bad"]);
    for (const words of [null, "a", null]) {
      if (words === null) erp.calls.at(-1)?.fail(new ErpUnavailable("HTTP 500", { mayBeOneKey: true }));
      else erp.calls.at(-1)?.answer();
      await settle();
    }
    await clock.advance(1_000);
    expect([caller.words, fresh().length]).toEqual([["a", "ErpUnavailable"], 3]);
  });
});
