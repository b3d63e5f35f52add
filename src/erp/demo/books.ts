import type { Clock } from "../../clock.js";
import { Catalogue } from "./catalogue.js";
import { ChangeLog } from "./change-log.js";
import { CustomerBook } from "./customer-book.js";
import { PriceBook, type PriceBookOptions } from "./price-book.js";
import { Steps } from "./steps.js";
import { StockBook } from "./stock-book.js";

/** All that the demonstration ERP knows. */
export interface Books {
  readonly catalogue: Catalogue;
  readonly customers: CustomerBook;
  readonly prices: PriceBook;
  readonly stock: StockBook;
  readonly changes: ChangeLog;
}

export interface BooksOptions extends PriceBookOptions {
  readonly seed: number;
  readonly skus: number;
  readonly clock: Clock;
  readonly stepMs: number;
  readonly backlogSteps: number;
}

export function createBooks({ seed, skus, clock, stepMs, backlogSteps, ...priceOptions }: BooksOptions): Books {
  const steps = new Steps(clock, stepMs);
  const catalogue = new Catalogue(seed, skus);
  const customers = new CustomerBook(seed);
  const prices = new PriceBook(catalogue, customers, steps, priceOptions);
  const stock = new StockBook(catalogue, steps);
  const movements = [
    { kind: "stock" as const, movement: stock.movement },
    ...(prices.movement === null ? [] : [{ kind: "price" as const, movement: prices.movement }]),
  ];
  return { catalogue, customers, prices, stock, changes: new ChangeLog(catalogue, steps, movements, backlogSteps) };
}
