import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createEntry } from "../../src/cache/freshness.js";
import { KeptAnswers } from "../../src/cache/kept-answers.js";
import { NameIndex } from "../../src/cache/name-index.js";
import { type KeyNames, namesOfPrice } from "../../src/pricing/invalidation.js";
import { type PriceKey, publicScope, type Scope, verifiedCustomer } from "../../src/pricing/keys.js";
import type { Lane } from "../../src/pricing/source.js";
import { foundAt, priceKeyOf } from "../support/samples.js";

const windows = { freshMs: 60_000, staleMs: 600_000, unknownMs: 30_000, failureMs: 1_000 };
const entry = createEntry(foundAt("", 0), windows, null, () => 0);
const customers = ["C1", "C2"].map(verifiedCustomer);

const scopes: Scope[] = [
  publicScope,
  ...customers.map((customer) => ({ kind: "customer" as const, customer })),
  ...customers.map((customer) => ({ kind: "price-scope" as const, priceScope: "GOLD", customer })),
];
const keys = fc
  .tuple(fc.constantFrom("A", "B", "C"), fc.constantFrom(...scopes))
  .map(([sku, scope]) => priceKeyOf({ sku, scope }));
const lane = fc.constantFrom<Lane>("storefront", "feed");
const dimension = fc.constantFrom("sku", "customer", "priceScope" as const);
const name = fc.constantFrom("A", "B", "C1", "C2", "GOLD");

describe("what is kept is found by its names", () => {
  test("whatever was kept, renewed in another's name, read, pushed out and deleted before", () => {
    let deleted = 0;
    const step = fc.oneof(
      fc.record({ do: fc.constant("keep" as const), key: keys, lane }),
      fc.record({ do: fc.constant("read" as const), key: keys, lane }),
      fc.record({ do: fc.constant("delete" as const), dimension, name }),
    );
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 6 }),
        fc.array(step, { minLength: 10, maxLength: 80, size: "max" }),
        (maxEntries, steps) => {
          const kept = new KeptAnswers<PriceKey, string>(maxEntries, namesOfPrice);
          for (const each of steps) {
            if (each.do === "keep") kept.keep(each.key.id, each.key, entry, each.lane);
            else if (each.do === "read") kept.read(each.key.id, each.lane);
            else {
              const has = (key: PriceKey) =>
                (namesOfPrice(key) as Record<string, string>)[each.dimension] === each.name;
              const before = kept.size;
              const gone = kept.deleteNamed({ [each.dimension]: new Set([each.name]) }, has);
              expect(kept.size).toBe(before - gone);
              // A walk over all of it, by every SKU that there is, finds none that was left behind.
              expect(kept.deleteNamed({ sku: new Set(["A", "B", "C"]) }, has)).toBe(0);
              deleted += gone;
            }
          }
          const left = kept.size;
          expect(kept.deleteNamed({ sku: new Set(["A", "B", "C"]) }, () => true)).toBe(left);
          expect(kept.size).toBe(0);
        },
      ),
      { numRuns: 300 },
    );
    expect(deleted).toBeGreaterThan(100);
  });

  test("only what matches is deleted of what has the name", () => {
    const kept = new KeptAnswers<PriceKey, string>(10, namesOfPrice);
    for (const scope of scopes) {
      const key = priceKeyOf({ scope });
      kept.keep(key.id, key, entry, "storefront");
    }
    expect(kept.size).toBe(4); // one price for the price scope, in the name of the one who asked last
    expect(kept.deleteNamed({ customer: new Set(["C1"]) }, ({ scope }) => scope.kind === "price-scope")).toBe(0);
    expect(kept.deleteNamed({ customer: new Set(["C2"]) }, ({ scope }) => scope.kind === "price-scope")).toBe(1);
    expect(kept.clear()).toBe(3);
    expect(kept.size).toBe(0);
  });
});

test("an index forgets what was removed, and holds no name that nothing has", () => {
  const index = new NameIndex();
  const gold: KeyNames = { sku: "A", customer: "C1", priceScope: "GOLD" };
  index.add("1", gold);
  index.add("1", gold);
  index.add("2", { sku: "A" });
  index.add("3", { sku: "A" });
  expect([...index.find({ sku: new Set(["A", "B"]), priceScope: new Set(["GOLD"]) })]).toEqual(["1", "2", "3"]);
  index.remove("1", gold);
  index.remove("2", { sku: "A" });
  expect([...index.find({ sku: new Set(["A"]), customer: new Set(["C1"]) })]).toEqual(["3"]);
  index.remove("3", { sku: "A" });
  index.remove("3", { sku: "A" });
  expect(index.find({ sku: new Set(["A"]) }).size).toBe(0);
});
