import { expect, test } from "vitest";
import { LatencySeen } from "../../src/dispatch/latency-seen.js";

test("nothing is known before the first answer", () => {
  expect(new LatencySeen().percentile(0.95, 0)).toBeNull();
});

test("a percentile is a latency that was seen, whatever the order they came in", () => {
  const seen = new LatencySeen();
  for (const ms of [50, 10, 40, 20, 30]) seen.add(ms, 0);
  expect([seen.percentile(0, 0), seen.percentile(0.5, 0), seen.percentile(0.95, 0)]).toEqual([10, 30, 50]);
});

test("the latest 64 answers count", () => {
  const seen = new LatencySeen();
  for (let call = 0; call < 64; call++) seen.add(1_000, call);
  for (let call = 0; call < 63; call++) seen.add(10, 64 + call);
  expect([seen.percentile(0.5, 127), seen.percentile(0.99, 127)]).toEqual([10, 1_000]);
  seen.add(10, 128);
  expect(seen.percentile(0.99, 128)).toBe(10);
});

test("an answer is forgotten after a minute, and all of them over a quiet night", () => {
  const seen = new LatencySeen();
  seen.add(1_000, 0);
  seen.add(10, 30_000);
  expect(seen.percentile(0.95, 60_000)).toBe(1_000);
  expect(seen.percentile(0.95, 60_001)).toBe(10);
  expect(seen.percentile(0.95, 8 * 3_600_000)).toBeNull();
});
