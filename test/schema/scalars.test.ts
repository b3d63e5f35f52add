import { type GraphQLScalarType, Kind, parseValue, type ValueNode } from "graphql";
import { describe, expect, test } from "vitest";
import { CurrencyScalar, DateScalar, DateTimeScalar, DecimalScalar, toDateTime } from "../../schema/scalars.js";

const cases: [GraphQLScalarType, string[], unknown[]][] = [
  [DecimalScalar, ["0", "-1.5", "12.500000"], [1.5, 1, "1e3", "", " 1", null, true, "0.0000001", ["1"]]],
  [CurrencyScalar, ["EUR", "XXX"], ["eur", "EURO", "", 978, null]],
  [
    DateTimeScalar,
    ["2026-11-24T09:30:00.000Z", "2026-11-24T09:30:00Z"],
    ["2026-11-24", "2026-11-24T09:30:00", 0, "2026-11-24T99:30:00Z"],
  ],
  [DateScalar, ["2026-12-01"], ["2026-12-1", "2026-13-01", "01.12.2026", 20261201]],
];

function toLiteral(value: unknown): ValueNode {
  return parseValue(JSON.stringify(value));
}

describe.each(cases.map(([scalar, good, bad]) => ({ name: scalar.name, scalar, good, bad })))(
  "the scalar $name",
  ({ name, scalar, good, bad }) => {
    test.each(good)("takes %j as it stands, from variables, from the document, and on the way out", (text) => {
      expect(scalar.parseValue(text)).toBe(text);
      expect(scalar.parseLiteral(toLiteral(text), {})).toBe(text);
      expect(scalar.serialize(text)).toBe(text);
    });

    test.each(bad.map((value) => [value]))("refuses %j, from variables and from the document, by name", (value) => {
      const refusal = expect.objectContaining({
        message: expect.stringMatching(new RegExp(`^${name} should be `)),
        extensions: { code: "BAD_USER_INPUT" },
      });
      expect(() => scalar.parseValue(value)).toThrow(refusal);
      expect(() => scalar.parseLiteral(toLiteral(value), {})).toThrow(refusal);
    });
  },
);

describe("refusals by scalars", () => {
  test("a number in the document is no decimal, however exact it looks", () => {
    expect(() => DecimalScalar.parseLiteral({ kind: Kind.INT, value: "5" }, {})).toThrow(/not 5\./);
    expect(() => DecimalScalar.parseLiteral({ kind: Kind.FLOAT, value: "5.5" }, {})).toThrow(/not 5\.5\./);
  });

  test("say what was seen, cut short", () => {
    expect(() => DecimalScalar.parseValue("9".repeat(10_000))).toThrow(/^.{0,250}$/);
    expect(() => DecimalScalar.parseValue(undefined)).toThrow(/not nothing/);
  });
});

test("instants are written in UTC, to the millisecond, fractions of one cut off", () => {
  expect(toDateTime(Date.UTC(2026, 10, 24, 9, 30) + 0.7)).toBe("2026-11-24T09:30:00.000Z");
});
