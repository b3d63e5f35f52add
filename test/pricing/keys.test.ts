import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { scopeOf } from "../../src/pricing/customer.js";
import {
  askedCustomer,
  createCustomerKey,
  createPriceKey,
  createStockKey,
  holdsForAll,
  type PriceKey,
  publicScope,
  type Scope,
  verifiedCustomer,
} from "../../src/pricing/keys.js";
import { customerOf, priceKeyOf } from "../support/samples.js";

// Few characters, among them those that an identity is written with: so that two texts often nearly collide.
const text = fc.oneof(
  fc.array(fc.constantFrom("a", "1", ":", "0", "\n", "é", "💶", " "), { maxLength: 6 }).map((parts) => parts.join("")),
  fc.string({ unit: "binary", maxLength: 12 }),
  fc.constantFrom("public", "customer", "scope", "6:public0:"),
);
const scope: fc.Arbitrary<Scope> = fc.oneof(
  fc.constant(publicScope),
  text.map((code): Scope => ({ kind: "customer", customer: verifiedCustomer(code) })),
  fc
    .tuple(text, text)
    .map(([priceScope, code]): Scope => ({ kind: "price-scope", priceScope, customer: verifiedCustomer(code) })),
);
const currency = fc.option(fc.constantFrom("EUR", "CHF", "USD"));
const quantity = fc.constantFrom("1", "2", "10", "1.5");
const fields: Exclude<keyof PriceKey, "id">[] = ["scope", "sku", "currency", "quantity", "exactQuantity"];
const parts = fc.record({ scope, sku: text, currency, quantity, exactQuantity: fc.boolean() });

/** What makes a question another one, as the design names it. */
function meaningOf({ scope, sku, currency, quantity, exactQuantity }: Omit<PriceKey, "id">) {
  const audience = scope.kind === "public" ? [] : [scope.kind === "customer" ? scope.customer : scope.priceScope];
  return JSON.stringify([scope.kind, audience, sku, currency, exactQuantity ? quantity : null]);
}

describe("keys", () => {
  test("two price questions have one id exactly where scope, SKU, currency and an exact quantity agree", () => {
    fc.assert(
      fc.property(parts, parts, fc.subarray(fields), (a, b, changed) => {
        // Most pairs differ in a part or two alone, where a mix-up would hide.
        const near = { ...a, ...Object.fromEntries(changed.map((field) => [field, b[field]])) };
        for (const other of [near, b]) {
          expect(createPriceKey(a).id === createPriceKey(other).id).toBe(meaningOf(a) === meaningOf(other));
        }
      }),
      { numRuns: 1_000 },
    );
  });

  test("no neighbouring parts can be cut elsewhere to give another key's id", () => {
    fc.assert(
      fc.property(text, text, text, (a, b, c) => {
        fc.pre(b !== "");
        const customer = (code: string): Scope => ({ kind: "customer", customer: verifiedCustomer(code) });
        expect(priceKeyOf({ scope: customer(a + b), sku: c }).id).not.toBe(
          priceKeyOf({ scope: customer(a), sku: b + c }).id,
        );
      }),
    );
  });

  test("a customer's key is never the public one, nor that of a price scope of the same name", () => {
    fc.assert(
      fc.property(text, text, (name, sku) => {
        const customer = verifiedCustomer(name);
        const ids = [
          publicScope,
          { kind: "customer", customer },
          { kind: "price-scope", priceScope: name, customer },
        ].map((scope) => priceKeyOf({ scope: scope as Scope, sku }).id);
        expect(new Set(ids).size).toBe(3);
      }),
    );
  });

  test("customers of one price scope share a key; in whose name it is asked is no part of it", () => {
    const [one, two] = ["C1", "C2"].map((code) =>
      priceKeyOf({ scope: { kind: "price-scope", priceScope: "GOLD", customer: verifiedCustomer(code) } }),
    );
    expect(one?.id).toBe(two?.id);
    expect(one && askedCustomer(one.scope)).toBe("C1");
    expect(two && askedCustomer(two.scope)).toBe("C2");
    expect(askedCustomer(publicScope)).toBeNull();
  });

  test("that the one is gone in whose name a price scope was asked says nothing of its other customers", () => {
    const customer = verifiedCustomer("C1");
    const [shared, own] = [
      priceKeyOf({ scope: { kind: "price-scope", priceScope: "GOLD", customer } }),
      priceKeyOf({ scope: { kind: "customer", customer } }),
    ];
    expect(holdsForAll(shared, { kind: "unknown", what: "customer" })).toBe(false);
    expect(holdsForAll(shared, { kind: "unknown", what: "sku" })).toBe(true);
    expect(holdsForAll(shared, { kind: "found" })).toBe(true);
    expect(holdsForAll(own, { kind: "unknown", what: "customer" })).toBe(true);
  });

  test("stock and customer questions have one id exactly where they name the same", () => {
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(createStockKey(a).id === createStockKey(b).id).toBe(a === b);
        expect(createCustomerKey(verifiedCustomer(a)).id === createCustomerKey(verifiedCustomer(b)).id).toBe(a === b);
      }),
    );
  });

  test("a price is shared between customers only where the record states a price scope", () => {
    const code = verifiedCustomer("C1");
    expect(scopeOf(code, customerOf({ priceScope: null }))).toEqual({ kind: "customer", customer: "C1" });
    expect(scopeOf(code, customerOf({ priceScope: "GOLD" }))).toEqual({
      kind: "price-scope",
      priceScope: "GOLD",
      customer: "C1",
    });
  });

  test("a scope belongs to the customer of the token, whatever code the record carries", () => {
    const scope = scopeOf(verifiedCustomer("C1"), customerOf({ code: "C2" }));
    expect(askedCustomer(scope)).toBe("C1");
  });
});
