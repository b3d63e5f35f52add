import { ErpBadAnswer } from "../../errors.js";
import { canonical, compareDecimals, type Decimal } from "../../pricing/decimal.js";
import type { PriceKey } from "../../pricing/keys.js";
import { type Ladder, sortTiers, type Tier } from "../../pricing/ladder.js";
import { optional, parseCurrency, type Row } from "../parse.js";
import { sameInAll } from "./same-in-all.js";
import { readDecimal, readInstant, readNotNegative, readPositive, readText } from "./sql-values.js";

/**
 * The rows of one SKU, each a quantity break, as a ladder.
 * @param rows at least one
 * @param isForQuantity whether they tell the price of the asked quantity alone
 * @throws {ErpBadAnswer}
 */
export function toLadder(key: PriceKey, rows: readonly Row[], isForQuantity: boolean): Ladder {
  const sides = new Set(rows.map(sideOf));
  if (sides.size > 1) throw new ErpBadAnswer(`the rows of SKU ${JSON.stringify(key.sku)} mix net and gross`);
  const side = [...sides][0] ?? "net";
  const same = <T>(column: string, read: (value: unknown, what: string) => T) =>
    optional(sameInAll(rows, column), column, read);
  const taxRate = same("tax_rate", readNotNegative);
  if (side === "gross" && taxRate === null) throw new ErpBadAnswer("a gross price without tax_rate has no net price");
  const tiers = toTiers(key, rows, side);
  return {
    sku: key.sku,
    currency: currencyOf(key, sameInAll(rows, "currency")),
    taxBasis: side === "net" ? "NET" : "GROSS",
    taxRate,
    unit: same("unit", readText),
    priceUnit: same("price_unit", readPositive) ?? "1",
    minimumQuantity: same("order_minimum", readNotNegative) ?? "1",
    quantityIncrement: same("order_increment", readPositive) ?? "1",
    unitPrice: tiers[0]?.unitPrice ?? readDecimal(rows[0]?.[side], side),
    tiers,
    onlyQuantity: isForQuantity ? key.quantity : null,
    priceList: same("price_list", readText),
    validUntil: endOf(rows),
  };
}

function sideOf(row: Row): "net" | "gross" {
  const [hasNet, hasGross] = [isThere(row["net"]), isThere(row["gross"])];
  if (hasNet === hasGross)
    throw new ErpBadAnswer(`a row should have a price in net or in gross, and has ${hasNet ? "both" : "neither"}`);
  return hasNet ? "net" : "gross";
}

function isThere(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function currencyOf({ sku, currency }: PriceKey, value: unknown): string {
  const told = parseCurrency(value, "currency");
  if (currency !== null && told !== currency)
    throw new ErpBadAnswer(`SKU ${JSON.stringify(sku)} was asked in ${currency} and answered in ${told}`);
  return told;
}

/** None for a price of one row that breaks nowhere. */
function toTiers({ sku }: PriceKey, rows: readonly Row[], side: "net" | "gross"): Tier[] {
  const froms = rows.map((row) => optional(row["minimum_quantity"], "minimum_quantity", readNotNegative));
  if (rows.length === 1 && froms[0] === null) return [];
  const tiers = sortTiers(
    rows.map((row, index): Tier => ({ from: canonical(froms[index] ?? "0"), unitPrice: amountOf(row, side) })),
  );
  for (const [index, { from }] of tiers.entries()) {
    const next = tiers[index + 1];
    if (next === undefined || compareDecimals(from, next.from) !== 0) continue;
    throw new ErpBadAnswer(
      `the query prices returns two rows for SKU ${JSON.stringify(sku)} from quantity ${from}: one of them must win in the query`,
    );
  }
  return tiers;
}

function amountOf(row: Row, side: "net" | "gross"): Decimal {
  return readDecimal(row[side], side);
}

/** A ladder ends with the first of its rows that does. */
function endOf(rows: readonly Row[]): number | null {
  const ends = rows.flatMap((row) => optional(row["valid_until"], "valid_until", readInstant) ?? []);
  return ends.length === 0 ? null : Math.min(...ends);
}
