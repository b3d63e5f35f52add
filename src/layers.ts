import type { Sources } from "../loaders/sources.js";
import { createFeed, followChanges } from "./beside-layers.js";
import { CachedSource, type CachedSourceOptions } from "./cache/cached-source.js";
import { CallerBudgets } from "./cache/caller-budgets.js";
import { customerCodec } from "./cache/customer-codec.js";
import type { Windows } from "./cache/freshness.js";
import { LadderSource } from "./cache/ladder-source.js";
import { priceCodec } from "./cache/price-codec.js";
import { ScopeMoves } from "./cache/scope-moves.js";
import { stockCodec } from "./cache/stock-codec.js";
import type { Breaker } from "./dispatch/breaker.js";
import { CallSlots } from "./dispatch/call-slots.js";
import { ChargingSource } from "./dispatch/charging-source.js";
import { Dispatcher } from "./dispatch/dispatcher.js";
import type { FinishedCall } from "./dispatch/erp-caller.js";
import type { FeedReader } from "./feed/feed-reader.js";
import type { Journal } from "./feed/journal.js";
import { JournalRecorder } from "./feed/journal-recorder.js";
import { createBreaker, createLimit, mostCallsNow, reportCall } from "./load-control.js";
import type { Caller } from "./pricing/caller.js";
import type { ToldChange } from "./pricing/change-share.js";
import type { Connector } from "./pricing/connector.js";
import {
  everything,
  type Invalidation,
  namesOfPrice,
  type Reach,
  reachOf,
  touchesKind,
  touchesPrice,
  touchesRecord,
  touchesStock,
  whereToLook,
} from "./pricing/invalidation.js";
import type { KeyBudget } from "./pricing/key-budget.js";
import { type CustomerKey, holdsForAll, type PriceKey, type StockKey } from "./pricing/keys.js";
import type { Ladder } from "./pricing/ladder.js";
import { type AnswerKind, type ErpSource, type Key, lanes, type TellingSource } from "./pricing/source.js";
import type { Turns } from "./pricing/turns.js";
import { createBudget, createFleet, type ReplicaParts } from "./replicas.js";
import { DecisionLog } from "./telemetry/decision-log.js";
import type { InvalidationOrigin } from "./telemetry/metric-names.js";

/** How long the ERP's word that it knows no such thing is believed, and a failure answered again, in ms. */
const unknownMs = 30_000;
const failureMs = 1_000;

/** Most customers, machines and addresses, each, whose budgets are remembered; a few hundred bytes each. */
const rememberedCallers = 50_000;

/** Most customers whose price scopes are remembered, some 200 bytes each. */
const rememberedCustomers = 200_000;

/** How the memory for answers is dealt out. A customer has a record, and prices of all that it looks at. */
const cacheShares: Readonly<Record<AnswerKind, number>> = { price: 0.75, stock: 0.15, customer: 0.1 };

export interface LayerParts extends ReplicaParts {
  /** From 0 up to 1. */
  readonly random: () => number;
  /** In which the feed's work is done; left out, at once. */
  readonly turns?: Turns;
}

export interface Layers {
  readonly sources: Sources;
  /** Null for a caller whom nobody counts. */
  budgetOf(caller: Caller): KeyBudget | null;
  /** @returns how many answers were forgotten; no question that comes after it is answered by what was asked before it */
  forget(invalidation: Invalidation): number;
  /** Likewise at once, and has every replica do so. */
  forgetEverywhere(invalidation: Invalidation): Forgotten;
  readonly feed: FeedReader;
  /** False while this replica waits for its first share of the ERP's limit, for as long as it may have to. */
  isReady(): boolean;
  close(): Promise<void>;
}

export interface Forgotten {
  /** How many answers were forgotten here. */
  readonly count: number;
  /** Once all replicas had the time to confirm: those that did not. */
  readonly unconfirmed: Promise<readonly string[]>;
}

/**
 * Stacks cache → shared tier → budget → dispatch → connector, once for each kind of question; one limit on calls for all of them.
 * @param journal told of every change that is seen
 */
