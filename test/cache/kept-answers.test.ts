import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createPlainCodec } from "../../src/cache/codec.js";
import { createEntry } from "../../src/cache/freshness.js";
import { KeptAnswers } from "../../src/cache/kept-answers.js";
import { NameIndex } from "../../src/cache/name-index.js";
import { priceCodec } from "../../src/cache/price-codec.js";
import { Slots } from "../../src/cache/slots.js";
import { namesOfPrice } from "../../src/pricing/invalidation.js";
import { type PriceKey, publicScope, type Scope, verifiedCustomer } from "../../src/pricing/keys.js";
import type { Lane } from "../../src/pricing/source.js";
import { foundAt, ladderOf, priceKeyOf, unknownAt } from "../support/samples.js";

const windows = { freshMs: 60_000, staleMs: 600_000, unknownMs: 30_000, failureMs: 1_000 };
const entry = createEntry(foundAt("", 0), windows, null, () => 0);
const customers = ["C1", "C2"].map(verifiedCustomer);

function createKept(maxEntries: number): KeptAnswers<PriceKey, string> {
  return new KeptAnswers({ maxBytes: 1_000_000, maxEntries, namesOf: namesOfPrice, codec: createPlainCodec() });
}

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
          const kept = createKept(maxEntries);
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
    const kept = createKept(10);
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

/** What a map would keep, and two lists of use: the least recently used first. */
class Model {
  readonly answers = new Map<string, { readonly answer: string | null; isFeeds: boolean }>();
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  use(id: string): void {
    const known = this.answers.get(id);
    if (known === undefined) return;
    this.answers.delete(id);
    this.answers.set(id, known);
  }

  read(id: string, isBuyer: boolean): string | null | undefined {
    const known = this.answers.get(id);
    if (known === undefined) return undefined;
    if (isBuyer && known.isFeeds && known.answer !== null) known.isFeeds = false;
    if (isBuyer ? !known.isFeeds : known.isFeeds) this.use(id);
    this.#evict(false, this.#most);
    return known.answer;
  }

  keep(id: string, answer: string | null, isBuyer: boolean): void {
    const before = this.answers.get(id);
    const isBuyers = isBuyer && answer !== null;
    const isFeeds = !isBuyers && (before === undefined || before.isFeeds);
    const isUse = before === undefined || isBuyers || isFeeds;
    const others = (most: number) => this.#evict(isFeeds, most, id);
    others(isFeeds ? Math.max(1, Math.ceil(this.#most / 10)) : this.#most);
    this.answers.set(id, { answer, isFeeds });
    if (isUse) this.use(id);
  }

  #evict(isFeeds: boolean, most: number, incoming?: string): void {
    const isIncoming = (id: string) => id === incoming;
    const those = [...this.answers].filter(([id, each]) => each.isFeeds === isFeeds && !isIncoming(id));
    const room = most - (incoming === undefined ? 0 : 1);
    for (const [id] of those.slice(0, Math.max(0, those.length - room))) this.answers.delete(id);
  }
}

test("each answer is the last that was kept under its id, and the least recently used of its partition go first", () => {
  const step = fc.record({
    does: fc.constantFrom("keep", "read" as const),
    sku: fc.integer({ min: 0, max: 25 }),
    answer: fc.option(
      fc.constantFrom("1.00", "2.00", "a long text, of more than one cell, and so of two at the least"),
    ),
    lane,
  });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), fc.array(step, { maxLength: 200, size: "max" }), (most, steps) => {
      const kept = createKept(most);
      const model = new Model(most);
      for (const { does, sku, answer, lane } of steps) {
        const key = priceKeyOf({ sku: String(sku) });
        if (does === "read") {
          const said = kept.read(key.id, lane)?.said;
          const told = said?.kind === "found" ? said.answer : said === undefined ? undefined : null;
          expect(told).toBe(model.read(key.id, lane !== "feed"));
        } else {
          const outcome = answer === null ? unknownAt(0) : foundAt(answer, 0);
          kept.keep(
            key.id,
            key,
            createEntry<string>(outcome, windows, null, () => 0),
            lane,
          );
          model.keep(key.id, answer, lane !== "feed");
        }
        expect(kept.size).toBe(model.answers.size);
      }
    }),
    { numRuns: 500 },
  );
});

describe("an answer that was read of late", () => {
  const kept = new KeptAnswers({ maxBytes: 1_000_000, namesOf: namesOfPrice, codec: priceCodec });
  const key = priceKeyOf();
  const keep = (unitPrice: string, computedAt: number) =>
    kept.keep(
      key.id,
      key,
      createEntry(foundAt(ladderOf({ unitPrice }), computedAt), windows, null, () => 0),
      "feed",
    );
  const read = () => {
    const entry = kept.read(key.id, "storefront");
    if (entry?.said.kind !== "found") throw new Error("nothing is kept");
    return { answer: entry.said.answer, computedAt: entry.computedAt };
  };

  test("is one object for all its readers from the second on, which it remains where its renewal says the same", () => {
    keep("10.00", 1_000);
    read();
    const { answer } = read();
    expect(read().answer).toBe(answer);
    keep("10.00", 700_000_000);
    expect(read()).toEqual({ answer, computedAt: 700_000_000 });
    expect(read().answer).toBe(answer);
    keep("10.0", 700_000_001);
    expect(read()).toEqual({ answer: ladderOf({ unitPrice: "10.0" }), computedAt: 700_000_001 });
    expect(read().answer).not.toBe(answer);
  });
});

test("an index forgets what was removed, and holds no name that nothing has", () => {
  const slots = new Slots(2);
  const index = new NameIndex(slots);
  const [one, two, three] = [slots.take(), slots.take(), slots.take()];
  index.add(one, { sku: "A", customer: "C1", priceScope: "GOLD" });
  index.add(two, { sku: "A" });
  index.add(three, { sku: "A" });
  expect([...index.find({ sku: new Set(["A", "B"]), priceScope: new Set(["GOLD"]) })].sort()).toEqual([1, 2, 3]);
  expect(index.namesOf(one)).toEqual({ sku: "A", customer: "C1", priceScope: "GOLD" });
  index.remove(one);
  index.remove(two);
  expect([...index.find({ sku: new Set(["A"]), customer: new Set(["C1"]) })]).toEqual([three]);
  index.remove(three);
  expect(index.find({ sku: new Set(["A"]) }).size).toBe(0);
  expect(index.bytes).toBe(0);
});
