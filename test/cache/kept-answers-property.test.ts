import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Entry } from "../../src/cache/freshness.js";
import { KeptAnswers } from "../../src/cache/kept-answers.js";
import { priceCodec } from "../../src/cache/price-codec.js";
import { type KeyNames, namesOfPrice } from "../../src/pricing/invalidation.js";
import { type PriceKey, publicScope, type Scope, verifiedCustomer } from "../../src/pricing/keys.js";
import type { Ladder } from "../../src/pricing/ladder.js";
import type { Lane } from "../../src/pricing/source.js";
import { ladderOf, priceKeyOf } from "../support/samples.js";

/** What was kept last under one id. */
interface Kept {
  readonly key: PriceKey;
  readonly entry: Entry<Ladder>;
}

/** Maps as lists of use, the least recently used first. Told what is gone, of which it says whether that had to go first. */
class Model {
  readonly buyers = new Map<string, Kept>();
  readonly feed = new Map<string, Kept>();

  get size(): number {
    return this.buyers.size + this.feed.size;
  }

  get(id: string): Kept | undefined {
    return this.buyers.get(id) ?? this.feed.get(id);
  }

  read(id: string, lane: Lane): void {
    const [ofBuyers, ofFeed] = [this.buyers.get(id), this.feed.get(id)];
    if (ofBuyers !== undefined && lane !== "feed") putLast(this.buyers, id, ofBuyers);
    if (ofFeed === undefined) return;
    if (lane === "feed") putLast(this.feed, id, ofFeed);
    else if (ofFeed.entry.said.kind === "found") {
      this.feed.delete(id);
      this.buyers.set(id, ofFeed);
    }
  }

  /** In which list it is from now on. */
  keep(kept: Kept, lane: Lane): "buyers" | "feed" {
    const { id } = kept.key;
    const isUse = lane !== "feed" && kept.entry.said.kind === "found";
    if (isUse || this.buyers.has(id)) {
      this.feed.delete(id);
      if (isUse || !this.buyers.has(id)) putLast(this.buyers, id, kept);
      else this.buyers.set(id, kept);
      return "buyers";
    }
    putLast(this.feed, id, kept);
    return "feed";
  }

  /** Removes it. */
  drop(id: string): void {
    this.buyers.delete(id);
    this.feed.delete(id);
  }
}

function putLast(list: Map<string, Kept>, id: string, kept: Kept): void {
  list.delete(id);
  list.set(id, kept);
}

const customers = ["C1", "C2", "C3"].map(verifiedCustomer);
const scopes: Scope[] = [
  publicScope,
  ...customers.map((customer) => ({ kind: "customer" as const, customer })),
  ...customers.flatMap((customer) =>
    ["GOLD", "C1"].map((priceScope) => ({ kind: "price-scope" as const, priceScope, customer })),
  ),
];
/** Alike where one is taken for another: by numbers, by lengths, by what UTF-8 cannot say. */
const skus = ["", "1", "1:1", "A", "a", "\ud800", "\udfff", "\ufffd", "価".repeat(200), "𝒳".repeat(100), "toString"];
const keys = fc
  .record({
    sku: fc.constantFrom(...skus),
    scope: fc.constantFrom(...scopes),
    currency: fc.constantFrom(null, "EUR"),
    quantity: fc.constantFrom("1", "2", "0.5"),
    exactQuantity: fc.boolean(),
  })
  .map(priceKeyOf);
const texts = fc.constantFrom("10.00", "10.0", "0", "-0", "99999999999999", "9".repeat(60), "\ud800", "x".repeat(300));
const ladders = fc
  .record({
    unitPrice: texts,
    priceList: fc.option(fc.constantFrom("PL-1", "PL-2", "y".repeat(80)), { nil: null }),
    tiers: fc.array(fc.record({ from: fc.constantFrom("1", "10"), unitPrice: texts }), { maxLength: 12 }),
  })
  .map(ladderOf);
