import { canonical, type Decimal } from "../../pricing/decimal.js";
import { parseAmount } from "../amounts.js";
import { parseList, parseRow, type Row } from "../parse.js";
import { numberOf } from "./b1-ground.js";
import { oneOf, toQuery } from "./b1-query.js";
import { holdsOn, type Period, periodOf, turnsAfter } from "./b1-validity.js";

// Quantities at which a price can break stand in special prices alone: in a partner's own, and in those of a price list for all partners,
// whose CardCode is "*" and the list's number ("Period and Volume Discounts"; SAP's database reference, OSPP, SPP1, SPP2).

/** Special prices of these items for these customers, and for all. One filter: not more than 20 items. */
export function specialPricesQuery(skus: readonly string[], customers: readonly string[]): string {
  const buyers = [`startswith(CardCode,'*')`, ...(customers.length === 0 ? [] : [oneOf("CardCode", customers)])];
  return toQuery("SpecialPrices", {
    $filter: `(${oneOf("ItemCode", skus)}) and (${buyers.join(" or ")})`,
    $select: "ItemCode,CardCode,PriceListNum,ValidFrom,ValidTo,SpecialPriceDataAreas",
  });
}

export interface Breaks {
  /** In the item's inventory unit, the lowest first; null where not all of them can be told. */
  readonly quantities: readonly Decimal[] | null;
  /** Days to come on which any of it may change. */
  readonly turns: readonly string[];
  /** The lists that the customer's own special prices of today are made from. */
  readonly ownLists: readonly number[];
}

export const noBreaks: Breaks = { quantities: [], turns: [], ownLists: [] };

/** More of them would be more requests than a price is worth. */
const mostBreaks = 20;

/**
 * @param rows of {@link specialPricesQuery}; those of price lists that are not the customer's are asked as well, since lists are built on lists
 * @param customer null for the public
 * @throws {ErpBadAnswer}
 */
export function breaksOf(rows: readonly Row[], sku: string, customer: string | null, item: Row, day: string): Breaks {
  const isOwn = (row: Row) => customer !== null && row["CardCode"] === customer;
  const bearing = rows.filter((row) => row["ItemCode"] === sku && (isOwn(row) || isForAll(row)));
  const areas = bearing.flatMap((row) => areasOf(row, sku));
  const all = [...bearing.map((row) => wholeOf(row, sku)), ...areas];
  const holding = all.filter(({ period }) => holdsOn(period, day));
  const steps = holding.flatMap(({ steps: own }) => own);
  const isInUnit = steps.every(({ unit }) => unit === null || unit === item["InventoryUoMEntry"]);
  const quantities = [...new Set(steps.map(({ quantity }) => quantity))].filter((quantity) => quantity !== "0");
  return {
    quantities: isInUnit && quantities.length <= mostBreaks ? quantities : null,
    turns: all.flatMap(({ period }) => turnsAfter(period, day)),
    ownLists: holding.filter(({ row }) => isOwn(row)).map(({ list }) => list),
  };
}

function isForAll({ CardCode }: Row): boolean {
  return typeof CardCode === "string" && CardCode.startsWith("*");
}

/** A special price, or one of its periods. */
interface Area {
  readonly row: Row;
  readonly list: number;
  readonly period: Period;
  readonly steps: readonly { readonly quantity: Decimal; readonly unit: unknown }[];
}

function wholeOf(row: Row, sku: string): Area {
  const period = periodOf(row["ValidFrom"], row["ValidTo"], `a special price of ${sku}`);
  return { row, list: numberOf(row["PriceListNum"]), period, steps: [] };
}

function areasOf(row: Row, sku: string): Area[] {
  return parseList(row["SpecialPriceDataAreas"] ?? [], `the periods of ${sku}`).map((each) => {
    const area = parseRow(each, `a period of ${sku}`);
    const steps = parseList(area["SpecialPriceQuantityAreas"] ?? [], `the quantities of ${sku}`).map((one) => {
      const step = parseRow(one, `a quantity of ${sku}`);
      const { UoMEntry: unit } = step;
      return {
        quantity: canonical(parseAmount(step["Quantity"], `a quantity of ${sku}`)),
        // Without units of its own an item has -1, or nothing.
        unit: unit === null || unit === undefined || unit === -1 ? null : unit,
      };
    });
    // The last day is spelt like this.
    const period = periodOf(area["DateFrom"], area["Dateto"], `a period of ${sku}`);
    return { row, list: numberOf(area["PriceListNo"]), period, steps };
  });
}
