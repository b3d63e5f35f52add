import type { PriceKey } from "../../pricing/keys.js";
import type { Ladder } from "../../pricing/ladder.js";
import type { ErpSource } from "../../pricing/source.js";
import type { Level } from "./find-knee.js";
import { median, type Point } from "./fit-line.js";
import type { FinishedCall, ProbeCalls } from "./probe-calls.js";

/** How often each size is asked for. */
const timesASize = 3;

/** Calls that each of those at once makes, one after the other. The first of them is not counted: it may open a connection, and meets an ERP that is idle. */
const roundsALevel = 5;

/** Hands out keys so that no call asks just what the one before did, which an ERP may remember. */
export type TakeKeys = (count: number) => readonly PriceKey[];

export function takeFrom(keys: readonly PriceKey[]): TakeKeys {
  let start = 0;
  return (count) => {
    const taken = Array.from(
      { length: Math.min(count, keys.length) },
      (_, index) => keys[(start + index) % keys.length] as PriceKey,
    );
    start = (start + taken.length) % keys.length;
    return taken;
  };
}

/** From one key to the most, each four times the one before. */
export function sizesUpTo(most: number): number[] {
  const sizes: number[] = [];
  for (let size = 1; size < most; size *= 4) sizes.push(size);
  return [...sizes, most];
}

/** The median time of each size, one call at a time. Sizes take turns, so that a slow minute blames none. */
export async function measureSizes(
  calls: ProbeCalls,
  prices: ErpSource<PriceKey, Ladder>,
  take: TakeKeys,
  sizes: readonly number[],
): Promise<Point[]> {
  const seen = new Map<number, number[]>(sizes.map((size) => [size, []]));
  for (let time = 0; time < timesASize; time++) {
    for (const size of sizes) {
      const call = await calls.read(prices, take(size));
      if (call.error !== null) throw call.error;
      seen.get(size)?.push(call.ms);
    }
  }
  return [...seen].map(([keys, times]) => ({ keys, ms: median(times) }));
}

/** How many calls a level costs. */
export function costOfLevel(concurrency: number): number {
  return concurrency * roundsALevel;
}

/** So many calls at once, each followed by the next, until each has made its rounds; broken off at the first that fails. */
export async function measureLevel(
  calls: ProbeCalls,
  prices: ErpSource<PriceKey, Ladder>,
  take: () => readonly PriceKey[],
  concurrency: number,
): Promise<Level> {
  const counted: FinishedCall<Ladder>[] = [];
  let trouble: string | null = null;
  const work = async () => {
    for (let round = 0; round < roundsALevel && trouble === null; round++) {
      const call = await calls.read(prices, take());
      if (round > 0) counted.push(call);
      if (call.error !== null) trouble ??= call.error.message;
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  const times = counted.map(({ ms }) => ms);
  const meanMs = times.reduce((sum, ms) => sum + ms, 0) / times.length;
  return {
    concurrency,
    // By Little's law: what is always in flight, by how long each takes. Unlike a count it knows no beginning and no end.
    perSecond: trouble === null ? (concurrency * 1000) / Math.max(meanMs, 0.001) : 0,
    medianMs: times.length === 0 ? 0 : median(times),
    trouble,
  };
}
