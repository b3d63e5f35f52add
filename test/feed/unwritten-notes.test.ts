import { describe, expect, test } from "vitest";
import { UnwrittenNotes } from "../../src/feed/unwritten-notes.js";

const seen = (digest: number) => ({ digest, askedAt: 5 });

describe("what was seen and is not written down", () => {
  test("goes out once, what was told first, and no more of it than is asked for", () => {
    const notes = new UnwrittenNotes(10);
    for (const sku of ["A", "B", "C"]) notes.note(sku, "price", seen(1));
    expect(notes.take(["C", "X"], 2).skus.map(({ sku }) => sku)).toEqual(["C", "A"]);
    expect(notes.hasAny(["A", "C"])).toBe(false);
    expect(notes.hasAny(["B"])).toBe(true);
    expect(notes.take([], 2).skus).toEqual([{ sku: "B", isTouched: false, price: seen(1), stock: null }]);
    expect(notes.isEmpty).toBe(true);
  });

  test("comes back where it was not written, and another sight meanwhile makes it a change", () => {
    const notes = new UnwrittenNotes(10);
    for (const sku of ["A", "B", "C"]) notes.note(sku, "price", seen(1));
    const batch = notes.take([], 10);
    notes.note("A", "price", seen(2));
    notes.note("B", "price", seen(1));
    notes.note("C", "stock", seen(7));
    notes.putBack(batch);
    expect(notes.take(["A", "B", "C"], 10).skus).toEqual([
      { sku: "A", isTouched: true, price: seen(2), stock: null },
      { sku: "B", isTouched: false, price: seen(1), stock: null },
      { sku: "C", isTouched: false, price: seen(1), stock: seen(7) },
    ]);
  });

  test("that all may have changed, or that something is missing, comes back too", () => {
    const notes = new UnwrittenNotes(2);
    notes.touchAll();
    for (const sku of ["A", "B", "C"]) notes.touch(sku);
    const batch = notes.take([], 10);
    expect(batch).toEqual({ skus: [], isAllTouched: true, isIncomplete: true });
    expect(notes.isEmpty).toBe(true);
    notes.putBack(batch);
    expect(notes.hasAny([])).toBe(true);
    expect(notes.take([], 10)).toEqual(batch);
  });
});
