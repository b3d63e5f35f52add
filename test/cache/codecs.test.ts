import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Codec } from "../../src/cache/codec.js";
import { customerCodec } from "../../src/cache/customer-codec.js";
import type { Entry } from "../../src/cache/freshness.js";
import { PackedAnswers } from "../../src/cache/packed-answers.js";
import { priceCodec } from "../../src/cache/price-codec.js";
import { stockCodec } from "../../src/cache/stock-codec.js";
import { type KeyNames, namesOfPrice } from "../../src/pricing/invalidation.js";
import {
  createCustomerKey,
  createPriceKey,
  createStockKey,
  publicScope,
  type Scope,
  verifiedCustomer,
} from "../../src/pricing/keys.js";
import type { Ladder } from "../../src/pricing/ladder.js";
import type { Key } from "../../src/pricing/source.js";

const text = fc.oneof(
  fc.string({ unit: "binary", minLength: 1, maxLength: 20 }),
  fc.constantFrom("A", "EUR", "__proto__"),
);
const decimal = fc.oneof(
  fc.constantFrom("1", "10.00", "-0", "0.000001", "19", "999999999999999.999999"),
  fc.stringMatching(/^-?[0-9]{1,40}(\.[0-9]{1,6})?$/),
);
const orNull = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null });
const scope: fc.Arbitrary<Scope> = fc.oneof(
  fc.constant(publicScope),
  text.map((customer) => ({ kind: "customer" as const, customer: verifiedCustomer(customer) })),
  fc
    .tuple(text, text)
    .map(
      ([priceScope, customer]) => ({ kind: "price-scope", priceScope, customer: verifiedCustomer(customer) }) as const,
    ),
);
const priceKey = fc
  .record({ scope, sku: text, currency: orNull(text), quantity: decimal, exactQuantity: fc.boolean() })
  .map(createPriceKey);
const ladder: fc.Arbitrary<Ladder> = fc
  .record({
    sku: text,
    currency: text,
    taxBasis: fc.constantFrom("NET", "GROSS"),
    taxRate: orNull(decimal),
    taxes: orNull(fc.array(fc.record({ id: text, rate: decimal }), { maxLength: 3 })),
    unit: orNull(text),
    priceUnit: decimal,
    minimumQuantity: decimal,
    quantityIncrement: decimal,
    unitPrice: decimal,
    tiers: fc.array(fc.record({ from: decimal, unitPrice: decimal }), { maxLength: 100 }),
    onlyQuantity: orNull(decimal),
    priceList: orNull(text),
    validUntil: orNull(fc.integer({ min: 0, max: 4e12 })),
  })
  .map(({ taxes, ...rest }) => (taxes === null ? rest : { ...rest, taxes }));
const stock = fc.record({
  sku: text,
  warehouses: fc.array(fc.record({ code: text, available: decimal }), { maxLength: 20 }),
  backorder: fc.boolean(),
  restockDate: orNull(text),
  leadTimeDays: orNull(fc.nat()),
});
const customer = fc.record({
  code: text,
  name: orNull(text),
  currency: orNull(text),
  priceScope: orNull(text),
  paymentTerms: orNull(text),
  creditLimit: orNull(decimal),
  creditAvailable: orNull(decimal),
  blocked: fc.boolean(),
});

/** Keeps all of these at once, and then takes them out one by one, each of which must be what was put in, and its neighbours too. */
function holdsFor<K extends Key, Answer>(
  codec: Codec<K, Answer>,
  namesOf: (key: K) => KeyNames,
  kinds: fc.Arbitrary<{ readonly key: K; readonly answer: Answer | null }>,
) {
  const times = fc.record({
    computedAt: fc.integer({ min: 1e12, max: 2e12 }),
    freshMs: fc.oneof(fc.nat(), fc.double({ min: 0, max: 1e6, noNaN: true })),
    staleMs: fc.oneof(fc.nat(), fc.constantFrom(Number.POSITIVE_INFINITY, 0.5)),
  });
  const entries = fc.array(fc.tuple(kinds, times), { maxLength: 12 });
  fc.assert(
    fc.property(entries, (all) => {
      const packed = new PackedAnswers(1_000_000, codec);
      const idle = packed.bytes;
      const kept = new Map<string, { readonly key: K; readonly entry: Entry<Answer> }>();
      for (const [{ key, answer }, { computedAt, freshMs, staleMs }] of all) {
        const said =
          answer === null ? ({ kind: "unknown", what: "sku" } as const) : ({ kind: "found", answer } as const);
        const entry = { said, computedAt, freshUntil: computedAt + freshMs, staleUntil: computedAt + staleMs };
        packed.pack(key, entry, namesOf(key));
        packed.drop();
        packed.pack(key, entry, namesOf(key));
        const before = packed.find(key.id);
        if (before === 0) packed.add(key.id, namesOf(key));
        else packed.replace(before, namesOf(key));
        kept.set(key.id, { key, entry });
      }
      for (const id of kept.keys()) {
        for (const { key, entry } of kept.values()) {
          const slot = packed.find(key.id);
          expect(packed.keyAt(slot)).toEqual(key);
          expect(packed.entryAt(slot)).toEqual(entry);
        }
        packed.delete(packed.find(id), id);
        expect(packed.find(id)).toBe(0);
        kept.delete(id);
      }
      // Names and shared parts are all forgotten: what is left are chunks.
      expect(packed.bytes - packed.chunkBytes).toBe(idle);
    }),
    { numRuns: 300 },
  );
}

describe("what the ERP said is kept in little room, and comes back equal", () => {
  test("ladders, with whatever the ERP wrote for a decimal or a name", () => {
    holdsFor(priceCodec, namesOfPrice, fc.record({ key: priceKey, answer: orNull(ladder) }));
  });

  test("stocks", () => {
    const key = text.map(createStockKey);
    holdsFor(stockCodec, ({ sku }) => ({ sku }), fc.record({ key, answer: orNull(stock) }));
  });

  test("customers' records", () => {
    const key = text.map((code) => createCustomerKey(verifiedCustomer(code)));
    holdsFor(customerCodec, (each) => ({ customer: each.customer }), fc.record({ key, answer: orNull(customer) }));
  });
});
