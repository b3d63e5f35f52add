import { LRUCache } from "lru-cache";
import { CachedSource } from "../../src/cache/cached-source.js";
import { createEntry, type Entry } from "../../src/cache/freshness.js";
import { KeptAnswers } from "../../src/cache/kept-answers.js";
import { priceCodec } from "../../src/cache/price-codec.js";
import { stockCodec } from "../../src/cache/stock-codec.js";
import { namesOfPrice } from "../../src/pricing/invalidation.js";
import type { PriceKey } from "../../src/pricing/keys.js";
import type { Ladder } from "../../src/pricing/ladder.js";
import type { Ask, Found, Key, Outcome, Reading, TellingSource } from "../../src/pricing/source.js";
import { Catalogue, priceKeyOf, stockKeyOf } from "./catalogue.js";

/** Something that keeps an answer for each number, and is asked for it by a key that is made anew, as each request does. */
export interface Contender {
  /** @param version what is answered: with each one it is another price */
  keep(number: number, version: number): void;
  /** Makes the keys beforehand, outside what is measured. @returns reads them all */
  prepare(numbers: Uint32Array): () => void | Promise<void>;
  /** Forgets by name, where it can. @returns how many answers were forgotten */
  forget?(names: { readonly sku?: string; readonly customer?: string }): number;
}

const catalogue = new Catalogue();
const windows = { freshMs: 86_400_000, staleMs: 172_800_000, unknownMs: 30_000, failureMs: 1_000 };
const computedAt = 1_790_000_000_000;
const random = () => 0.5;
const keysPerPage = 24;
/** Enough for a million: for prices that is three quarters of the default of CACHE_MAX_MB. */
const maxBytes = { prices: 192_000_000, stocks: 320_000_000 };

function foundOf<Answer>(answer: Answer, version: number): Found<Answer> {
  const at = computedAt + version;
  return { kind: "found", answer, freshness: { source: "ERP", computedAt: at, freshUntil: at, staleReason: null } };
}

/** A source that only tells what it is told to. */
class Teller<K extends Key, Answer> implements TellingSource<K, Answer> {
  tell: (key: K, outcome: Outcome<Answer>, reading: Reading) => void = () => {};
  onOutcome(listener: typeof this.tell): void {
    this.tell = listener;
  }
  supersede(): void {}
  async readMany(keys: readonly K[]): Promise<Outcome<Answer>[]> {
    throw new Error(`${keys.length} keys should be in memory, such as ${keys[0]?.id}: the bound is too low`);
  }
}

function createCached<K extends Key, Answer>(
  rules: Pick<ConstructorParameters<typeof CachedSource<K, Answer>>[1], "codec" | "namesOf">,
  keyOf: (number: number) => K,
  answerOf: (number: number, version: number) => Answer,
  most: number,
): Contender {
  const teller = new Teller<K, Answer>();
  const cache = new CachedSource(teller, {
    ...rules,
    windows,
    maxBytes: most,
    clock: { now: () => computedAt + 10, after: () => () => {} },
    random,
    revalidateMs: 10_000,
    longestFlightMs: 0,
    onLookup() {},
  });
  const ask: Ask = { lane: "storefront", deadline: computedAt * 2, maxAgeMs: null, budget: null, signal: null };
  return {
    keep(number, version) {
      teller.tell(keyOf(number), foundOf(answerOf(number, version), version), { sentAt: null, lane: "storefront" });
    },
    prepare(numbers) {
      const pages: K[][] = [];
      for (let at = 0; at < numbers.length; at += keysPerPage)
        pages.push([...new Set(numbers.subarray(at, at + keysPerPage))].map(keyOf));
      return async () => {
        for (const page of pages) await cache.readMany(page, ask);
      };
    },
  };
}

/** The memory tier of prices alone. */
export function createPrices(): Contender {
  const kept = new KeptAnswers({ maxBytes: maxBytes.prices, codec: priceCodec, namesOf: namesOfPrice });
  return {
    keep(pair, version) {
      const key = priceKeyOf(pair);
      const found = foundOf(catalogue.ladderOf(pair, version), version);
      kept.keep(key.id, key, createEntry(found, windows, null, random), "storefront");
    },
    prepare: (pairs) => readAll([...pairs].map(priceKeyOf), ({ id }) => kept.read(id, "storefront") !== undefined),
    forget({ sku, customer }) {
      if (sku !== undefined) return kept.deleteNamed({ sku: new Set([sku]) }, (key) => key.sku === sku);
      const isTheirs = ({ scope }: PriceKey) => scope.kind !== "public" && scope.customer === customer;
      return kept.deleteNamed({ customer: new Set([customer as string]) }, isTheirs);
    },
  };
}

