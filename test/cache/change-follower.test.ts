import { describe, expect, test } from "vitest";
import { ChangeFollower } from "../../src/cache/change-follower.js";
import { CallSlots } from "../../src/dispatch/call-slots.js";
import { ErpBadAnswer, ErpCursorLost, ErpKeepsNoChanges, ErpOverloaded, ErpUnavailable } from "../../src/errors.js";
import type { ChangePage } from "../../src/pricing/connector.js";
import { everything, type Invalidation } from "../../src/pricing/invalidation.js";
import { createLogger } from "../../src/telemetry/logger.js";
import { fixedLimit } from "../dispatch/dispatcher-setup.js";
import { settle, VirtualClock } from "../support/virtual-clock.js";

const page = (next: string, ...skus: string[]): ChangePage => ({
  changes: skus.map((sku) => ({ kind: "price", sku })),
  next,
  more: false,
});

/** A follower of ten seconds over a log that says what the test wants; one slot, unless said otherwise. */
function setUp({ limit = 1, since = null as string | null } = {}) {
  const clock = new VirtualClock();
  const slots = new CallSlots(fixedLimit(limit), clock);
  const begun = clock.now();
  const asked: { since: string | null; at: number; signal: AbortSignal }[] = [];
  const forgotten: Invalidation[] = [];
  const reached: string[][] = [];
  const followed: string[] = [];
  const log = {
    says: (): ChangePage | Promise<ChangePage> => page("1"),
    async readChanges(since: string | null, _limit: number, signal: AbortSignal) {
      asked.push({ since, at: (clock.now() - begun) / 1000, signal });
      return log.says();
    },
  };
  const follower = new ChangeFollower(log, {
    intervalMs: 10_000,
    timeoutMs: 5_000,
    slots,
    clock,
    random: () => 1,
    logger: createLogger({ level: "silent" }),
    forget: ({ invalidation, reach }) => {
      reached.push([...reach.scopes]);
      return forgotten.push(invalidation);
    },
    // As long as no record was forgotten it tells of a customer's scope.
    reachOf: () => ({ scopes: new Set(forgotten.length === 0 ? ["S"] : []), customers: new Set() }),
    since,
    onFollowed: (cursor) => followed.push(cursor),
  });
  const times = () => asked.map(({ at }) => at);
  const fail = (error: Error) => {
    log.says = () => Promise.reject(error);
  };
  return { clock, slots, asked, forgotten, reached, followed, log, follower, times, fail };
}

describe("following changes from a cursor that an earlier process kept", () => {
  test("goes on from it, forgets nothing else, and tells up to where it came", async () => {
    const { clock, asked, forgotten, followed, log, follower } = setUp({ since: "7" });
    log.says = () => page("8", "A");
    follower.start();
    await clock.advance(10_000);
    expect(asked.map(({ since }) => since)).toEqual(["7", "8"]);
    expect(forgotten[0]).toEqual({ ...everything, kinds: new Set(["price"]), skus: new Set(["A"]) });
    expect(followed).toEqual(["8", "8"]);
  });

  test("a customer's prices reach its price scope, though a change before them on the page has its record forgotten", async () => {
    const { clock, forgotten, reached, log, follower } = setUp({ since: "7" });
    const changes = [{ kind: "customer", customer: "C" } as const, { kind: "price", customer: "C" } as const];
    log.says = () => ({ changes, next: "8", more: false });
    follower.start();
    await clock.advance(0);
    expect(forgotten.map(({ kinds }) => [...(kinds ?? [])])).toEqual([["customer", "price"], ["price"]]);
    expect(reached).toEqual([["S"], ["S"]]);
  });

  test("that the ERP will not take, as one of another ERP, begins anew; later refusals wait", async () => {
    const { clock, asked, forgotten, log, follower } = setUp({ since: "7" });
    log.says = () => {
      if (asked.at(-1)?.since === "7") throw new ErpBadAnswer("HTTP 400", undefined, { status: 400 });
      return page("1");
    };
    follower.start();
    await clock.advance(0);
    expect(asked.map(({ since }) => since)).toEqual(["7", null]);
    expect(forgotten).toEqual([everything]);
    log.says = () => {
      throw new ErpBadAnswer("HTTP 400", undefined, { status: 400 });
    };
    await clock.advance(60_000);
    expect(asked.slice(2).every(({ since }) => since === "1")).toBe(true);
  });

  test("that was kept while the ERP is away is kept until it is back", async () => {
    const { clock, asked, fail, follower } = setUp({ since: "7" });
    fail(new ErpUnavailable("gone"));
    follower.start();
    await clock.advance(100_000);
    expect(asked.length).toBeGreaterThan(1);
    expect(asked.every(({ since }) => since === "7")).toBe(true);
  });
});

