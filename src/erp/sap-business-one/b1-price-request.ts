import { canonical, type Decimal } from "../../pricing/decimal.js";
import type { B1Request } from "./b1-api.js";

export interface PriceQuestion {
  readonly sku: string;
  /** Null: by `priceList` alone. */
  readonly customer: string | null;
  readonly priceList: number | null;
  readonly quantity: Decimal;
  /** Such as "2026-11-24". */
  readonly day: string;
  /** As the company names it; null for the price's own. */
  readonly currency: string | null;
  /** The item's inventory unit where it has units of its own. */
  readonly unit: number | null;
}

/** Source: SAP's SDK help, ItemPriceParams: its ten properties, of which the two of blanket agreements are left out. */
export function toPriceRequest(question: PriceQuestion): B1Request {
  const { sku, customer, priceList, day, currency, unit } = question;
  const quantity = canonical(question.quantity);
  const texts = {
    ItemCode: sku,
    ...(customer === null ? {} : { CardCode: customer }),
    ...(priceList === null ? {} : { PriceList: priceList }),
    ...(currency === null ? {} : { Currency: currency }),
    ...(unit === null ? {} : { UoMEntry: unit }),
    Date: day,
  };
  // Written digit for digit: a quantity of 21 digits is no float.
  const quantities = `"InventoryQuantity":${quantity}${unit === null ? "" : `,"UoMQuantity":${quantity}`}`;
  const json = `{"ItemPriceParams":${JSON.stringify(texts).slice(0, -1)},${quantities}}}`;
  return { method: "POST", query: "CompanyService_GetItemPrice", json };
}
