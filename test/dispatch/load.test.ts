import { describe, expect, test } from "vitest";
import { ErpOverloaded, ErpTimeout } from "../../src/errors.js";
import { settle } from "../support/virtual-clock.js";
import { grouped, setUpDispatcher } from "./dispatcher-setup.js";

const tooMany = (retryAfterSeconds: number | null) =>
  new ErpOverloaded("429", { countsAsFailure: false, retryAfterSeconds });

describe("the adaptive limit, enforced", () => {
  test("an idle ERP gets as many calls as it can bear, at once", () => {
    const { erp, read } = setUpDispatcher({ limit: 4, adapts: true });
    for (let group = 0; group < 6; group++) read(grouped(`${group}`, `${group}`));
    expect(erp.calls).toHaveLength(4);
  });

  test("after a dropped call no more are sent until fewer are under way than the lower limit", async () => {
    const { clock, erp, slots, read } = setUpDispatcher({ limit: 4, adapts: true });
    for (let group = 0; group < 8; group++) read(grouped(`${group}`, `${group}`));
    await clock.advance(100);
    erp.callAt(0).fail(tooMany(null));
    await settle();
    expect([slots.limit.current, slots.inFlight, erp.calls.length]).toEqual([2, 3, 4]);
    erp.callAt(1).answer();
    await settle();
    expect([slots.inFlight, erp.calls.length]).toEqual([2, 4]);
    erp.callAt(2).answer();
    await settle();
    expect([slots.inFlight, erp.calls.length]).toEqual([2, 5]);
  });

  test("keys that pooled leave as soon as the limit grows", async () => {
    const { clock, erp, read } = setUpDispatcher({ limit: 4, adapts: true });
    read(grouped("x", "x"));
    await clock.advance(10);
    erp.callAt(0).fail(tooMany(null));
    await settle();
    for (let group = 0; group < 6; group++) read(grouped(`${group}`, `${group}`));
    expect(erp.inFlight).toHaveLength(2);
    await clock.advance(50);
    for (const call of erp.inFlight) call.answer();
    await settle();
    expect(erp.inFlight).toHaveLength(2);
    await clock.advance(50);
    erp.inFlight[0]?.answer();
    await settle();
    expect(erp.inFlight).toHaveLength(3);
  });
});

describe("Retry-After", () => {
  test("no call is sent before it has passed, and what waits leaves on the instant", async () => {
    const { clock, erp, read } = setUpDispatcher({ limit: 4, adapts: true });
    read(["a"]);
    erp.callAt(0).fail(tooMany(3));
    await settle();
    const waiting = read(["b"], { deadline: clock.now() + 10_000 });
    await clock.advance(2_999);
    expect(erp.calls).toHaveLength(1);
    await clock.advance(1);
    expect(erp.asked[1]).toEqual(["b"]);
    erp.callAt(1).answer();
    await settle();
    expect(waiting.words).toEqual(["b"]);
    expect(clock.pendingTimers).toBe(0);
  });

  test("who cannot wait for it is refused at once, told when to come again, and it is not remembered as the ERP's answer", async () => {
    const { clock, erp, told, decisions, dispatcher, read } = setUpDispatcher({ adapts: true });
    read(["a"]);
    const early = read(["early"], { deadline: clock.now() + 1_000 });
    erp.callAt(0).fail(tooMany(3));
    await settle();
    await clock.advance(500);
    const late = read(["late"]);
    await settle();
    expect([early.words, late.words]).toEqual([["ErpOverloaded"], ["ErpOverloaded"]]);
    expect(late.outcomes[0]).toMatchObject({ error: { retryAfterSeconds: 3, countsAsFailure: false } });
    expect(told).toEqual([["a", "ErpOverloaded"]]);
    expect([erp.calls.length, dispatcher.waitingKeys]).toEqual([1, 0]);
    expect(decisions).toEqual(["storefront waited", "storefront held", "storefront held"]);
  });

  test("an ERP that names no time is asked again at once", async () => {
    const { erp, read } = setUpDispatcher({ adapts: true });
    read(["a"]);
    erp.callAt(0).fail(tooMany(null));
    await settle();
    read(["b"]);
    expect(erp.calls).toHaveLength(2);
  });
});

describe("the slot of a call that timed out", () => {
  const hanging = { limit: 1, timeoutMs: 1_000, onAbort: new ErpTimeout("the socket is gone") } as const;

  test("stays taken for as long as it is set, and the callers do not wait for that", async () => {
    const { clock, erp, slots, read } = setUpDispatcher({ ...hanging, abandonMs: 300 });
    const caller = read(["a"]);
    read(["b"]);
    await clock.advance(1_000);
    expect([caller.words, slots.inFlight, erp.calls.length]).toEqual([["ErpTimeout"], 1, 1]);
    await clock.advance(299);
    expect(erp.calls).toHaveLength(1);
    await clock.advance(1);
    expect([slots.inFlight, erp.asked[1]]).toEqual([1, ["b"]]);
  });

  test("stays taken for as long as the slowest answers of late took, where nothing is set", async () => {
    const { clock, erp, read } = setUpDispatcher({ ...hanging, abandonMs: null });
    for (const ms of [50, 60, 200]) {
      read(["warm"]);
      await clock.advance(ms);
      erp.calls.at(-1)?.answer();
      await settle();
    }
    read(["a"]);
    read(["b"]);
    await clock.advance(1_199);
    expect(erp.asked.slice(3)).toEqual([["a"]]);
    await clock.advance(1);
    expect(erp.asked.slice(3)).toEqual([["a"], ["b"]]);
  });

  test("stays taken for the time-out itself while no answer was ever seen, and after a quiet night", async () => {
    const { clock, erp, read } = setUpDispatcher({ ...hanging, abandonMs: null });
    read(["warm"]);
    await clock.advance(50);
    erp.callAt(0).answer();
    await clock.advance(8 * 3_600_000);
    read(["a"]);
    read(["b"], { deadline: clock.now() + 5_000 });
    await clock.advance(1_999);
    expect(erp.calls).toHaveLength(2);
    await clock.advance(1);
    expect(erp.calls).toHaveLength(3);
  });
});

test("a key that waits is counted once, however many join it, and not where a slot was free", async () => {
  const { erp, decisions, read } = setUpDispatcher();
  read(["a"]);
  read(["b", "c"]);
  read(["b"], { lane: "checkout" });
  erp.callAt(0).answer();
  await settle();
  expect(decisions).toEqual(["storefront waited", "storefront waited"]);
});
