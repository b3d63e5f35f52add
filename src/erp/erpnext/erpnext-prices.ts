import { BadUserInput, ErpBadAnswer } from "../../errors.js";
import { canonical, type Decimal } from "../../pricing/decimal.js";
import { type PriceKey, scopeParts } from "../../pricing/keys.js";
import type { Ladder, Tier } from "../../pricing/ladder.js";
import { type ErpCall, type ErpSource, failed, fromErp, type Outcome } from "../../pricing/source.js";
import { dayAt, startOfDay } from "../calendar.js";
import type { ErpNextApi } from "./erpnext-api.js";
import { parsePriceScope, publicTerms, readCustomers, toTerms } from "./erpnext-buyers.js";
import type { Ground } from "./erpnext-ground.js";
import { type Item, type ItemFound, readItems } from "./erpnext-items.js";
import { type Line, type OrderTerms, readRates } from "./erpnext-ladders.js";
import { type Breaks, findBreaks } from "./erpnext-rules.js";
import type { Terms } from "./erpnext-terms.js";

/** Keys in one call, each of which may be asked at several quantities. Nobody has measured ERPNext: a cautious page. */
const keysPerCall = 25;

export interface ErpNextPriceOptions {
  readonly api: ErpNextApi;
  readonly readGround: (signal: AbortSignal) => Promise<Ground>;
  /** The field of a customer that holds its code. */
  readonly customerField: string;
  readonly company: string;
  /** The public's price list, and of who has no other. */
  readonly usualList: string;
  /** In percent; null where there is no one rate. */
  readonly taxRate: Decimal | null;
  readonly digits: number;
}

export function createErpNextPrices(options: ErpNextPriceOptions): ErpSource<PriceKey, Ladder> {
  const { api, readGround } = options;
  return {
    keysPerCall,
    groupOf: ({ scope, currency }) => JSON.stringify([scopeParts(scope), currency]),
    async readMany(keys, call) {
      const ground = await readGround(call.signal);
      const terms = await readTerms(options, ground, keys, call);
      const freshness = fromErp(call);
      if (terms === "unknown") return keys.map(() => ({ kind: "unknown", what: "customer", freshness }));
      if (terms instanceof Error) return keys.map(() => failed(terms));
      const currency = toCurrency(ground, terms, keys[0]?.currency ?? null);
      if (currency instanceof Error) return keys.map(() => failed(currency));
      const items = await readItems(
        api,
        keys.map(({ sku }) => sku),
        call,
      );
      const today = dayAt(call.sentAt, ground.timeZone);
      const breaks = findBreaks(ground.rules, terms, today);
      const { company, digits } = options;
      const { version, timeZone } = ground;
      const { looksAtAmounts, turnsOn } = breaks;
      const validUntil = turnsOn === null ? null : startOfDay(turnsOn, timeZone);
      const order = { ...terms, company, currency, today, digits, looksAtAmounts, version, validUntil };
      return priceAll(options, order, breaks, keys, items, call);
    },
  };
}

/** All keys of a call are of one scope, so they share their terms. */
async function readTerms(
  { api, customerField, usualList }: ErpNextPriceOptions,
  ground: Ground,
  keys: readonly PriceKey[],
  call: ErpCall,
): Promise<Terms | "unknown" | ErpBadAnswer> {
  const scope = keys[0]?.scope ?? { kind: "public" };
  if (scope.kind === "public") return publicTerms(usualList);
  if (scope.kind === "price-scope") return parsePriceScope(scope.priceScope) ?? "unknown";
  const row = (await readCustomers(api, customerField, [scope.customer], call.signal)).get(scope.customer);
  if (row === undefined) return "unknown";
  return row instanceof ErpBadAnswer ? row : toTerms(ground, row, usualList);
}

function toCurrency(
  { lists }: Ground,
  { priceList }: Terms,
  asked: string | null,
): string | ErpBadAnswer | BadUserInput {
  const currency = lists.get(priceList);
  if (currency === undefined) {
    return new ErpBadAnswer(`the price list ${JSON.stringify(priceList)} is unknown, disabled, or not for selling`);
  }
  if (asked === null || asked === currency) return currency;
  const mend = `ask for ${currency}, or for none`;
  return new BadUserInput(`The ERP's price list is in ${currency}, not in ${JSON.stringify(asked)}: ${mend}.`);
}

async function priceAll(
  { api, taxRate }: ErpNextPriceOptions,
  terms: OrderTerms,
  { quantities }: Breaks,
  keys: readonly PriceKey[],
  items: ReadonlyMap<string, ItemFound>,
  call: ErpCall,
): Promise<Outcome<Ladder>[]> {
  const asked = keys.map((key) => linesOf(key, items.get(key.sku), quantities));
  const rates = await readRates(api, terms, asked.flat(), call.signal);
  let next = 0;
  return keys.map((key, n): Outcome<Ladder> => {
    const lines = asked[n] ?? [];
    const own = rates.slice(next, next + lines.length);
    next += lines.length;
    const found = items.get(key.sku);
    if (found === undefined) return failed(new ErpBadAnswer("a key was left without an answer"));
    if (found.kind !== "item") return found;
    const broken = own.find((rate) => rate instanceof ErpBadAnswer);
    if (broken !== undefined) return failed(broken as ErpBadAnswer);
    const answer = toLadder(terms, found.item, lines, own as Decimal[], taxRate, quantities === null);
    return { kind: "found", answer, freshness: fromErp(call) };
  });
}

function linesOf(key: PriceKey, found: ItemFound | undefined, quantities: readonly Decimal[] | null): Line[] {
  if (found?.kind !== "item") return [];
  return (quantities ?? [key.quantity]).map((quantity) => ({ item: found.item, quantity }));
}

function toLadder(
  { priceList, currency, validUntil }: OrderTerms,
  { sku, unit }: Item,
  lines: readonly Line[],
  rates: readonly Decimal[],
  taxRate: Decimal | null,
  isForOne: boolean,
): Ladder {
  const steps = lines.map(({ quantity }, n) => ({ from: quantity, unitPrice: canonical(rates[n] as Decimal) }));
  return {
    sku,
    currency,
    taxBasis: "NET",
    taxRate,
    unit,
    priceUnit: "1",
    minimumQuantity: "1",
    quantityIncrement: "1",
    unitPrice: (steps[0] as Tier).unitPrice,
    tiers: toTiers(steps),
    onlyQuantity: isForOne ? (steps[0] as Tier).from : null,
    priceList,
    validUntil,
  };
}

/** None where the price never changes. */
function toTiers(steps: readonly Tier[]): Tier[] {
  const changes = steps.filter(({ unitPrice }, n) => unitPrice !== steps[n - 1]?.unitPrice);
  return changes.length < 2 ? [] : changes;
}
