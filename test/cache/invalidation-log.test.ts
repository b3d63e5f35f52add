import { expect, test } from "vitest";
import { InvalidationLog } from "../../src/cache/invalidation-log.js";
import { VirtualClock } from "../support/virtual-clock.js";

function setUp() {
  const clock = new VirtualClock();
  return { clock, log: new InvalidationLog<string>(clock, 5_000) };
}

test("what was asked before an invalidation, or within its millisecond, is covered where it matches; what was asked after it is not", () => {
  const { clock, log } = setUp();
  const at = clock.now();
  log.add((key) => key === "a");
  expect([at - 1, at, at + 1].map((askedAt) => log.covers("a", askedAt))).toEqual([true, true, false]);
  expect(log.covers("b", at - 1)).toBe(false);
});

test("an invalidation is remembered as long as an answer may be on its way, and no longer", async () => {
  const { clock, log } = setUp();
  log.add(() => true);
  await clock.advance(5_000);
  log.covers("a", clock.now());
  expect(log.size).toBe(1);
  await clock.advance(1);
  log.covers("a", clock.now());
  expect(log.size).toBe(0);
});

test("after a quiet month what was asked before a forgotten invalidation counts as covered, and nothing else does", async () => {
  const { clock, log } = setUp();
  const at = clock.now();
  log.add((key) => key === "a");
  await clock.advance(30 * 24 * 3_600_000);
  expect(["a", "b"].map((key) => log.covers(key, at))).toEqual([true, true]);
  expect(log.covers("a", at + 1)).toBe(false);
});

test("a storm of invalidations is remembered up to a number, and the rest counts as covering everything", async () => {
  const { clock, log } = setUp();
  const begun = clock.now();
  for (let number = 0; number < 1_500; number++) {
    log.add((key) => key === "a");
    await clock.advance(number % 2);
  }
  expect(log.size).toBe(1_000);
  expect(log.covers("b", begun)).toBe(true);
  expect(log.covers("b", clock.now() - 10)).toBe(false);
  expect(log.covers("a", clock.now() - 10)).toBe(true);
});
