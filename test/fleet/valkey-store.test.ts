import { afterEach, beforeEach, expect, test } from "vitest";
import { systemClock } from "../../src/clock.js";
import { StoreRefused, type StoreScript, StoreUnavailable } from "../../src/fleet/store.js";
import { ValkeyStore } from "../../src/fleet/valkey-store.js";
import type { Logger } from "../../src/telemetry/logger.js";
import { eventually } from "../support/eventually.js";
import { describeWith } from "../support/parts.js";
import { RunningRedis } from "../support/redis.js";

const put: StoreScript = { name: "put", lua: "redis.call('SET', KEYS[1], ARGV[1]) return redis.call('GET', KEYS[1])" };
const get: StoreScript = { name: "get", lua: "return { redis.call('GET', KEYS[1]), 7, false }" };

describeWith("redis", "a real Valkey or Redis", () => {
  let redis: RunningRedis;
  let stores: ValkeyStore[];
  let lines: { readonly level: string; readonly message: string; readonly error: string }[];

  beforeEach(async () => {
    redis = await RunningRedis.start();
    stores = [];
    lines = [];
  });
  afterEach(async () => {
    for (const store of stores) store.close();
    await redis.stop();
  });

  function open(url = redis.url): ValkeyStore {
    const log = (level: string) => (fields: { err?: Error } | string, message?: string) =>
      lines.push({
        level,
        message: message ?? String(fields),
        error: typeof fields === "string" ? "" : (fields.err?.message ?? ""),
      });
    const logger = { info: log("info"), warn: log("warn") } as unknown as Logger;
    const store = new ValkeyStore({ url, timeoutMs: 200, clock: systemClock, random: () => 0, logger });
    stores.push(store);
    store.start();
    return store;
  }

  const isUp = (store: ValkeyStore) => eventually("the store is up", () => store.isUp);
  const isDown = (store: ValkeyStore) => eventually("the store is down", () => !store.isUp);

  test("scripts run with bytes as they are, and replies come as numbers, buffers and null", async () => {
    const store = open();
    await isUp(store);
    const bytes = Buffer.from([0, 255, 10, 13, 200]);
    expect(await store.run(put, ["a"], [bytes])).toEqual(bytes);
    expect(await store.run(get, ["a"], [])).toEqual([bytes, 7, null]);
    expect(lines).toEqual([{ level: "info", message: "the shared store answers", error: "" }]);
  });

  test("messages reach every other listener, also after the store was restarted, and each gap is told", async () => {
    const listener = open();
    const speaker = open();
    const heard: string[] = [];
    let gaps = 0;
    listener.subscribe(
      "news",
      (message) => heard.push(message),
      () => gaps++,
    );
    await Promise.all([isUp(listener), isUp(speaker)]);
    await eventually("it listens", () => gaps === 1);
    expect(await speaker.publish("news", "one")).toBe(1);
    await eventually("it heard", () => heard.length === 1);
    await redis.kill();
    await Promise.all([isDown(listener), isDown(speaker)]);
    await redis.restart();
    await Promise.all([isUp(listener), isUp(speaker)]);
    await eventually("it listens again", () => gaps === 2);
    await speaker.publish("news", "two");
    await eventually("it heard again", () => heard.length === 2);
    expect(heard).toEqual(["one", "two"]);
  });

  test("a script is known again after a restart lost it", async () => {
    const store = open();
    await isUp(store);
    await store.run(put, ["a"], ["1"]);
    await redis.kill();
    await isDown(store);
    await redis.restart();
    await isUp(store);
    expect(String(await store.run(put, ["a"], ["2"]))).toBe("2");
  });

  test("a store that is stopped in its tracks costs one wait, and is used again once it goes on", async () => {
    const store = open();
    await isUp(store);
    redis.signal("SIGSTOP");
    const first = performance.now();
    await expect(store.run(get, ["a"], [])).rejects.toThrow(StoreUnavailable);
    expect(performance.now() - first).toBeGreaterThan(150);
    await expect(store.run(get, ["a"], [])).rejects.toThrow("is down"); // unasked: else it would say that none came in time
    redis.signal("SIGCONT");
    await isUp(store);
    expect(await store.run(get, ["a"], [])).toEqual([null, 7, null]);
  });

  test("a full store refuses writes, answers reads, and is told of in one line", async () => {
    await redis.stop();
    redis = await RunningRedis.start("--maxmemory", "1", "--maxmemory-policy", "noeviction");
    const store = open();
    await isUp(store);
    for (let count = 0; count < 3; count++) {
      await expect(store.run(put, ["a"], ["1"])).rejects.toThrow(StoreRefused);
    }
    expect(await store.run(get, ["a"], [])).toEqual([null, 7, null]);
    const warnings = lines.filter(({ level }) => level === "warn");
    expect(warnings).toEqual([
      {
        level: "warn",
        message: expect.stringContaining("is it full, or read-only?"),
        error: expect.stringContaining("OOM"),
      },
    ]);
  });

  test("a replica that takes no writes refuses them", async () => {
    const primary = await RunningRedis.start();
    await redis.stop();
    redis = await RunningRedis.start("--replicaof", "127.0.0.1", String(primary.port));
    const store = open();
    await isUp(store);
    await expect(store.run(put, ["a"], ["1"])).rejects.toThrow(/READONLY/);
    await primary.stop();
  });

  test("a wrong password counts as away, and the log says which", async () => {
    await redis.stop();
    redis = await RunningRedis.start("--requirepass", "right");
    const store = open(redis.url.replace("://", "://:wrong@"));
    await eventually("it is told", () => lines.length > 0);
    expect(store.isUp).toBe(false);
    expect(lines[0]?.error).toMatch(/WRONGPASS|invalid/);
    expect(JSON.stringify(lines)).not.toContain("wrong@");
    const right = open(redis.url.replace("://", "://:right@"));
    await isUp(right);
  });

  test("a user who may run no scripts is refused, and the store does not come and go for it", async () => {
    await redis.stop();
    redis = await RunningRedis.start("--user", ..."limited on >right ~* &* +@all -eval -evalsha".split(" "));
    const store = open(redis.url.replace("://", "://limited:right@"));
    await isUp(store);
    for (let count = 0; count < 3; count++) await expect(store.run(get, ["a"], [])).rejects.toThrow(StoreRefused);
    expect(store.isUp).toBe(true);
    expect(lines.filter(({ level }) => level === "warn")).toMatchObject([{ error: expect.stringContaining("NOPERM") }]);
  });

  test("one that is not there at the start is used once it is", async () => {
    await redis.kill();
    const store = open();
    await eventually("it is told", () => lines.length > 0);
    await redis.restart();
    await isUp(store);
  });
});
