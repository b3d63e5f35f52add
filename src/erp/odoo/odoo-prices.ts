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
import { createAskPrices, keysPerPriceCall } from "./odoo-asking.js";
import { type Buyer, type BuyerFound, readBuyers, toPublicBuyer } from "./odoo-buyers.js";
import type { Ground } from "./odoo-ground.js";
import type { OdooKept } from "./odoo-kept.js";
import { type LadderOrError, readLadders, type Terms } from "./odoo-ladders.js";
import type { Lists } from "./odoo-list-heads.js";
import { readPriceList } from "./odoo-lists.js";
import type { PriceAction } from "./odoo-price-action.js";
import { readTaxes } from "./odoo-product-taxes.js";
import { type Product, type ProductFound, productsOf, readProducts } from "./odoo-products.js";
import type { OdooSession } from "./odoo-session.js";

type AskedBy = { readonly kind: "buyer"; readonly buyer: Buyer } | Unknown | Failed;

/** @param action null where none was installed */
export function createOdooPrices(
  session: OdooSession,
  kept: OdooKept,
  action: PriceAction | null,
): ErpSource<PriceKey, Ladder> {
  const ask = createAskPrices(session, action);
  return {
    keysPerCall: keysPerPriceCall(action),
    // Odoo prices by one list and one fiscal position at a time; customers of one price scope share them.
    groupOf: ({ scope, currency }) => JSON.stringify([scopeParts(scope), currency]),
    async readMany(keys, call) {
      const ground = await kept.ground(call.signal);
      const lists = await kept.lists(call.signal);
      const buyers = await readAskedBy({ session, action }, ground, lists, keys, call);
      const buyer = [...buyers.values()].find((found) => found.kind === "buyer")?.buyer;
      if (buyer === undefined) return keys.map((key) => answer(key, buyers, new Map(), new Map(), call));
      const fields = [
        "type",
        "lst_price",
        "currency_id",
        ...(ground.productFields.has("taxes_id") ? ["taxes_id"] : []),
      ];
      const skus = keys.filter(({ id }) => buyers.get(id)?.kind === "buyer").map(({ sku }) => sku);
      const products = await readProducts(session, ground, skus, fields, call);
      const known = await kept.taxes(call.signal);
      const terms = await readTerms(session, { ground, lists, buyer }, productsOf(products), call);
      const taxes = (ids: readonly number[]) => readTaxes(session, ground, known, ids, call.signal);
      const wanted = keys[0]?.currency ?? null;
      const ladders =
        wanted === null || wanted === terms.currency
          ? await readLadders({ ask, taxes }, terms, productsOf(products), call.signal)
          : notSoldIn(wanted, terms.currency);
      return keys.map((key) => answer(key, buyers, products, ladders, call));
    },
  };
}

/** A price list of Odoo has one currency. */
function notSoldIn(wanted: string, currency: string): BadUserInput {
  const said = `The ERP sells this in ${currency} and not in ${JSON.stringify(wanted)}`;
  return new BadUserInput(`${said}: ask for ${currency}, or for no currency.`);
}

/** Who each key is asked for, by the key's id. */
async function readAskedBy(
  odoo: Parameters<typeof readBuyers>[0],
  ground: Ground,
  lists: Lists,
  keys: readonly PriceKey[],
  call: ErpCall,
): Promise<Map<string, AskedBy>> {
  const codes = keys.map(({ scope }) => askedCustomer(scope)).filter((code) => code !== null);
  const customers =
    codes.length === 0 ? new Map<string, BuyerFound>() : await readBuyers(odoo, ground, codes, [], call);
  return new Map(keys.map((key) => [key.id, toAskedBy(lists, key, customers, call)]));
}

function toAskedBy(
  lists: Lists,
  { scope }: PriceKey,
  customers: ReadonlyMap<string, BuyerFound>,
  call: ErpCall,
): AskedBy {
  if (scope.kind === "public") return { kind: "buyer", buyer: toPublicBuyer(lists) };
  const found = customers.get(scope.customer);
  if (found === undefined) return failed(new ErpBadAnswer("Odoo left out a contact"));
  if (found.kind !== "buyer") return found;
  // A scope is what the customer's record said some minutes ago. Where Odoo has moved the customer since, this price must not
  // be kept for those who stayed: within this scope it is unknown by now, and is asked again in its own name.
  if (scope.kind !== "price-scope" || scope.priceScope === found.buyer.priceScope) return found;
  return { kind: "unknown", what: "customer", freshness: fromErp(call) };
}

/** All keys of a call share list and taxes, whichever buyer stands for them. */
async function readTerms(
  session: OdooSession,
  { ground, lists, buyer }: Pick<Terms, "ground" | "buyer"> & { readonly lists: Lists },
  products: readonly Product[],
  { sentAt, signal }: ErpCall,
): Promise<Terms> {
  const list = buyer.list === null ? null : await readPriceList(session, ground, lists, buyer.list, products, signal);
  return { ground, buyer, list, currency: list?.currency ?? ground.currency, now: sentAt };
}

function answer(
  { id, sku }: PriceKey,
  buyers: ReadonlyMap<string, AskedBy>,
  products: ReadonlyMap<string, ProductFound>,
  ladders: ReadonlyMap<number, LadderOrError> | BadUserInput,
  call: ErpCall,
): Outcome<Ladder> {
  const buyer = buyers.get(id);
  if (buyer !== undefined && buyer.kind !== "buyer") return buyer;
  if (ladders instanceof BadUserInput) return failed(ladders);
  const found = products.get(sku);
  if (found !== undefined && found.kind !== "product") return found;
  const ladder = found === undefined ? undefined : ladders.get(found.product.id);
  if (ladder === undefined) return failed(new ErpBadAnswer(`Odoo left out the price of ${JSON.stringify(sku)}`));
  return ladder instanceof ErpBadAnswer ? failed(ladder) : { kind: "found", answer: ladder, freshness: fromErp(call) };
}
