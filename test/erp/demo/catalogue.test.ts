import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Catalogue, maxSkus, nameAt } from "../../../src/erp/demo/catalogue.js";

const size = 5_003; // no multiple of the number of families
const catalogue = new Catalogue(1, size);

describe("the demonstration catalogue", () => {
  test("every place has an SKU of its own that leads back to it", () => {
    const skus = catalogue.skusFrom(0, size);
    expect(new Set(skus).size).toBe(size);
    expect(skus.map((sku) => catalogue.indexOf(sku))).toEqual(skus.map((_, index) => index));
  });

  test("the SKUs of a smaller catalogue are those of a larger one, with the same prices", () => {
    const larger = new Catalogue(1, maxSkus);
    for (const index of [0, 17, 4_999]) expect(larger.productAt(index)).toEqual(catalogue.productAt(index));
    expect(larger.skuAt(maxSkus - 1)).toBe("CAFE-99999");
  });

  test("what is no SKU of ours is recognised, however near it comes", () => {
    const strangers = [
      "",
      "ELEC",
      "ELEC-00000",
      "ELEC-99999",
      "elec-00001",
      "ELEC-1",
      "ELEC-000001",
      " ELEC-00001",
      "XXXX-00001",
    ];
    expect(strangers.filter((sku) => catalogue.find(sku) !== null)).toEqual([]);
  });

  test("no text finds a product of another SKU", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^(ELEC|CAFE|QUIN)-[0-9]{4,6}$/)), (sku) => {
        expect(catalogue.find(sku)?.sku ?? sku).toBe(sku);
      }),
    );
  });

  test("no two products have the same name", () => {
    expect(new Set(Array.from({ length: 20_000 }, (_, index) => nameAt(index))).size).toBe(20_000);
  });

  test("it holds all tax rates, prices by the hundred, lengths and weights, and prices of 2, 4 and 6 decimals", () => {
    const products = Array.from({ length: size }, (_, index) => catalogue.productAt(index));
    expect(new Set(products.map(({ taxRate }) => taxRate))).toEqual(new Set(["20", "10", "5.5"]));
    expect(new Set(products.map(({ decimals }) => decimals))).toEqual(new Set([2, 4, 6]));
    expect(new Set(products.map(({ unit }) => unit.name))).toEqual(
      new Set(["pièce", "boîte de 100", "carton de 100", "m", "kg", "l", "rouleau"]),
    );
    expect(products.some(({ unit }) => unit.priceUnit === "100")).toBe(true);
    expect(products.filter(({ listPrice }) => listPrice < 10_000n)).toEqual([]);
  });
});
