import { BadUserInput, ErpBadAnswer } from "../../errors.js";
import { canonical, type Decimal, ratioOf, roundRatio, subtractDecimals } from "../../pricing/decimal.js";
import type { PriceKey } from "../../pricing/keys.js";
import { type Ladder, sortTiers, type Tier } from "../../pricing/ladder.js";
import { type ErpCall, failed, fromErp, type Outcome } from "../../pricing/source.js";
import { given, parseAmount } from "../amounts.js";
import { dayAt, startOfDay } from "../calendar.js";
import { parseBoolean, parseCurrency, parseDate, parseText, type Row } from "../parse.js";
import type { BcApi } from "./bc-api.js";
import { canBeNumber, quoted, toQuery } from "./bc-filter.js";
import type { Ground } from "./bc-ground.js";

export interface CustomerPrice {
  readonly key: PriceKey;
  readonly customer: string;
}

interface Asking {
  readonly api: BcApi;
  readonly ground: Ground;
  readonly timeZone: string;
}

/** As a sales order's line is priced: asked of the extension, a part of a batch for each SKU, its quantity breaks in one answer. */
export async function readCustomerPrices(
  { api, ground, timeZone }: Asking,
  asked: readonly CustomerPrice[],
  call: ErpCall,
): Promise<Outcome<Ladder>[]> {
  const today = dayAt(call.sentAt, timeZone);
  const possible = asked.filter(({ key, customer }) => canBeNumber(key.sku) && canBeNumber(customer));
  const queries = possible.map((each) => toPriceQuery(ground.company, each, today));
  const answers = queries.length === 0 ? [] : await api.readMany("pricelane", queries, call.signal);
  const byKey = new Map(possible.map(({ key }, index) => [key, answers[index]]));
  return asked.map((each): Outcome<Ladder> => {
    const rows = byKey.get(each.key);
    if (rows === undefined) return canBeNumber(each.customer) ? unknownSku(call) : unknownCustomer(each, call);
    if (rows instanceof Error) return failed(rows);
    try {
      return toOutcome(each, rows, timeZone, call);
    } catch (error) {
      if (error instanceof ErpBadAnswer || error instanceof BadUserInput) return failed(error);
      throw error;
    }
  });
}

function unknownSku(call: ErpCall): Outcome<Ladder> {
  return { kind: "unknown", what: "sku", freshness: fromErp(call) };
}

/** Whom nobody knows is the token's matter; who stands for the public is ours. */
function unknownCustomer({ key, customer }: CustomerPrice, call: ErpCall): Outcome<Ladder> {
  if (key.scope.kind !== "public") return { kind: "unknown", what: "customer", freshness: fromErp(call) };
  return failed(new ErpBadAnswer(`BC_PUBLIC_CUSTOMER is ${JSON.stringify(customer)}, and there is no such customer`));
}

function toPriceQuery(company: string, { key, customer }: CustomerPrice, today: string): string {
  const { sku, currency, quantity } = key;
  const conditions = [
    `customerNumber eq ${quoted(customer)}`,
    `itemNumber eq ${quoted(sku)}`,
    `askedQuantity eq ${quantity}`,
    `askedDate eq ${today}`,
    ...(currency === null ? [] : [`askedCurrency eq ${quoted(currency)}`]),
  ];
  return toQuery(`${company}/priceLines`, { $filter: conditions.join(" and ") });
}

function toOutcome(each: CustomerPrice, rows: readonly Row[], timeZone: string, call: ErpCall): Outcome<Ladder> {
  const { key, customer } = each;
  const [first] = rows;
  if (first === undefined) throw new ErpBadAnswer(`the extension told nothing of the price of ${key.sku}`);
  const outcome = first["outcome"];
  if (outcome === "no item") return unknownSku(call);
  if (outcome === "no customer") return unknownCustomer(each, call);
  if (outcome === "no currency") {
    throw new BadUserInput(
      `The ERP has no currency ${JSON.stringify(key.currency)}: ask for another one, or for none.`,
    );
  }
  if (outcome !== "price") throw new ErpBadAnswer(`Business Central could not work out the price of ${key.sku}`);
  for (const row of rows) expectOwn(row, key.sku, customer);
  return { kind: "found", answer: toLadder(key, rows, first, timeZone), freshness: fromErp(call) };
}

/** Business Central compares numbers in its own way: what it tells of another record is no answer. */
function expectOwn(row: Row, sku: string, customer: string): void {
  if (row["itemNumber"] === sku && row["customerNumber"] === customer) return;
  throw new ErpBadAnswer(`asked for the price of ${sku}, Business Central told another one`);
}

/** What was asked in one currency is never told in another. */
function currencyOf({ sku, currency }: PriceKey, value: unknown): string {
  const told = parseCurrency(value, `the currency of ${sku}`);
  if (currency === null || told === currency) return told;
  throw new ErpBadAnswer(`asked for the price of ${sku} in ${currency}, Business Central told one in ${told}`);
}

function toLadder(key: PriceKey, rows: readonly Row[], first: Row, timeZone: string): Ladder {
  const { sku, quantity } = key;
  const isGross = parseBoolean(first["priceIncludesTax"], `whether the price of ${sku} includes tax`);
  const isRateKnown = parseBoolean(first["taxIsKnown"], `whether the tax of ${sku} is known`);
  if (isGross && !isRateKnown) throw new ErpBadAnswer(`the price of ${sku} includes a tax whose rate is not known`);
  const isWhole = parseBoolean(first["isWholeLadder"], `whether all prices of ${sku} are told`);
  const steps = sortTiers(rows.map((row) => toTier(sku, row)));
  return {
    sku,
    currency: currencyOf(key, first["currencyCode"]),
    taxBasis: isGross ? "GROSS" : "NET",
    taxRate: isRateKnown ? parseAmount(first["taxPercent"], `the tax rate of ${sku}`) : null,
    unit: given(first["unitOfMeasureCode"], `the unit of ${sku}`, parseText),
    ...{ priceUnit: "1", minimumQuantity: "1", quantityIncrement: "1", priceList: null },
    unitPrice: (steps[0] as Tier).unitPrice,
    tiers: isWhole ? toTiers(steps) : [],
    onlyQuantity: isWhole ? null : quantity,
    validUntil: toEnd(sku, first["validUntil"], timeZone),
  };
}

/** The price of an order's line: its unit price less its discount in percent, which are two fields there. */
function toTier(sku: string, row: Row): Tier {
  const price = parseAmount(row["unitPrice"], `the price of ${sku}`);
  const discount = parseAmount(row["lineDiscountPercent"], `the discount of ${sku}`);
  const left = ratioOf([price, subtractDecimals("100", discount)], ["100"]);
  return {
    from: parseAmount(row["quantity"], `a quantity of ${sku}`),
    unitPrice: canonical(roundRatio(left, 6, "half-up")) satisfies Decimal,
  };
}

/** None where the price never changes. */
function toTiers(steps: readonly Tier[]): Tier[] {
  const changes = steps.filter(({ unitPrice }, n) => unitPrice !== steps[n - 1]?.unitPrice);
  return changes.length < 2 ? [] : changes;
}

/** How AL writes that there is no date. */
const noDate = "0001-01-01";

function toEnd(sku: string, value: unknown, timeZone: string): number | null {
  if (value === noDate || value === undefined || value === null) return null;
  return startOfDay(parseDate(value, `the day on which the price of ${sku} may change`), timeZone);
}
