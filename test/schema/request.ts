import { type DocumentNode, type ExecutionResult, execute, type GraphQLSchema, parse } from "graphql";
import { createLoaders } from "../../loaders/loaders.js";
import { createSchema } from "../../schema/build-schema.js";
import type { RequestContext, SchemaRules } from "../../schema/context.js";
import { LadderSource } from "../../src/cache/ladder-source.js";
import { anonymous, type Caller } from "../../src/pricing/caller.js";
import { usualCharges } from "../../src/pricing/cart/cart.js";
import type { JudgeRules } from "../../src/pricing/cart/judge-cart.js";
import type { Customer } from "../../src/pricing/customer.js";
import type { CustomerKey, PriceKey, StockKey } from "../../src/pricing/keys.js";
import type { Ladder } from "../../src/pricing/ladder.js";
import type { Stock } from "../../src/pricing/stock.js";
import { RecordingSource } from "../support/fake-source.js";
import { askAt, customerOf, foundAt, ladderOf, stockOf, unknownAt } from "../support/samples.js";

export const schema: GraphQLSchema = await createSchema();

export const now = Date.UTC(2026, 10, 24, 9, 30);

/** Knows every SKU but those that begin with "?"; tells prices one quantity at a time, so that each costs a key. */
export function createSources() {
  const prices = new RecordingSource<PriceKey, Ladder>(({ sku, quantity }) =>
    sku.startsWith("?") ? unknownAt(now) : foundAt(ladderOf({ sku, onlyQuantity: quantity }), now),
  );
  const stock = new RecordingSource<StockKey, Stock>(({ sku }) =>
    sku.startsWith("?") ? unknownAt(now) : foundAt(stockOf({ sku }), now),
  );
  const customers = new RecordingSource<CustomerKey, Customer>(({ customer }) =>
    foundAt(customerOf({ code: customer, currency: "EUR" }), now),
  );
  return { prices, stock, customers };
}

export type RecordingSources = ReturnType<typeof createSources>;

/** The different questions that reached the ERP. */
export function keysAsked({ prices, stock, customers }: RecordingSources): Set<string> {
  const named = Object.entries({ prices, stock, customers }).map(([kind, source]) =>
    source.askedIds.flat().map((id) => `${kind} ${id}`),
  );
  return new Set(named.flat());
}

export interface RequestOptions {
  readonly caller?: Caller;
  readonly variables?: Record<string, unknown>;
  readonly rules?: Partial<SchemaRules>;
  readonly cart?: Partial<JudgeRules>;
  readonly sources?: RecordingSources;
  readonly noteAnswer?: (freshUntil: number) => void;
  readonly forget?: RequestContext["forget"];
  readonly quotes?: RequestContext["quotes"];
  readonly readFeedPage?: RequestContext["readFeedPage"];
  readonly lowestNetsOf?: RequestContext["lowestNetsOf"];
}

/** Signs nothing, honours nothing. */
const noQuotes: RequestContext["quotes"] = {
  sign: () => Promise.reject(new Error("this test signs no quotes")),
  check: async () => ({ status: "INVALID" }),
};

export function createContext(options: RequestOptions = {}): RequestContext {
  const { caller = anonymous, rules, sources = createSources(), noteAnswer = () => {} } = options;
  const { forget = () => ({ forgotten: 0, at: now }), quotes = noQuotes } = options;
  const { readFeedPage = () => Promise.reject(new Error("no feed was expected")) } = options;
  const { lowestNetsOf = () => ({ lowest: null, prior: null }) } = options;
  const createAsk = (maxAgeMs: number | null) => askAt(now, { maxAgeMs, lane: caller.lane });
  return {
    caller,
    loaders: createLoaders({ ...sources, prices: new LadderSource(sources.prices) }, caller, createAsk),
    rules: { maxSkus: 200, stockPublicDetail: "status", stockLowAt: "5", ...rules },
    cart: { charges: usualCharges, lastKnown: null, ...options.cart },
    now: () => now,
    noteAnswer,
    forget,
    quotes,
    readFeedPage,
    lowestNetsOf,
  };
}

/** Runs a document over the product's schema, loaders and ladders, with fake sources behind. */
export async function ask(document: string | DocumentNode, options: RequestOptions = {}): Promise<ExecutionResult> {
  return execute({
    schema,
    document: typeof document === "string" ? parse(document) : document,
    contextValue: createContext(options),
    variableValues: options.variables ?? {},
  });
}
