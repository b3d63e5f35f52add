import { PerformanceObserver } from "node:perf_hooks";
import { busiestCustomer, Catalogue, nameOfSku } from "./catalogue.js";
import {
  type Contender,
  createCachedPrices,
  createLruCache,
  createLruCacheWithNames,
  createPrices,
  createSlab,
  createStocks,
} from "./contenders.js";

// One contender in a process of its own, run with --expose-gc: its figures are what it writes.

export interface MemoryFigures {
  /** Of the heap and of what lies outside it, after collection, without what the process held before. */
  readonly bytesPerEntry: number;
  /** The same once the most asked answers were read. */
  readonly bytesPerEntryRead: number;
  /** While a tenth of all answers was replaced, in ms; minor collections among them. */
  readonly pauseMaxMs: number;
  readonly pauseTotalMs: number;
  /** CPU time of one replacement, the making of its ladder included, in µs. */
  readonly replaceMicros: number;
  /** A full collection, stopping everything, in ms. */
  readonly fullCollectionMs: number;
  /** CPU time of one lookup, in ns: of answers that were just read, and over all by Zipf's law. */
  readonly hotNanos: number;
  readonly zipfNanos: number;
  /** How long the loop is held while answers are forgotten by name, in ms, and how many those are; null where it cannot. */
  readonly forgetSku: Forgotten | null;
  readonly forgetCustomer: Forgotten | null;
}

interface Forgotten {
  readonly ms: number;
  readonly answers: number;
}

const [, , name = "", countText = ""] = process.argv;
const entries = Number(countText);
const hotKeys = 5_000;
const reads = 240_000;

const creators: Readonly<Record<string, () => Contender>> = {
  prices: createPrices,
  "cached-prices": createCachedPrices,
  stocks: createStocks,
  "lru-cache": () => createLruCache(entries),
  "lru-cache-names": () => createLruCacheWithNames(entries),
  slab: () => createSlab(entries),
};

async function main(): Promise<MemoryFigures> {
  const create = creators[name];
  const { gc } = globalThis;
  if (create === undefined || gc === undefined) throw new Error(`--expose-gc and one of ${Object.keys(creators)}`);
  const catalogue = new Catalogue();
  const numbers =
    name === "stocks" ? Uint32Array.from({ length: entries }, (_, at) => at) : catalogue.drawPairs(entries);
  const zipf = catalogue.drawHits(numbers, reads).map((at) => numbers[at] as number);
  const hot = Uint32Array.from({ length: reads }, (_, at) => numbers[(at * 7) % Math.min(hotKeys, entries)] as number);
  const before = heldBytes(gc);
  const contender = create();
  for (const number of numbers) contender.keep(number, 0);
  const bytesPerEntry = (heldBytes(gc) - before) / entries;
  const zipfNanos = await nanosPerRead(contender, zipf);
  const hotNanos = await nanosPerRead(contender, hot);
  const bytesPerEntryRead = (heldBytes(gc) - before) / entries;
  const startedAt = performance.now();
  gc();
  const fullCollectionMs = performance.now() - startedAt;
  const pauses = await replaceTenth(contender, numbers);
  return {
    ...{ bytesPerEntry, bytesPerEntryRead, fullCollectionMs, hotNanos, zipfNanos, ...pauses },
    forgetSku: forget(contender, { sku: nameOfSku(1) }),
    forgetCustomer: forget(contender, { customer: busiestCustomer }),
  };
}

function heldBytes(gc: NodeJS.GCFunction): number {
  for (let round = 0; round < 3; round++) gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function cpuMicros(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

/** The median of five rounds; the first of them, which warms up, is left out. */
async function nanosPerRead(contender: Contender, numbers: Uint32Array): Promise<number> {
  const rounds: number[] = [];
  for (let round = 0; round < 6; round++) {
    const read = contender.prepare(numbers);
    const startedAt = cpuMicros();
    await read();
    if (round > 0) rounds.push(((cpuMicros() - startedAt) * 1_000) / numbers.length);
  }
  return rounds.toSorted((a, b) => a - b)[2] as number;
}

async function replaceTenth(contender: Contender, numbers: Uint32Array) {
  const pauses: number[] = [];
  const observer = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) pauses.push(duration);
  });
  observer.observe({ entryTypes: ["gc"] });
  const count = Math.floor(numbers.length / 10);
  const before = cpuMicros();
  for (let at = 0; at < count; at++) {
    contender.keep(numbers[(at * 7_919) % numbers.length] as number, 1);
    // As they come from an ERP, page after page: the collector works in between, too.
    if (at % 500 === 499) await new Promise((resolve) => setImmediate(resolve));
  }
  const replaceMicros = (cpuMicros() - before) / count;
  await new Promise((resolve) => setTimeout(resolve, 100));
  observer.disconnect();
  return {
    pauseMaxMs: Math.max(0, ...pauses),
    pauseTotalMs: pauses.reduce((sum, pause) => sum + pause, 0),
    replaceMicros,
  };
}

function forget(contender: Contender, names: { sku?: string; customer?: string }): Forgotten | null {
  if (contender.forget === undefined || name === "stocks") return null;
  const startedAt = performance.now();
  const answers = contender.forget(names);
  return { ms: performance.now() - startedAt, answers };
}

process.stdout.write(JSON.stringify(await main()));
