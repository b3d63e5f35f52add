import { type ExecutionResult, execute, getOperationAST, getVariableValues, parse } from "graphql";
import { createFreshReader } from "../../loaders/fresh-reader.js";
import { createLoaders } from "../../loaders/loaders.js";
import type { RequestContext } from "../../schema/context.js";
import { Pages } from "../../schema/page/pages.js";
import { CachedSource } from "../../src/cache/cached-source.js";
import { LadderSource } from "../../src/cache/ladder-source.js";
import type { Caller } from "../../src/pricing/caller.js";
import type { KeyNames } from "../../src/pricing/invalidation.js";
import { askedCustomer, type CustomerKey, type PriceKey, type StockKey } from "../../src/pricing/keys.js";
import type { Ladder } from "../../src/pricing/ladder.js";
import type { Key } from "../../src/pricing/source.js";
import type { Stock } from "../../src/pricing/stock.js";
import { RecordingSource } from "../support/fake-source.js";
import { askAt, customerOf, foundAt, ladderOf, stockOf, unknownAt } from "../support/samples.js";
import { VirtualClock } from "../support/virtual-clock.js";
import { createContext, schema } from "./request.js";

/** For what no page asks. Made once: its sources take milliseconds to make. */
const plainContext = createContext();

export const windows = { freshMs: 60_000, staleMs: 600_000, unknownMs: 30_000, failureMs: 1_000 };

/**
 * The product's caches, loaders and pages before an ERP that tells each customer a price of its own, and another one after `rise`. It knows
 * every SKU but those that begin with "?". G1 and G2 share a price scope.
 */
export function createFreshWorld() {
  const clock = new VirtualClock();
  const erp = { rise: 0, tellsLadders: true };

  function cached<K extends Key, Answer>(inner: RecordingSource<K, Answer>, namesOf: (key: K) => KeyNames) {
    return new CachedSource(inner, {
      ...{
        windows,
        clock,
        namesOf,
        maxBytes: 1_000_000,
        maxEntries: 10_000,
        revalidateMs: 10_000,
        longestFlightMs: 5_000,
      },
      random: () => 0,
      onLookup() {},
    });
  }

  const prices = new RecordingSource<PriceKey, Ladder>(({ sku, scope, quantity }) => {
    if (sku.startsWith("?")) return unknownAt(clock.now());
    const whose = scope.kind === "price-scope" ? scope.priceScope : (askedCustomer(scope) ?? "public");
    const unitPrice = `${whose.length * 1_000 + whose.charCodeAt(whose.length - 1) + erp.rise}.25`;
    const onlyQuantity = erp.tellsLadders ? null : quantity;
    return foundAt(ladderOf({ sku, unitPrice, priceList: whose, onlyQuantity }), clock.now());
  });
  const stock = new RecordingSource<StockKey, Stock>(({ sku }) =>
    sku.startsWith("?S")
      ? unknownAt(clock.now())
      : foundAt(stockOf({ sku, warehouses: [{ code: "MAIN", available: `${sku.length}.5` }] }), clock.now()),
  );
  const customers = new RecordingSource<CustomerKey, ReturnType<typeof customerOf>>(({ customer }) =>
    foundAt(customerOf({ code: customer, priceScope: customer.startsWith("G") ? "GOLD" : null }), clock.now()),
  );
  const priceCache = cached(prices, ({ sku }) => ({ sku }));
  const stockCache = cached(stock, ({ sku }) => ({ sku }));
  const sources = {
    prices: new LadderSource(priceCache),
    stock: stockCache,
    customers: cached(customers, ({ customer }) => ({ customer })),
  };
  const reader = createFreshReader(sources);
  const pages = new Pages(schema);
  const rules = { maxSkus: 200, stockPublicDetail: "status", stockLowAt: "5" } as const;

  function contextFor(caller: Caller, noteAnswer: (freshUntil: number) => void = () => {}): RequestContext {
    const createAsk = (maxAgeMs: number | null) => askAt(clock.now(), { maxAgeMs, lane: caller.lane });
    const loaders = createLoaders(sources, caller, createAsk);
    const now = () => clock.now();
    return { ...plainContext, caller, noteAnswer, loaders, now, rules };
  }

  return {
    ...{ clock, erp, sources, prices, stock, customers, priceCache, stockCache, reader, pages, rules, contextFor },

    /** Reads of the ERP so far. */
    get reads() {
      return [prices, stock, customers].reduce((sum, { asked }) => sum + asked.length, 0);
    },

    /** Documents by their text, parsed once each as the gateway does. */
    createAsker(document: string) {
      const parsed = parse(document);
      const definition = getOperationAST(parsed);
      if (!definition) throw new Error("no operation");
      const coerced = (variables: Record<string, unknown>) =>
        getVariableValues(schema, definition.variableDefinitions ?? [], variables).coerced ?? {};
      return {
        definition,
        /** As graphql-js answers it. */
        execute: async (caller: Caller, variables: Record<string, unknown> = {}, note?: (until: number) => void) =>
          (await execute({
            ...{ schema, document: parsed, variableValues: variables },
            contextValue: contextFor(caller, note),
          })) as ExecutionResult,
        /** As it is written first, by way of the loaders; proven against graphql-js. */
        async prove(caller: Caller, variables: Record<string, unknown> = {}): Promise<boolean> {
          await pages.write(definition, {}, coerced(variables), contextFor(caller)); // fills the caches
          const written = await pages.write(definition, {}, coerced(variables), contextFor(caller));
          return written?.prove?.((await this.execute(caller, variables)).data) ?? written !== null;
        },
        writeFresh: (caller: Caller, variables: Record<string, unknown> = {}, note?: (until: number) => void) =>
          pages.writeFresh(definition, coerced(variables), contextFor(caller, note), reader),
      };
    },
  };
}
