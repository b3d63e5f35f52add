import { describe, expect, test } from "vitest";
import type { FeedPage } from "../../src/feed/feed-page.js";
import { createPriceKey, createStockKey, publicScope, type Scope, verifiedCustomer } from "../../src/pricing/keys.js";
import type { Ask, Key, Source } from "../../src/pricing/source.js";
import { askAt } from "../support/samples.js";
import { settle } from "../support/virtual-clock.js";
import { SweepWorld } from "./sweep-world.js";

const isComplete = ({ items }: FeedPage) =>
  items.every(({ price, stock }) => price?.kind === "found" && stock?.kind === "found");
const usual = { skus: 10_000, workers: 8, keysPerCall: 50, callMs: (keys: number) => 40 + 2 * keys, listMs: 40 };

describe("a sweep of an idle ERP", () => {
  test.each([
    ["eight calls at once", usual, 500],
    ["eight calls at once, told in small pages", usual, 10],
    ["eight calls at once, told in large pages", usual, 1_000],
    ["one call at a time", { ...usual, workers: 1, skus: 3_000 }, 500],
    ["two calls at once", { ...usual, workers: 2, skus: 3_000 }, 100],
    ["24 calls at once", { ...usual, workers: 24, skus: 20_000 }, 500],
    ["eight calls at once, and a list as slow as its prices", { ...usual, listMs: 140 }, 500],
  ] as const)("takes at most 1.1 times as long as its calls need on all workers: %s", async (_name, plan, pageSize) => {
    await SweepWorld.run(plan, async (world) => {
      let told = 0;
      const sweep = world.sweep(pageSize, (page) => {
        if (isComplete(page)) told += page.items.length;
      });
      expect((await world.inTime(sweep)) / world.leastMs).toBeLessThanOrEqual(1.1);
      expect(told).toBe(plan.skus);
    });
  });
});

describe("a sweep of an ERP that slows", () => {
  test("asks for fewer at once, so that all is told whole and no call is made for nobody", async () => {
    await SweepWorld.run({ ...usual, skus: 3_000, workers: 4 }, async (world) => {
      const pages: FeedPage[] = [];
      const sweep = world.sweep(200, (page) => {
        pages.push(page);
        // Four seconds a full call: what is usually under way at once would take a minute.
        world.slowness = pages.length >= 3 && pages.length < 8 ? 30 : 1;
      });
      await world.inTime(sweep);
      expect(pages.map(isComplete)).toEqual(pages.map(() => true));
      expect(pages.flatMap(({ items }) => items)).toHaveLength(3_000);
      expect(world.calls.filter(({ isWasted }) => isWasted)).toHaveLength(0);
    });
  }, 20_000);
});

describe("buyers under a sweep", () => {
  const shop = { ...usual, skus: 6_000, callMs: () => 100, cacheMaxBytes: 1_200_000 };
  const [warmMs, seenMs, pageEveryMs, skusPerPage] = [60_000, 60_000, 200, 24];

  interface Seen {
    readonly hits: Record<Scope["kind"], number>;
    readonly asked: Record<Scope["kind"], number>;
    readonly tookMs: number[];
  }

  /** Pages of anonymous visitors and of customers in turn, over Zipf's law, while `meanwhile` goes on. */
  function browse(meanwhile: (world: SweepWorld) => Promise<unknown>): Promise<Seen> {
    return SweepWorld.run(shop, async (world) => {
      const { clock, random, layers } = world;
      const { prices, stock } = layers.sources;
      const hits = { public: 0, customer: 0, "price-scope": 0 };
      const seen: Seen = { hits, asked: { ...hits }, tookMs: [] };
      const opensAt = clock.now();
      async function read<K extends Key>(source: Source<K, unknown>, keys: readonly K[], scope: Scope, ask: Ask) {
        const outcomes = await source.readMany(keys, ask);
        if (ask.deadline - 2_000 < opensAt + warmMs) return;
        seen.asked[scope.kind] += outcomes.length;
        for (const outcome of outcomes)
          if (outcome.kind === "found" && outcome.freshness.source !== "ERP") seen.hits[scope.kind]++;
      }
      async function view(): Promise<void> {
        const skus = new Set<string>();
        while (skus.size < skusPerPage) skus.add(random.zipf(world.skus));
        const customer = verifiedCustomer(`C${random.int(1, 4)}`);
        const scope: Scope = random.chance(0.5) ? publicScope : { kind: "customer", customer };
        const askedAt = clock.now();
        const terms = { scope, currency: null, quantity: "1", exactQuantity: false };
        const keys = [...skus].map((sku) => createPriceKey({ ...terms, sku }));
        const ask = askAt(askedAt);
        await Promise.all([read(prices, keys, scope, ask), read(stock, [...skus].map(createStockKey), scope, ask)]);
        if (askedAt >= opensAt + warmMs) seen.tookMs.push(clock.now() - askedAt);
      }
      const open = () => {
        void view();
        clock.after(pageEveryMs, open);
      };
      open();
      await clock.advance(warmMs);
      void meanwhile(world);
      await clock.advance(seenMs);
      return seen;
    });
  }

  const ratio = ({ hits, asked }: Seen, kind: Scope["kind"]) => hits[kind] / asked[kind];
  const p95 = ({ tookMs }: Seen) => tookMs.toSorted((one, other) => one - other)[Math.floor(tookMs.length * 0.95)] ?? 0;

  test("are answered from memory at least 0.98 times as often as without, and wait no longer", async () => {
    const calm = await browse(async () => {});
    let sweeps = 0;
    const swept = await browse(async (world) => {
      for (; ; sweeps++) await world.sweep(500);
    });
    // What the feed does, done by a buyer: the test must be able to fail.
    const evicted = await browse(async (world) => {
      for (let from = 0; ; from = (from + 200) % world.skus.length) {
        const keys = world.skus
          .slice(from, from + 200)
          .map((sku) =>
            createPriceKey({ scope: publicScope, sku, currency: null, quantity: "1", exactQuantity: false }),
          );
        await world.layers.sources.prices.readMany(keys, askAt(world.clock.now()));
        await settle(); // were all of it in memory, no time would pass, nor this loop end
      }
    });
    expect(sweeps).toBeGreaterThanOrEqual(1);
    for (const kind of ["public", "customer"] as const) {
      expect(ratio(calm, kind)).toBeGreaterThan(0.5);
      expect(ratio(swept, kind) / ratio(calm, kind)).toBeGreaterThanOrEqual(0.98);
    }
    expect(ratio(evicted, "customer") / ratio(calm, "customer")).toBeLessThan(0.98);
    expect(p95(swept) / p95(calm)).toBeLessThanOrEqual(1.05);
  }, 60_000);
});
