import type { Caller } from "../src/pricing/caller.js";
import { scopeOf } from "../src/pricing/customer.js";
import { canonical } from "../src/pricing/decimal.js";
import { createCustomerKey, createLadderKeys, createStockKey, publicScope } from "../src/pricing/keys.js";
import type { Ladder } from "../src/pricing/ladder.js";
import type { FreshAsk, Told } from "../src/pricing/source.js";
import type { Stock } from "../src/pricing/stock.js";
import type { PriceQuestion } from "./price-loader.js";
import type { Sources } from "./sources.js";
import type { StockQuestion } from "./stock-loader.js";

/**
 * Answers whole lists from memory alone, as the loaders would, at once and without a promise. Null where one answer is not fresh: then the
 * loaders are to be asked. Made once for all requests; it keeps nothing.
 */
export interface FreshReader {
  prices(terms: Omit<PriceQuestion, "sku">, skus: readonly string[], caller: Caller): readonly Told<Ladder>[] | null;
  stock(terms: Omit<StockQuestion, "sku">, skus: readonly string[], caller: Caller): readonly Told<Stock>[] | null;
}

export function createFreshReader({ prices, stock, customers }: Sources): FreshReader {
  /** For whom the price is asked, and in which currency; null where the customer's record is not at hand. */
  function addresseeOf(audience: PriceQuestion["audience"], { customer, lane }: Caller) {
    if (customer === null || audience === "PUBLIC") return { scope: publicScope, currency: null };
    const [record] = customers.allFresh([createCustomerKey(customer)], { lane, maxAgeMs: null }) ?? [];
    return record?.kind === "found"
      ? { scope: scopeOf(customer, record.answer), currency: record.answer.currency }
      : null;
  }

  return {
    prices({ audience, quantity, currency, maxAgeMs }, skus, caller) {
      // An order is priced live.
      if (caller.lane === "checkout") return null;
      const addressee = addresseeOf(audience, caller);
      if (addressee === null) return null;
      const { scope } = addressee;
      const alike = { scope, currency: currency ?? addressee.currency, quantity: canonical(quantity) };
      const keys = createLadderKeys(skus, alike);
      const told = prices.allFresh(keys, { lane: caller.lane, maxAgeMs });
      return told?.some(isCustomerUnknown) ? null : told;
    },

    stock({ maxAgeMs }, skus, { lane }) {
      const ask: FreshAsk = { lane, maxAgeMs };
      return stock.allFresh(skus.map(createStockKey), ask);
    },
  };
}

function isCustomerUnknown(told: Told<Ladder>): boolean {
  return told.kind === "unknown" && told.what === "customer";
}
