import { describe, expect, test } from "vitest";
import { type Loop, LoopTurns } from "../../src/pricing/turns.js";
import { settle } from "../support/virtual-clock.js";
import { setUpDispatcher } from "./dispatcher-setup.js";

/** Each look at the time takes longer than a turn: one key is told a round. */
class SlowLoop implements Loop {
  #now = 0;
  #next: (() => void) | null = null;

  now(): number {
    this.#now += 20;
    return this.#now;
  }

  onNextRound(run: () => void): void {
    this.#next = run;
  }

  async round(): Promise<void> {
    const run = this.#next;
    this.#next = null;
    run?.();
    await settle();
  }
}

function setUp() {
  const loop = new SlowLoop();
  return { loop, ...setUpDispatcher({ turns: new LoopTurns(loop) }) };
}

describe("an answer that the feed waits for", () => {
  test("is told key by key in turns, and its slot is free before that", async () => {
    const { loop, erp, slots, told, read } = setUp();
    const feed = read(["a", "b"], { lane: "feed" });
    erp.callAt(0).answer();
    await settle();
    expect(slots.inFlight).toBe(0);
    expect(told).toEqual([]);
    await loop.round();
    expect(told).toEqual([["a", "a"]]);
    await loop.round();
    expect(feed.words).toEqual(["a", "b"]);
  });

  test("is told to a buyer at once, who asks for one of its keys meanwhile, and is told once", async () => {
    const { loop, erp, told, read } = setUp();
    const feed = read(["a", "b"], { lane: "feed" });
    erp.callAt(0).answer();
    await settle();
    const buyer = read(["b"], { lane: "storefront" });
    await settle();
    expect(buyer.words).toEqual(["b"]);
    await loop.round();
    await loop.round();
    expect(feed.words).toEqual(["a", "b"]);
    expect(told).toEqual([
      ["b", "b"],
      ["a", "a"],
    ]);
    expect(erp.calls).toHaveLength(1);
  });

  test("does not hold up a live question for one of its keys, which is asked at once, and told after it", async () => {
    const { loop, erp, told, read } = setUp();
    const feed = read(["a", "b"], { lane: "feed" });
    erp.callAt(0).answer();
    await settle();
    const live = read(["b"], { lane: "checkout", maxAgeMs: 0 });
    await settle();
    expect(erp.asked).toEqual([["a", "b"], ["b"]]);
    erp.callAt(1).answer();
    await settle();
    expect(live.words).toEqual(["b"]);
    expect(feed.words).toBeNull();
    await loop.round();
    await loop.round();
    expect(feed.words).toEqual(["a", "b"]);
    expect(told.map(([id]) => id)).toEqual(["b", "b", "a"]);
  });

  test("does not hold up who waits behind one of its keys, once a buyer asks", async () => {
    const { erp, dispatcher, read } = setUp();
    read(["a", "b"], { lane: "feed" });
    dispatcher.supersede(({ id }) => id === "b");
    const late = read(["b"], { lane: "feed" });
    erp.callAt(0).answer();
    await settle();
    expect(erp.calls).toHaveLength(1);
    const buyer = read(["b"], { lane: "storefront" });
    await settle();
    expect(erp.asked).toEqual([["a", "b"], ["b"]]);
    erp.callAt(1).answer();
    await settle();
    expect([buyer.words, late.words]).toEqual([["b"], ["b"]]);
  });

  test("does not hold up the buyer whose key shared its call", async () => {
    const { loop, erp, read } = setUp();
    const feed = read(["a", "b"], { lane: "feed" });
    const buyer = read(["b"], { lane: "storefront" });
    erp.callAt(0).answer();
    await settle();
    expect(buyer.words).toEqual(["b"]);
    expect(feed.words).toBeNull();
    await loop.round();
    await loop.round();
    expect(feed.words).toEqual(["a", "b"]);
  });
});
