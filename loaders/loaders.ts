import type DataLoader from "dataloader";
import type { Caller } from "../src/pricing/caller.js";
import type { CartReading } from "../src/pricing/cart/cart.js";
import type { Customer } from "../src/pricing/customer.js";
import type { Ladder } from "../src/pricing/ladder.js";
import type { Ask, Outcome } from "../src/pricing/source.js";
import type { Stock } from "../src/pricing/stock.js";
import { type CartQuestion, createCartReader } from "./cart-reader.js";
import { createCustomerReader } from "./customer-reader.js";
import { createPriceLoader, type PriceQuestion } from "./price-loader.js";
import type { Sources } from "./sources.js";
import { createStockLoader, type StockQuestion } from "./stock-loader.js";

/** Made anew for each request: what one caller loaded is never handed to another. */
export interface Loaders {
  readonly prices: DataLoader<PriceQuestion, Outcome<Ladder>, string>;
  readonly stock: DataLoader<StockQuestion, Outcome<Stock>, string>;
  /** The caller's own record, read once a request; null for a caller without a customer. */
  readCustomer(): Promise<Outcome<Customer> | null>;
  /** Reads all that a cart is judged by, live. @throws {CustomerUnknown} */
  readCart(question: CartQuestion): Promise<CartReading>;
}

/** @param createAsk makes the ask of this request; `maxAgeMs` as in {@link Ask} */
export function createLoaders(sources: Sources, caller: Caller, createAsk: (maxAgeMs: number | null) => Ask): Loaders {
  const readCustomer = createCustomerReader(sources.customers, caller, createAsk);
  return {
    prices: createPriceLoader(sources.prices, readCustomer, caller, createAsk),
    stock: createStockLoader(sources.stock, createAsk),
    readCustomer,
    // Made only where a cart is asked for: every other request would pay for it.
    readCart: (question) => createCartReader(sources, caller, createAsk, question.now())(question),
  };
}
