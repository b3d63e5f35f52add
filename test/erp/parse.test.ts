import { describe, expect, test } from "vitest";
import {
  optional,
  parseBoolean,
  parseCurrency,
  parseDate,
  parseDecimal,
  parseInstant,
  parseList,
  parseRow,
  parseText,
  parseWholeNumber,
} from "../../src/erp/parse.js";

type Parse = (value: unknown, what: string) => unknown;

/** Each parser with what it takes and what it refuses. */
const cases: [string, Parse, unknown[], unknown[]][] = [
  ["an object", parseRow, [{}, { a: 1 }], [null, undefined, [], "{}", 1]],
  ["a list", parseList, [[], [1]], [null, undefined, {}, "[]", { length: 0 }]],
  ["a text", parseText, ["a", " ", "Ä", "💶"], ["", null, 1, "a\nb", "a\u0000", "\u007f", "\t"]],
  ["an exact decimal", parseDecimal, ["0", "-1.5", "12.500000"], [1, "1e3", "", "1,5", null, "+1", "0.0000001"]],
  ["a currency", parseCurrency, ["EUR"], ["eur", "EURO", "EU", "", null, "EU1", "EUR\n"]],
  [
    "a day",
    parseDate,
    ["2026-12-01", "2028-02-29"],
    ["2026-12-1", "2026-13-01", "2026-02-29", "2026-11-31", "2026-12-01T00:00:00Z", "", null, 20261201],
  ],
  [
    "an instant",
    parseInstant,
    ["2026-12-01T10:00:00Z", "2026-12-01t10:00:00.5z", "2026-12-01 10:00:00+05:30"],
    ["2026-12-01", "2026-12-01T10:00:00", "2026-12-01T25:00:00Z", "tomorrow", 0, null],
  ],
  ["a whole number", parseWholeNumber, [0, 7], [-1, 0.5, "7", Number.NaN, 2 ** 53, null]],
  ["yes or no", parseBoolean, [true, false], ["true", 0, 1, null]],
];

describe("parsing what an ERP says", () => {
  for (const [name, parse, good, bad] of cases) {
    test.each(good.map((value) => [JSON.stringify(value), value]))(`${name} is read from %s`, (_shown, value) => {
      expect(() => parse(value, "field")).not.toThrow();
    });

    test.each(bad.map((value) => [String(JSON.stringify(value)), value]))(
      `${name} is not read from %s`,
      (_shown, value) => {
        expect(() => parse(value, "field")).toThrow(expect.objectContaining({ code: "ERP_BAD_ANSWER" }));
      },
    );
  }

  test("what is parsed is what was said", () => {
    expect(parseDecimal("12.500000", "field")).toBe("12.500000");
    expect(parseInstant("2026-12-01T10:00:00+01:00", "field")).toBe(Date.UTC(2026, 11, 1, 9));
    expect(parseDate("2026-12-01", "field")).toBe("2026-12-01");
  });

  test("a refusal names the field and what was seen, cut short", () => {
    expect(() => parseText(7, "priceScope")).toThrow("priceScope should be a text, not 7");
    expect(() => parseDecimal("9".repeat(1_000), "unitPrice")).toThrow(/^.{0,200}$/);
    expect(() => parseBoolean(undefined, "blocked")).toThrow("not nothing");
  });

  test("what may be left out is null where it is, or where it is said to be null", () => {
    expect(optional(undefined, "field", parseText)).toBeNull();
    expect(optional(null, "field", parseText)).toBeNull();
    expect(optional("a", "field", parseText)).toBe("a");
    expect(() => optional("", "field", parseText)).toThrow("field");
  });
});
