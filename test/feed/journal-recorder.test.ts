import { describe, expect, test } from "vitest";
import { everything } from "../../src/pricing/invalidation.js";
import { createStockKey, verifiedCustomer } from "../../src/pricing/keys.js";
import { failed } from "../../src/pricing/source.js";
import { foundAt, ladderOf, priceKeyOf, stockOf, unknownAt } from "../support/samples.js";
import { FeedWorld } from "./feed-world.js";

const day = 24 * 3_600_000;

async function changes({ journal }: FeedWorld): Promise<string[]> {
  const { sequence } = await journal.head();
  return (await journal.changesBetween(0, sequence, 100)).map(({ sku }) => sku);
}

/** Says the price of A at quantity 1, then another one, by keys like this. */
async function afterTwoPrices(parts: Parameters<typeof priceKeyOf>[0], ladder: Parameters<typeof ladderOf>[0] = {}) {
  const world = new FeedWorld();
  for (const unitPrice of ["1.00", "2.00"])
    world.recorder.onPrice(priceKeyOf(parts), foundAt(ladderOf({ ...ladder, unitPrice }), world.clock.now()));
  return changes(world);
}

describe("what the journal is told", () => {
  test("a public price in the ERP's own currency is a change of the feed; no customer's, no other currency, no other quantity", async () => {
    const customer = verifiedCustomer("C1");
    expect(await afterTwoPrices({})).toEqual(["A"]);
    expect(await afterTwoPrices({ quantity: "1", exactQuantity: true }, { onlyQuantity: "1" })).toEqual(["A"]);
    expect(await afterTwoPrices({ scope: { kind: "customer", customer } })).toEqual([]);
    expect(await afterTwoPrices({ scope: { kind: "price-scope", priceScope: "GOLD", customer } })).toEqual([]);
    expect(await afterTwoPrices({ currency: "CHF" })).toEqual([]);
    expect(await afterTwoPrices({ quantity: "9", exactQuantity: true }, { onlyQuantity: "9" })).toEqual([]);
  });

  test.each([
    ["unitPrice", { unitPrice: "10.01" }],
    ["taxRate", { taxRate: "10" }],
    ["a tier", { tiers: [{ from: "10", unitPrice: "9" }] }],
    ["unit", { unit: "box" }],
    ["validUntil", { validUntil: 5 }],
  ])("another %s is a change", async (_name, parts) => {
    const world = new FeedWorld();
    world.recorder.onPrice(priceKeyOf(), foundAt(ladderOf(), 1));
    world.recorder.onPrice(priceKeyOf(), foundAt(ladderOf(parts), 2));
    expect(await changes(world)).toEqual(["A"]);
  });

  test("the same answer read again, its price list named otherwise, is none; nor is a failure", async () => {
    const world = new FeedWorld();
    world.recorder.onPrice(priceKeyOf(), foundAt(ladderOf(), 1));
    world.recorder.onPrice(priceKeyOf(), foundAt(ladderOf({ priceList: "SUMMER" }), 2));
    world.recorder.onPrice(priceKeyOf(), failed(new Error("x")));
    expect(await changes(world)).toEqual([]);
  });

  test("stock is a change where a warehouse's count, the backorder or a date is another", async () => {
    const world = new FeedWorld();
    const key = createStockKey("A");
    const say = (parts: Parameters<typeof stockOf>[0]) => world.recorder.onStock(key, foundAt(stockOf(parts), 1));
    say({ warehouses: [{ code: "1", available: "5" }] });
    say({ warehouses: [{ code: "1", available: "5" }] });
    expect(await changes(world)).toEqual([]);
    say({ warehouses: [{ code: "1", available: "4" }] });
    const { sequence } = await world.journal.head();
    say({ warehouses: [{ code: "1", available: "4" }], backorder: true });
    expect((await world.journal.head()).sequence).toBe(sequence + 1);
  });

  test("SKUs that the ERP never knew leave no trace; one that it knows no longer is a change", async () => {
    const world = new FeedWorld();
    for (let index = 0; index < 50; index++) world.recorder.onPrice(priceKeyOf({ sku: `none-${index}` }), unknownAt(1));
    expect(world.journal.size).toBe(0);
    world.recorder.onPrice(priceKeyOf(), foundAt(ladderOf(), 1));
    world.recorder.onPrice(priceKeyOf(), unknownAt(2));
    expect(await changes(world)).toEqual(["A"]);
  });

  test("an invalidation counts where it reaches public prices or stock: by name, or for all that are known", async () => {
    const world = new FeedWorld();
    for (const sku of ["A", "B"]) world.recorder.onPrice(priceKeyOf({ sku }), foundAt(ladderOf({ sku }), 1));
    world.recorder.onInvalidated({ ...everything, customers: new Set(["C1"]) });
    world.recorder.onInvalidated({ ...everything, priceScopes: new Set(["GOLD"]), skus: new Set(["A"]) });
    world.recorder.onInvalidated({ ...everything, kinds: new Set(["customer"]) });
    expect(await changes(world)).toEqual([]);
    world.recorder.onInvalidated({ ...everything, skus: new Set(["B"]), kinds: new Set(["stock"]) });
    expect(await changes(world)).toEqual(["B"]);
    world.recorder.onInvalidated(everything);
    expect((await changes(world)).sort()).toEqual(["A", "B"]);
  });

  test("the lowest price of 30 days is of one unit before tax, whatever is asked for, and each currency has its own", async () => {
    const world = new FeedWorld();
    const { recorder, journal, clock } = world;
    const say = (unitPrice: string, currency: string | null) => {
      const answer = ladderOf({
        unitPrice,
        currency: currency ?? "EUR",
        tiers: [
          { from: "1", unitPrice },
          { from: "10", unitPrice: "0.01" },
        ],
      });
      recorder.onPrice(priceKeyOf({ currency }), foundAt(answer, clock.now()));
    };
    say("10.00", null);
    say("11.00", "CHF");
    await clock.advance(10 * day);
    say("8.00", null);
    await clock.advance(5 * day);
    say("12.00", null);
    expect(journal.lowestNetsOf("A", "EUR")).toEqual({ lowest: null, prior: null });
    await clock.advance(20 * day);
    say("9.00", null);
    expect(journal.lowestNetsOf("A", "EUR")).toEqual({ lowest: "8.00", prior: "8.00" });
    expect(journal.lowestNetsOf("A", "CHF")).toEqual({ lowest: "11.00", prior: null });
    expect(journal.lowestNetsOf("B", "EUR")).toEqual({ lowest: null, prior: null });
    await clock.advance(300 * day);
    expect(journal.lowestNetsOf("A", "EUR")).toEqual({ lowest: "9.00", prior: "8.00" });
  });
});
