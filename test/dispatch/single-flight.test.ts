import { describe, expect, test } from "vitest";
import { ErpUnavailable } from "../../src/errors.js";
import { settle } from "../support/virtual-clock.js";
import { setUpDispatcher } from "./dispatcher-setup.js";

describe("single flight", () => {
  test("callers of one key under way share one read, and its answer", async () => {
    const { erp, read } = setUpDispatcher({ limit: 8 });
    const callers = Array.from({ length: 50 }, () => read(["a"]));
    expect(erp.asked).toEqual([["a"]]);
    erp.callAt(0).answer();
    await settle();
    expect(callers.map(({ words }) => words)).toEqual(Array.from({ length: 50 }, () => ["a"]));
  });

  test("callers that come during a failing read share its failure instead of repeating it", async () => {
    const { erp, read } = setUpDispatcher({ limit: 8 });
    const first = read(["a"]);
    const second = read(["a", "b"]);
    expect(erp.asked).toEqual([["a"], ["b"]]);
    erp.callAt(0).fail(new ErpUnavailable("down"));
    erp.callAt(1).answer();
    await settle();
    expect([first.words, second.words]).toEqual([["ErpUnavailable"], ["ErpUnavailable", "b"]]);
    expect(erp.calls).toHaveLength(2);
  });

  test("a key that waits for a slot is joined too", async () => {
    const { clock, erp, read } = setUpDispatcher();
    read(["busy"]);
    const first = read(["a"]);
    await clock.advance(100);
    const second = read(["a"], { maxAgeMs: 0 });
    erp.callAt(0).answer();
    await settle();
    erp.callAt(1).answer();
    await settle();
    expect([first.words, second.words]).toEqual([["a"], ["a"]]);
    expect(erp.asked).toEqual([["busy"], ["a"]]);
  });

  test("once answered, the next question is a new read", async () => {
    const { erp, read } = setUpDispatcher();
    read(["a"]);
    erp.callAt(0).answer();
    await settle();
    read(["a"]);
    expect(erp.asked).toEqual([["a"], ["a"]]);
  });

  test("a live question does not join a read that was sent before it: one more follows that one", async () => {
    const { clock, erp, read } = setUpDispatcher({ limit: 8 });
    const early = read(["a"]);
    await clock.advance(50);
    const live = read(["a"], { maxAgeMs: 0 });
    const askedAt = clock.now();
    await clock.advance(50);
    expect(erp.asked).toEqual([["a"]]); // never twice at one time, free slots or not
    erp.callAt(0).answer();
    await settle();
    expect([early.words, live.words]).toEqual([["a"], null]);
    expect(erp.asked).toEqual([["a"], ["a"]]);
    erp.callAt(1).answer();
    await settle();
    expect(live.words).toEqual(["a"]);
    expect(live.outcomes[0]).toMatchObject({ freshness: { computedAt: askedAt + 50 } });
  });

  test("all live questions that come meanwhile share the one that follows", async () => {
    const { clock, erp, read } = setUpDispatcher({ limit: 8 });
    read(["a"]);
    const live = Array.from({ length: 5 }, () => read(["a"], { maxAgeMs: 0 }));
    await clock.advance(10);
    const later = read(["a"], { maxAgeMs: 0, lane: "checkout" });
    erp.callAt(0).answer();
    await settle();
    expect(erp.calls).toHaveLength(2);
    erp.callAt(1).answer();
    await settle();
    expect([...live, later].map(({ words }) => words)).toEqual(Array.from({ length: 6 }, () => ["a"]));
  });

  test("the follower is sent also where the read before it failed", async () => {
    const { erp, read } = setUpDispatcher({ limit: 8 });
    const early = read(["a"]);
    const live = read(["a"], { maxAgeMs: 0 });
    erp.callAt(0).fail(new ErpUnavailable("down"));
    await settle();
    expect([early.words, live.words]).toEqual([["ErpUnavailable"], null]);
    erp.callAt(1).answer();
    await settle();
    expect(live.words).toEqual(["a"]);
  });

  test("a question without an age bound takes the read under way, not the live one that follows it", async () => {
    const { erp, read } = setUpDispatcher({ limit: 8 });
    read(["a"]);
    const live = read(["a"], { maxAgeMs: 0 });
    const plain = read(["a"]);
    erp.callAt(0).answer();
    await settle();
    expect([plain.words, live.words]).toEqual([["a"], null]);
  });

  test("a question with a maximum age joins a read under way only if that was sent within it", async () => {
    const { clock, erp, read } = setUpDispatcher({ limit: 8 });
    read(["a"]);
    await clock.advance(1_000);
    const within = read(["a"], { maxAgeMs: 1_000 });
    const beyond = read(["a"], { maxAgeMs: 999 });
    erp.callAt(0).answer();
    await settle();
    expect([within.words, beyond.words]).toEqual([["a"], null]);
    erp.callAt(1).answer();
    await settle();
    expect(beyond.outcomes[0]).toMatchObject({ freshness: { computedAt: clock.now() } });
  });

  test("what is read is told to whoever listens, whether or not a caller still waits", async () => {
    const { clock, erp, told, read } = setUpDispatcher();
    const caller = read(["a", "b"]);
    await clock.advance(2_000);
    expect(caller.words).toEqual(["ErpTimeout", "ErpTimeout"]);
    expect(told).toEqual([]);
    erp.callAt(0).answer();
    await settle();
    expect(told).toEqual([
      ["a", "a"],
      ["b", "b"],
    ]);
    expect(caller.words).toEqual(["ErpTimeout", "ErpTimeout"]);
  });
});