const said: fc.Arbitrary<Entry<Ladder>["said"]> = fc.oneof(
  { weight: 4, arbitrary: ladders.map((answer) => ({ kind: "found" as const, answer })) },
  { weight: 1, arbitrary: fc.constantFrom("sku", "customer").map((what) => ({ kind: "unknown" as const, what })) },
);
const times = fc.record({
  from: fc.oneof({ weight: 3, arbitrary: fc.constant(1e12) }, fc.constantFrom(-1e6, 0.5, 2 ** 52)),
  freshMs: fc.constantFrom(0, 57_600, -7, 1e14),
  staleMs: fc.oneof({ weight: 9, arbitrary: fc.constant(600_000) }, fc.constantFrom(0, 0.25, Number.POSITIVE_INFINITY)),
});
type Times = typeof times extends fc.Arbitrary<infer Value> ? Value : never;
const lane = fc.constantFrom<Lane>("storefront", "checkout", "feed");
const invalidation = fc.oneof(
  fc.record({ sku: fc.subarray(skus, { minLength: 1, maxLength: 3 }).map(toSet) }),
  fc.record({
    customer: fc.subarray(["C1", "C2", "C3"], { maxLength: 2 }).map(toSet),
    priceScope: fc.subarray(["GOLD", "C1", "none"], { maxLength: 2 }).map(toSet),
  }),
);
const step = fc.oneof(
  { weight: 160, arbitrary: fc.record({ does: fc.constant("keep" as const), key: keys, said, times, lane }) },
  { weight: 160, arbitrary: fc.record({ does: fc.constant("read" as const), pick: fc.nat(), lane }) },
  { weight: 80, arbitrary: fc.record({ does: fc.constant("renew" as const), pick: fc.nat(), times, lane }) },
  {
    weight: 12,
    arbitrary: fc.record({ does: fc.constant("forget" as const), lists: invalidation, odd: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ does: fc.constant("clear" as const) }) },
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

function toSet(names: readonly string[]): ReadonlySet<string> {
  return new Set(names);
}

class Run {
  readonly #kept: KeptAnswers<PriceKey, Ladder>;
  readonly #model = new Model();
  readonly #maxBytes: number;
  #steps = 0;
  readonly seen = { evicted: 0, renewed: 0, refused: 0, forgotten: 0 };

  constructor(maxBytes: number, maxEntries: number | undefined) {
    this.#maxBytes = maxBytes;
    const bounds = maxEntries === undefined ? { maxBytes } : { maxBytes, maxEntries };
    this.#kept = new KeptAnswers({ ...bounds, namesOf: namesOfPrice, codec: priceCodec });
  }

  take(step: Step): void {
    this.#steps++;
    if (step.does === "keep") this.#keep({ key: step.key, entry: this.#date(step.said, step.times) }, step.lane);
    else if (step.does === "read") this.#read(step.pick, step.lane);
    else if (step.does === "renew") this.#renew(step);
    else if (step.does === "forget") this.#forget(step.lists, step.odd);
    else this.#clear();
    expect(this.#kept.size).toBe(this.#model.size);
    expect(this.#kept.bytes).toBeLessThanOrEqual(this.#maxBytes);
  }

  /** Whatever was kept is what is told, and nothing else is. */
  check(): void {
    for (const { key, entry } of [...this.#model.buyers.values(), ...this.#model.feed.values()])
      expect(plain(this.#kept.peek(key.id))).toEqual(entry);
    const order = [...this.#model.buyers.values(), ...this.#model.feed.values()].map(({ entry }) => entry);
    expect([...this.#kept.entries()].map(plain)).toEqual(order);
  }

  /** No two are asked at one time, so that entries are told apart. */
  #date(said: Entry<Ladder>["said"], { from, freshMs, staleMs }: Times): Entry<Ladder> {
    const computedAt = from + this.#steps;
    return { said, computedAt, freshUntil: computedAt + freshMs, staleUntil: computedAt + staleMs };
  }

  /** Without answers there are no names and no shared parts either: what is left are chunks, each a multiple of 16 bytes. */
  empty(): void {
    expect(this.#kept.deleteNamed({ sku: toSet(skus) }, () => true)).toBe(this.#model.size);
    const bytes = this.#kept.bytes;
    expect(this.#kept.clear()).toBe(0);
    expect((bytes - this.#kept.bytes) % 16).toBe(0);
  }

  #keep(kept: Kept, lane: Lane): void {
    const { id } = kept.key;
    const before = [...this.#model.buyers.keys()];
    const beforeOfFeed = [...this.#model.feed.keys()];
    this.#kept.keep(id, kept.key, kept.entry, lane);
    const list = this.#model.keep(kept, lane);
    const isKept = this.#kept.peek(id) !== undefined;
    if (isKept) expect(plain(this.#kept.peek(id))).toEqual(kept.entry);
    const { computedAt, freshUntil, staleUntil } = kept.entry;
    if (isKept) expect(this.#kept.timesOf(id)).toMatchObject({ computedAt, freshUntil, staleUntil });
    else this.seen.refused++;
    const gone = this.#dropGone();
    this.seen.evicted += gone.size;
    // One that is renewed without being used keeps its place, but where it had to go itself, as the oldest, to make room for that.
    const isOldest = before.slice(0, before.indexOf(id)).every((each) => gone.has(each));
    if (isKept && list === "buyers" && isOldest && this.#isLast(kept)) putLast(this.#model.buyers, id, kept);
    gone.delete(id);
    const goneOf = (ids: readonly string[]) => ids.filter((each) => each !== id).map((each) => gone.has(each));
    const [ofBuyers, ofFeed] = [goneOf(before), goneOf(beforeOfFeed)];
    // The least recently used go first, those of the feed for no buyer but where no buyer's is left.
    for (const each of [ofBuyers, ofFeed]) expect(each).toEqual([...each].sort((a, b) => Number(b) - Number(a)));
    if (list === "feed") expect(ofBuyers).not.toContain(true);
    else if (ofFeed.includes(true)) expect(ofBuyers).not.toContain(false);
  }

  #isLast({ entry }: Kept): boolean {
    const order = [...this.#kept.entries()].slice(0, this.#model.buyers.size);
    return order.at(-1)?.computedAt === entry.computedAt;
  }

  #dropGone(): Set<string> {
    const ids = [...this.#model.buyers.keys(), ...this.#model.feed.keys()];
    const gone = new Set(ids.filter((id) => this.#kept.peek(id) === undefined));
    for (const id of gone) this.#model.drop(id);
    return gone;
  }

  #pick(pick: number): Kept | undefined {
    const ids = [...this.#model.buyers.values(), ...this.#model.feed.values()];
    return ids[pick % Math.max(1, ids.length)];
  }

  #read(pick: number, lane: Lane): void {
    const known = this.#pick(pick);
    if (known === undefined) return;
    expect(plain(this.#kept.read(known.key.id, lane))).toEqual(known.entry);
    this.#model.read(known.key.id, lane);
    if (this.#kept.size === this.#model.size) return;
    // One that was the feed's is a buyer's now, which may be one too many.
    const [oldest] = this.#model.buyers.keys();
    expect([...this.#dropGone()]).toEqual([oldest]);
  }

  /** The same again at another time; within a price scope in another customer's name. */
  #renew({ pick, times, lane }: Extract<Step, { readonly does: "renew" }>): void {
    const known = this.#pick(pick);
    if (known === undefined) return;
    const { scope } = known.key;
    const customer = customers[pick % customers.length] ?? verifiedCustomer("C1");
    const key = priceKeyOf({ ...known.key, scope: scope.kind === "price-scope" ? { ...scope, customer } : scope });
    const ready = this.#kept.peek(key.id);
    const isReady = ready !== undefined && ready === this.#kept.peek(key.id);
    this.#keep({ key, entry: this.#date(known.entry.said, times) }, lane);
    const after = this.#kept.peek(key.id);
    if (!isReady || after === undefined || after !== this.#kept.peek(key.id)) return;
    // The stale window is written with what was said: it is the same for all answers of a cache, and whole.
    const staleMs = after.staleUntil - after.computedAt;
    if (staleMs !== ready.staleUntil - ready.computedAt || !Number.isSafeInteger(staleMs)) return;
    expect(after.said).toBe(ready.said);
    this.seen.renewed++;
  }

  #forget(lists: Extract<Step, { readonly does: "forget" }>["lists"], odd: boolean): void {
    const named = (key: PriceKey) =>
      Object.entries(lists).some(([dimension, names]) =>
        names.has(namesOfPrice(key)[dimension as keyof KeyNames] as string),
      );
    const matches = (key: PriceKey) => named(key) && (odd || key.quantity === "1");
    const met: string[] = [];
    const all = [...this.#model.buyers.values(), ...this.#model.feed.values()];
    const expected = all.filter(({ key }) => matches(key));
    const gone = this.#kept.deleteNamed(lists, (key) => {
      met.push(key.id);
      expect(key).toEqual(this.#model.get(key.id)?.key);
      return matches(key);
    });
    expect(new Set(met)).toEqual(new Set(all.filter(({ key }) => named(key)).map(({ key }) => key.id)));
    expect(met.length).toBe(new Set(met).size);
    expect(gone).toBe(expected.length);
    for (const { key } of expected) {
      expect(this.#kept.peek(key.id)).toBeUndefined();
      this.#model.drop(key.id);
    }
    this.seen.forgotten += gone;
  }

  #clear(): void {
    expect(this.#kept.clear()).toBe(this.#model.size);
    for (const id of [...this.#model.buyers.keys(), ...this.#model.feed.keys()]) this.#model.drop(id);
  }
}

function plain(entry: Entry<Ladder> | undefined): Entry<Ladder> | undefined {
  if (entry === undefined) return undefined;
  const { said, computedAt, freshUntil, staleUntil } = entry;
  return { said, computedAt, freshUntil, staleUntil };
}

describe("what is kept within a bound so tight that everything is pushed out, reused and forgotten all the time", () => {
  test.each([
    { bound: "of bytes", maxEntries: fc.constant(undefined) },
    { bound: "of bytes and of answers", maxEntries: fc.integer({ min: 1, max: 12 }) },
  ])("is the last that was said to each key, by a bound $bound", { timeout: 3_600_000 }, ({ maxEntries }) => {
    const seen = { evicted: 0, renewed: 0, refused: 0, forgotten: 0 };
    const numRuns = Number(process.env["KEPT_ANSWERS_RUNS"] ?? 150);
    fc.assert(
      fc.property(
        fc.integer({ min: 2_500, max: 40_000 }),
        maxEntries,
        fc.array(step, { minLength: 100, maxLength: 400, size: "max" }),
        (maxBytes, most, steps) => {
          const run = new Run(maxBytes, most);
          for (const each of steps) run.take(each);
          run.check();
          run.empty();
          for (const what of Object.keys(seen) as (keyof typeof seen)[]) seen[what] += run.seen[what];
        },
      ),
      // Shrinking long histories takes minutes and seldom helps.
      { numRuns, endOnFailure: process.env["KEPT_ANSWERS_RUNS"] !== undefined },
    );
    for (const times of Object.values(seen)) expect(times).toBeGreaterThan(numRuns / 10);
  });
});
