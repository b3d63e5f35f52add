import { describe, expect, test } from "vitest";
import { UsualDelay } from "../../src/dispatch/usual-delay.js";

describe("what is usual of an ERP", () => {
  test("is the mean of what was measured before, and how far that strayed", () => {
    const usual = new UsualDelay();
    expect(usual.learn(2)).toEqual({ ratio: 2, deviation: 1 });
    const second = usual.learn(2);
    expect(second.ratio).toBeCloseTo(1, 12);
    expect(second.deviation).toBeCloseTo(2, 12);
    expect(usual.learn(2).deviation).toBeCloseTo(2 ** (1 / 2), 12);
    const fourth = usual.learn(8);
    expect(fourth.ratio).toBeCloseTo(4, 12);
    expect(fourth.deviation).toBeCloseTo(2 ** (1 / 3), 12);
    // (1 + 0 + 0 + 2 doublings) ÷ 4
    expect(usual.learn(2).deviation).toBeCloseTo(2 ** (3 / 4), 12);
  });

  test("takes a half and a double for equally far", () => {
    const [slower, quicker] = [new UsualDelay(), new UsualDelay()];
    slower.learn(2);
    quicker.learn(0.5);
    expect(slower.learn(1).deviation).toBeCloseTo(quicker.learn(1).deviation, 12);
  });

  test("moves by no more than a 256th, and no less, however long it was known", () => {
    const usual = new UsualDelay();
    for (let round = 0; round < 10_000; round++) usual.learn(1);
    usual.learn(4);
    expect(usual.learn(4).ratio).toBeCloseTo(4 ** (255 / 256), 12);
  });
});