describe("a read superseded by a change", () => {
  const isA = ({ id }: { id: string }) => id === "a";

  test("answers those who asked before the change, and nobody who asks after it", async () => {
    const { clock, erp, dispatcher, told, read } = setUpDispatcher({ limit: 8 });
    const before = read(["a"]);
    await clock.advance(10);
    dispatcher.supersede(isA);
    const changedAt = clock.now();
    const after = Array.from({ length: 5 }, () => read(["a"]));
    expect(erp.asked).toEqual([["a"]]); // never twice at one time
    erp.callAt(0).answer();
    await settle();
    expect([before.words, after[0]?.words]).toEqual([["a"], null]);
    expect(erp.asked).toEqual([["a"], ["a"]]); // one more, shared by all that came after
    erp.callAt(1).answer();
    await settle();
    for (const { words, outcomes } of after) {
      expect(words).toEqual(["a"]);
      expect(outcomes[0]).toMatchObject({ freshness: { computedAt: changedAt } });
    }
    expect(told).toHaveLength(2);
  });

  test("the read that follows it is joined as any other, until the next change", async () => {
    const { clock, erp, dispatcher, read } = setUpDispatcher({ limit: 8 });
    read(["a"]);
    dispatcher.supersede(isA);
    read(["a"]);
    erp.callAt(0).answer();
    await clock.advance(10);
    const joining = read(["a"]);
    expect(erp.calls).toHaveLength(2);
    dispatcher.supersede(isA);
    const next = read(["a"]);
    erp.callAt(1).answer();
    await settle();
    expect([joining.words, next.words, erp.calls.length]).toEqual([["a"], null, 3]);
  });

  test("other keys under way are joined as before, and what waits for a slot needs no second read", async () => {
    const { erp, dispatcher, read } = setUpDispatcher();
    read(["b"]);
    const waiting = read(["a"]);
    dispatcher.supersede(isA);
    const joining = [read(["b"]), read(["a"])];
    erp.callAt(0).answer();
    await settle();
    erp.callAt(1).answer();
    await settle();
    expect([waiting.words, ...joining.map(({ words }) => words)]).toEqual([["a"], ["b"], ["a"]]);
    expect(erp.asked).toEqual([["b"], ["a"]]);
  });
});
