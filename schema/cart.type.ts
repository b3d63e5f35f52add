import { Field, ID, ObjectType } from "type-graphql";
import type { JudgedCart, JudgedLine } from "../src/pricing/cart/cart.js";
import type { Decimal } from "../src/pricing/decimal.js";
import type { SignedQuote } from "../src/pricing/quotes.js";
import { CartVerdict, PriceVerdict, StockVerdict } from "./cart-verdicts.js";
import { FreshnessType, toFreshness } from "./freshness.type.js";
import { MoneyType, toMoney } from "./money.type.js";
import { QuoteStatus, QuoteType, toQuote } from "./quote.type.js";
import { ReasonType, toReason } from "./reason.type.js";
import { DateScalar, DateTimeScalar, DecimalScalar, toDateTime } from "./scalars.js";

@ObjectType("CartLineValidation", { simpleResolvers: true, description: "What became of one line of a cart." })
export class CartLineValidationType {
  @Field(() => ID, { description: "As it came." })
  key!: string;

  @Field(() => ID, { description: "As it came." })
  sku!: string;

  @Field(() => DecimalScalar, { description: "The quantity that came." })
  quantity!: Decimal;

  @Field(() => PriceVerdict, { description: "What became of the price." })
  price!: PriceVerdict;

  @Field(() => StockVerdict, { description: "Whether the quantity can be had." })
  stock!: StockVerdict;

  @Field(() => MoneyType, {
    nullable: true,
    description:
      "The unit price that the order should carry, for `priceUnit` units; where `price` is UNVERIFIED what is last known, null where nothing is.",
  })
  net!: MoneyType | null;

  @Field(() => DecimalScalar, {
    nullable: true,
    description: 'How many units `net` pays for: "100" for a price per hundred; null where `net` is.',
  })
  priceUnit!: Decimal | null;

  @Field(() => MoneyType, {
    nullable: true,
    description:
      "quantity / priceUnit × net, rounded once to the currency's own decimals, half up unless the connector states its ERP's rule.",
  })
  lineNet!: MoneyType | null;

  @Field(() => [ReasonType], { description: "Why the verdicts are what they are; empty where all is as it was." })
  reasons!: ReasonType[];

  @Field(() => QuoteStatus, {
    nullable: true,
    description: "What became of the quote given; null where none was.",
  })
  quoteStatus!: QuoteStatus | null;

  @Field(() => DecimalScalar, {
    nullable: true,
    description: "What this line can have, when the lines before it had theirs; null where it is not known.",
  })
  available!: Decimal | null;

  @Field(() => DateScalar, {
    nullable: true,
    description: "When more is expected; null where all is there, or the ERP does not say.",
  })
  restockDate!: string | null;

  @Field(() => FreshnessType, {
    nullable: true,
    description:
      "When the ERP said the price: the live one, that a quoted one was held against too, or the last known; null where there is neither.",
  })
  freshness!: FreshnessType | null;
}

@ObjectType("CartValidation", { simpleResolvers: true, description: "Whether a cart is still true." })
export class CartValidationType {
  @Field(() => CartVerdict, { description: "What to do with the order." })
  verdict!: CartVerdict;

  @Field(() => [ReasonType], { description: "Why the verdict is not plainly ACCEPT; the lines give their own." })
  reasons!: ReasonType[];

  @Field(() => [CartLineValidationType], { description: "In the order in which they came." })
  lines!: CartLineValidationType[];

  @Field(() => MoneyType, {
    nullable: true,
    description: "The sum of all `lineNet`; null where some line's price is not certain.",
  })
  netTotal!: MoneyType | null;

  @Field(() => MoneyType, {
    nullable: true,
    description:
      "With tax, each line (or each tax, where the connector states it) rounded once from the exact amount; null where `netTotal` is, or some line's tax is not told.",
  })
  grossTotal!: MoneyType | null;

  @Field(() => QuoteType, {
    nullable: true,
    description: "Null unless the verdict is ACCEPT or NEEDS_CONSENT, and where a price is only last known.",
  })
  quote!: QuoteType | null;

  @Field(() => DateTimeScalar, { description: "When all that it is judged by was read." })
  validatedAt!: string;
}

/** @param now ms since the epoch */
export function toCartValidation(judged: JudgedCart, quote: SignedQuote | null, now: number): CartValidationType {
  const { verdict, reasons, lines, currency, netTotal, grossTotal } = judged;
  const toTotal = (amount: Decimal | null) => (amount === null || currency === null ? null : toMoney(amount, currency));
  return {
    verdict: CartVerdict[verdict],
    reasons: reasons.map(toReason),
    lines: lines.map((line) => toLine(line, now)),
    netTotal: toTotal(netTotal),
    grossTotal: toTotal(grossTotal),
    quote: quote === null ? null : toQuote(quote),
    validatedAt: toDateTime(now),
  };
}

function toLine({ line, price, stock, lineNet }: JudgedLine, now: number): CartLineValidationType {
  const { charge, freshness, quoteStatus } = price;
  return {
    ...{ key: line.key, sku: line.sku, quantity: line.quantity },
    price: PriceVerdict[price.verdict],
    stock: StockVerdict[stock.verdict],
    net: charge === null ? null : toMoney(charge.net, charge.currency),
    priceUnit: charge?.priceUnit ?? null,
    lineNet: charge === null || lineNet === null ? null : toMoney(lineNet, charge.currency),
    reasons: [...new Set([...price.reasons, ...stock.reasons])].map(toReason),
    quoteStatus: quoteStatus === null ? null : QuoteStatus[quoteStatus],
    available: stock.available,
    restockDate: stock.restockDate,
    freshness: freshness === null ? null : toFreshness(freshness, now),
  };
}
