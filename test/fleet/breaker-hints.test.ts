import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Breaker } from "../../src/dispatch/breaker.js";
import { ErpUnavailable } from "../../src/errors.js";
import { BreakerHints } from "../../src/fleet/breaker-hints.js";
import { Seal } from "../../src/fleet/seal.js";
import type { Store } from "../../src/fleet/store.js";
import { StoreLife } from "../../src/fleet/store-life.js";
import { WakeUps } from "../../src/fleet/wake-ups.js";
import { SeededRandom } from "../simulation/seeded-random.js";
import { fleetSecret } from "./replica.js";

const openMs = { failuresInARow: 5, firstOpenMs: 1_000, longestOpenMs: 10_000, longestTrialMs: 2_000 };
const callMs = 50;

/** Tells every message to everybody, as the store does; or to nobody. */
class Channel {
  readonly #listeners: ((message: string) => void)[] = [];
  readonly messages: string[] = [];
  isUp = true;

  store(): Store {
    const channel = this;
    return {
      get isUp() {
        return channel.isUp;
      },
      run: () => Promise.reject(new Error("nobody runs anything")),
      publish: async (_channel, message) => channel.tell(message),
      subscribe: (name, onMessage) => {
        if (name.endsWith("breakers")) this.#listeners.push(onMessage);
      },
      onChange() {},
    };
  }

  tell(message: string): number {
    this.messages.push(message);
    for (const listener of this.#listeners) listener(message);
    return this.#listeners.length;
  }
}

const clock = {
  now: () => Date.now(),
  after: (ms: number, run: () => void) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

let channel: Channel;
let breakers: Breaker[];
/** Calls that the ERP got, by replica. */
let calls: { readonly at: number; readonly by: number }[];
let isErpUp: (by: number) => boolean;

// opossum reads the global clock and timers, so these are what is turned.
beforeEach(() => {
  vi.useFakeTimers();
  channel = new Channel();
  calls = [];
  isErpUp = () => true;
});
afterEach(() => {
  for (const breaker of breakers) breaker.shutdown();
  vi.useRealTimers();
});

function start(count: number): void {
  const random = new SeededRandom(7);
  breakers = Array.from({ length: count }, () => {
    const breaker = new Breaker({ ...openMs, now: () => Date.now(), onState() {}, random: random.next });
    const [store, seal, life] = [channel.store(), new Seal(fleetSecret, "erp"), new StoreLife(clock)];
    life.hear("the one life", Date.now() - 1);
    const parts = { store, seal, life, clock, rules: "rules" };
    new BreakerHints({ ...parts, wakeUps: new WakeUps(store, seal.prefix, life.replica, clock) }).join(
      "price",
      breaker,
    );
    setInterval(() => life.hear("the one life", Date.now()), 1_000);
    return breaker;
  });
}

async function callOnce(by: number): Promise<void> {
  const breaker = breakers[by] as Breaker;
  if (breaker.refuses) return;
  await breaker.run(async () => {
    calls.push({ at: Date.now(), by });
    await new Promise((resolve) => setTimeout(resolve, callMs));
    return isErpUp(by) ? null : new ErpUnavailable("down");
  });
}

/** Each has questions all the time. */
async function load(ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 20) {
    for (const by of breakers.keys()) void callOnce(by);
    await vi.advanceTimersByTimeAsync(20);
  }
}

/** How many trials an ERP gets that is down for two minutes. */
async function trials(): Promise<number> {
  start(6);
  isErpUp = () => false;
  await load(5_000);
  calls = [];
  await load(120_000);
  return calls.length;
}

describe("circuit breakers of six replicas before an ERP that is down", () => {
  test("have one of them try it at a time, where each alone would", async () => {
    const together = await trials();
    for (const breaker of breakers) breaker.shutdown();
    vi.clearAllTimers();
    channel = new Channel();
    channel.isUp = false;
    const alone = await trials();
    expect(alone).toBeGreaterThan(60);
    expect(together).toBeLessThanOrEqual(alone / 3);
    expect(together, "and it is tried").toBeGreaterThan(10);
    expect(new Set(calls.map(({ by }) => by)).size).toBe(6);
  });

  test("all go on once one of them was answered, each by a call of its own", async () => {
    start(6);
    isErpUp = () => false;
    await load(60_000);
    isErpUp = () => true;
    calls = [];
    let waited = 0;
    while (calls.length === 0 && waited++ < 100) await load(200);
    const first = calls[0]?.at ?? 0;
    expect(
      calls.filter(({ at }) => at < first + callMs),
      "until it was answered",
    ).toHaveLength(1);
    await load(400);
    expect(breakers.map(({ state }) => state)).toEqual(Array(6).fill("closed"));
  });

  test("one that alone cannot reach the ERP keeps no other from it", async () => {
    start(3);
    isErpUp = () => false;
    await load(30_000);
    isErpUp = (by) => by !== 0;
    await load(25_000);
    expect(breakers.map(({ state }) => state).slice(1)).toEqual(["closed", "closed"]);
    calls = [];
    await load(10_000);
    expect(calls.filter(({ by }) => by > 0).length).toBeGreaterThan(100);
  });
});

describe("a hint", () => {
  const open = async () => {
    isErpUp = () => false;
    for (let call = 0; call < 5; call++) {
      void callOnce(0);
      await vi.advanceTimersByTimeAsync(callMs);
    }
    expect(breakers[0]?.state).toBe("open");
  };

  test("does nothing to a breaker that is closed", async () => {
    start(1);
    for (const kind of ["trial", "failed"] as const) breakers[0]?.heed({ kind, forMs: 10_000 }, "other");
    void callOnce(0);
    await vi.advanceTimersByTimeAsync(callMs);
    expect([breakers[0]?.state, breakers[0]?.refuses, calls.length]).toEqual(["closed", false, 1]);
  });

  test("puts an own trial off by no more than the longest there is, whatever it says, and once for each that tells it", async () => {
    start(1);
    await open();
    for (const forMs of [Number.MAX_SAFE_INTEGER, -1, 5])
      for (let again = 0; again < 100; again++) breakers[0]?.heed({ kind: "failed", forMs }, "other");
    await vi.advanceTimersByTimeAsync(openMs.longestOpenMs);
    expect(breakers[0]?.refuses).toBe(false);
  });

  test("that the ERP is well costs one call where it is not true, and changes nothing else", async () => {
    start(1);
    await open();
    calls = [];
    for (let again = 0; again < 10; again++) {
      breakers[0]?.heed({ kind: "well", forMs: 0 }, "other");
      void callOnce(0);
      await vi.advanceTimersByTimeAsync(callMs);
      expect(breakers[0]?.state).toBe("open");
    }
    expect(calls).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(600);
    expect(breakers[0]?.state).toBe("half-open");
  });

  test("is heeded from nobody else, nor told a second time later on", async () => {
    start(2);
    const heed = vi.spyOn(breakers[1] as Breaker, "heed");
    await open();
    await load(1_200);
    expect(heed).toHaveBeenCalled();
    const [trial = ""] = channel.messages;
    heed.mockClear();
    channel.tell(trial);
    expect(heed).toHaveBeenCalledTimes(1);
    heed.mockClear();
    const sealed = Buffer.from(trial, "base64");
    sealed[40] = (sealed[40] ?? 0) ^ 1;
    for (const bad of ["", "junk", "{}", sealed.toString("base64")]) channel.tell(bad);
    await vi.advanceTimersByTimeAsync(15_000);
    channel.tell(trial);
    expect(heed).not.toHaveBeenCalled();
  });
});
