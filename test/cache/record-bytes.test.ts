import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Cells, cellsFor } from "../../src/cache/cells.js";
import { RecordReader, RecordWriter } from "../../src/cache/record-bytes.js";

/** What an ERP may write for a number, and much that it should not. */
const digits = fc.stringMatching(/^[0-9]{1,40}$/);
const decimal = fc
  .tuple(fc.constantFrom("", "-", "+"), digits, fc.option(digits), fc.constantFrom("", "", "", "e5", "E-3", " "))
  .map(([sign, whole, fraction, rest]) => `${sign}${whole}${fraction === null ? "" : `.${fraction}`}${rest}`);
const usual = fc
  .tuple(fc.constantFrom("", "-"), fc.nat(), fc.integer({ min: 0, max: 8 }))
  .map(([sign, whole, scale]) => `${sign}${whole}${scale === 0 ? "" : `.${"0123456789".slice(0, scale)}`}`);
const text = fc.string({ unit: "binary", maxLength: 60 });
const odd = [
  "10.00",
  "-0",
  "-0.00",
  "0",
  "007",
  "00",
  ".5",
  "5.",
  "0.000001",
  "999999999999999.999999",
  "NaN",
  "",
  "\ud800",
  "ü€𝄞",
];
const value = fc.oneof(usual, decimal, text, fc.constantFrom(...odd), fc.constant(null));

function roundTrip<T>(
  write: (writer: RecordWriter) => void,
  read: (reader: RecordReader) => T,
): { got: T; bytes: number } {
  const writer = new RecordWriter();
  write(writer);
  const cells = new Cells(3);
  const reader = new RecordReader();
  cells.open(cells.write(writer.bytes, writer.length), reader);
  return { got: read(reader), bytes: writer.length };
}

describe("what is written in bytes", () => {
  test("comes back character by character: decimals of any length and scale, their zeros and signs, and any other text", () => {
    fc.assert(
      fc.property(fc.array(value, { maxLength: 30 }), (values) => {
        const { got } = roundTrip(
          (writer) => {
            for (const each of values) writer.writeValue(each);
          },
          (reader) => values.map(() => reader.readValue()),
        );
        expect(got).toEqual(values);
      }),
      { numRuns: 2_000, examples: [[odd]] },
    );
  });

  test("takes 2 or 3 bytes for a usual price", () => {
    for (const [price, bytes] of [
      ["7", 1],
      ["10.00", 2],
      ["-0", 1],
      ["1299.99", 3],
      ["99999999.999999", 8],
    ] as const)
      expect(
        roundTrip(
          (writer) => writer.writeValue(price),
          () => null,
        ).bytes,
      ).toBe(bytes);
  });

  test("keeps instants to the last bit, be they before or after, broken or without end", () => {
    const instant = fc.oneof(fc.maxSafeInteger(), fc.double({ noNaN: true }), fc.integer({ min: -1e12, max: 2e12 }));
    fc.assert(
      fc.property(instant, instant, (at, from) => {
        const { got } = roundTrip(
          (writer) => writer.writeInstant(at, from),
          (reader) => reader.readInstant(from),
        );
        expect(got === at || Object.is(got, at)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
});

test("cells keep records of any length apart, whatever was written and freed before, and use again what was freed", () => {
  const lengths = fc.array(fc.record({ length: fc.nat({ max: 700 }), frees: fc.nat({ max: 4 }) }), { maxLength: 60 });
  fc.assert(
    fc.property(lengths, (steps) => {
      const cells = new Cells(2);
      const reader = new RecordReader();
      const kept = new Map<number, Buffer>();
      let [used, most] = [0, 0];
      for (const [number, { length, frees }] of steps.entries()) {
        const bytes = Buffer.from(Uint8Array.from({ length }, (_, at) => (number * 31 + at * 7) % 256));
        const first = cells.write(bytes, length);
        expect(kept.has(first)).toBe(false);
        kept.set(first, bytes);
        expect(cells.lengthOf(first)).toBe(cellsFor(length));
        used += cellsFor(length);
        most = Math.max(most, used);
        for (const gone of [...kept.keys()].slice(0, frees)) {
          used -= cells.lengthOf(gone);
          cells.free(gone);
          kept.delete(gone);
        }
        for (const [each, wanted] of kept) {
          cells.open(each, reader);
          const { bytes: read, position } = reader;
          expect(read.subarray(position, position + wanted.length).equals(wanted)).toBe(true);
        }
      }
      expect(cells.bytes).toBeLessThan(Cells.bytesOf(most + 4));
    }),
  );
});
