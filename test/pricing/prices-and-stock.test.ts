import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compareDecimals } from "../../src/pricing/decimal.js";
import { answersQuantity, sortTiers, unitPriceAt } from "../../src/pricing/ladder.js";
import { priceAt, withOtherSide } from "../../src/pricing/price.js";
import { type Outcome, readDistinct } from "../../src/pricing/source.js";
import { selectWarehouses, stockStatus, totalAvailable } from "../../src/pricing/stock.js";
import { keysOf, type NamedKey, RecordingSource } from "../support/fake-source.js";
import { askAt, foundAt, ladderOf, stockOf, unknownAt } from "../support/samples.js";

const tiers = [
  { from: "5", unitPrice: "9.00" },
  { from: "10", unitPrice: "8.00" },
  { from: "100", unitPrice: "7.00" },
];

describe("ladders", () => {
  test.each([
    ["1", "9.00", "below the lowest break the lowest break answers"],
    ["5", "9.00", "a break begins at its own quantity"],
    ["9.999999", "9.00", "just below the next break"],
    ["10", "8.00", "at the next break, though 10 sorts before 5 as a text"],
    ["10.0", "8.00", "however the quantity is written"],
    ["1000", "7.00", "above the highest break the highest answers"],
  ])("at quantity %s a unit costs %s: %s", (quantity, price) => {
    expect(unitPriceAt(ladderOf({ tiers, unitPrice: "12.00" }), quantity)).toBe(price);
  });

  test("a ladder without breaks costs its unit price at every quantity", () => {
    expect(unitPriceAt(ladderOf({ unitPrice: "12.00" }), "1000")).toBe("12.00");
  });

  test("the price is that of the highest break not above the quantity, for any ladder", () => {
    const breaks = fc.uniqueArray(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(breaks, fc.integer({ min: 1, max: 600 }), (froms, quantity) => {
        const sorted = sortTiers(froms.map((from) => ({ from: String(from), unitPrice: `${from}.5` })));
        const reached = froms.filter((from) => from <= quantity);
        const from = reached.length === 0 ? Math.min(...froms) : Math.max(...reached);
        expect(unitPriceAt(ladderOf({ tiers: sorted }), String(quantity))).toBe(`${from}.5`);
      }),
    );
  });

  test("breaks are sorted by value, not by writing, and the list given stays as it was", () => {
    const given = [...tiers].reverse();
    const before = structuredClone(given);
    expect(sortTiers(given)).toEqual(tiers);
    expect(given).toEqual(before);
  });

  test("a whole ladder answers every quantity, one quantity's price that quantity alone", () => {
    expect(answersQuantity(ladderOf(), "7")).toBe(true);
    expect(answersQuantity(ladderOf({ onlyQuantity: "7" }), "7.00")).toBe(true);
    expect(answersQuantity(ladderOf({ onlyQuantity: "7" }), "8")).toBe(false);
  });
});

describe("both sides of the tax", () => {
  test("the side that the ERP computed stays as it wrote it", () => {
    expect(withOtherSide("10.500000", { taxBasis: "NET", taxRate: "20" }).net).toBe("10.500000");
    expect(withOtherSide("12.600000", { taxBasis: "GROSS", taxRate: "20" }).gross).toBe("12.600000");
  });

  test("the other side is derived", () => {
    expect(withOtherSide("10.50", { taxBasis: "NET", taxRate: "20" }).gross).toBe("12.6");
    expect(withOtherSide("10.00", { taxBasis: "GROSS", taxRate: "20" }).net).toBe("8.333333");
  });

  test("without a tax rate there is no gross, and a gross price cannot be", () => {
    expect(withOtherSide("10", { taxBasis: "NET", taxRate: null })).toEqual({ net: "10", gross: null });
    expect(() => withOtherSide("10", { taxBasis: "GROSS", taxRate: null })).toThrow("without a tax rate");
  });

  test("a tax rate of 0 is a rate: gross equals net", () => {
    expect(withOtherSide("10.10", { taxBasis: "NET", taxRate: "0" }).gross).toBe("10.1");
  });

  test("the price at a quantity is that of its break, on both sides", () => {
    expect(priceAt(ladderOf({ tiers, taxRate: "10" }), "10")).toEqual({ net: "8.00", gross: "8.8" });
  });
});

describe("stock", () => {
  test.each([
    ["6", false, "IN_STOCK"],
    ["5.000001", false, "IN_STOCK"],
    ["5", false, "LOW_STOCK"],
    ["5.00", true, "LOW_STOCK"],
    ["0.000001", false, "LOW_STOCK"],
    ["0", false, "OUT_OF_STOCK"],
    ["-3", false, "OUT_OF_STOCK"],
    ["0", true, "BACKORDER"],
    ["-3", true, "BACKORDER"],
  ] as const)("%s available, backorder %s, low at 5: %s", (available, backorder, status) => {
    expect(stockStatus(available, backorder, "5")).toBe(status);
  });

  const warehouses = [
    { code: "W1", available: "1.5" },
    { code: "W2", available: "2" },
    { code: "W3", available: "-0.5" },
  ];

  test("without names all warehouses count, with names those alone, in the order named and once each", () => {
    const stock = stockOf({ warehouses });
    const codesOf = (codes: string[] | null) => selectWarehouses(stock, codes).map(({ code }) => code);
    expect(codesOf(null)).toEqual(["W1", "W2", "W3"]);
    expect(codesOf(["W3", "W1", "W3", "W9"])).toEqual(["W3", "W1"]);
    expect(codesOf([])).toEqual([]);
  });

  test("what can be promised is the exact sum over warehouses", () => {
    expect(totalAvailable(warehouses)).toBe("3.0");
    expect(compareDecimals(totalAvailable([]), "0")).toBe(0);
  });
});

describe("reading distinct keys", () => {
  test("each is asked once and every double answered, in order", async () => {
    const source = new RecordingSource<NamedKey, string>(({ id }) => (id === "?" ? unknownAt(0) : foundAt(id, 0)));
    const outcomes = await readDistinct(source, keysOf("b", "a", "?", "b", "a"), askAt(0));
    expect(source.askedIds).toEqual([["b", "a", "?"]]);
    expect(outcomes.map(wordOf)).toEqual(["b", "a", "unknown", "b", "a"]);
  });
});

function wordOf(outcome: Outcome<string>): string {
  return outcome.kind === "found" ? outcome.answer : outcome.kind;
}
