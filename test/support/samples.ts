import type { Caller } from "../../src/pricing/caller.js";
import type { Customer } from "../../src/pricing/customer.js";
import { createPriceKey, type PriceKey, publicScope, verifiedCustomer } from "../../src/pricing/keys.js";
import type { Ladder } from "../../src/pricing/ladder.js";
import type { Ask, Found, Unknown } from "../../src/pricing/source.js";
import type { Stock } from "../../src/pricing/stock.js";

/** A ladder with nothing special about it, but for what is given. */
export function ladderOf(parts: Partial<Ladder> = {}): Ladder {
  return {
    sku: "A",
    currency: "EUR",
    taxBasis: "NET",
    taxRate: "20",
    unit: null,
    priceUnit: "1",
    minimumQuantity: "1",
    quantityIncrement: "1",
    unitPrice: "10.00",
    tiers: [],
    onlyQuantity: null,
    priceList: null,
    validUntil: null,
    ...parts,
  };
}

export function stockOf(parts: Partial<Stock> = {}): Stock {
  return { sku: "A", warehouses: [], backorder: false, restockDate: null, leadTimeDays: null, ...parts };
}

export function customerOf(parts: Partial<Customer> = {}): Customer {
  return {
    code: "C1",
    name: null,
    currency: null,
    priceScope: null,
    paymentTerms: null,
    creditLimit: null,
    creditAvailable: null,
    blocked: false,
    ...parts,
  };
}

export function priceKeyOf(parts: Partial<Omit<PriceKey, "id">> = {}): PriceKey {
  return createPriceKey({
    scope: publicScope,
    sku: "A",
    currency: null,
    quantity: "1",
    exactQuantity: false,
    ...parts,
  });
}

export function customerCaller(code: string, parts: Partial<Caller> = {}): Caller {
  const customer = verifiedCustomer(code);
  return { kind: "customer", customer, lane: "storefront", scopes: new Set(["storefront"]), budgetId: null, ...parts };
}

/** A storefront ask of `now`, with two seconds to its deadline, but for what is given. */
export function askAt(now: number, parts: Partial<Ask> = {}): Ask {
  return { lane: "storefront", deadline: now + 2_000, maxAgeMs: null, budget: null, signal: null, ...parts };
}

/** As an ERP that was asked at `computedAt` says it. */
export function foundAt<Answer>(answer: Answer, computedAt: number): Found<Answer> {
  return { kind: "found", answer, freshness: { source: "ERP", computedAt, freshUntil: computedAt, staleReason: null } };
}

export function unknownAt(computedAt: number, what: Unknown["what"] = "sku"): Unknown {
  return { kind: "unknown", what, freshness: { source: "ERP", computedAt, freshUntil: computedAt, staleReason: null } };
}
