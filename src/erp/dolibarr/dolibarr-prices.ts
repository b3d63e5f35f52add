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
import type { DolibarrApi } from "./dolibarr-api.js";
import { type Buyer, type CustomerField, readThirdParties, toBuyer } from "./dolibarr-buyers.js";
import { sharesFilter } from "./dolibarr-filter.js";
import { type Ground, hiddenPrices, type PriceModes } from "./dolibarr-ground.js";
import { priceFields, readLadder } from "./dolibarr-ladders.js";
import { type ProductFound, readProducts } from "./dolibarr-products.js";

/** Keys in one call where all prices come with the list of products. */
const keysPerList = 50;

/**
 * Keys in one call where every price costs a call of its own besides: a page of 24 SKUs then goes out over three slots, and
 * none of them is busy for long.
 */
const keysPerSingles = 8;

export interface DolibarrPriceOptions {
  readonly api: DolibarrApi;
  readonly readGround: (signal: AbortSignal) => Promise<Ground>;
  /** As last read; null before. */
  readonly lastModes: () => PriceModes | null;
  readonly customerField: CustomerField;
  /** ISO 4217: what Dolibarr's own prices are in. */
  readonly currency: string;
  /** The level whose prices are the public's, where Dolibarr keeps levels. */
  readonly publicLevel: number;
}

/** Null for the public. */
type BuyerFound = { readonly kind: "buyer"; readonly buyer: Buyer | null } | Unknown | Failed;

export function createDolibarrPrices(options: DolibarrPriceOptions): ErpSource<PriceKey, Ladder> {
  const { api, readGround, lastModes, currency } = options;
  return {
    get keysPerCall() {
      const modes = lastModes();
      return modes === null || modes.ofCustomers === "told" ? keysPerSingles : keysPerList;
    },
    // An SKU that needs a list call of its own shares none, so that it makes nobody wait.
    groupOf: ({ scope, sku, currency: asked }) =>
      JSON.stringify([scopeParts(scope), asked, sharesFilter(sku) ? null : sku]),
    async readMany(keys, call) {
      const [{ currency: asked } = { currency: null }] = keys;
      if (asked !== null && asked !== currency) return keys.map(() => failed(noSuchCurrency(asked, currency)));
      const ground = await readGround(call.signal);
      const buyers = await readBuyers(options, ground, keys, call);
      const skus = keys.filter(({ id }) => buyers.get(id)?.kind === "buyer").map(({ sku }) => sku);
      const products = await readProducts(api, { skus, fields: priceFields }, ground.version, call);
      const outcomes: Outcome<Ladder>[] = [];
      // One after another: a call of the dispatcher is one connection at Dolibarr.
      for (const { id, sku } of keys) {
        outcomes.push(await readOutcome(options, ground, buyers.get(id), products.get(sku), call));
      }
      return outcomes;
    },
  };
}

function noSuchCurrency(asked: string, kept: string): BadUserInput {
  return new BadUserInput(
    `The ERP keeps its prices in ${kept} alone, not in ${JSON.stringify(asked)}: ask for ${kept}, or for none.`,
  );
}

/** Who each key is asked for, by the key's id. */
async function readBuyers(
  { api, customerField }: DolibarrPriceOptions,
  ground: Ground,
  keys: readonly PriceKey[],
  call: ErpCall,
): Promise<Map<string, BuyerFound>> {
  const codes = keys.map(({ scope }) => askedCustomer(scope)).filter((code) => code !== null);
  const parties = await readThirdParties(api, customerField, codes, ground.version, call.signal);
  return new Map(keys.map((key) => [key.id, toBuyerFound(ground, key, parties, call)]));
}

type Parties = Awaited<ReturnType<typeof readThirdParties>>;

function toBuyerFound(ground: Ground, { scope }: PriceKey, parties: Parties, call: ErpCall): BuyerFound {
  if (scope.kind === "public") return { kind: "buyer", buyer: null };
  const row = parties.get(scope.customer);
  const unknown = { kind: "unknown", what: "customer", freshness: fromErp(call) } as const;
  if (row === undefined) return unknown;
  if (row instanceof ErpBadAnswer) return failed(row);
  if (ground.modes.ofCustomers === "hidden") return failed(new ErpBadAnswer(hiddenPrices));
  const buyer = toBuyer(ground, row);
  // The record that named the scope may be minutes old: a customer who left it must not lend it a price, nor take one from it.
  if (scope.kind === "price-scope" && scope.priceScope !== buyer.priceScope) return unknown;
  return { kind: "buyer", buyer };
}

async function readOutcome(
  { api, currency, publicLevel }: DolibarrPriceOptions,
  { modes }: Ground,
  found: BuyerFound | undefined,
  product: ProductFound | undefined,
  call: ErpCall,
): Promise<Outcome<Ladder>> {
  if (found !== undefined && found.kind !== "buyer") return found;
  if (product !== undefined && product.kind !== "product") return product;
  if (found === undefined || product === undefined) return failed(new ErpBadAnswer("a key was left without an answer"));
  try {
    const terms = { currency, buyer: found.buyer, publicLevel, modes };
    return {
      kind: "found",
      answer: await readLadder(api, terms, product.product, call),
      freshness: fromErp(call),
    };
  } catch (error) {
    // What cannot be read of one product says nothing of its neighbours.
    if (error instanceof ErpBadAnswer) return failed(error);
    throw error;
  }
}
