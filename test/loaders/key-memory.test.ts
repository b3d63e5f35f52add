import fc from "fast-check";
import { expect, test } from "vitest";
import { KeyMemory } from "../../loaders/key-memory.js";
import { createPriceKey, likeLadderKeys, publicScope, type Scope, verifiedCustomer } from "../../src/pricing/keys.js";

const scopes: Scope[] = [
  publicScope,
  { kind: "customer", customer: verifiedCustomer("GOLD") },
  { kind: "price-scope", priceScope: "GOLD", customer: verifiedCustomer("C1") },
  { kind: "price-scope", priceScope: "GOLD", customer: verifiedCustomer("C2") },
  { kind: "price-scope", priceScope: "1:x", customer: verifiedCustomer("C1") },
];

const question = fc.record({
  scope: fc.constantFrom(...scopes),
  currency: fc.constantFrom(null, "EUR", "USD"),
  quantity: fc.constantFrom("1", "10", "1.5"),
  skus: fc.array(fc.constantFrom("A", "B", "1:A", "GOLD", "", "é"), { maxLength: 4 }),
});

test("a remembered key is the very key that is made anew, whatever was asked before", () => {
  fc.assert(
    fc.property(fc.array(question, { maxLength: 40 }), (questions) => {
      const memory = new KeyMemory<ReturnType<typeof createPriceKey>>();
      for (const { scope, currency, quantity, skus } of questions) {
        const { group, create } = likeLadderKeys({ scope, currency, quantity });
        const keys = memory.keysOf(skus, group, create);
        const anew = skus.map((sku) => createPriceKey({ scope, sku, currency, quantity, exactQuantity: false }));
        expect(keys.map(({ id, sku, quantity }) => ({ id, sku, quantity }))).toEqual(
          anew.map(({ id, sku, quantity }) => ({ id, sku, quantity })),
        );
      }
    }),
  );
});

test("keys that are asked for stay the same objects through a flood of others, which are forgotten", () => {
  const memory = new KeyMemory<{ sku: string }>();
  const create = (sku: string) => ({ sku });
  const [kept, left] = memory.keysOf(["kept", "left"], "", create);
  for (let flood = 0; flood < 600; flood++) {
    memory.keysOf(
      Array.from({ length: 100 }, (_, index) => `${flood} ${index}`),
      `${flood % 7}`,
      create,
    );
    expect(memory.keysOf(["kept"], "", create)[0]).toBe(kept);
  }
  expect(memory.keysOf(["left"], "", create)[0]).not.toBe(left);
});
