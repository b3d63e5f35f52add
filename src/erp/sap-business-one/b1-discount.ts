import {
  canonical,
  compareDecimals,
  type Decimal,
  greatestDecimal,
  isPositive,
  leastDecimal,
  ratioOf,
  roundRatio,
  subtractDecimals,
} from "../../pricing/decimal.js";
import { parseAmount } from "../amounts.js";
import { orError } from "../or-error.js";
import { parseList, type Row } from "../parse.js";
import { asAnswer, type B1Api, type B1Request } from "./b1-api.js";
import { isOfQuestion } from "./b1-errors.js";
import { toPriceRequest } from "./b1-price-request.js";
import { toQuery } from "./b1-query.js";
import { holdsOn, isYes, periodOf } from "./b1-validity.js";

/**
 * Whether the `Price` that CompanyService_GetItemPrice tells has its `Discount` taken off already. SAP's documentation does not say, and public
 * clients take it both ways.
 */
export type DiscountMeaning = "included" | "apart";

/** The price of a line. @throws {ErpBadAnswer} */
export function afterDiscount(price: Decimal, discount: Decimal): Decimal {
  return canonical(roundRatio(ratioOf([price, subtractDecimals("100", discount)], ["100"]), 6, "half-up"));
}

/** Special prices that are tried: some may be overruled by another rule, and then tell nothing. */
const examples = 5;

/**
 * Finds out by example: of a special price it is documented that its `Price` is what is left after `DiscountPercent`
 * (SAP's SDK help, SpecialPrices.Price), so the same item's answer tells by which of both it goes.
 * @param day such as "2026-11-24" @returns null where no special price tells
 */
export async function findDiscountMeaning(
  api: B1Api,
  day: string,
  signal: AbortSignal,
): Promise<DiscountMeaning | null> {
  const query = toQuery("SpecialPrices", {
    $filter: "DiscountPercent ge 2",
    $select: "ItemCode,CardCode,Price,DiscountPercent,Valid,ValidFrom,ValidTo,SpecialPriceDataAreas",
  });
  const rows = await api.readRows(query, signal, 100).catch(orNone);
  const tried = rows.filter((row) => orError(() => isPlain(row, day)) === true).slice(0, examples);
  if (tried.length === 0) return null;
  const runs = tried.map((row): [B1Request] => {
    const [sku, customer] = [String(row["ItemCode"]), String(row["CardCode"])];
    return [toPriceRequest({ sku, customer, quantity: "1", day, currency: null, unit: null, priceList: null })];
  });
  const answers = await api.runBatch(runs, signal);
  for (const [n, answer] of answers.entries()) {
    const meaning = answer instanceof Error ? null : orError(() => compare(tried[n] as Row, answer[0] as Row));
    if (meaning === "included" || meaning === "apart") return meaning;
  }
  return null;
}

/** Who may not read special prices finds out nothing by them. */
function orNone(error: unknown): Row[] {
  if (isOfQuestion(asAnswer(error))) return [];
  throw error;
}

/** One partner's, with no periods and quantities below it. */
function isPlain(row: Row, day: string): boolean {
  const isOfAll = String(row["CardCode"]).startsWith("*");
  const areas = parseList(row["SpecialPriceDataAreas"] ?? [], "the periods of a special price");
  const period = periodOf(row["ValidFrom"], row["ValidTo"], "a special price");
  return !isOfAll && areas.length === 0 && isYes(row["Valid"] ?? "tYES", "whether it is valid") && holdsOn(period, day);
}

function compare(special: Row, told: Row): DiscountMeaning | null {
  const [wanted, price] = [parseAmount(special["Price"], "a special price"), parseAmount(told["Price"], "a price")];
  const discount = parseAmount(told["Discount"], "a discount");
  // By another rule than this special price, or not to be told apart.
  if (!isPositive(wanted) || compareDecimals(discount, parseAmount(special["DiscountPercent"], "a discount")) !== 0)
    return null;
  if (isNear(price, wanted)) return "included";
  return isNear(afterDiscount(price, discount), wanted) ? "apart" : null;
}

/** Within half a per cent: prices are rounded on the way. */
function isNear(a: Decimal, b: Decimal): boolean {
  const apart = subtractDecimals(greatestDecimal(a, b), leastDecimal(a, b));
  return compareDecimals(roundRatio(ratioOf([apart, "200"]), 6, "half-up"), b) <= 0;
}
