import { describe, expect, test } from "vitest";
import { CachedSource } from "../../src/cache/cached-source.js";
import type { Lane } from "../../src/pricing/source.js";
import { createRandom } from "../scenario/random.js";
import { bySku, keysOf, type NamedKey, RecordingSource } from "../support/fake-source.js";
import { askAt, foundAt } from "../support/samples.js";
import { VirtualClock } from "../support/virtual-clock.js";

/** A cache of `maxEntries`; `read` tells whether the ERP had to be asked. */
function setUp(maxEntries: number) {
  const clock = new VirtualClock();
  const inner = new RecordingSource<NamedKey, string>(({ id }) => foundAt(id, clock.now()));
  const cache = new CachedSource(inner, {
    windows: { freshMs: 600_000, staleMs: 6_000_000, unknownMs: 30_000, failureMs: 1_000 },
    maxBytes: 1_000_000,
    maxEntries,
    clock,
    random: () => 0,
    revalidateMs: 10_000,
    longestFlightMs: 5_000,
    namesOf: bySku,
    onLookup() {},
  });
  const read = async (lane: Lane, ...ids: string[]): Promise<string[]> => {
    const before = inner.asked.length;
    await cache.readMany(keysOf(...ids), askAt(clock.now(), { lane }));
    return inner.askedIds.slice(before).flat();
  };
  return { clock, cache, read };
}

const many = (name: string, count: number) => Array.from({ length: count }, (_, number) => `${name}${number}`);

describe("what only the feed asked", () => {
  test("evicts no buyer's answer, however much it is, and stays within a tenth", async () => {
    const { cache, read } = setUp(100);
    await read("storefront", ...many("buyer", 100));
    await read("feed", ...many("swept", 1_000));
    expect(cache.size).toBe(110);
    expect(await read("storefront", ...many("buyer", 100))).toEqual([]);
  });

  test("is read by all lanes, and a buyer's once a buyer read it: the next sweep leaves it", async () => {
    const { read } = setUp(100);
    await read("feed", "a", "b");
    expect(await read("checkout", "a")).toEqual([]);
    expect(await read("feed", "a", "b")).toEqual([]);
    await read("feed", ...many("swept", 50));
    expect(await read("storefront", "a")).toEqual([]);
    expect(await read("storefront", "b")).toEqual(["b"]);
  });

  test("makes no buyer's answer look used, be it read or renewed", async () => {
    const { clock, read } = setUp(2);
    await read("storefront", "old");
    await read("storefront", "new");
    await read("feed", "old");
    await clock.advance(600_000);
    await read("feed", "old"); // stale: read again behind it
    await clock.advance(1);
    await read("storefront", "newest");
    expect(await read("feed", "old")).toEqual(["old"]);
    expect(await read("storefront", "newest")).toEqual([]);
  });

  test("is forgotten like any other answer", async () => {
    const { clock, cache, read } = setUp(100);
    await read("feed", "a");
    await read("storefront", "b");
    await clock.advance(1);
    expect(cache.forget(() => true, "everything")).toBe(2);
    expect(await read("feed", "a", "b")).toEqual(["a", "b"]);
  });
});

/** The share of hits that buyers have over a catalogue of 2,000 SKUs with room for 400, with or without a feed that sweeps all of it. */
async function buyersHits(isSwept: boolean): Promise<number> {
  const random = createRandom(1_126);
  const { read } = setUp(400);
  const skus = many("sku", 2_000);
  let total = 0;
  const reaches = skus.map((_, rank) => {
    total += 1 / (rank + 1);
    return total;
  });
  const draw = () => {
    const point = random() * total;
    return skus[reaches.findIndex((reach) => point < reach)] as string;
  };
  let hits = 0;
  const questions = 12_000;
  for (let number = 0; number < questions; number++) {
    if (isSwept && number % 10 === 0)
      await read("feed", ...skus.slice((number * 5) % 2_000, ((number * 5) % 2_000) + 50));
    if ((await read("storefront", draw())).length === 0) hits += 1;
  }
  return hits / questions;
}

test("buyers' hits under a feed sweep are at least 0.98 of those without, over Zipf's law", async () => {
  const calm = await buyersHits(false);
  expect(calm).toBeGreaterThan(0.5);
  expect((await buyersHits(true)) / calm).toBeGreaterThanOrEqual(0.98);
});
