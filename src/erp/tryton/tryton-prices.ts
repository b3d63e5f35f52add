import { BadUserInput, ErpBadAnswer } from "../../errors.js";
import { askedCustomer, type PriceKey, scopeParts } from "../../pricing/keys.js";
import type { Ladder } from "../../pricing/ladder.js";
import {
  type ErpCall,
  type ErpSource,
  type Failed,
  failed,
  fromErp,
  type Outcome,
  type Unknown,
} from "../../pricing/source.js";
import { dayAt } from "../calendar.js";
import { type Buyer, buyerFields, readDefaultListFor, readParties, toBuyer } from "./tryton-buyers.js";
import type { Ground } from "./tryton-ground.js";
import { type LadderOrError, readLadders, type Terms } from "./tryton-ladders.js";
import { readPriceList } from "./tryton-lists.js";
import { type Product, type ProductFound, readProducts } from "./tryton-products.js";
import type { TrytonSession } from "./tryton-session.js";
import { categoryTaxFields, readTaxes } from "./tryton-taxes.js";

/** Keys in one call: 50 cost 8 times less than 50 calls of one on short lists, and stay under 1 s of CPU on long ones. */
const keysPerCall = 50;

type BuyerFound = { readonly kind: "buyer"; readonly buyer: Buyer } | Unknown | Failed;

export function createTrytonPrices(
  session: TrytonSession,
  readGround: (signal: AbortSignal) => Promise<Ground>,
): ErpSource<PriceKey, Ladder> {
  return {
    keysPerCall,
    // Tryton prices for one list and one currency at a time; customers of one price scope share both.
    groupOf: ({ scope, currency }) => JSON.stringify([scopeParts(scope), currency]),
    async readMany(keys, call) {
      const ground = await readGround(call.signal);
      const currency = keys[0]?.currency ?? ground.currency;
      if (!ground.currencies.has(currency)) return keys.map(() => failed(noSuchCurrency(currency)));
      const buyers = await readBuyers(session, ground, keys, call);
      const buyer = [...buyers.values()].find((found) => found.kind === "buyer")?.buyer;
      if (buyer === undefined) return keys.map((key) => answer(key, buyers, new Map(), new Map(), call));
      const products = await readProducts(session, ground, skusOf(keys, buyers), categoryTaxFields, call);
      const ladders = await priceAll(session, ground, buyer, currency, toProducts(products), call);
      return keys.map((key) => answer(key, buyers, products, ladders, call));
    },
  };
}

function noSuchCurrency(currency: string): BadUserInput {
  return new BadUserInput(
    `The ERP does not sell in the currency ${JSON.stringify(currency)}: ask for another, or for none.`,
  );
}

/** Who each key is asked for, by the key's id. */
async function readBuyers(
  session: TrytonSession,
  ground: Ground,
  keys: readonly PriceKey[],
  call: ErpCall,
): Promise<Map<string, BuyerFound>> {
  const codes = keys.map(({ scope }) => askedCustomer(scope)).filter((code) => code !== null);
  const fields = buyerFields(ground);
  const parties = codes.length === 0 ? new Map() : await readParties(session, ground, codes, fields, call.signal);
  const rows = keys.map(({ scope }) => (scope.kind === "public" ? null : parties.get(scope.customer)));
  const known = rows.filter((row) => row !== undefined);
  const defaultList = await readDefaultListFor(session, ground, known, call.signal);
  return new Map(
    keys.map((key, n) => {
      const row = rows[n];
      if (row === undefined) return [key.id, { kind: "unknown", what: "customer", freshness: fromErp(call) }];
      return [key.id, checkScope(key, toBuyer(ground, row, defaultList), call)];
    }),
  );
}

/**
 * A price scope is what the customer's record said some minutes ago. Where Tryton has moved the customer since, the price
 * must not be kept for those who stayed, nor the old one be called the customer's: within this scope it is unknown by now,
 * and is asked again in its own name.
 */
function checkScope({ scope }: PriceKey, buyer: Buyer, call: ErpCall): BuyerFound {
  if (scope.kind !== "price-scope" || scope.priceScope === buyer.priceScope) return { kind: "buyer", buyer };
  return { kind: "unknown", what: "customer", freshness: fromErp(call) };
}

function skusOf(keys: readonly PriceKey[], buyers: ReadonlyMap<string, BuyerFound>): string[] {
  return keys.filter(({ id }) => buyers.get(id)?.kind === "buyer").map(({ sku }) => sku);
}

function toProducts(found: ReadonlyMap<string, ProductFound>): Product[] {
  return [...found.values()].flatMap((entry) => (entry.kind === "product" ? [entry.product] : []));
}

/** Ladders by product id. All keys of a call share list, taxes and currency, whichever buyer stands for them. */
async function priceAll(
  session: TrytonSession,
  ground: Ground,
  buyer: Buyer,
  currency: string,
  products: readonly Product[],
  call: ErpCall,
): Promise<Map<number, LadderOrError>> {
  if (products.length === 0) return new Map();
  const ids = products.map(({ id }) => id);
  const today = dayAt(call.sentAt, ground.timeZone);
  const list = await readPriceList(session, ground, buyer.priceList, ids, call.signal);
  const taxes = await readTaxes(session, ground, buyer, products, today, call.signal);
  const terms: Terms = { ground, buyer, currency, list, taxes, today };
  return readLadders(session, terms, products, call.signal);
}

function answer(
  { id, sku }: PriceKey,
  buyers: ReadonlyMap<string, BuyerFound>,
  products: ReadonlyMap<string, ProductFound>,
  ladders: ReadonlyMap<number, LadderOrError>,
  call: ErpCall,
): Outcome<Ladder> {
  const buyer = buyers.get(id);
  if (buyer !== undefined && buyer.kind !== "buyer") return buyer;
  const found = products.get(sku);
  if (found !== undefined && found.kind !== "product") return found;
  const ladder = found === undefined ? undefined : ladders.get(found.product.id);
  if (ladder === undefined) return failed(new ErpBadAnswer(`Tryton left out the price of ${JSON.stringify(sku)}`));
  return ladder instanceof ErpBadAnswer ? failed(ladder) : { kind: "found", answer: ladder, freshness: fromErp(call) };
}
