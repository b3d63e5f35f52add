import {
  canonical,
  compareDecimals,
  type Decimal,
  greatestDecimal,
  isPositive,
  ratioOf,
  roundRatio,
  roundUpToStep,
  subtractDecimals,
  wholePart,
} from "../../pricing/decimal.js";
import { minorUnitOf } from "../../pricing/minor-units.js";
import type { ChannelRules, LeftOutReason } from "./feed-format.js";
import type { FeedRecord, RecordMoney, RecordPrice, RecordStock } from "./feed-record.js";

/** What a marketplace may be told of an SKU, by the rules of its channel. */
export interface Offer {
  /** False where it is not for sale at a public price, or no longer sold. */
  readonly isSold: boolean;
  /** What `smallest` costs, in the currency's own decimals; null where that cannot be told. */
  readonly price: RecordMoney | null;
  /** The smallest quantity that can be bought, from 1. */
  readonly smallest: Decimal;
  /** Whole units left for this channel, from "0"; null where nobody knows. */
  readonly units: Decimal | null;
  /** The day when more is expected, of what can be ordered although nothing is left; else null. */
  readonly backorderDate: string | null;
}

type Rules = Pick<ChannelRules, "safetyStock" | "tax">;

/** @param leaveOut told why something of it is not told */
export function toOffer(
  { price, stock, removed, errors = [] }: FeedRecord,
  rules: Rules,
  leaveOut: (reason: LeftOutReason) => void,
): Offer {
  const isPriceRead = !errors.some(({ field }) => field === "price");
  const isSold = !removed && (price !== null || !isPriceRead);
  // Of what is not sold no more is to be known.
  if (isSold && errors.length > 0) leaveOut("unread");
  const smallest = price === null ? "1" : smallestQuantity(price);
  return {
    isSold,
    price: isSold && price !== null ? priceOf(price, smallest, rules.tax, leaveOut) : null,
    smallest,
    units: stock === null ? null : unitsLeft(stock, rules.safetyStock),
    backorderDate: stock?.status === "BACKORDER" ? stock.restockDate : null,
  };
}

/** A price is for one unit at the least, also where less than one can be bought. */
function smallestQuantity({ minimumQuantity, quantityIncrement }: RecordPrice): Decimal {
  return roundUpToStep(greatestDecimal(minimumQuantity, "1"), quantityIncrement);
}

/** Rounded once, half up, from the exact amount. */
function priceOf(
  price: RecordPrice,
  smallest: Decimal,
  tax: Rules["tax"],
  leaveOut: (reason: LeftOutReason) => void,
): RecordMoney | null {
  const money = sidesAt(price, smallest)[tax];
  if (money === null) {
    leaveOut("untaxed");
    return null;
  }
  const { currency } = money;
  const exact = ratioOf([money.amount, smallest], [price.priceUnit]);
  const amount = roundRatio(exact, minorUnitOf(currency), "half-up");
  if (isPositive(amount)) return { amount, currency };
  leaveOut("unpriceable");
  return null;
}

/** Both sides of the tax at a quantity; below the lowest break the lowest break answers. */
function sidesAt(price: RecordPrice, quantity: Decimal): Pick<RecordPrice, "net" | "gross"> {
  const [lowest, ...others] = price.tiers;
  if (lowest === undefined) return price;
  return others.findLast(({ minimumQuantity }) => compareDecimals(minimumQuantity, quantity) <= 0) ?? lowest;
}

function unitsLeft({ available }: RecordStock, safetyStock: Decimal): Decimal | null {
  if (available === null) return null;
  const left = subtractDecimals(available, safetyStock);
  return isPositive(left) ? wholePart(left) : "0";
}

export function isOne(quantity: Decimal): boolean {
  return canonical(quantity) === "1";
}
