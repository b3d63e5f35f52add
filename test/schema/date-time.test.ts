import fc from "fast-check";
import { expect, test } from "vitest";
import { toDateTime } from "../../schema/scalars.js";

test("an instant is written as the platform writes it, however many others were written before", () => {
  const instants = fc.integer({ min: 0, max: Date.UTC(9999, 11, 31, 23, 59, 59, 999) });
  fc.assert(
    fc.property(
      fc.oneof(instants, fc.integer({ min: 0, max: 5_000_000 })),
      fc.constantFrom(0, 0.25),
      (instant, part) => {
        expect(toDateTime(instant + part)).toBe(new Date(instant + part).toISOString());
      },
    ),
    { numRuns: 3_000 },
  );
});

test("what is no instant is refused", () => {
  expect(() => toDateTime(Number.NaN)).toThrow(RangeError);
});
