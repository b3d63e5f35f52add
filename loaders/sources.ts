import type { Customer } from "../src/pricing/customer.js";
import type { CustomerKey, PriceKey, StockKey } from "../src/pricing/keys.js";
import type { Ladder } from "../src/pricing/ladder.js";
import type { PromptSource } from "../src/pricing/source.js";
import type { Stock } from "../src/pricing/stock.js";

/** The sources behind the loaders: shared by all requests, cached and load-controlled. */
export interface Sources {
  readonly prices: PromptSource<PriceKey, Ladder>;
  readonly stock: PromptSource<StockKey, Stock>;
  readonly customers: PromptSource<CustomerKey, Customer>;
}