/** The same behind the whole cache: its freshness, failures and outcomes. */
export function createCachedPrices(): Contender {
  const answerOf = (pair: number, version: number) => catalogue.ladderOf(pair, version);
  return createCached({ codec: priceCodec, namesOf: namesOfPrice }, priceKeyOf, answerOf, maxBytes.prices);
}

export function createStocks(): Contender {
  const namesOf = ({ sku }: { readonly sku: string }) => ({ sku });
  const answerOf = (number: number, version: number) => catalogue.stockOf(number, version);
  return createCached({ codec: stockCodec, namesOf }, stockKeyOf, answerOf, maxBytes.stocks);
}

/** What lru-cache's own page begins with: a string for a key, an object for a value. It cannot forget by name. */
export function createLruCache(most: number): Contender {
  const cache = new LRUCache<string, Entry<Ladder>>({ max: most });
  return {
    keep(pair, version) {
      const found = foundOf(catalogue.ladderOf(pair, version), version);
      cache.set(priceKeyOf(pair).id, createEntry(found, windows, null, random));
    },
    prepare: (pairs) => readAll([...pairs].map(priceKeyOf), ({ id }) => cache.get(id) !== undefined),
  };
}

/** Pricelane until it kept answers as records: lru-cache, with the key in each value, and sets of ids for each name. */
export function createLruCacheWithNames(most: number): Contender {
  const ids = { sku: new Map<string, Set<string>>(), customer: new Map<string, Set<string>>() };
  const cache = new LRUCache<string, { key: PriceKey; entry: Entry<Ladder> }>({ max: most });
  const add = (ofName: Map<string, Set<string>>, name: string, id: string) => {
    const known = ofName.get(name);
    if (known === undefined) ofName.set(name, new Set([id]));
    else known.add(id);
  };
  return {
    keep(pair, version) {
      const key = priceKeyOf(pair);
      const found = foundOf(catalogue.ladderOf(pair, version), version);
      cache.set(key.id, { key, entry: createEntry(found, windows, null, random) });
      add(ids.sku, key.sku, key.id);
      if (key.scope.kind !== "public") add(ids.customer, key.scope.customer, key.id);
    },
    prepare: (pairs) => readAll([...pairs].map(priceKeyOf), ({ id }) => cache.get(id) !== undefined),
    forget({ sku, customer }) {
      const found = sku === undefined ? ids.customer.get(customer as string) : ids.sku.get(sku);
      let deleted = 0;
      for (const id of found ?? []) {
        const key = cache.peek(id)?.key;
        if (key === undefined || !cache.delete(id)) continue;
        if (key.scope.kind !== "public") ids.customer.get(key.scope.customer)?.delete(id);
        ids.sku.get(key.sku)?.delete(id);
        deleted++;
      }
      return deleted;
    },
  };
}

/** An idea, no cache: a slab of four prices and two instants under an integer, which keeps no text, no name and no order of use. */
export function createSlab(most: number): Contender {
  const slots = new Map<number, number>();
  const prices = new Uint32Array(4 * most);
  const instants = new Float64Array(2 * most);
  return {
    keep(pair, version) {
      const slot = slots.get(pair) ?? slots.size;
      slots.set(pair, slot);
      const { tiers } = catalogue.ladderOf(pair, version);
      for (const [rank, { unitPrice }] of tiers.entries()) prices[4 * slot + rank] = Number(unitPrice.replace(".", ""));
      instants[2 * slot] = computedAt + version;
      instants[2 * slot + 1] = computedAt + version + windows.freshMs;
    },
    prepare: (pairs) => readAll([...pairs], (pair) => (instants[2 * (slots.get(pair) ?? 0)] ?? 0) > 0),
  };
}

function readAll<Item>(items: readonly Item[], isThere: (item: Item) => boolean): () => void {
  return () => {
    const found = items.reduce((count, item) => count + (isThere(item) ? 1 : 0), 0);
    if (found < items.length) throw new Error(`${items.length - found} of ${items.length} answers are not there`);
  };
}
