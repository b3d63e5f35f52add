import type { Clock } from "../src/clock.js";
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
  /** When the question came, in ms since the epoch. */
  readonly askedAt: number;
  readonly clock: Pick<Clock, "now">;
}

/** Who asks what, and how. */
export interface CartAsking {
  readonly sources: Sources;
  readonly caller: Caller;
  /** Of the checkout lane, for live answers. */
  readonly ask: Ask;
  readonly question: CartQuestion;
}

type PricedLine = Pick<LineReading, "line" | "pricedQuantity">;

/**
 * Reads what a cart is judged by: the customer's record and the stock at once, then the prices, each in one go and never
 * from before the question. What could not be read says so in its own place; beside it stands what was known last.
 * @throws {CustomerUnknown}
 */
export async function readCart(asking: CartAsking): Promise<CartReading> {
  const { question } = asking;
  const [stock, { record, currency, priced, prices }] = await Promise.all([readStock(asking), readPriced(asking)]);
  const readAt = question.clock.now();
  const toLastKnown = createLastKnownPrices(asking);
  const lines = await Promise.all(
    priced.map(async (each, index) => {
      const price = prices[index] as Outcome<Ladder>;
      return {
        ...{ ...each, price, stock: stock[index] as LineReading["stock"] },
        lastKnown: price.kind === "failed" ? toLastKnown(each) : null,
        quote: await checkQuote(each.line, currency ?? currencyTold(price), readAt, asking),
      };
    }),
  );
  return { currency, customer: record, lines, readAt };
}

async function readPriced(asking: CartAsking) {
  const { lines, breaksCount, ...question } = asking.question;
  const { customer } = asking.caller;
  const record = customer === null ? null : await readRecord(customer, asking);
  const currency = question.currency ?? currencyTold(record);
  const sums = breaksCount === "sku" ? quantitiesBySku(lines) : null;
  const priced = lines.map((line): PricedLine => ({ line, pricedQuantity: sums?.get(line.sku) ?? line.quantity }));
  return { record, currency, priced, prices: await readPrices(priced, record, currency, asking) };
}

async function readStock({ sources, ask, question }: CartAsking): Promise<LineReading["stock"][]> {
  const keys = question.lines.map(({ sku }) => createStockKey(sku));
  return (await readDistinct(sources.stock, keys, ask)).map((outcome) => liveOrFailed(outcome, question.askedAt));
}

async function readRecord(code: CustomerCode, { sources, ask, question }: CartAsking): Promise<Outcome<Customer>> {
  const [outcome] = await sources.customers.readMany([createCustomerKey(code)], ask);
  const record = liveOrFailed(outcome as Outcome<Customer>, question.askedAt);
  if (record.kind === "unknown") throw new CustomerUnknown(code);
  return record;
}

/** Priced in the customer's own name: what it shares with others is what its record said before. */
async function readPrices(
  lines: readonly PricedLine[],
  record: Outcome<Customer> | null,
  currency: string | null,
  { sources, caller: { customer }, ask, question }: CartAsking,
): Promise<Outcome<Ladder>[]> {
  // Nobody knows in which currency to ask, or whether these are still its prices; public ones would be a lie.
  if (record?.kind === "failed") return lines.map(() => record);
  const scope: Scope = customer === null ? publicScope : { kind: "customer", customer };
  const keys = lines.map((line) => toKey(line, scope, currency));
  const read = await readDistinct(sources.prices, keys, ask);
  const outcomes = read.map((outcome) => liveOrFailed(outcome, question.askedAt));
  if (customer !== null && outcomes.every(isCustomerUnknown)) throw new CustomerUnknown(customer);
  return outcomes.map((outcome) => (isCustomerUnknown(outcome) ? failed(customerDenied()) : outcome));
}

/** The youngest of what is kept under the customer's own name and under the scope of its last known record. */
function createLastKnownPrices({ sources, caller: { customer }, question }: CartAsking) {
  const record = customer === null ? null : sources.customers.lastKnown(createCustomerKey(customer));
  const scopes = customer === null ? [publicScope] : scopesOf(customer, record);
  const currency = question.currency ?? record?.answer.currency ?? null;
  return (line: PricedLine): Found<Ladder> | null => {
    const found = scopes.flatMap((scope) => sources.prices.lastKnown(toKey(line, scope, currency)) ?? []);
    return found.sort((a, b) => b.freshness.computedAt - a.freshness.computedAt)[0] ?? null;
  };
}

/** None where no record is known: nobody knows in which currency it buys. */
function scopesOf(customer: CustomerCode, record: Found<Customer> | null): readonly Scope[] {
  return record === null ? [] : [{ kind: "customer", customer }, scopeOf(customer, record.answer)];
}

async function checkQuote(
  { quote, sku, quantity }: CartLine,
  currency: string | null,
  now: number,
  { caller: { customer }, question: { quotes } }: CartAsking,
): Promise<LineReading["quote"]> {
  return quote === null ? null : quotes.check(quote, { customer, sku, quantity: canonical(quantity), currency }, now);
}

/**
 * The last look before an answer passes as live, whatever the layers below promise.
 * @throws what is the caller's own mistake, or a bug: neither is the ERP's word on a line
 */
function liveOrFailed<Answer>(outcome: Outcome<Answer>, askedAt: number): Outcome<Answer> {
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

function currencyTold(outcome: Outcome<{ readonly currency: string | null }> | null): string | null {
  return outcome?.kind === "found" ? outcome.answer.currency : null;
}

function toKey({ line, pricedQuantity }: PricedLine, scope: Scope, currency: string | null): PriceKey {
  return createPriceKey({
    ...{ scope, currency, sku: line.sku },
    quantity: canonical(pricedQuantity),
    exactQuantity: true,
  });
}

/** Its record was found and other lines have prices: that is a bad word on one line, and not the customer's end. */
function customerDenied(): ErpBadAnswer {
  return new ErpBadAnswer("a line denies the customer that other lines are priced for");
}

function isCustomerUnknown(outcome: Outcome<Ladder>): boolean {
  return outcome.kind === "unknown" && outcome.what === "customer";
}
