import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createEntry, type Entry, freshnessOf, type Windows } from "../../src/cache/freshness.js";
import { lanes } from "../../src/pricing/source.js";
import { askAt, foundAt, unknownAt } from "../support/samples.js";

const windows: Windows = { freshMs: 60_000, staleMs: 600_000, unknownMs: 30_000, failureMs: 1_000 };
const asked = 1_000_000;
const noJitter = () => 0;

function entryOf(validUntil: number | null = null, random = noJitter): Entry<string> {
  return createEntry(foundAt("10.00", asked), windows, validUntil, random);
}

function freshnessAfter(ms: number, ask = {}, entry = entryOf()) {
  return freshnessOf(entry, asked + ms, askAt(asked + ms, ask));
}

describe("freshness", () => {
  test.each([
    [0, "fresh"],
    [59_999, "fresh"],
    [60_000, "stale"],
    [599_999, "stale"],
    [600_000, "absent"],
    [1e12, "absent"],
  ])("%i ms after the ERP was asked, an answer of 60 s and 600 s is %s", (ms, freshness) => {
    expect(freshnessAfter(ms)).toBe(freshness);
  });

  test("what was never read is absent", () => {
    expect(freshnessOf(undefined, asked, askAt(asked))).toBe("absent");
  });

  test("the windows count from when the ERP was asked, however late the answer came", () => {
    expect([entryOf().freshUntil, entryOf().staleUntil]).toEqual([asked + 60_000, asked + 600_000]);
  });

  test("checkout is never given a last known answer, the other lanes are", () => {
    const past = lanes.map((lane) => [lane, freshnessAfter(60_000, { lane })]);
    expect(past).toEqual([
      ["checkout", "absent"],
      ["storefront", "stale"],
      ["feed", "stale"],
    ]);
  });

  test("a maximum age is met up to its last millisecond, and never by an older answer", () => {
    expect(freshnessAfter(10_000, { maxAgeMs: 10_000 })).toBe("fresh");
    expect(freshnessAfter(10_001, { maxAgeMs: 10_000 })).toBe("absent");
    expect(freshnessAfter(90_000, { maxAgeMs: 90_000 })).toBe("stale");
    expect(freshnessAfter(90_001, { maxAgeMs: 90_000 })).toBe("absent");
  });

  test("a maximum age beyond the hard bound does not stretch it", () => {
    expect(freshnessAfter(600_000, { maxAgeMs: 1e12 })).toBe("absent");
  });

  test("a live question is answered by nothing that was read before it, not even in the same millisecond", () => {
    expect(freshnessAfter(0, { maxAgeMs: 0 })).toBe("absent");
  });

  test("the fresh window ends where the answer itself does", () => {
    const entry = entryOf(asked + 5_000);
    expect(freshnessAfter(4_999, {}, entry)).toBe("fresh");
    expect(freshnessAfter(5_000, {}, entry)).toBe("stale");
  });

  test("an answer that holds longer than the window does not stretch it", () => {
    expect(entryOf(asked + 1e9).freshUntil).toBe(asked + 60_000);
  });

  test("jitter only shortens the fresh window, by at most 4 %, and leaves the hard bound alone", () => {
    const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(random, (drawn) => {
        const { freshUntil, staleUntil } = entryOf(null, () => drawn);
        expect(freshUntil - asked).toBeGreaterThanOrEqual(57_600);
        expect(freshUntil - asked).toBeLessThanOrEqual(60_000);
        expect(staleUntil).toBe(asked + 600_000);
      }),
    );
    expect(entryOf(null, () => 0.5).freshUntil).toBe(asked + 58_800);
  });

  test("the ERP's word that it knows no such thing is believed for its own window, and is never a last known answer", () => {
    const entry = createEntry<string>(unknownAt(asked, "customer"), windows, null, noJitter);
    expect(entry.said).toEqual({ kind: "unknown", what: "customer" });
    expect(freshnessAfter(29_999, {}, entry)).toBe("fresh");
    expect(freshnessAfter(30_000, {}, entry)).toBe("absent");
  });

  test("an answer dated further ahead than two clocks differ is not believed, whatever windows it would have", () => {
    expect(freshnessAfter(-1_000)).toBe("fresh");
    expect(freshnessAfter(-1_001)).toBe("absent");
    expect(freshnessAfter(-1_001, { maxAgeMs: 60_000, lane: "feed" })).toBe("absent");
  });
});
