import { describe, expect, test } from "vitest";
import { toLadder } from "../../../src/erp/sql/sql-ladder.js";
import { readDecimal, readFlag, readInstant } from "../../../src/erp/sql/sql-values.js";
import { priceKeyOf } from "../../support/samples.js";

const key = priceKeyOf({ sku: "A" });
const row = { sku: "A", currency: "EUR", net: "10.00" };

const ladder = (...rows: Record<string, unknown>[]) => toLadder(key, rows, false);

describe("the rows of one SKU as a ladder", () => {
  test("one row without a quantity is the price of every quantity", () => {
    expect(ladder(row)).toMatchObject({ unitPrice: "10.00", tiers: [], onlyQuantity: null, minimumQuantity: "1" });
  });

  test("rows come in any order, and breaks are put in theirs by number", () => {
    const rows = ["100", "5.000", "10"].map((from) => ({
      ...row,
      minimum_quantity: from,
      net: `${from}1`.replace(".", ""),
    }));
    expect(ladder(...rows).tiers.map(({ from }) => from)).toEqual(["5", "10", "100"]);
  });

  test("a gross price has its rate, or is refused", () => {
    const gross = { sku: "A", currency: "EUR", gross: "12.00" };
    expect(ladder({ ...gross, tax_rate: "20" })).toMatchObject({
      taxBasis: "GROSS",
      unitPrice: "12.00",
      taxRate: "20",
    });
    expect(() => ladder(gross)).toThrow("without tax_rate");
  });

  test("a ladder ends with the first of its rows that does", () => {
    const ends = ["2026-12-31 23:00:00+00", null, "2026-12-01T00:00:00+01:00"];
    const rows = ends.map((end, index) => ({ ...row, minimum_quantity: String(index + 1), valid_until: end }));
    expect(ladder(...rows).validUntil).toBe(Date.UTC(2026, 10, 30, 23));
  });

  test.each([
    ["net and gross in one row", [{ ...row, gross: "12.00", tax_rate: "20" }], "has both"],
    ["neither", [{ ...row, net: null }], "neither"],
    [
      "a mixture of both over the rows",
      [
        { ...row, minimum_quantity: "1" },
        { sku: "A", currency: "EUR", gross: "9", tax_rate: "20", minimum_quantity: "2" },
      ],
      "mix net and gross",
    ],
    [
      "rows that differ in what holds for the SKU",
      [
        { ...row, minimum_quantity: "1", unit: "box" },
        { ...row, minimum_quantity: "2", unit: "m" },
      ],
      "differ in unit",
    ],
    [
      "two rows from one quantity, written differently",
      [
        { ...row, minimum_quantity: "1" },
        { ...row, minimum_quantity: "1.000" },
      ],
      "two rows",
    ],
    ["two rows without any", [row, { ...row, net: "9" }], "two rows"],
    ["a float that got through", [{ ...row, net: 10.5 }], "an exact decimal"],
    ["an amount that is none", [{ ...row, net: "NaN" }], "an exact decimal"],
    ["a price unit of nothing", [{ ...row, price_unit: "0" }], "above 0"],
  ])("%s is refused", (_, rows, message) => {
    expect(() => ladder(...rows)).toThrow(message);
  });
});

describe("cells", () => {
  test("decimals beyond the sixth pass only where they are zeros", () => {
    expect(readDecimal("12.50000000", "net")).toBe("12.500000");
    expect(() => readDecimal("12.50000001", "net")).toThrow("an exact decimal");
  });

  test("a flag is a boolean in whatever way its database writes one", () => {
    expect([true, 1, "t", "1"].map((value) => readFlag(value, "blocked"))).toEqual([true, true, true, true]);
    expect([false, 0, "f", "0"].map((value) => readFlag(value, "blocked"))).toEqual([false, false, false, false]);
    expect(() => readFlag("Y", "blocked")).toThrow("blocked should be true or false");
  });

  test("an instant without a zone is refused: nobody could tell when it is", () => {
    expect(() => readInstant("2026-12-01 00:00:00", "valid_until")).toThrow("with its zone");
  });
});
