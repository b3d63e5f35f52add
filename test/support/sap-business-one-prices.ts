import type { B1Record } from "./sap-business-one-filter.js";

export interface PricedBooks {
  readonly lists: Readonly<Record<string, readonly B1Record[]>>;
  /** Whether its `Price` has its `Discount` taken off. */
  readonly discount: "included" | "apart";
  /** In percent, by the customer's code. */
  readonly groupDiscounts: Readonly<Record<string, number>>;
}

type Params = Readonly<Record<string, unknown>>;
type Area = {
  DateFrom: string;
  Dateto: string | null;
  Discount: number;
  SpecialPrice: number;
  SpecialPriceQuantityAreas: Step[];
};
type Step = { Quantity: number; Discountin: number; SpecialPrice: number };

interface Price {
  readonly price: number;
  readonly discount: number;
}

/**
 * CompanyService_GetItemPrice, as far as it is documented: parameters and return by SAP's SDK help (ItemPriceParams, ItemPriceReturnParams); which
 * price goes first by its page of the SpecialPrices object: the partner's special price, his discount groups, the special price for all, his price list.
 * @returns null where there is no such item
 */
export function answerItemPrice(books: PricedBooks, params: Params): B1Record | null {
  const find = (list: string, key: string, value: unknown) => books.lists[list]?.find((row) => row[key] === value);
  const item = find("Items", "ItemCode", params["ItemCode"]);
  const partner = find("BusinessPartners", "CardCode", params["CardCode"]);
  if (item === undefined) return null;
  const list = (params["PriceList"] ?? partner?.["PriceListNum"] ?? 1) as number;
  const prices = item["ItemPrices"] as {
    PriceList: number;
    Price: number;
    Currency: string;
    AdditionalPrice1?: number;
    AdditionalCurrency1?: string;
  }[];
  const line = prices.find(({ PriceList }) => PriceList === list);
  // Documented of SBObob.GetItemPrice: 0 where no price is found.
  if (line === undefined) return { Price: 0, Currency: "EUR", Discount: 0 };
  const isAdditional = params["Currency"] !== undefined && params["Currency"] === line.AdditionalCurrency1;
  const usual = isAdditional ? (line.AdditionalPrice1 ?? 0) : line.Price;
  const day = String(params["Date"]);
  const quantity = Number(params["InventoryQuantity"] ?? 1);
  const special = (cardCode: unknown) =>
    books.lists["SpecialPrices"]?.find((row) => row["ItemCode"] === item["ItemCode"] && row["CardCode"] === cardCode);
  const own = special(params["CardCode"] ?? "nobody");
  const forAll = special(`*${list}`);
  const group = books.groupDiscounts[String(params["CardCode"])];
  const found = (own && byPeriod(own, day, quantity)) ??
    (group === undefined ? undefined : { price: usual * (1 - group / 100), discount: group }) ??
    (forAll && byPeriod(forAll, day, quantity)) ?? { price: usual, discount: 0 };
  const price = books.discount === "included" ? found.price : found.price / (1 - found.discount / 100);
  return {
    Price: Number(price.toFixed(6)),
    Currency: isAdditional ? line.AdditionalCurrency1 : line.Currency,
    Discount: found.discount,
  };
}

function byPeriod(row: B1Record, day: string, quantity: number): Price {
  const areas = row["SpecialPriceDataAreas"] as Area[];
  const area = areas.find(({ DateFrom, Dateto }) => DateFrom <= day && (Dateto === null || day <= Dateto));
  const [step] = [...(area?.SpecialPriceQuantityAreas ?? [])]
    .filter(({ Quantity }) => Quantity <= quantity)
    .sort((a, b) => b.Quantity - a.Quantity);
  if (step !== undefined) return { price: step.SpecialPrice, discount: step.Discountin };
  if (area !== undefined) return { price: area.SpecialPrice, discount: area.Discount };
  return { price: row["Price"] as number, discount: row["DiscountPercent"] as number };
}
