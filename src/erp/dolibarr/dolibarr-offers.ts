import { ErpBadAnswer } from "../../errors.js";
import {
  canonical,
  compareDecimals,
  type Decimal,
  grossFromNet,
  isPositive,
  netFromGross,
  ratioOf,
  roundRatio,
  subtractDecimals,
} from "../../pricing/decimal.js";
import { given, parseAmount } from "../amounts.js";
import { parseList, parseRow, type Row } from "../parse.js";
import type { Product } from "./dolibarr-products.js";
import { parseInstant, parseKeyed, parseNumber, parseTaxRate } from "./dolibarr-values.js";

/** A price as Dolibarr keeps it, wherever it keeps it. */
export interface Offer {
  readonly taxBasis: "NET" | "GROSS";
  readonly unitPrice: Decimal;
  readonly taxRate: Decimal | null;
  /** Percent that this price has taken off it; null where nothing but its customer decides. */
  readonly discount: Decimal | null;
  readonly priceList: string | null;
  /** In ms since the epoch. */
  readonly validUntil: number | null;
}

/** The price that stands on the product itself. */
export function parseOwnOffer({ row, sku }: Product): Offer {
  const what = `the price of ${sku}`;
  const base = parseBase(row["price_base_type"], what);
  const unitPrice = parseAmount(row[base.field], what);
  return {
    taxBasis: base.taxBasis,
    unitPrice,
    taxRate: taxRateOf(row, base.taxBasis, sku),
    discount: null,
    priceList: null,
    validUntil: null,
  };
}

/**
 * The product's price at a level; null where it has none, and is sold at its own. Such a level comes as null, and on 18, by
 * quantity and level, as 0 without a base.
 * @param level from 1
 */
export function parseLevelOffer({ row, sku }: Product, level: number): Offer | null {
  const what = `the price of ${sku} at level ${level}`;
  const at = (field: string) => parseKeyed(row[field], `${field} of ${sku}`)[String(level)];
  const written = given(at("multiprices_base_type"), what, (value) => value);
  if (written === null || given(at("multiprices"), what, (value) => value) === null) return null;
  const base = parseBase(written, what);
  return {
    taxBasis: base.taxBasis,
    unitPrice: parseAmount(at(base.taxBasis === "NET" ? "multiprices" : "multiprices_ttc"), what),
    // A level's own rate counts only with an option that Dolibarr calls a bug.
    taxRate: taxRateOf(row, base.taxBasis, sku),
    discount: null,
    priceList: `level ${level}`,
    validUntil: null,
  };
}

/**
 * The customer's price among the rows of `per_customer`: the first whose dates hold, which is the one entered last. 22 sends
 * an object `db` along with each row, with the database's host and user: no field is read that is not named here.
 * @param now ms since the epoch
 */
export function parseCustomerOffer(answer: unknown, product: Product, thirdParty: number, now: number): Offer | null {
  const what = `the customer's price of ${product.sku}`;
  const rows = parseList(answer, what).map((row) => parseRow(row, what));
  for (const row of rows) {
    if (!isFor(row, "fk_product", product.id) || !isFor(row, "fk_soc", thirdParty)) {
      throw new ErpBadAnswer(`${what} came with another product or customer than asked`);
    }
  }
  const row = rows.find((each) => holdsAt(each, now));
  if (row === undefined) return null;
  const base = parseBase(row["price_base_type"], what);
  const unitPrice = parseAmount(row[base.field], what);
  const discount = given(row["discount_percent"], "the discount of a customer's price", parseAmount); // from 22 on
  return {
    taxBasis: base.taxBasis,
    unitPrice,
    taxRate: taxRateOf(row, base.taxBasis, product.sku),
    discount: discount !== null && isPositive(discount) ? discount : null,
    priceList: "customer",
    validUntil: nextTurn(rows, now),
  };
}

function isFor(row: Row, field: string, id: number): boolean {
  return parseNumber(row[field], `the ${field} of a customer's price`) === id;
}

const dayMs = 86_400_000;

/**
 * From 22 on a customer's price has a first day and may have a last one, each told as the second that it begins at in Dolibarr's
 * time zone. Dolibarr itself compares them with the beginning of the present day of UTC, and so does this: east of Greenwich a
 * price ends with the day before its last one.
 */
