import { describe, expect, test } from "vitest";
import { FeedShare } from "../../src/dispatch/feed-share.js";

const at = (limit: number, inFlight: number, now = 0) => ({ limit, inFlight, feedMost: null, now });

describe("the feed's share of the slots", () => {
  test("is every slot while no buyer has come for ten seconds", () => {
    const share = new FeedShare();
    expect(share.hasRoom(at(8, 7), false)).toBe(true);
    share.onBuyersCall(0)(50, false);
    expect(share.hasRoom(at(8, 7, 10_050), false)).toBe(false);
    expect(share.hasRoom(at(8, 7, 10_051), false)).toBe(true);
  });

  test("leaves a quarter of the limit free while buyers are about, rounded up, but for a limit of one", () => {
    const share = new FeedShare();
    share.onBuyersCall(0);
    const mostTaken = (limit: number) => {
      let taken = 0;
      while (share.hasRoom(at(limit, taken), false)) taken++;
      return taken;
    };
    expect([1, 2, 3, 4, 8, 16].map(mostTaken)).toEqual([1, 1, 2, 3, 6, 12]);
  });

  test("is what was reckoned over all replicas, where it was, and no more than its own replica may send", () => {
    const share = new FeedShare();
    const hasRoom = (feedMost: number, inFlight: number) => share.hasRoom({ ...at(4, inFlight), feedMost }, true);
    expect(hasRoom(0, 0)).toBe(false);
    expect(hasRoom(2, 4)).toBe(false);
    share.onFeedCall(0, false);
    expect(hasRoom(2, 1)).toBe(true);
    share.onFeedCall(0, false);
    expect(hasRoom(2, 2)).toBe(false);
  });

  test("is a call out of turn for every nine of the same length that buyers made while it waited", () => {
    const share = new FeedShare();
    const turns: number[] = [];
    for (let call = 0; call < 100; call++) {
      if (share.isDue(at(4, 4))) {
        turns.push(call);
        share.onFeedCall(0, true)(100);
      } else share.onBuyersCall(0)(100, true);
    }
    expect(turns.length).toBeGreaterThanOrEqual(9);
    expect(turns.length).toBeLessThanOrEqual(10);
    expect(Math.min(...turns)).toBe(9);
  });

  test("leaves as many slots as buyers took at once in the last minute, up to three quarters of the limit", () => {
    const share = new FeedShare();
    const takes = (now: number, isPressed = false) => {
      const ends: ((now: number) => void)[] = [];
      while (share.hasRoom(at(8, ends.length, now), isPressed)) ends.push(share.onFeedCall(now, false));
      for (const end of ends) end(now);
      return ends.length;
    };
    const buyers = (calls: number, now: number) => {
      const ends = Array.from({ length: calls }, () => share.onBuyersCall(now));
      for (const end of ends) end(now, false);
    };
    buyers(3, 0);
    expect(takes(0)).toBe(5);
    buyers(7, 1_000);
    expect(takes(1_000)).toBe(2);
    // Half of its time is over: a quarter is all that it leaves free.
    expect(takes(1_000, true)).toBe(6);
    buyers(1, 61_000);
    expect(takes(61_000)).toBe(2);
    buyers(1, 61_001);
    expect(takes(61_001)).toBe(6);
  });

  test("is owed nothing out of turn while it gets a tenth in turn", () => {
    const share = new FeedShare();
    for (let call = 0; call < 100; call++) {
      for (let buyer = 0; buyer < 9; buyer++) share.onBuyersCall(0)(100, true);
      share.onFeedCall(0, false)(100);
      expect(share.isDue(at(4, 4))).toBe(false);
    }
  });

  test("is not saved up while it asks nothing", () => {
    const share = new FeedShare();
    for (let call = 0; call < 1_000; call++) share.onBuyersCall(0)(100, false);
    expect(share.isDue(at(4, 4))).toBe(false);
  });

  test("is paid for by the length of its calls: a long one waits for longer", () => {
    const share = new FeedShare();
    const untilDue = () => {
      let calls = 0;
      for (; !share.isDue(at(4, 4)) && calls < 1_000; calls++) share.onBuyersCall(0)(100, true);
      return calls;
    };
    untilDue();
    share.onFeedCall(0, true)(1_000);
    expect(untilDue()).toBeGreaterThanOrEqual(90);
  });

  test("is one call out of turn at a time, or a tenth of a large limit", () => {
    const share = new FeedShare();
    for (let call = 0; call < 1_000; call++) share.onBuyersCall(0)(100, true);
    const end = share.onFeedCall(0, true);
    expect([share.isDue(at(8, 8)), share.isDue(at(40, 40))]).toEqual([false, true]);
    end(100);
    expect(share.isDue(at(8, 8))).toBe(true);
  });
});
