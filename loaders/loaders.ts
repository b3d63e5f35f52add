import type DataLoader from "dataloader";
import type { Caller } from "../src/pricing/caller.js";
import type { CartReading } from "../src/pricing/cart/cart.js";
import type { Customer } from "../src/pricing/customer.js";
import type { Ladder } from "../src/pricing/ladder.js";
import type { Ask, Outcome } from "../src/pricing/source.js";
import type { Stock } from "../src/pricing/stock.js";
import { type CartQuestion, readCart } from "./cart-reader.js";
import { createCustomerReader } from "./customer-reader.js";
import { createPriceLoader, createPriceReader, type PriceQuestion, type ReadPrices } from "./price-loader.js";
import type { Sources } from "./sources.js";
import { createStockLoader, createStockReader, type ReadStock, type StockQuestion } from "./stock-loader.js";

/** Made anew for each request: what one caller loaded is never handed to another. */
export interface Loaders {
  readonly prices: DataLoader<PriceQuestion, Outcome<Ladder>, string>;
  readonly stock: DataLoader<StockQuestion, Outcome<Stock>, string>;
  /**
   * Answers a whole list in one go, without a promise for each question; `prices` and `stock` know the answers from then on,
   * if nothing was asked of them before.
   */
  readonly readPrices: ReadPrices;
  readonly readStock: ReadStock;
  /** The caller's own record, read once a request; null for a caller without a customer. */
  readCustomer(): Promise<Outcome<Customer> | null>;
  /** Reads all that a cart is judged by, live. @throws {CustomerUnknown} */
  readCart(question: CartQuestion): Promise<CartReading>;
}

/** @param createAsk makes the ask of this request; `maxAgeMs` as in {@link Ask} */
export function createLoaders(sources: Sources, caller: Caller, createAsk: (maxAgeMs: number | null) => Ask): Loaders {
  const readCustomer = createCustomerReader(sources.customers, caller, createAsk);
  const prices = lazily(createPriceReader(sources.prices, readCustomer, caller, createAsk), createPriceLoader);
  const stock = lazily(createStockReader(sources.stock, createAsk), createStockLoader);
  return {
    get prices() {
      return prices.loader();
    },
    get stock() {
      return stock.loader();
    },
    readPrices: prices.readList,
    readStock: stock.readList,
    readCustomer,
    readCart: (question) => readCart({ sources, caller, ask: createAsk(0), question }),
  };
}

type ReadQuestions<Question, Answer> = (questions: readonly Question[]) => Promise<Answer[]>;

/** Most requests are read as whole lists: the loader is made for those that are not, and told what lists brought before. */
function lazily<Question, Answer>(
  read: ReadQuestions<Question, Answer>,
  createLoader: (read: ReadQuestions<Question, Answer>) => DataLoader<Question, Answer, string>,
) {
  const lists: { readonly questions: readonly Question[]; readonly answers: readonly Answer[] }[] = [];
  let made: DataLoader<Question, Answer, string> | undefined;

  function make(): DataLoader<Question, Answer, string> {
    const loader = createLoader(read);
    for (const { questions, answers } of lists) {
      for (const [index, question] of questions.entries()) loader.prime(question, answers[index] as Answer);
    }
    return loader;
  }

  return {
    loader() {
      made ??= make();
      return made;
    },
    async readList(questions: readonly Question[]): Promise<Answer[]> {
      if (questions.length === 0) return [];
      const answers = await read(questions);
      lists.push({ questions, answers });
      return answers;
    },
  };
}
