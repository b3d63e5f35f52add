import type { Caller } from "../src/pricing/caller.js";
import { scopeOf } from "../src/pricing/customer.js";
import { canonical } from "../src/pricing/decimal.js";
import {
  createCustomerKey,
  createStockKey,
  likeLadderKeys,
  type PriceKey,
  publicScope,
  type StockKey,
} from "../src/pricing/keys.js";
import type { Ladder } from "../src/pricing/ladder.js";
import type { Lane, Told } from "../src/pricing/source.js";
import type { Stock } from "../src/pricing/stock.js";
import { KeyMemory } from "./key-memory.js";
import type { PriceQuestion } from "./price-loader.js";
import type { Sources } from "./sources.js";
import type { StockQuestion } from "./stock-loader.js";

/**
 * Answers whole lists from memory alone, as the loaders would, at once and without a promise. Null where one answer is not fresh: then the
 * loaders are to be asked. Made once for all requests.
 */
export interface FreshReader {
  prices(terms: Omit<PriceQuestion, "sku">, skus: readonly string[], caller: Caller): readonly Told<Ladder>[] | null;
  stock(terms: Omit<StockQuestion, "sku">, skus: readonly string[], caller: Caller): readonly Told<Stock>[] | null;
  /** To be told what was served in the end. @param recordRead whether the caller's record was among it */
  noteServed(
    served: { readonly prices: Answered[]; readonly stock: Answered[]; readonly recordRead: boolean },
    caller: Caller,
  ): void;
}

type Answered = readonly Told<unknown>[];

export function createFreshReader({ prices, stock, customers }: Sources): FreshReader {
  const priceKeys = new KeyMemory<PriceKey>();
  const stockKeys = new KeyMemory<StockKey>();

  /** For whom the price is asked, and in which currency; null where the customer's record is not at hand. */
  function addresseeOf(audience: PriceQuestion["audience"], { customer, lane }: Caller) {
    if (customer === null || audience === "PUBLIC") return { scope: publicScope, currency: null };
    const [record] = customers.allFresh([createCustomerKey(customer)], { lane, maxAgeMs: null }) ?? [];
    if (record?.kind !== "found") return null;
    return { scope: scopeOf(customer, record.answer), currency: record.answer.currency };
  }

  return {
    prices({ audience, quantity, currency, maxAgeMs }, skus, caller) {
      // An order is priced live, and in the customer's own name.
      if (caller.lane === "checkout") return null;
      const addressee = addresseeOf(audience, caller);
      if (addressee === null) return null;
      const { scope } = addressee;
      const alike = { scope, currency: currency ?? addressee.currency, quantity: canonical(quantity) };
      // Within a price scope they may carry the name of another of its customers: they find what is kept, and nobody is asked by them.
      const { group, create } = likeLadderKeys(alike);
      const told = prices.allFresh(priceKeys.keysOf(skus, group, create), { lane: caller.lane, maxAgeMs });
      return told?.some(isCustomerUnknown) ? null : told;
    },

    stock: ({ maxAgeMs }, skus, { lane }) =>
      stock.allFresh(stockKeys.keysOf(skus, "", createStockKey), { lane, maxAgeMs }),

    noteServed(served, { lane }) {
      for (const told of served.prices) note(prices, told, lane);
      for (const told of served.stock) note(stock, told, lane);
      if (served.recordRead) customers.noteServed(1, 0, lane);
    },
  };
}

function note(source: Pick<Sources["stock"], "noteServed">, told: Answered, lane: Lane): void {
  let unknown = 0;
  for (const { kind } of told) if (kind === "unknown") unknown++;
  source.noteServed(told.length - unknown, unknown, lane);
}

function isCustomerUnknown(told: Told<Ladder>): boolean {
  return told.kind === "unknown" && told.what === "customer";
}
