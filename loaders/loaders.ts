import type DataLoader from "dataloader";
import type { Caller } from "../src/pricing/caller.js";
import type { Customer } from "../src/pricing/customer.js";
import type { CustomerKey, PriceKey, StockKey } from "../src/pricing/keys.js";
import type { Ladder } from "../src/pricing/ladder.js";
import type { Ask, Outcome, Source } from "../src/pricing/source.js";
import type { Stock } from "../src/pricing/stock.js";
import { createCustomerReader } from "./customer-reader.js";
import { createPriceLoader, type PriceQuestion } from "./price-loader.js";
import { createStockLoader, type StockQuestion } from "./stock-loader.js";

/** The sources behind the loaders: shared by all requests, cached and load-controlled. */
export interface Sources {
  readonly prices: Source<PriceKey, Ladder>;
  readonly stock: Source<StockKey, Stock>;
  readonly customers: Source<CustomerKey, Customer>;
}

/** Made anew for each request: what one caller loaded is never handed to another. */
export interface Loaders {
  readonly prices: DataLoader<PriceQuestion, Outcome<Ladder>, string>;
  readonly stock: DataLoader<StockQuestion, Outcome<Stock>, string>;
  /** The caller's own record, read once a request; null for a caller without a customer. */
  readCustomer(): Promise<Outcome<Customer> | null>;
}

/** @param createAsk makes the ask of this request; `maxAgeMs` as in {@link Ask} */
export function createLoaders(sources: Sources, caller: Caller, createAsk: (maxAgeMs: number | null) => Ask): Loaders {
  const readCustomer = createCustomerReader(sources.customers, caller, createAsk);
  return {
    prices: createPriceLoader(sources.prices, readCustomer, caller, createAsk),
    stock: createStockLoader(sources.stock, createAsk),
    readCustomer,
  };
}
