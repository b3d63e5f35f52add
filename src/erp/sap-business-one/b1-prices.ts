import { BadUserInput, ErpBadAnswer, type ErpError } from "../../errors.js";
import { askedCustomer, type PriceKey } from "../../pricing/keys.js";
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
import { orError, orFailed } from "../or-error.js";
import type { Row } from "../parse.js";
import { asAnswer, type B1Api } from "./b1-api.js";
import { type Breaks, breaksOf, noBreaks, specialPricesQuery } from "./b1-breaks.js";
import type { DiscountMeaning } from "./b1-discount.js";
import type { Ground } from "./b1-ground.js";
import { itemForSale, itemLookup } from "./b1-items.js";
import { type AskedPrice, toLadder, toRun } from "./b1-ladder.js";
import { customerRow, partnerLookup } from "./b1-partners.js";
import { valuesPerFilter } from "./b1-query.js";
import { canBe, type FindRow, lookUp } from "./b1-records.js";

/** A price is a request each, which a batch works off one after another: more of them would only take longer. */
const keysPerCall = valuesPerFilter;

export interface B1PriceOptions {
  readonly api: B1Api;
  readonly readGround: (signal: AbortSignal) => Promise<Ground>;
  /** Null where nobody knows. */
  readonly readDiscount: (signal: AbortSignal) => Promise<DiscountMeaning | null>;
  /** The number of the price list that is public. */
  readonly publicPriceList: number;
  /** The code of the customer who stands for the public; null for the public price list. */
  readonly publicCustomer: string | null;
  /** IANA name: a price's days begin and end there. */
  readonly timeZone: string;
}

export function createB1Prices(options: B1PriceOptions): ErpSource<PriceKey, Ladder> {
  return {
    keysPerCall,
    // Each part of a batch names its own customer, so all customers can share one.
    groupOf: () => "",
    async readMany(keys, call) {
      const ground = await options.readGround(call.signal);
      const found = await readFound(options, ground, keys, call);
      const asked = found.filter((each): each is AskedPrice => "item" in each);
      if (asked.length === 0) return found as (Unknown | Failed)[];
      const answers = await options.api.runBatch(asked.map(toRun), call.signal);
      const isNeeded = answers.some((rows) => !(rows instanceof Error) && hasDiscount(rows));
      const discount = isNeeded ? await options.readDiscount(call.signal).catch(asAnswer) : null;
      const byAsked = new Map(asked.map((each, n) => [each, answers[n]]));
      return found.map((each): Outcome<Ladder> => {
        if (!("item" in each)) return each;
        const rows = byAsked.get(each);
        if (rows === undefined || rows instanceof Error) return failed(rows ?? new ErpBadAnswer("no answer"));
        if (discount instanceof Error && hasDiscount(rows)) return failed(discount);
        const meaning = discount instanceof Error ? null : discount;
        return orFailed(() => ({ kind: "found", answer: toLadder(each, rows, meaning), freshness: fromErp(call) }));
      });
    },
  };
}

function hasDiscount(rows: readonly Row[]): boolean {
  return rows.some(({ Discount }) => Discount);
}

/** What is to be asked of each key, or its outcome where nothing is. */
async function readFound(options: B1PriceOptions, ground: Ground, keys: readonly PriceKey[], call: ErpCall) {
  const { api, publicCustomer, timeZone } = options;
  const day = dayAt(call.sentAt, timeZone);
  const skus = [...new Set(keys.map(({ sku }) => sku))];
  const customerOf = ({ scope }: PriceKey) => askedCustomer(scope) ?? publicCustomer;
  const customers = [...new Set(keys.flatMap((key) => customerOf(key) ?? []))];
  const lookups = [
    itemLookup(skus, "SalesVATGroup,InventoryUOM,UoMGroupEntry,InventoryUoMEntry"),
    partnerLookup(customers, "PriceListNum,VatLiable,VatGroup"),
  ];
  const possible = skus.filter((sku) => canBe("ItemCode", sku));
  const buyers = customers.filter((code) => canBe("CardCode", code));
  const specials = possible.length === 0 ? [] : [specialPricesQuery(possible, buyers)];
  const { find, others } = await lookUp(api, lookups, call.signal, specials);
  const [findItem, findPartner] = find as [FindRow, FindRow];
  return keys.map((key): AskedPrice | Unknown | Failed => {
    const customer = customerOf(key);
    const partner = customer === null ? null : customerRow(findPartner, customer);
    if (partner instanceof Error) return failed(partner);
    if (customer !== null && partner === null) return unknownCustomer(key, customer, call);
    return orBad(() => {
      const item = itemForSale(findItem, key.sku, day);
      if (item === null) return { kind: "unknown", what: "sku", freshness: fromErp(call) };
      if (item instanceof Error) return failed(item);
      const breaks = readBreaks(others[0], key.sku, customer, item, day);
      const priceList = customer === null ? options.publicPriceList : null;
      return {
        key,
        customer,
        partner,
        item,
        breaks,
        ground,
        day,
        timeZone,
        priceList,
        currency: currencyOf(ground, key),
      };
    });
  });
}

/** Who may not read special prices is told the price of the quantity asked. */
function readBreaks(
  rows: Row[] | ErpError | undefined,
  sku: string,
  customer: string | null,
  item: Row,
  day: string,
): Breaks {
  const breaks =
    rows === undefined || rows instanceof Error ? rows : orError(() => breaksOf(rows, sku, customer, item, day));
  return breaks === undefined || breaks instanceof Error ? { ...noBreaks, quantities: null } : breaks;
}

/** The company's name for the currency that was asked. */
function currencyOf({ currencies }: Ground, { currency }: PriceKey): string | null {
  if (currency === null) return null;
  const own = currencies.own.get(currency);
  if (own === undefined) {
    throw new BadUserInput(`The ERP has no currency ${JSON.stringify(currency)}: ask for another one, or for none.`);
  }
  return own;
}

function orBad<T>(make: () => T): T | Failed {
  try {
    return orFailed(make);
  } catch (error) {
    if (error instanceof BadUserInput) return failed(error);
    throw error;
  }
}

/** Whom nobody knows is the token's matter; who stands for the public is ours. */
function unknownCustomer({ scope }: PriceKey, customer: string, call: ErpCall): Unknown | Failed {
  if (scope.kind !== "public") return { kind: "unknown", what: "customer", freshness: fromErp(call) };
  return failed(
    new ErpBadAnswer(`SAPB1_PUBLIC_CUSTOMER is ${JSON.stringify(customer)}, and there is no such customer`),
  );
}
