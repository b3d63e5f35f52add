import { expect, test } from "vitest";
import { shedBefore } from "../../src/dispatch/shedding.js";

test("nobody is shed while the queue is empty, nor in its first second", () => {
  expect([shedBefore(null, 50, 5_000), shedBefore(0, 50, 999)]).toEqual([null, null]);
});

test("once a queue has stood for a second, who waited a tenth of that is shed", () => {
  expect(shedBefore(0, 50, 1_000)).toBe(900);
});

test("where calls are slow, a queue may stand for four of them, and one may be waited for", () => {
  expect([shedBefore(0, 600, 2_399), shedBefore(0, 600, 2_400)]).toEqual([null, 1_800]);
});