describe("following changes", () => {
  test("begins at the newest cursor, forgets what was asked before it, and then what changed, once an interval", async () => {
    const { clock, asked, forgotten, log, follower } = setUp();
    follower.start();
    await settle();
    expect(forgotten).toEqual([everything]);
    log.says = () => page("2", "A", "B");
    await clock.advance(9_999);
    expect(asked.map(({ since }) => since)).toEqual([null]);
    await clock.advance(1);
    expect(asked.map(({ since }) => since)).toEqual([null, "1"]);
    expect(forgotten[1]).toEqual({ ...everything, kinds: new Set(["price"]), skus: new Set(["A", "B"]) });
    log.says = () => page("2");
    await clock.advance(20_000);
    expect(asked.map(({ since }) => since)).toEqual([null, "1", "2", "2"]);
    expect(forgotten).toHaveLength(2);
  });

  test("reads on at once while more waits, and takes a cursor that stands still for a failure", async () => {
    const { clock, asked, log, follower, times } = setUp();
    follower.start();
    await settle();
    let left = 3;
    log.says = () => ({ ...page(`${9 - left}`, "A"), more: --left > 0 });
    await clock.advance(10_000);
    expect(asked.map(({ since }) => since)).toEqual([null, "1", "6", "7"]);
    log.says = () => ({ ...page("8", "A"), more: true });
    await clock.advance(10_000);
    expect(times().slice(4)).toEqual([20]);
    await clock.advance(20_000);
    expect(times().slice(4)).toEqual([20, 40]);
  });

  test("backs off from an ERP that fails, goes on from its cursor when it is back, even after a quiet month", async () => {
    const { clock, asked, forgotten, log, follower, times, fail } = setUp();
    follower.start();
    await settle();
    fail(new ErpUnavailable("down"));
    await clock.advance(10_000 + 20_000 + 40_000 + 80_000);
    expect(times()).toEqual([0, 10, 30, 70, 150]);
    await clock.advance(30 * 24 * 3_600_000);
    const waits = times().slice(-3);
    expect((waits[2] as number) - (waits[1] as number)).toBe(300);
    log.says = () => page("2", "A");
    await clock.advance(300_000);
    expect(asked.at(-1)?.since).toMatch(/[12]/);
    expect(forgotten[1]).toMatchObject({ skus: new Set(["A"]) });
    const resumed = times().length;
    await clock.advance(30_000);
    expect(times().length - resumed).toBeGreaterThanOrEqual(3);
  });

  test("waits as long as the ERP asks for", async () => {
    const { clock, follower, times, fail } = setUp();
    fail(new ErpOverloaded("503", { countsAsFailure: true, retryAfterSeconds: 60 }));
    follower.start();
    await clock.advance(60_000);
    expect(times()).toEqual([0, 60]);
  });

  test("stops for good where the ERP keeps no changes", async () => {
    const { clock, slots, forgotten, follower, times, fail } = setUp();
    fail(new ErpKeepsNoChanges("404"));
    follower.start();
    await clock.advance(3_600_000);
    expect([times(), forgotten, slots.inFlight, clock.pendingTimers]).toEqual([[0], [], 0, 0]);
  });

  test("forgets everything and begins anew where the ERP lost its cursor; lost again and again, it backs off", async () => {
    const { clock, asked, forgotten, log, follower, times, fail } = setUp();
    follower.start();
    await settle();
    log.says = () => {
      if (asked.at(-1)?.since !== null) throw new ErpCursorLost("410");
      return page("7");
    };
    await clock.advance(10_000);
    expect(asked.map(({ since }) => since)).toEqual([null, "1", null]);
    expect(forgotten).toEqual([everything, everything]);
    fail(new ErpCursorLost("410"));
    await clock.advance(10_000 + 20_000 + 40_000);
    expect(times().slice(3)).toEqual([20, 20, 60]);
  });

  test("never has two calls under way, takes a slot for the one it has, and waits its turn where none is free", async () => {
    const { clock, slots, log, follower, times } = setUp();
    let giveBack = () => {};
    let isTaken = false;
    const other = {
      isCheckout: true,
      dueAt: 0,
      send(give: () => void) {
        isTaken = true;
        giveBack = give;
      },
    };
    slots.join({
      offer: (slotClass) => (isTaken || slotClass === "feed" ? null : other),
      onHeld() {},
      waitingIn: () => 0,
    });
    slots.deal();
    follower.start();
    await clock.advance(60_000);
    expect(times()).toEqual([]);
    expect([slots.demandOf("checkout"), slots.demandOf("storefront"), slots.demandOf("feed")]).toEqual([1, 1, 0]);
    let answer = (_page: ChangePage) => {};
    log.says = () =>
      new Promise((resolve) => {
        answer = resolve;
      });
    giveBack();
    await clock.advance(4_000);
    expect([times(), slots.inFlight]).toEqual([[60], 1]);
    answer(page("1"));
    await settle();
    expect(slots.inFlight).toBe(0);
    await clock.advance(9_999);
    expect(times()).toEqual([60]);
  });

  test("ends a call that takes too long, or that is under way when it closes, and asks nothing after that", async () => {
    const { clock, slots, asked, forgotten, log, follower } = setUp();
    log.says = () =>
      new Promise((_resolve, reject) =>
        asked.at(-1)?.signal.addEventListener("abort", () => reject(new ErpUnavailable("gone"))),
      );
    follower.start();
    await clock.advance(5_000);
    expect([asked[0]?.signal.aborted, slots.inFlight]).toEqual([true, 0]);
    await clock.advance(20_000);
    expect([asked.length, slots.inFlight]).toEqual([2, 1]);
    follower.close();
    await clock.advance(3_600_000);
    expect([asked.length, slots.inFlight, forgotten.length, clock.pendingTimers]).toEqual([2, 0, 0, 0]);
  });
});