function turnsOf(row: Row): { begin: number | null; end: number | null } {
  const first = given(row["date_begin"], "the first day of a price", parseInstant);
  const last = given(row["date_end"], "the last day of a price", parseInstant);
  return {
    begin: first === null ? null : Math.ceil(first / dayMs) * dayMs,
    end: last === null || last === 0 ? null : (Math.floor(last / dayMs) + 1) * dayMs,
  };
}

function holdsAt(row: Row, now: number): boolean {
  const { begin, end } = turnsOf(row);
  return (begin ?? 0) <= now && (end === null || now < end);
}

function nextTurn(rows: readonly Row[], now: number): number | null {
  const turns = rows.flatMap((row) => Object.values(turnsOf(row))).filter((turn) => turn !== null && turn > now);
  return turns.length === 0 ? null : Math.min(...(turns as number[]));
}

/** A unit price from a quantity on, before any discount. */
export interface QuantityBreak {
  readonly from: Decimal;
  readonly unitPrice: Decimal;
  /** In percent. */
  readonly discount: Decimal;
}

/**
 * The prices by quantity that come along with a product.
 * @param level 0 for the product's own; else from 1, where Dolibarr keeps them by quantity and level
 * @param base what the product costs at any quantity
 */
export function parseQuantityBreaks({ row, sku }: Product, level: number, base: Offer): QuantityBreak[] {
  const what = `the prices by quantity of ${sku}`;
  const at = (field: string) => parseKeyed(row[field], what)[String(level)];
  if (given(at("prices_by_qty"), what, parseNumber) !== 1) return [];
  return Object.values(parseKeyed(at("prices_by_qty_list"), what)).map((each) =>
    parseBreak(parseRow(each, what), base, what),
  );
}

function parseBreak(row: Row, base: Offer, what: string): QuantityBreak {
  const basis = given(row["price_base_type"], what, parseBase)?.taxBasis ?? base.taxBasis;
  return {
    from: parseAmount(row["quantity"], what),
    unitPrice: inBasis(parseAmount(row["unitprice"], what), basis, base, what),
    discount: given(row["remise_percent"], what, parseAmount) ?? "0",
  };
}

/** Dolibarr's page enters breaks without tax (HT), of a product that is priced with tax (TTC) as well. */
function inBasis(price: Decimal, basis: Offer["taxBasis"], { taxBasis, taxRate }: Offer, what: string): Decimal {
  if (basis === taxBasis) return price;
  if (taxRate === null) throw new ErpBadAnswer(`${what} are with tax, at no rate that is known`);
  return basis === "NET" ? grossFromNet(price, taxRate) : netFromGross(price, taxRate);
}

/** @param percent such as "5" */
export function discounted(price: Decimal, percent: Decimal): Decimal {
  if (!isPositive(percent)) return price;
  return canonical(roundRatio(ratioOf([price, subtractDecimals("100", percent)], ["100"]), 6, "half-up"));
}

type Base = { readonly taxBasis: Offer["taxBasis"]; readonly field: "price" | "price_ttc" };

function parseBase(value: unknown, what: string): Base {
  if (value === "HT") return { taxBasis: "NET", field: "price" };
  if (value === "TTC") return { taxBasis: "GROSS", field: "price_ttc" };
  throw new ErpBadAnswer(`${what} is neither HT nor TTC`);
}

/** Null where no one rate is true: Spain's second taxes, which depend on who buys. */
function taxRateOf(row: Row, basis: Offer["taxBasis"], sku: string): Decimal | null {
  const others = [row["localtax1_tx"], row["localtax2_tx"]].map((rate) => parseTaxRate(rate, `a local tax of ${sku}`));
  const hasOthers = others.some((rate) => rate !== null && compareDecimals(rate, "0") !== 0);
  const rate = parseTaxRate(row["tva_tx"], `the tax rate of ${sku}`);
  if (basis === "NET") return hasOthers ? null : rate;
  if (hasOthers || rate === null) {
    throw new ErpBadAnswer(`${sku} is priced with tax, and its taxes are not one rate: price it without tax (HT)`);
  }
  return rate;
}
