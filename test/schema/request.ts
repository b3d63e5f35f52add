import {
  type DocumentNode,
  type ExecutionResult,
  execute,
  type GraphQLSchema,
  getOperationAST,
  getVariableValues,
  Kind,
  parse,
  validate,
} from "graphql";
import { expect } from "vitest";
import { createLoaders } from "../../loaders/loaders.js";
import { createSchema } from "../../schema/build-schema.js";
import type { RequestContext, SchemaRules } from "../../schema/context.js";
import { Pages, type WrittenPage } from "../../schema/page/pages.js";
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
  readonly clock?: RequestContext["clock"];
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
  const { forget = async () => ({ forgotten: 0, at: now, unconfirmed: [] }), quotes = noQuotes } = options;
  const { readFeedPage = () => Promise.reject(new Error("no feed was expected")) } = options;
  const { lowestNetsOf = () => ({ lowest: null, prior: null }) } = options;
  const createAsk = (maxAgeMs: number | null) => askAt(now, { maxAgeMs, lane: caller.lane });
  return {
    caller,
    loaders: createLoaders({ ...sources, prices: new LadderSource(sources.prices) }, caller, createAsk),
    rules: { maxSkus: 200, stockPublicDetail: "status", stockLowAt: "5", ...rules },
    cart: { charges: usualCharges, lastKnown: null, ...options.cart },
    ...{ arrivedAt: now, now: () => now, clock: options.clock ?? { now: () => now } },
    noteAnswer,
    forget,
    quotes,
    readFeedPage,
    lowestNetsOf,
  };
}

const pages = new Pages(schema);

/**
 * Runs a document over the product's schema, loaders and ladders, with fake sources behind. Where it is a page it is written
 * first, as the gateway does, and must then be what graphql-js says.
 */
export async function ask(document: string | DocumentNode, options: RequestOptions = {}): Promise<ExecutionResult> {
  const parsed = typeof document === "string" ? parse(document) : document;
  const noted: Record<"written" | "executed", number[]> = { written: [], executed: [] };
  const noteAnswer = (freshUntil: number) => {
    noted.executed.push(freshUntil);
    options.noteAnswer?.(freshUntil);
  };
  const contextValue = createContext({ ...options, noteAnswer });
  const beside = { ...contextValue, noteAnswer: (freshUntil: number) => void noted.written.push(freshUntil) };
  const written = await writePage(parsed, beside, options.variables ?? {});
  const result = await execute({ schema, document: parsed, contextValue, variableValues: options.variables ?? {} });
  if (written !== null) {
    expect(result.errors).toBeUndefined();
    expect(written.text).toBe(JSON.stringify(result.data));
    expect(Math.min(...noted.written)).toBe(Math.min(...noted.executed));
  }
  return result;
}

/** Null where it is no page, or its variables are bad. */
export async function writePage(
  document: DocumentNode,
  context: RequestContext,
  variables: Record<string, unknown> = {},
): Promise<WrittenPage | null> {
  const definition = getOperationAST(document);
  if (!definition || validate(schema, document).length > 0) return null;
  const { coerced } = getVariableValues(schema, definition.variableDefinitions ?? [], variables);
  if (coerced === undefined) return null;
  const named = document.definitions.filter((node) => node.kind === Kind.FRAGMENT_DEFINITION);
  const fragments = Object.fromEntries(named.map((node) => [node.name.value, node]));
  return pages.write(definition, fragments, coerced, context);
}
