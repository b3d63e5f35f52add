import { compareDecimals, type Decimal } from "../../pricing/decimal.js";
import { type Ladder, sortTiers, type Tier } from "../../pricing/ladder.js";
import type { ErpCall } from "../../pricing/source.js";
import type { DolibarrApi } from "./dolibarr-api.js";
import type { Buyer } from "./dolibarr-buyers.js";
import { isModeOff, type PriceModes } from "./dolibarr-ground.js";
import {
  discounted,
  type Offer,
  parseCustomerOffer,
  parseLevelOffer,
  parseOwnOffer,
  parseQuantityBreaks,
  type QuantityBreak,
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
  ...["multiprices", "multiprices_ttc", "multiprices_base_type", "prices_by_qty", "prices_by_qty_list"],
];

/** What a new line of an order would be priced at: the customer's own price, else its level's, else the product's. */
export async function readLadder(api: DolibarrApi, terms: Terms, product: Product, call: ErpCall): Promise<Ladder> {
  const own = await readCustomerOffer(api, terms, product, call);
  if (own !== null) return toLadder(terms, product, own, []);
  // To a third party without a level Dolibarr itself gives the first.
  const level = terms.buyer === null ? terms.publicLevel : (terms.buyer.level ?? 1);
  const atLevel = parseLevelOffer(product, level);
  if (atLevel !== null) return toLadder(terms, product, atLevel, parseQuantityBreaks(product, level, atLevel));
  const offer = parseOwnOffer(product);
  return toLadder(terms, product, offer, parseQuantityBreaks(product, 0, offer));
}

/** Null where there is none, and where Dolibarr was set to keep none since the modes were read. */
async function readCustomerOffer(
  api: DolibarrApi,
  { buyer, modes }: Terms,
  product: Product,
  call: ErpCall,
): Promise<Offer | null> {
  if (buyer === null || modes.ofCustomers !== "told") return null;
  const path = `/products/${product.id}/selling_multiprices/per_customer`;
  try {
    const answer = await api.get(path, { thirdparty_id: buyer.thirdParty }, call.signal);
    return answer === null ? null : parseCustomerOffer(answer, product, buyer.thirdParty, call.sentAt);
  } catch (error) {
    if (isModeOff(error)) return null;
    throw error;
  }
}

function toLadder(
  { currency, buyer }: Terms,
  { sku }: Product,
  offer: Offer,
  breaks: readonly QuantityBreak[],
): Ladder {
  const { taxBasis, taxRate, priceList, validUntil } = offer;
  // A price's own discount stands in the place of its customer's.
  const discount = offer.discount ?? buyer?.discount ?? "0";
  const unitPrice = discounted(offer.unitPrice, discount);
  return {
    ...{ sku, currency, taxBasis, taxRate, unitPrice, priceList, validUntil },
    unit: null, // the API tells the unit's id alone
    priceUnit: "1",
    minimumQuantity: "1",
    quantityIncrement: "1",
    tiers: toTiers(unitPrice, breaks, discount),
    onlyQuantity: null,
  };
}

/** Below its first break a product costs what stands on itself. The form of an order takes the larger of two discounts. */
function toTiers(unitPrice: Decimal, breaks: readonly QuantityBreak[], discount: Decimal): Tier[] {
  if (breaks.length === 0) return [];
  const tiers = breaks.map(
    (each): Tier => ({
      from: each.from,
      unitPrice: discounted(each.unitPrice, compareDecimals(each.discount, discount) > 0 ? each.discount : discount),
    }),
  );
  const beginsAtOne = tiers.some(({ from }) => compareDecimals(from, "1") <= 0);
  return sortTiers(beginsAtOne ? tiers : [{ from: "1", unitPrice }, ...tiers]);
}
