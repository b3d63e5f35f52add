import type { Ladder } from "../../pricing/ladder.js";
import type { ErpCall } from "../../pricing/source.js";
import type { DolibarrApi, Query } from "./dolibarr-api.js";
import type { Buyer } from "./dolibarr-buyers.js";
import { isModeOff, type PriceModes } from "./dolibarr-ground.js";
import {
  hasLevels,
  type Offer,
  parseCustomerOffer,
  parseLevelOffer,
  parseOwnOffer,
  parseQuantityTiers,
} from "./dolibarr-offers.js";
import type { Product } from "./dolibarr-products.js";

/** What the prices of one call have in common. */
export interface Terms {
  readonly currency: string;
  /** Null for the public. */
  readonly buyer: Buyer | null;
  readonly publicLevel: number;
  readonly modes: PriceModes;
}

/** What a price is made of, besides what {@link Product} names. */
export const priceFields = [
  ...["price", "price_ttc", "price_base_type", "tva_tx", "localtax1_tx", "localtax2_tx"],
  ...["multiprices", "multiprices_ttc", "multiprices_base_type"],
];

/** What a new line of an order would be priced at: the customer's own price, else its level's, else the product's. */
export async function readLadder(api: DolibarrApi, terms: Terms, product: Product, call: ErpCall): Promise<Ladder> {
  const own = await readCustomerOffer(api, terms, product, call);
  if (own !== null) return toLadder(terms, product, own, []);
  if (hasLevels(product)) {
    // To a third party without a level Dolibarr itself gives the first.
    const level = terms.buyer === null ? terms.publicLevel : (terms.buyer.level ?? 1);
    return toLadder(terms, product, parseLevelOffer(product, level), []);
  }
  const offer = parseOwnOffer(product);
  const answer = terms.modes.byQuantity ? await getIfKept(api, product, "per_quantity", {}, call.signal) : null;
  return toLadder(terms, product, offer, answer === null ? [] : parseQuantityTiers(answer, product, offer));
}

async function readCustomerOffer(
  api: DolibarrApi,
  { buyer, modes }: Terms,
  product: Product,
  call: ErpCall,
): Promise<Offer | null> {
  if (buyer === null || !modes.ofCustomers) return null;
  const query = { thirdparty_id: buyer.thirdParty };
  const answer = await getIfKept(api, product, "per_customer", query, call.signal);
  return answer === null ? null : parseCustomerOffer(answer, product, buyer.thirdParty, call.sentAt);
}

/** Null where there is none, and where Dolibarr was set to keep none since the modes were read. */
async function getIfKept(
  api: DolibarrApi,
  { id }: Product,
  kind: "per_customer" | "per_quantity",
  query: Query,
  signal: AbortSignal,
): Promise<unknown> {
  try {
    return await api.get(`/products/${id}/selling_multiprices/${kind}`, query, signal);
  } catch (error) {
    if (isModeOff(error)) return null;
    throw error;
  }
}

function toLadder({ currency }: Terms, { sku }: Product, offer: Offer, tiers: Ladder["tiers"]): Ladder {
  return {
    ...offer,
    sku,
    currency,
    unit: null, // the API tells the unit's id alone
    priceUnit: "1",
    minimumQuantity: "1",
    quantityIncrement: "1",
    tiers,
    onlyQuantity: null,
  };
}
