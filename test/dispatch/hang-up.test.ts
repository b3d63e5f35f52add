import { describe, expect, test } from "vitest";
import { ErpUnavailable } from "../../src/errors.js";
import { settle } from "../support/virtual-clock.js";
import { setUpDispatcher } from "./dispatcher-setup.js";

describe("a caller that leaves", () => {
  test("only leaves: what it waited for alone is dropped unsent, what another waits for too is not", async () => {
    const { erp, dispatcher, decisions, read } = setUpDispatcher();
    const caller = new AbortController();
    read(["busy"]);
    const left = read(["a", "b"], { signal: caller.signal });
    const stays = read(["b"]);
    caller.abort();
    await settle();
    expect([left.words, dispatcher.waitingKeys]).toEqual([["ErpTimeout", "ErpTimeout"], 1]);
    expect(decisions.slice(2)).toEqual(["storefront left"]);
    erp.callAt(0).answer();
    await settle();
    erp.callAt(1).answer();
    await settle();
    expect([erp.asked, stays.words]).toEqual([[["busy"], ["b"]], ["b"]]);
  });

  test("does not stop what was sent, whose answer is told to whoever listens", async () => {
    const { clock, erp, told, read } = setUpDispatcher();
    const caller = new AbortController();
    const left = read(["a"], { signal: caller.signal });
    caller.abort();
    await settle();
    expect([left.words, erp.callAt(0).call.signal.aborted]).toEqual([["ErpTimeout"], false]);
    erp.callAt(0).answer();
    await settle();
    expect([told, clock.pendingTimers]).toEqual([[["a", "a"]], 0]);
  });

  test("has nothing asked in its name when it has left before", async () => {
    const { erp, read } = setUpDispatcher();
    const caller = read(["a"], { signal: AbortSignal.abort() });
    await settle();
    expect([caller.words, erp.calls.length]).toEqual([["ErpTimeout"], 0]);
  });

  test("has nothing asked again for it", async () => {
    const { clock, erp, decisions, read } = setUpDispatcher();
    for (let call = 0; call < 10; call++) {
      read(["warm"]);
      erp.calls.at(-1)?.answer();
      await settle();
    }
    const caller = new AbortController();
    read(["a"], { signal: caller.signal });
    caller.abort();
    erp.calls.at(-1)?.fail(new ErpUnavailable("down"));
    await clock.advance(1_000);
    expect([erp.calls.length, decisions]).toEqual([11, []]);
  });

  test("takes its read along also where that stands behind a live one that serves both", async () => {
    const { clock, erp, dispatcher, read } = setUpDispatcher();
    for (let call = 0; call < 10; call++) {
      read(["warm"]);
      erp.calls.at(-1)?.answer();
      await settle();
    }
    const [first, live] = [new AbortController(), new AbortController()];
    read(["a"], { signal: first.signal });
    read(["a"], { maxAgeMs: 0, signal: live.signal });
    read(["a"], { lane: "checkout", maxAgeMs: 0, signal: live.signal });
    read(["busy"], { lane: "checkout" });
    erp.callAt(10).fail(new ErpUnavailable("down"));
    await settle();
    live.abort();
    first.abort();
    for (const { answer } of erp.inFlight) answer();
    await clock.advance(1_000);
    expect([dispatcher.waitingKeys, clock.pendingTimers]).toEqual([0, 0]);
  });

  test("is forgotten at its deadline as well: nothing waits for nobody", async () => {
    const { clock, dispatcher, decisions, read } = setUpDispatcher();
    read(["busy"], { deadline: clock.now() + 9_000 });
    read(["a"], { deadline: clock.now() + 100 });
    await clock.advance(100);
    expect([dispatcher.waitingKeys, decisions]).toEqual([0, ["storefront waited", "storefront left"]]);
  });
});
