import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  everything,
  type Invalidation,
  type KeyNames,
  namesOfPrice,
  reachOf,
  touchesPrice,
  touchesRecord,
  touchesStock,
  whereToLook,
} from "../../src/pricing/invalidation.js";
import {
  createCustomerKey,
  createStockKey,
  publicScope,
  type Scope,
  verifiedCustomer,
} from "../../src/pricing/keys.js";
import { customerOf, priceKeyOf } from "../support/samples.js";

const [c1, c2, c3] = ["C1", "C2", "C3"].map(verifiedCustomer) as [
  ReturnType<typeof verifiedCustomer>,
  ReturnType<typeof verifiedCustomer>,
  ReturnType<typeof verifiedCustomer>,
];
const own = (customer: typeof c1): Scope => ({ kind: "customer", customer });
const inScope = (priceScope: string, customer: typeof c1): Scope => ({ kind: "price-scope", priceScope, customer });

/** C1 is in no price scope; C2 and C3 are in GOLD. Each answer by the name it has in the expectations. */
const prices = {
  "public A": priceKeyOf({ sku: "A" }),
  "public B": priceKeyOf({ sku: "B", scope: publicScope }),
  "C1 A": priceKeyOf({ sku: "A", scope: own(c1) }),
  "C2 A": priceKeyOf({ sku: "A", scope: own(c2) }),
  "GOLD A by C3": priceKeyOf({ sku: "A", scope: inScope("GOLD", c3) }),
  "OLD B by C2": priceKeyOf({ sku: "B", scope: inScope("OLD", c2) }),
};
const stocks = { "stock A": createStockKey("A"), "stock B": createStockKey("B") };
const records = { "record C1": createCustomerKey(c1), "record C2": createCustomerKey(c2) };
const kept = [
  customerOf({ code: "C1" }),
  customerOf({ code: "C2", priceScope: "GOLD" }),
  customerOf({ code: "C3", priceScope: "GOLD" }),
];

function touched(parts: Partial<Invalidation>): string[] {
  const invalidation = { ...everything, ...parts };
  const reach = reachOf(invalidation, kept);
  const pick = <K>(keys: Record<string, K>, touches: (key: K) => boolean) =>
    Object.entries(keys).flatMap(([name, key]) => (touches(key) ? [name] : []));
  return [
    ...pick(prices, (key) => touchesPrice(invalidation, reach, key)),
    ...pick(stocks, (key) => touchesStock(invalidation, key)),
    ...pick(records, (key) => touchesRecord(invalidation, key)),
  ];
}

describe("what an invalidation touches", () => {
  test("with no list: everything", () => {
    const all = [prices, stocks, records].flatMap((keys) => Object.keys(keys));
    expect(touched({})).toEqual(all);
  });

  test("of an SKU: its prices for everybody and its stock, and no customer's record", () => {
    const named = ["public A", "C1 A", "C2 A", "GOLD A by C3", "stock A"];
    expect(touched({ skus: new Set(["A"]) })).toEqual(named);
  });

  test("of a kind: that kind alone", () => {
    expect(touched({ kinds: new Set(["stock"]) })).toEqual(["stock A", "stock B"]);
    expect(touched({ kinds: new Set(["customer"]) })).toEqual(["record C1", "record C2"]);
    expect(touched({ kinds: new Set(["price"]) })).toEqual(Object.keys(prices));
  });

  test("of a customer: its record and its own prices, nobody else's and no stock", () => {
    expect(touched({ customers: new Set(["C1"]) })).toEqual(["C1 A", "record C1"]);
  });

  test("of a customer in a price scope: also that scope's prices, whoever they were asked for, and a scope it was asked in before", () => {
    const named = ["C2 A", "GOLD A by C3", "OLD B by C2", "record C2"];
    expect(touched({ customers: new Set(["C2"]) })).toEqual(named);
  });

  test("of a customer alone where its scope is not meant: the scope's prices stay", () => {
    expect(touched({ customers: new Set(["C2"]), reachesTheirScopes: false })).toEqual(["C2 A", "record C2"]);
  });

  test("of a price scope: its prices, and what its customers were told in their own name", () => {
    expect(touched({ priceScopes: new Set(["GOLD"]) })).toEqual(["C2 A", "GOLD A by C3"]);
  });

  test("of several lists: what stands in all of them", () => {
    expect(touched({ customers: new Set(["C2"]), skus: new Set(["B"]) })).toEqual(["OLD B by C2"]);
    expect(touched({ customers: new Set(["C1"]), priceScopes: new Set(["GOLD"]) })).toEqual([]);
    expect(touched({ customers: new Set(["C2"]), priceScopes: new Set(["GOLD"]) })).toEqual(["C2 A", "GOLD A by C3"]);
    expect(touched({ skus: new Set(["A"]), kinds: new Set(["stock"]) })).toEqual(["stock A"]);
  });
});

describe("where to look for what an invalidation touches", () => {
  const lists = (...names: string[]) =>
    fc.option(fc.uniqueArray(fc.constantFrom(...names)).map((list) => new Set(list)));
  const invalidations = fc.record<Invalidation>({
    kinds: fc.constant(null),
    skus: lists("A", "B", "C"),
    customers: lists("C1", "C2", "C3"),
    priceScopes: lists("GOLD", "OLD", "NONE"),
    reachesTheirScopes: fc.boolean(),
  });

  test("every key that is touched stands there under one of its names, whatever lists are named together", () => {
    let found = 0;
    fc.assert(
      fc.property(invalidations, (invalidation) => {
        const reach = reachOf(invalidation, kept);
        const where = whereToLook(invalidation, reach);
        const stands = (names: KeyNames) =>
          where === "everything" ||
          (["sku", "customer", "priceScope"] as const).some((one) => where[one]?.has(names[one] ?? "") === true);
        for (const key of Object.values(prices)) {
          if (!touchesPrice(invalidation, reach, key)) continue;
          expect(stands(namesOfPrice(key))).toBe(true);
          found++;
        }
        for (const { sku } of Object.values(stocks)) {
          if (touchesStock(invalidation, createStockKey(sku))) expect(stands({ sku })).toBe(true);
        }
        for (const { customer } of Object.values(records)) {
          if (touchesRecord(invalidation, createCustomerKey(customer))) expect(stands({ customer })).toBe(true);
        }
      }),
    );
    expect(found).toBeGreaterThan(50);
  });

  test("is everything only where all of it is touched", () => {
    expect(whereToLook(everything, reachOf(everything, kept))).toBe("everything");
    const none = { ...everything, skus: new Set<string>() };
    expect(whereToLook(none, reachOf(none, kept))).toEqual({ sku: new Set() });
  });
});
