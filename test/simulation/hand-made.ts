import { createPriceKey, createStockKey, publicScope, verifiedCustomer } from "../../src/pricing/keys.js";
import { type Freshness, fromErp, type Outcome } from "../../src/pricing/source.js";
import { ladderOf } from "../support/samples.js";
import { type CallRecord, History, type QuestionRecord, type Told, type ViewRecord, writeTold } from "./history.js";
import { SeededRandom } from "./seeded-random.js";
import { SimulatedWorld } from "./simulated-world.js";
import type { Bounds } from "./violations.js";

/** Instants of hand-made histories count from 0. */
export const bounds: Bounds = {
  freshMs: { price: 1_000, stock: 1_000, customer: 1_000 },
  staleMs: { price: 5_000, stock: 5_000, customer: 5_000 },
  unknownMs: 30_000,
  maxConcurrency: 2,
  abandonMs: 300,
  longestCallMs: 2_000,
  clockShare: 0,
  mayBeSaidOlder: false,
};

export function emptyHistory(): History {
  return new History(new SimulatedWorld(new SeededRandom(1)));
}

export const publicKey = (sku: string) =>
  createPriceKey({ scope: publicScope, sku, currency: null, quantity: "1", exactQuantity: false });

export const ownKey = (customer: string, sku: string) =>
  createPriceKey({ ...publicKey(sku), scope: { kind: "customer", customer: verifiedCustomer(customer) } });

export const scopeKey = (priceScope: string, customer: string, sku: string) =>
  createPriceKey({
    ...publicKey(sku),
    scope: { kind: "price-scope", priceScope, customer: verifiedCustomer(customer) },
  });

export const stockKey = createStockKey;

export function call(
  history: History,
  keys: readonly (ReturnType<typeof publicKey> | ReturnType<typeof stockKey>)[],
  at: number,
): CallRecord {
  return history.callSent("scope" in (keys[0] as object) ? "price" : "stock", keys, at);
}

export function end(history: History, record: CallRecord, at: number, wasGivenUp = false): void {
  const place = history.nextPlace();
  Object.assign(record, { endedAt: at, endPlace: place, heardPlace: place, wasGivenUp, end: "answered" });
}

/** What the ERP told of a price in this call. */
export function priceFrom(
  { number, sentAt, asked }: CallRecord,
  told: Partial<Told> = {},
  freshness: Partial<Freshness> = {},
): Outcome<unknown> {
  const { owner = "", name = "" } = asked[0] ?? {};
  const priceList = writeTold({ owner, name, version: 0, call: number, askedOwner: owner, ...told });
  return { kind: "found", answer: ladderOf({ priceList }), freshness: { ...fromErp({ sentAt }), ...freshness } };
}

export function question(history: History, at: number, parts: Partial<QuestionRecord> = {}): QuestionRecord {
  const record: QuestionRecord = {
    replica: 0,
    place: history.nextPlace(),
    at,
    asked: { kind: "price", owner: "public", name: "S0" },
    lane: "storefront",
    deadline: at + 2_000,
    maxAgeMs: null,
    isAlone: true,
    outcome: null,
    endedAt: null,
    latestOf: null,
    ...parts,
  };
  history.questions.push(record);
  return record;
}

export function view(history: History, at: number, parts: Partial<ViewRecord> = {}): ViewRecord {
  const record: ViewRecord = {
    replica: 0,
    place: history.nextPlace(),
    at,
    customer: null,
    lane: "storefront",
    deadline: at + 2_000,
    maxAgeMs: null,
    kind: "price",
    sku: "S0",
    leavesEarly: false,
    outcome: null,
    endedAt: null,
    ...parts,
  };
  history.views.push(record);
  return record;
}
