import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parseQueries } from "../../../src/erp/sql/queries-file.js";

const good = readFileSync("docs/erp/sql-example/queries.postgresql.sql", "utf8");
const nothing = new Set<string>();

describe("the file of queries", () => {
  test("each query stands below its name, and knows its line of the file", () => {
    const { stock, products } = parseQueries(good, "postgresql", nothing);
    expect(good.split("\n")[stock.firstLine - 1]).toBe("SELECT a.sku, s.warehouse, s.available");
    expect([...(products?.placeholders ?? [])]).toEqual(["after", "limit"]);
  });

  test.each([
    ["a needed one is missing", good.replace("-- name: stock", "-- stock"), /query stock is missing/],
    [
      "a name is none of ours",
      good.replace("-- name: stock", "-- name: stocks"),
      /query stocks \(line \d+\) is none of ours/,
    ],
    ["one stands twice", `${good}\n-- name: stock\nSELECT 1`, /query stock \(line \d+\) stands twice/],
    ["a placeholder is not given", good.replace(":after", ":afer"), /names :afer|should name :after/],
    [
      "what was asked is not looked at",
      good.replace("a.sku = ANY(:skus)\n\n", "1 = 1\n\n"),
      /query stock .*should name :skus/,
    ],
    ["a list stands in IN on PostgreSQL", good.replaceAll("= ANY(:skus)", "IN (:skus)"), /write = ANY\(:skus\)/],
    ["changes come without their newest", good.replace(/-- name: newest_change[\s\S]*/, ""), /need each other/],
    [
      "a setting is missing",
      good.replace("ON s.sku = a.sku", "ON s.sku = a.sku AND s.warehouse = ANY(:warehouses)"),
      /set SQL_WAREHOUSES/,
    ],
  ])("where %s, that is named with its mend", (_, text, message) => {
    expect(() => parseQueries(text, "postgresql", nothing)).toThrow(message);
  });

  test("every mistake is named at once", () => {
    const text = "-- name: stock\nDELETE FROM stock\n-- name: prices\nSELECT 1";
    expect(() => parseQueries(text, "postgresql", nothing)).toThrow(/query stock[\s\S]*query prices/);
  });

  test("elsewhere than on PostgreSQL a list stands in IN, as it becomes several values", () => {
    expect(() => parseQueries(good, "mysql", nothing)).toThrow(/where a list can stand/);
    expect(() =>
      parseQueries(readFileSync("docs/erp/sql-example/queries.mysql.sql", "utf8"), "mysql", nothing),
    ).not.toThrow();
  });
});
