import { expect, test } from "vitest";
import { systemClock } from "../../src/clock.js";
import { BudgetLease } from "../../src/fleet/budget-lease.js";
import { ValkeyStore } from "../../src/fleet/valkey-store.js";
import { eventually } from "../support/eventually.js";
import { describeWith } from "../support/parts.js";
import { RunningRedis } from "../support/redis.js";
import { createLogger } from "./quiet-logger.js";

function start(redis: RunningRedis, id: string) {
  const logger = createLogger([]);
  const store = new ValkeyStore({ url: redis.url, timeoutMs: 100, clock: systemClock, random: () => 0, logger });
  const limit = { full: 8, takeChange: () => ({ grown: 0, factor: 1, sentAt: 0 }), adopt: () => {} };
  const lease = new BudgetLease({
    ...{ store, clock: systemClock, key: "budget", id, limit, most: 8, replicas: 3, storeTimeoutMs: 100 },
    longestCallMs: 500,
    demandOf: (lane) => (lane === "storefront" ? 8 : 0),
    isFeedPressed: () => false,
    inFlight: () => 0,
    onShare: () => {},
    onLeased: () => {},
    onMoreReplicas: () => {},
  });
  lease.start();
  store.start();
  return { store, lease };
}

describeWith("redis", "a fleet's one budget in a real store", () => {
  test("is dealt out whole, kept in parts without the store, and dealt out again by one that came back empty", async () => {
    const redis = await RunningRedis.start();
    const replicas = ["a", "b", "c"].map((id) => start(redis, id));
    const shares = () => replicas.map(({ lease }) => lease.share).sort();
    const isWhole = () => replicas.every(({ lease }) => lease.isLeased) && shares().join() === "2,3,3";
    try {
      await eventually("all is dealt out", isWhole);
      await redis.kill();
      await eventually("no lease is left", () => replicas.every(({ lease }) => !lease.isLeased));
      expect(shares()).toEqual([2, 2, 2]);
      await redis.restart();
      await eventually("all is dealt out again", isWhole);
      await Promise.all(replicas.slice(1).map(({ lease }) => lease.close()));
      expect(replicas[1]?.lease.share).toBe(0);
    } finally {
      for (const { store } of replicas) store.close();
      await redis.stop();
    }
  }, 30_000);
});
