import { describe, expect, test } from "vitest";
import { StoreUnavailable } from "../../src/fleet/store.js";
import { StoreHealth } from "../../src/fleet/store-health.js";
import { VirtualClock } from "../support/virtual-clock.js";

function setUp(random: () => number = () => 1) {
  const clock = new VirtualClock();
  const changes: (string | true)[] = [];
  const probes: { readonly at: number; readonly wasUp: boolean }[] = [];
  const start = clock.now();
  let answer: () => Promise<unknown> = async () => "PONG";
  const health = new StoreHealth({
    timeoutMs: 50,
    probeTimeoutMs: 1_000,
    clock,
    random,
    probe(wasUp) {
      probes.push({ at: clock.now() - start, wasUp });
      return answer();
    },
    onChange: (isUp, cause) => changes.push(isUp || (cause?.message ?? "")),
  });
  return { clock, changes, probes, health, say: (next: () => Promise<unknown>) => (answer = next) };
}

const never = () => new Promise<never>(() => {});
const refuse = async () => {
  throw new StoreUnavailable("connection refused");
};

describe("the health of the shared store", () => {
  test("nothing is asked before it has shown a sign of life", async () => {
    const { health } = setUp();
    await expect(health.guard(async () => "asked")).rejects.toThrow("is down");
  });

  test("an answer that does not come in time makes it down, and nobody waits for it again until it is back", async () => {
    const { clock, health, changes, say } = setUp();
    health.start();
    await clock.advance(0);
    say(never);
    const waiting = expect(health.guard(never)).rejects.toThrow("did not answer within 50 ms");
    await clock.advance(51);
    await waiting;
    let asked = 0;
    await expect(health.guard(async () => asked++)).rejects.toThrow("is down");
    expect(asked).toBe(0);
    expect(changes).toEqual([true, "the shared store did not answer within 50 ms"]);
    say(async () => "PONG");
    await clock.advance(5_000);
    expect(await health.guard(async () => "asked")).toBe("asked");
    expect(changes.at(-1)).toBe(true);
  });

  test("many questions that fail together are one loss, and put off the next attempt once", async () => {
    const { clock, health, changes, probes, say } = setUp();
    health.start();
    await clock.advance(0);
    say(refuse);
    await Promise.allSettled(Array.from({ length: 20 }, () => health.guard(refuse)));
    expect(changes).toEqual([true, "connection refused"]);
    await clock.advance(100);
    expect(probes.map(({ at }) => at)).toEqual([0, 100]);
  });

  test("a store that is away is asked ever less often, over a new connection each time, and told of once", async () => {
    const { clock, health, changes, probes, say } = setUp();
    say(refuse);
    health.start();
    await clock.advance(30_000);
    expect(changes).toEqual(["connection refused"]);
    expect(probes.slice(0, 8).map(({ at }) => at)).toEqual([0, 100, 300, 700, 1_500, 3_100, 6_300, 11_300]);
    expect(probes.every(({ wasUp }) => !wasUp)).toBe(true);
  });

  test("a store that shows signs of life and answers nothing else is tried ever less often", async () => {
    const { clock, health, changes, probes } = setUp();
    health.start();
    for (let step = 0; step < 3_000; step++) {
      await clock.advance(10);
      if (health.isUp) void health.guard(never).catch(() => {});
    }
    expect(probes.length).toBeLessThan(15);
    expect(changes.length).toBeLessThan(30);
    // Once it answers again, its next loss is a new one, tried again soon.
    while (!health.isUp) await clock.advance(100);
    expect(await health.guard(async () => "asked")).toBe("asked");
    await expect(health.guard(refuse)).rejects.toThrow("refused");
    await clock.advance(100);
    expect(health.isUp).toBe(true);
  });

  test("replicas do not all come back in one instant", async () => {
    const first = setUp(() => 0);
    const second = setUp(() => 0.9);
    for (const { health, say, clock } of [first, second]) {
      say(refuse);
      health.start();
      await clock.advance(100);
    }
    expect(first.probes[1]?.at).toBe(50);
    expect(second.probes[1]?.at).toBe(95);
  });

  test("a store that dies in the quiet is noticed by nobody's request", async () => {
    const { clock, health, changes, say } = setUp();
    health.start();
    await clock.advance(3_600_000);
    expect(changes).toEqual([true]);
    say(never);
    await clock.advance(2_100);
    expect(changes.at(-1)).toContain("did not answer within 1000 ms");
    expect(health.isUp).toBe(false);
  });

  test("a refusal is an answer: the store stays up", async () => {
    const { clock, health, changes } = setUp();
    health.start();
    await clock.advance(0);
    const refusal = Promise.reject(new Error("OOM command not allowed"));
    await expect(health.guard(() => refusal)).rejects.toThrow("OOM");
    expect(health.isUp).toBe(true);
    expect(changes).toEqual([true]);
  });

  test("an answer that was there while this process was held up counts as come in time", async () => {
    const { clock, health } = setUp();
    health.start();
    await clock.advance(0);
    const asked = health.guard(() => new Promise((resolve) => clock.after(50, () => resolve("late but there"))));
    await clock.advance(60);
    expect(await asked).toBe("late but there");
  });

  test("after closing nothing is asked any more", async () => {
    const { clock, health, probes } = setUp();
    health.start();
    await clock.advance(0);
    health.close();
    await clock.advance(60_000);
    expect(probes).toHaveLength(1);
    expect(clock.pendingTimers).toBe(0);
  });
});
