import { ErpBadAnswer } from "../../errors.js";
import {
  canonical,
  compareDecimals,
  type Decimal,
  isPositive,
  ratioOf,
  roundRatio,
  subtractDecimals,
} from "../../pricing/decimal.js";
import { sortTiers, type Tier } from "../../pricing/ladder.js";
import { given, parseAmount } from "../amounts.js";
import { parseList, parseRow, type Row } from "../parse.js";
import type { Product } from "./dolibarr-products.js";
import { parseInstant, parseKeyed, parseNumber, parseTaxRate } from "./dolibarr-values.js";

/** A price as Dolibarr keeps it, wherever it keeps it. */
export interface Offer {
  readonly taxBasis: "NET" | "GROSS";
  readonly unitPrice: Decimal;
  readonly taxRate: Decimal | null;
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
    priceList: null,
    validUntil: null,
  };
}

/** Whether the product has a price at some level: then its own one is whichever of them was written last. */
export function hasLevels({ row, sku }: Product): boolean {
  const prices = Object.values(parseKeyed(row["multiprices"], `the levels of ${sku}`));
  return prices.some((price) => given(price, "a price", (value) => value) !== null);
}

/** @param level from 1 @throws {ErpBadAnswer} where the product has no price at this level */
export function parseLevelOffer({ row, sku }: Product, level: number): Offer {
  const what = `the price of ${sku} at level ${level}`;
  const at = (field: string) => parseKeyed(row[field], `${field} of ${sku}`)[String(level)];
  if (given(at("multiprices"), what, (value) => value) === null) {
    throw new ErpBadAnswer(`${sku} has no price at level ${level}: give it one in Dolibarr`);
  }
  const base = parseBase(at("multiprices_base_type") ?? row["price_base_type"], what);
  return {
    taxBasis: base.taxBasis,
    unitPrice: parseAmount(at(base.taxBasis === "NET" ? "multiprices" : "multiprices_ttc"), what),
    // A level's own rate counts only with an option that Dolibarr calls a bug.
    taxRate: taxRateOf(row, base.taxBasis, sku),
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
  return {
    taxBasis: base.taxBasis,
    unitPrice,
    taxRate: taxRateOf(row, base.taxBasis, product.sku),
    priceList: "customer",
    validUntil: nextTurn(rows, now),
  };
}

function isFor(row: Row, field: string, id: number): boolean {
  return parseNumber(row[field], `the ${field} of a customer's price`) === id;
}

const dayMs = 86_400_000;

// From 23 on a customer's price may have a first and a last day, told as their first seconds.
function turnsOf(row: Row): { begin: number | null; end: number | null } {
  const begin = given(row["date_begin"], "the first day of a price", parseInstant);
  const last = given(row["date_end"], "the last day of a price", parseInstant);
  return { begin, end: last === null || last === 0 ? null : last + dayMs };
}

function holdsAt(row: Row, now: number): boolean {
  const { begin, end } = turnsOf(row);
  return (begin ?? 0) <= now && (end === null || now < end);
}

function nextTurn(rows: readonly Row[], now: number): number | null {
  const turns = rows.flatMap((row) => Object.values(turnsOf(row))).filter((turn) => turn !== null && turn > now);
  return turns.length === 0 ? null : Math.min(...(turns as number[]));
}

/** The tiers of `per_quantity`: a unit price less its discount, each; none where the product has no such prices. */
export function parseQuantityTiers(answer: unknown, product: Product, base: Offer): Tier[] {
  const what = `the prices by quantity of ${product.sku}`;
  const { prices_by_qty: isOn, prices_by_qty_list: list } = parseRow(answer, what);
  if (given(isOn, what, parseNumber) !== 1) return [];
  const tiers = Object.values(parseKeyed(list, what)).map((row) => parseTier(parseRow(row, what), base, what));
  if (tiers.length === 0) return [];
  // Below its first break the product costs what stands on itself.
  return tiers.some(({ from }) => compareDecimals(from, "1") <= 0)
    ? sortTiers(tiers)
    : sortTiers([{ from: "1", unitPrice: base.unitPrice }, ...tiers]);
}

function parseTier(row: Row, base: Offer, what: string): Tier {
  const basis = given(row["price_base_type"], what, parseBase)?.taxBasis ?? base.taxBasis;
  if (basis !== base.taxBasis) throw new ErpBadAnswer(`${what} are partly with and partly without tax`);
  const discount = given(row["remise_percent"], what, parseAmount) ?? "0";
  return {
    from: parseAmount(row["quantity"], what),
    unitPrice: discounted(parseAmount(row["unitprice"], what), discount),
  };
}

/** @param percent such as "5" */
function discounted(price: Decimal, percent: Decimal): Decimal {
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
