import { expect, test } from "vitest";
import { toInvalidations } from "../../src/cache/change-invalidations.js";
import type { Change } from "../../src/pricing/connector.js";

/** Each invalidation in short: kinds, then the names of each list that is given. */
function inShort(...changes: Change[]): string[] {
  return toInvalidations(changes).map(({ kinds, skus, customers, priceScopes, reachesTheirScopes }) =>
    [
      [...(kinds ?? [])].join("+"),
      ...Object.entries({ skus, customers, priceScopes }).flatMap(([name, list]) =>
        list === null ? [] : `${name} ${[...list].join(",")}`,
      ),
      ...(reachesTheirScopes ? [] : ["own"]),
    ].join(" "),
  );
}

test("each kind of change invalidates what it touches; an absent name stands for all", () => {
  expect(inShort({ kind: "price", sku: "A" })).toEqual(["price skus A"]);
  expect(inShort({ kind: "price" })).toEqual(["price"]);
  expect(inShort({ kind: "price", sku: "A", customer: "C1" })).toEqual(["price skus A customers C1"]);
  expect(inShort({ kind: "price", priceScope: "GOLD" })).toEqual(["price priceScopes GOLD"]);
  expect(inShort({ kind: "stock", sku: "A", customer: "C1" })).toEqual(["stock skus A"]);
  expect(inShort({ kind: "removed", sku: "A" })).toEqual(["price+stock skus A"]);
  expect(inShort({ kind: "customer", customer: "C1" })).toEqual(["customer+price customers C1 own"]);
  expect(inShort({ kind: "customer" })).toEqual(["customer+price own"]);
});

test("changes of one sort are one invalidation, and none is widened by its neighbours", () => {
  const changes: Change[] = [
    { kind: "price", sku: "A" },
    { kind: "stock", sku: "C" },
    { kind: "price", sku: "B" },
    { kind: "price", priceScope: "GOLD" },
    { kind: "price", sku: "D", customer: "C1" },
    { kind: "price", sku: "E", customer: "C1" },
    { kind: "price", sku: "D", customer: "C2" },
    { kind: "price", customer: "C3" },
  ];
  expect(inShort(...changes)).toEqual([
    "price skus A,B",
    "stock skus C",
    "price priceScopes GOLD",
    "price skus D,E customers C1",
    "price skus D customers C2",
    "price customers C3",
  ]);
});

test("a page of changes that would take too many walks is made a few wider ones", () => {
  const changes = Array.from(
    { length: 1_000 },
    (_, number): Change => ({ kind: "price", sku: `S${number % 50}`, customer: `C${number}` }),
  );
  const [only, ...others] = toInvalidations(changes);
  expect(others).toEqual([]);
  expect([only?.skus?.size, only?.customers]).toEqual([50, null]);
});