export function stackLayers(connector: Connector, journal: Journal, parts: LayerParts): Layers {
  const { settings, metrics } = parts;
  const limit = createLimit(connector, parts);
  const slots = new CallSlots(limit, parts.clock);
  const decisionLog = new DecisionLog(parts.logger, parts.clock);
  const dispatchers: { readonly mostCalls: number }[] = [];
  metrics.observe("erp_in_flight", () => slots.inFlight);
  metrics.observe("erp_concurrency_limit", () => mostCallsNow(slots, dispatchers));
  const breakers: Breaker[] = [];
  const recorder = new JournalRecorder(journal);
  const fleet = createFleet(
    (invalidation) => forget(invalidation, "fleet"),
    (isFirst) => (isFirst ? forgetAnswers(everything, reachNow(everything)) : forget(everything, "fleet")),
    parts,
  );

  fleet?.shareBaseline(limit, settings.erpTimeoutMs);

  const budget = createBudget(limit, slots, connector, parts);

  function stack<K extends Key, Answer>(
    kind: AnswerKind,
    erp: ErpSource<K, Answer>,
    windows: Pick<Windows, "freshMs" | "staleMs">,
    rules: Pick<CachedSourceOptions<K, Answer>, "codec" | "namesOf" | "validUntil" | "holdsForAll">,
    onOutcome: Parameters<TellingSource<K, Answer>["onOutcome"]>[0] = () => {},
  ): CachedSource<K, Answer> {
    const breaker = createBreaker(kind, parts, { longestTrialMs: settings.erpTimeoutMs, random: parts.random });
    breakers.push(breaker);
    fleet?.shareHints(kind, breaker);
    const onCall = (call: FinishedCall) => reportCall(call, parts);
    const dispatcher = new Dispatcher(erp, {
      kind,
      slots,
      breaker,
      clock: parts.clock,
      timeoutMs: settings.erpTimeoutMs,
      abandonMs: settings.erpAbandonMs,
      random: parts.random,
      onDecision(decision, lane) {
        metrics.dispatchDecided(kind, lane, decision);
        decisionLog.note(kind, lane, decision);
      },
      onCall,
      ...(parts.turns === undefined ? {} : { turns: parts.turns }),
    });
    dispatchers.push(dispatcher);
    const charging = new ChargingSource(dispatcher);
    const inner = fleet?.share(charging, {
      ...{ ...rules, kind, dispatch: dispatcher, windows: { ...windows, unknownMs } },
      onLookup: (outcome, count) => metrics.sharedOutcome(kind, outcome, count),
    });
    // A customer's record tells of a move wherever it comes from; the journal notes what the ERP says, in its order.
    (kind === "customer" ? (inner ?? dispatcher) : dispatcher).onOutcome(onOutcome);
    const maxBytes = settings.cacheMaxBytes * cacheShares[kind];
    const cached = new CachedSource(inner ?? charging, {
      windows: { ...windows, unknownMs, failureMs },
      maxBytes,
      clock: parts.clock,
      random: parts.random,
      ...rules,
      revalidateMs: settings.deadlineFeedMs,
      longestFlightMs: 2 * settings.erpTimeoutMs, // as long again for an answer that stands in the queue of a busy process
      onLookup: (outcome, lane, keys) => metrics.cacheOutcome(kind, lane, outcome, keys),
      onLastKnown: (reason, lane) => metrics.lastKnownServed(kind, lane, reason),
    });
    for (const lane of lanes) metrics.observe("erp_waiting_keys", () => dispatcher.waitingIn(lane), { kind, lane });
    metrics.observe("cache_entries", () => cached.size, { kind });
    metrics.observe("cache_bytes", () => cached.bytes, { kind });
    metrics.observe("cache_max_bytes", () => maxBytes, { kind });
    return cached;
  }

  const { priceFreshMs, priceStaleMs, stockFreshMs, stockStaleMs, customerFreshMs, customerStaleMs } = settings;
  const priceWindows = { freshMs: priceFreshMs, staleMs: priceStaleMs };
  const priceRules = {
    codec: priceCodec,
    namesOf: namesOfPrice,
    validUntil: (ladder: Ladder) => ladder.validUntil,
    holdsForAll,
  };
  const prices = stack("price", connector.prices, priceWindows, priceRules, (key, outcome) =>
    recorder.onPrice(key, outcome),
  );
  const stockWindows = { freshMs: stockFreshMs, staleMs: stockStaleMs };
  const stockRules = { codec: stockCodec, namesOf: ({ sku }: StockKey) => ({ sku }) };
  const stock = stack("stock", connector.stock, stockWindows, stockRules, (key, outcome) =>
    recorder.onStock(key, outcome),
  );
  const customerWindows = { freshMs: customerFreshMs, staleMs: customerStaleMs };
  const scopeMoves = new ScopeMoves(rememberedCustomers, (customer) => {
    // What was asked in this customer's name may already have been its new price, kept for those it left.
    const isTheirs = ({ scope }: PriceKey) => scope.kind === "price-scope" && scope.customer === customer;
    const forgotten = prices.forget(isTheirs, { customer: new Set([customer]) });
    metrics.invalidated("scope_move", forgotten);
    // So may what the other replicas keep, and what they share, who may not know the scope that was left. Who did not confirm hears of it later.
    const ofTheirs = { ...everything, kinds: new Set<AnswerKind>(["price"]), customers: new Set([customer]) };
    void fleet?.tell(ofTheirs, { scopes: new Set(), customers: new Set() });
    parts.logger.info({ forgotten }, "a customer moved to another price scope");
  });
  const customerRules = { codec: customerCodec, namesOf: ({ customer }: CustomerKey) => ({ customer }) };
  const customers = stack("customer", connector.customers, customerWindows, customerRules, (key, outcome) =>
    scopeMoves.onRecord(key, outcome),
  );
  /** By the records as they are kept before any of them is forgotten; read once, since it goes through all. */
  const reachNow = (invalidation: Invalidation) => reachOf(invalidation, customers.answers());
  function forget(invalidation: Invalidation, origin: InvalidationOrigin, reach = reachNow(invalidation)): number {
    recorder.onInvalidated(invalidation);
    const forgotten = forgetAnswers(invalidation, reach);
    metrics.invalidated(origin, forgotten);
    return forgotten;
  }

  function forgetAnswers(invalidation: Invalidation, reach: Reach): number {
    const where = whereToLook(invalidation, reach);
    const touches = (kind: AnswerKind) => touchesKind(invalidation, kind);
    return (
      (touches("price") ? prices.forget((key) => touchesPrice(invalidation, reach, key), where) : 0) +
      (touches("stock") ? stock.forget((key) => touchesStock(invalidation, key), where) : 0) +
      (touches("customer") ? customers.forget((key) => touchesRecord(invalidation, key), where) : 0)
    );
  }

  function forgetEverywhere(invalidation: Invalidation): Forgotten {
    const reach = reachNow(invalidation);
    const count = forget(invalidation, "mutation", reach);
    return { count, unconfirmed: fleet?.tell(invalidation, reach) ?? Promise.resolve([]) };
  }

  const forgetting = {
    forget: ({ invalidation, reach }: ToldChange) => forget(invalidation, "change", reach),
    reachOf: reachNow,
    share: () => fleet?.followChanges() ?? null,
  };
  const follower = followChanges(connector, slots, journal, forgetting, parts);
  const sources: Sources = { prices: new LadderSource(prices), stock, customers };
  return {
    sources,
    budgetOf: createBudgets(parts),
    forget: (invalidation) => forget(invalidation, "mutation"),
    forgetEverywhere,
    feed: createFeed(connector, slots, { prices: sources.prices, stock }, journal, recorder, parts),
    isReady: () => budget?.isReady ?? true,
    async close() {
      follower?.close();
      for (const breaker of breakers) breaker.shutdown();
      await budget?.close();
      await fleet?.close();
    },
  };
}

function createBudgets({ settings, clock, logger, metrics }: LayerParts): Layers["budgetOf"] {
  const { callerKeysPerSecond: perSecond, callerKeysBurst: burst } = settings;
  if (perSecond === 0) return () => null;
  const onCharge = metrics.keysCharged;
  const onRefused = (caller: Caller["kind"], budget: string) =>
    // An address is somebody's own, and there may be no end of them: it is told to those alone who go looking.
    logger[caller === "anonymous" ? "debug" : "warn"]({ caller, budget }, "a caller's budget of ERP keys is used up");
  const maxCallers = rememberedCallers;
  const budgets = new CallerBudgets({ perSecond, burst, maxCallers, clock, onCharge, onRefused });
  metrics.observe("caller_budgets", () => budgets.size);
  return (caller) => budgets.budgetOf(caller);
}
