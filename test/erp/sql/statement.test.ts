import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type BindStyle, bindStatement, type Dialect, parseStatement } from "../../../src/erp/sql/statement.js";

const dollar: BindStyle = { lists: "array", reuses: true, mark: (position) => `$${position}` };
const question: BindStyle = { lists: "expanded", reuses: false, mark: () => "?" };

function bind(
  text: string,
  values: Record<string, string | null | readonly string[]>,
  dialect: Dialect,
  style: BindStyle,
) {
  return bindStatement(parseStatement("stock", text, 1, dialect), values, style);
}

describe("placeholders", () => {
  test("on PostgreSQL a list is one array, and a value stands wherever it is named", () => {
    const text = "SELECT 1 WHERE a = ANY(:skus) AND b = :c OR d = :c";
    expect(bind(text, { skus: ["A", "B"], c: "C1" }, "postgresql", dollar)).toEqual({
      text: "SELECT 1 WHERE a = ANY($1) AND b = $2 OR d = $2",
      values: [["A", "B"], "C1"],
    });
  });

  test("elsewhere a list is as many values as it has, filled up to a power of two so that few statements are prepared", () => {
    expect(bind("SELECT 1 WHERE a IN (:skus)", { skus: ["A", "B", "C"] }, "mysql", question)).toEqual({
      text: "SELECT 1 WHERE a IN (?, ?, ?, ?)",
      values: ["A", "B", "C", "C"],
    });
  });

  test("an empty list is a NULL, which nothing equals", () => {
    expect(bind("SELECT 1 WHERE a IN (:skus)", { skus: [] }, "mysql", question).values).toEqual([null]);
  });

  test("what looks like one in a text, a comment, a quoted name or a cast is none", () => {
    const pieces = [
      "':a'",
      "'it''s :a'",
      '":a"',
      "-- :a\n",
      "/* :a ; */",
      "x::a",
      "$$ :a $$",
      "$t$ :a $t$",
      String.raw`E'\':a'`,
    ];
    const { placeholders } = parseStatement("stock", `SELECT ${pieces.join(", ")} :b`, 1, "postgresql");
    expect([...placeholders]).toEqual(["b"]);
    const mysql = ["`:a`", String.raw`'\':a'`, "# :a\n"];
    expect([...parseStatement("stock", `SELECT ${mysql.join(", ")} :b`, 1, "mysql").placeholders]).toEqual(["b"]);
    expect([...parseStatement("stock", "SELECT [:a], [b]]:a] :b", 1, "sqlserver").placeholders]).toEqual(["b"]);
  });

  test("whatever the values are, none becomes a part of the text", () => {
    const value = fc.oneof(fc.string(), fc.constantFrom("'", ":c", "?", "$1", "; DROP TABLE stock"));
    fc.assert(
      fc.property(fc.array(value, { maxLength: 9 }), value, (skus, c) => {
        for (const [dialect, style] of [
          ["postgresql", dollar],
          ["mysql", question],
        ] as const) {
          const bound = bind("SELECT 1 WHERE a IN (:skus) AND b = :c", { skus, c }, dialect, style);
          const blank = bind(
            "SELECT 1 WHERE a IN (:skus) AND b = :c",
            { skus: skus.map(() => "x"), c: "x" },
            dialect,
            style,
          );
          expect(bound.text).toBe(blank.text);
          expect(bound.values.flat()).toEqual(expect.arrayContaining([...skus, c]));
        }
      }),
    );
  });

  test("the driver's own marks are refused, as they would move ours", () => {
    expect(() => parseStatement("stock", "SELECT $1", 1, "postgresql")).toThrow("the driver's own");
    expect(() => parseStatement("stock", "SELECT ?", 1, "mysql")).toThrow("the driver's own");
  });
});

describe("a statement", () => {
  test.each([
    "SELECT 1",
    "  -- why\n with x as (select 1) SELECT 1",
    "(SELECT 1) UNION SELECT 2;",
    "SELECT ';'; -- end",
  ])("%j is one that reads", (text) => {
    expect(() => parseStatement("stock", text, 1, "postgresql")).not.toThrow();
  });

  test.each(["DELETE FROM stock", "UPDATE stock SET a = :b", "-- SELECT\nCALL lose()", "", "EXEC lose"])(
    "%j is refused",
    (text) => {
      expect(() => parseStatement("stock", text, 1, "postgresql")).toThrow("should begin with SELECT or WITH");
    },
  );

  test("a second one behind it is refused", () => {
    expect(() => parseStatement("stock", "SELECT 1; DELETE FROM stock", 1, "mysql")).toThrow("more than one statement");
  });
});
