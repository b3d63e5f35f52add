import { BadUserInput, CustomerUnknown, ErpBadAnswer, GatewayError } from "../src/errors.js";
import type { Caller } from "../src/pricing/caller.js";
import type { CartLine, CartReading, ChargeRules, LineReading } from "../src/pricing/cart/cart.js";
import { quantitiesBySku } from "../src/pricing/cart/judge-stock.js";
import { type Customer, scopeOf } from "../src/pricing/customer.js";
import { canonical } from "../src/pricing/decimal.js";
import {
  type CustomerCode,
  createCustomerKey,
  createPriceKey,
  createStockKey,
  type PriceKey,
  publicScope,
  type Scope,
} from "../src/pricing/keys.js";
import type { Ladder } from "../src/pricing/ladder.js";
import type { Quotes } from "../src/pricing/quotes.js";
import { type Ask, type Found, failed, type Outcome, readDistinct } from "../src/pricing/source.js";
import type { Sources } from "./sources.js";

export interface CartQuestion {
  readonly lines: readonly CartLine[];
  /** ISO 4217; null for the customer's, else the ERP's own. */
  readonly currency: string | null;
  readonly breaksCount: ChargeRules["breaksCount"];
  readonly quotes: Quotes;
  /** Milliseconds since the epoch. */
  now(): number;
}

type PricedLine = Pick<LineReading, "line" | "pricedQuantity">;

/**
 * Reads what a cart is judged by: the customer's record and the stock at once, then the prices, each in one go and never
 * from before the question. What could not be read says so in its own place; beside it stands what was known last.
 * @param askedAt when the question came, in ms since the epoch
 */
export function createCartReader(
  sources: Sources,
  caller: Caller,
  createAsk: (maxAgeMs: number | null) => Ask,
  askedAt: number,
) {
  const ask = createAsk(0);
  const { customer } = caller;

  return async (question: CartQuestion): Promise<CartReading> => {
    const [stock, { record, currency, priced, prices }] = await Promise.all([
      readStock(question.lines),
      readPriced(question),
    ]);
    const lines = await Promise.all(
      priced.map(async ({ line, pricedQuantity }, index) => {
        const price = prices[index] as Outcome<Ladder>;
        return {
          ...{ line, pricedQuantity, price, stock: stock[index] as LineReading["stock"] },
          lastKnown: price.kind === "failed" ? lastKnownPrice({ line, pricedQuantity }, question.currency) : null,
          quote: await checkQuote(line, price, currency, question),
        };
      }),
    );
    return { currency, isCurrencyNamed: question.currency !== null, customer: record, lines };
  };

  async function readPriced({ lines, breaksCount, ...question }: CartQuestion) {
    const record = customer === null ? null : await readRecord(customer);
    const currency = question.currency ?? currencyOf(record);
    const quantities = quantitiesBySku(lines);
    const priced = lines.map((line): PricedLine => {
      const sum = breaksCount === "sku" ? quantities.get(line.sku) : undefined;
      return { line, pricedQuantity: sum ?? line.quantity };
    });
    return { record, currency, priced, prices: await readPrices(priced, record, currency) };
  }

  async function readStock(lines: readonly CartLine[]): Promise<LineReading["stock"][]> {
    const keys = lines.map(({ sku }) => createStockKey(sku));
    return (await readDistinct(sources.stock, keys, ask)).map((outcome) => liveOrFailed(outcome));
  }

  async function readRecord(code: CustomerCode): Promise<Outcome<Customer>> {
    const [outcome] = await sources.customers.readMany([createCustomerKey(code)], ask);
    if (outcome === undefined || outcome.kind === "unknown") throw new CustomerUnknown(code);
    return liveOrFailed(outcome);
  }

  /** Priced in the customer's own name: what it shares with others is what its record said before. */
  async function readPrices(
    lines: readonly PricedLine[],
    record: Outcome<Customer> | null,
    currency: string | null,
  ): Promise<Outcome<Ladder>[]> {
    // Nobody knows in which currency to ask, or whether these are still its prices; public ones would be a lie.
    if (record?.kind === "failed") return lines.map(() => record);
    const scope: Scope = customer === null ? publicScope : { kind: "customer", customer };
    const keys = lines.map((line) => toKey(line, scope, currency));
    const outcomes = (await readDistinct(sources.prices, keys, ask)).map((outcome) => liveOrFailed(outcome));
    if (customer !== null && outcomes.some(isCustomerUnknown)) throw new CustomerUnknown(customer);
    return outcomes;
  }

  /** The youngest of what is kept under the customer's own name and under the scope of its last known record. */
  function lastKnownPrice(line: PricedLine, named: string | null): Found<Ladder> | null {
    if (customer === null) return sources.prices.lastKnown(toKey(line, publicScope, named));
    const record = sources.customers.lastKnown(createCustomerKey(customer))?.answer;
    if (record === undefined) return null;
    const currency = named ?? record.currency;
    const scopes: Scope[] = [{ kind: "customer", customer }, scopeOf(customer, record)];
    const found = scopes.flatMap((scope) => sources.prices.lastKnown(toKey(line, scope, currency)) ?? []);
    return found.sort((a, b) => b.freshness.computedAt - a.freshness.computedAt)[0] ?? null;
  }

  async function checkQuote(
    { quote, sku, quantity }: CartLine,
    price: Outcome<Ladder>,
    currency: string | null,
    { quotes, now }: CartQuestion,
  ): Promise<LineReading["quote"]> {
    if (quote === null) return null;
    const told = price.kind === "found" ? price.answer.currency : null;
    return quotes.check(quote, { customer, sku, quantity: canonical(quantity), currency: currency ?? told }, now());
  }

  /**
   * The last look before an answer passes as live, whatever the layers below promise.
   * @throws what is the caller's own mistake, or a bug: neither is the ERP's word on a line
   */
  function liveOrFailed<Answer>(outcome: Outcome<Answer>): Outcome<Answer> {
    if (outcome.kind === "failed") {
      const { error } = outcome;
      if (!(error instanceof GatewayError) || error instanceof BadUserInput || error instanceof CustomerUnknown)
        throw error;
      return outcome;
    }
    const { source, computedAt } = outcome.freshness;
    if (source !== "LAST_KNOWN" && computedAt >= askedAt) return outcome;
    return failed(new ErpBadAnswer("an answer from before the question was given to a checkout"));
  }
}

function currencyOf(record: Outcome<Customer> | null): string | null {
  return record?.kind === "found" ? record.answer.currency : null;
}

function toKey({ line, pricedQuantity }: PricedLine, scope: Scope, currency: string | null): PriceKey {
  return createPriceKey({
    ...{ scope, currency, sku: line.sku },
    quantity: canonical(pricedQuantity),
    exactQuantity: true,
  });
}

function isCustomerUnknown(outcome: Outcome<Ladder>): boolean {
  return outcome.kind === "unknown" && outcome.what === "customer";
}
