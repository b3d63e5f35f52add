import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LatencyModel } from "../../src/dispatch/latency-model.js";

const minute = 60_000;

/** A model that saw calls of these sizes take 20 ms and 3 ms a key, at instant 0. */
function learnt(sizes: readonly number[]): LatencyModel {
  const model = new LatencyModel();
  for (const keys of sizes) model.learn(keys, 20 + 3 * keys, 0);
  return model;
}

describe("the latency that the size of a batch explains", () => {
  test("is unknown before any call was seen", () => {
    expect(new LatencyModel().explained(24, 0)).toBeNull();
  });

  test("is that of the calls seen where they are all of one size", () => {
    expect(learnt([24]).explained(24, 0)).toBe(92);
  });

  test("is learnt as a + b × keys, for sizes never seen too", () => {
    const model = learnt([1, 10, 50, 200]);
    for (const keys of [1, 5, 24, 100, 300]) expect(model.explained(keys, 0)).toBeCloseTo(20 + 3 * keys, 6);
  });

  test("is that of the quickest call: those that stood in a queue do not count", () => {
    const model = learnt([10]);
    for (let call = 0; call < 100; call++) model.learn(10, 500, 0);
    expect(model.explained(10, 0)).toBe(50);
  });

  test("is never below the quickest call of its class of sizes, whatever was seen", () => {
    const call = fc.record({ keys: fc.integer({ min: 1, max: 500 }), ms: fc.nat(5_000) });
    fc.assert(
      fc.property(fc.array(call, { minLength: 1, maxLength: 30 }), (seen) => {
        const model = new LatencyModel();
        for (const { keys, ms } of seen) model.learn(keys, ms, 0);
        for (const { keys } of seen) {
          const alike = seen.filter((other) => Math.clz32(other.keys) === Math.clz32(keys));
          expect(model.explained(keys, 0)).toBeGreaterThanOrEqual(Math.min(...alike.map(({ ms }) => ms)));
        }
      }),
    );
  });

  test("is remembered for a minute at least", () => {
    const model = learnt([10]);
    model.learn(10, 400, minute - 1);
    model.learn(10, 400, minute + 1);
    expect(model.explained(10, minute + 1)).toBe(50);
  });

  test("becomes that of an ERP that grew slow for good within two minutes of calls", () => {
    const model = learnt([10]);
    for (let now = 1_000; now <= 2 * minute; now += 1_000) model.learn(10, 400, now);
    expect(model.explained(10, 2 * minute)).toBe(400);
  });

  test("is forgotten over a quiet night", () => {
    const model = learnt([10]);
    expect(model.explained(10, 8 * 60 * minute)).toBeNull();
  });
});
