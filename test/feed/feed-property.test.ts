import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { FeedItem, FeedPage } from "../../src/feed/feed-page.js";
import { publicScope } from "../../src/pricing/keys.js";
import { foundAt, ladderOf, priceKeyOf, unknownAt } from "../support/samples.js";
import { FeedWorld, namesOf, skusTo } from "./feed-world.js";

const catalogue = skusTo(40);
const sku = fc.constantFrom(...catalogue);

describe("a feed that is killed at random points and resumed", () => {
  type Turn = {
    first: number;
    isKilled: boolean;
    comes: string[];
    goes: string[];
    late: string[];
    msPerKey: number;
    forgets: boolean;
  };
  const turn: fc.Arbitrary<Turn> = fc.record({
    first: fc.integer({ min: 1, max: 15 }),
    isKilled: fc.boolean(),
    comes: fc.array(sku, { maxLength: 3 }),
    goes: fc.array(sku, { maxLength: 3 }),
    late: fc.array(sku, { maxLength: 4 }),
    msPerKey: fc.constantFrom(0, 0, 700, 3_000, 12_000),
    forgets: fc.boolean(),
  });

  test("names every SKU once, while products come and go and others are answered too late", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(sku), fc.array(turn, { minLength: 1, maxLength: 30 }), async (absent, turns) => {
        const world = new FeedWorld(catalogue.filter((each) => !absent.includes(each)));
        const stable = new Set(world.products.keys());
        const named: string[] = [];
        let after: string | null = null;
        for (let index = 0; ; index++) {
          const { first, isKilled, comes, goes, late, msPerKey, forgets } = turns[index % turns.length] as Turn;
          if (forgets) world.forgetPace();
          for (const each of comes) world.products.set(each, { price: "1", stock: "1" });
          for (const each of goes) {
            world.products.delete(each);
            stable.delete(each);
          }
          world.late.clear();
          for (const each of late) world.late.add(each);
          world.msFor = (keys) => keys * msPerKey;
          const page: FeedPage = await world.inTime(world.readPage(first, after));
          // Killed before it could note what it read, it asks for the same page again; at last it lives.
          if (isKilled && index < 200) continue;
          expect(page.items.length).toBeLessThanOrEqual(first);
          named.push(...namesOf(page.items));
          if (!page.hasNextPage) break;
          after = page.endCursor;
        }
        expect(new Set(named).size).toBe(named.length);
        expect(named.filter((each) => stable.has(each))).toEqual([...stable]);
      }),
      { numRuns: 200 },
    );
  });
});

describe("deltas", () => {
  type Change = {
    kind: "price" | "stock" | "removed" | "added" | "seen" | "breaks" | "mends" | "all";
    sku: string;
    to: number;
  };
  const change: fc.Arbitrary<Change> = fc.record({
    kind: fc.constantFrom("price", "stock", "removed", "added", "seen", "breaks", "mends", "all"),
    sku,
    to: fc.nat(3),
  });

  function apply(world: FeedWorld, { kind, sku: name, to }: Change): void {
    const product = world.products.get(name);
    if (kind === "breaks") world.broken.add(name);
    if (kind === "mends") world.broken.delete(name);
    if (kind === "all") world.recorder.onInvalidated({ ...noNames, kinds: new Set(["stock"]) });
    if (kind === "added") world.products.set(name, { price: `${to}`, stock: "1" });
    if (kind === "removed") world.products.delete(name);
    if (product !== undefined && kind === "stock") product.stock = String(to);
    if (product !== undefined && (kind === "price" || kind === "seen")) product.price = `${to}.00`;
    if (kind === "seen") lookAt(world, name);
    else if (kind !== "breaks" && kind !== "mends") world.tell(name);
  }

  /** No ERP told it: a page that a buyer looks at finds out. */
  function lookAt(world: FeedWorld, name: string): void {
    const product = world.products.get(name);
    const now = world.clock.now();
    const said =
      product === undefined ? unknownAt(now) : foundAt(ladderOf({ sku: name, unitPrice: product.price }), now);
    world.recorder.onPrice(priceKeyOf({ scope: publicScope, sku: name }), said);
  }
  const noNames = { skus: null, customers: null, priceScopes: null, reachesTheirScopes: true };

  /** What a marketplace shows that heeds a run: an item without a price and without an error is not for sale. */
  function heed(shown: Map<string, string>, items: readonly FeedItem[]): void {
    for (const { sku: name, price, stock, isRemoved } of items) {
      if (price?.kind === "failed" || stock?.kind === "failed") continue;
      if (isRemoved || price?.kind !== "found") shown.delete(name);
      else
        shown.set(name, JSON.stringify([price.answer.unitPrice, stock?.kind === "found" && stock.answer.warehouses]));
    }
  }

  test("are the difference of two full feeds, whatever changes meanwhile, between the pages of the runs, too", async () => {
    const bursts = fc.array(fc.array(change, { maxLength: 4 }), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(
        bursts,
        fc.integer({ min: 3, max: 15 }),
        fc.constantFrom(20, 1_000),
        fc.boolean(),
        async (all, first, maxSkus, remembers) => {
          const world = new FeedWorld(catalogue.slice(0, 30), maxSkus);
          world.remembers = remembers;
          const left = all.values();
          const burst = () => {
            for (const each of left.next().value ?? []) apply(world, each);
          };
          const shown = new Map<string, string>();
          let cursor: string | null = null;
          const heedRun = async (between = () => {}) => {
            try {
              const { items, deltaCursor } = await world.run(first, cursor, between);
              expect(new Set(namesOf(items)).size).toBe(items.length);
              heed(shown, items);
              cursor = deltaCursor;
            } catch (error) {
              // A journal too small for what changed says so, and a full run heals it.
              expect([error, maxSkus]).toEqual([expect.objectContaining({ reason: "CURSOR_LOST" }), 20]);
              shown.clear();
              cursor = null;
              await heedRun();
            }
          };
          await heedRun(burst);
          for (let runs = 0; runs < 3; runs++) {
            burst();
            await heedRun(burst);
          }
          world.broken.clear();
          await heedRun();
          const full = new Map<string, string>();
          heed(full, (await world.run(1_000)).items);
          expect(new Map([...shown].sort())).toEqual(full);
        },
      ),
      { numRuns: 300 },
    );
  });
});
