import { beforeEach, describe, expect, test } from "vitest";
import { createKept, readForAll, waitFor } from "../../src/erp/shared-read.js";
import { ErpTimeout } from "../../src/errors.js";
import { settle, VirtualClock } from "../support/virtual-clock.js";

const keepMs = 1000;
const never = new AbortController().signal;
let clock: VirtualClock;
let reads: { resolve(value: string): void; reject(error: Error): void; signal: AbortSignal }[];

beforeEach(() => {
  clock = new VirtualClock();
  reads = [];
});

const read = (signal: AbortSignal) =>
  new Promise<string>((resolve, reject) => {
    reads.push({ resolve, reject, signal });
  });

describe("what is kept", () => {
  const keep = () => createKept(read, keepMs, { clock, timeoutMs: 100 });

  test("is read once for all that ask before it is there", async () => {
    const kept = keep();
    const answers = [kept(never), kept(never)];
    reads[0]?.resolve("first");
    expect(await Promise.all(answers)).toEqual(["first", "first"]);
    expect(await kept(never)).toBe("first");
    expect(reads).toHaveLength(1);
  });

  test("is read anew past its age, while calls go on with what is known", async () => {
    const kept = keep();
    const first = kept(never);
    reads[0]?.resolve("first");
    await first;
    await clock.advance(keepMs);
    expect(await kept(never)).toBe("first");
    expect(await kept(never)).toBe("first");
    expect(reads).toHaveLength(2);
    reads[1]?.resolve("second");
    await settle();
    expect(await kept(never)).toBe("second");
  });

  test("stays when reading it anew fails, and the next call tries again", async () => {
    const kept = keep();
    const first = kept(never);
    reads[0]?.resolve("first");
    await first;
    await clock.advance(keepMs);
    await kept(never);
    reads[1]?.reject(new Error("gone"));
    await settle();
    expect(await kept(never)).toBe("first");
    expect(reads).toHaveLength(3);
  });

  test("is waited for after a quiet time of twice its age, so that no first answer goes by what is older", async () => {
    const kept = keep();
    const first = kept(never);
    reads[0]?.resolve("first");
    await first;
    await clock.advance(keepMs * 2);
    const later = kept(never);
    reads[1]?.resolve("second");
    expect(await later).toBe("second");
  });

  test("fails those who wait for it when there is none yet, and is tried again", async () => {
    const kept = keep();
    const first = kept(never);
    reads[0]?.reject(new Error("gone"));
    await expect(first).rejects.toThrow("gone");
    const second = kept(never);
    reads[1]?.resolve("there");
    expect(await second).toBe("there");
  });
});

test("a shared read is given up at its own time-out", async () => {
  const shared = readForAll(read, { clock, timeoutMs: 100 });
  await clock.advance(99);
  expect(reads[0]?.signal.aborted).toBe(false);
  await clock.advance(1);
  expect(reads[0]?.signal.aborted).toBe(true);
  reads[0]?.resolve("late");
  await shared;
  expect(clock.pendingTimers).toBe(0);
});

test("who stops waiting for a shared read leaves it to the others", async () => {
  const shared = read(never);
  const impatient = new AbortController();
  const left = waitFor(shared, impatient.signal);
  const stayed = waitFor(shared, never);
  impatient.abort();
  await expect(left).rejects.toBeInstanceOf(ErpTimeout);
  await expect(waitFor(shared, impatient.signal)).rejects.toBeInstanceOf(ErpTimeout);
  reads[0]?.resolve("there");
  expect(await stayed).toBe("there");
});
