import { Field, ObjectType, registerEnumType } from "type-graphql";
import type { LowestNets } from "../src/feed/price-history.js";
import type { Decimal } from "../src/pricing/decimal.js";
import type { Ladder } from "../src/pricing/ladder.js";
import { priceAt, withOtherSide } from "../src/pricing/price.js";
import type { Freshness } from "../src/pricing/source.js";
import { Audience } from "./audience.type.js";
import { FreshnessType, toFreshness } from "./freshness.type.js";
import { MoneyType, toMoney } from "./money.type.js";
import { DateTimeScalar, DecimalScalar, toDateTime } from "./scalars.js";

export enum TaxBasis {
  NET = "NET",
  GROSS = "GROSS",
}

registerEnumType(TaxBasis, {
  name: "TaxBasis",
  description: "Which side of the tax the ERP computed; the other one is derived from `taxRate`.",
  valuesConfig: {
    NET: { description: "The ERP computed the price before tax." },
    GROSS: { description: "The ERP computed the price with tax." },
  },
});

@ObjectType("PriceTier", {
  simpleResolvers: true,
  description: "The price from a quantity on, until the next tier begins.",
})
export class PriceTierType {
  @Field(() => DecimalScalar, { description: "The first quantity that this tier's price is for." })
  minimumQuantity!: Decimal;

  @Field(() => MoneyType, { description: "Before tax, for `priceUnit` units, as `Price.net`." })
  net!: MoneyType;

  @Field(() => MoneyType, { nullable: true, description: "With tax, for `priceUnit` units, as `Price.gross`." })
  gross!: MoneyType | null;
}

@ObjectType("Price", { simpleResolvers: true, description: "What one SKU costs one audience at one quantity." })
export class PriceType {
  @Field(() => Audience, { description: "For whom this price holds." })
  audience!: Audience;

  @Field(() => DecimalScalar, { description: "The quantity that `net` and `gross` are for." })
  quantity!: Decimal;

  @Field(() => String, {
    nullable: true,
    description: "The unit of measure, as the ERP names it; null where it names none.",
  })
  unit!: string | null;

  @Field(() => DecimalScalar, {
    description: 'How many units `net` and `gross` pay for: "100" for a price per hundred.',
  })
  priceUnit!: Decimal;

  @Field(() => MoneyType, {
    description:
      "Before tax, up to 6 decimals, as the ERP gave it; derived from `gross` (half up, 6 decimals) where `taxBasis` is GROSS.",
  })
  net!: MoneyType;

  @Field(() => MoneyType, {
    nullable: true,
    description:
      "With tax, net × (1 + taxRate ÷ 100) half up to 6 decimals where `taxBasis` is NET; null where the ERP tells no tax rate.",
  })
  gross!: MoneyType | null;

  @Field(() => DecimalScalar, {
    nullable: true,
    description: 'In percent, such as "20"; null where the ERP tells none.',
  })
  taxRate!: Decimal | null;

  @Field(() => TaxBasis, { description: "Which side of the tax the ERP computed." })
  taxBasis!: TaxBasis;

  @Field(() => [PriceTierType], {
    description: "Quantity breaks, lowest first; empty where the ERP has none or tells none.",
  })
  tiers!: PriceTierType[];

  @Field(() => DecimalScalar, { description: "The smallest quantity that the ERP sells; not judged here." })
  minimumQuantity!: Decimal;

  @Field(() => DecimalScalar, { description: "Quantities that the ERP sells are multiples of this; not judged here." })
  quantityIncrement!: Decimal;

  @Field(() => String, {
    nullable: true,
    description: "The price list or rule that made this price; null for callers without the scope `ops`.",
  })
  priceList!: string | null;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: "When this price ends; null where the ERP names no end.",
  })
  validUntil!: string | null;

  @Field(() => MoneyType, {
    nullable: true,
    description: `The lowest public price of one unit in the last 30 days, the present one included, before tax, for \`priceUnit\` units, as far
as the gateway saw it; null for a customer's own price, and where the SKU's price was not watched for 30 days.`,
  })
  lowestNet30Days!: MoneyType | null;

  @Field(() => MoneyType, {
    nullable: true,
    description: `Likewise in the 30 days before the present price began: what an announced reduction must be measured against (Directive
98/6/EC, Article 6a). Null also where the price did not change while it was watched.`,
  })
  priorLowestNet30Days!: MoneyType | null;

  @Field(() => FreshnessType, { description: "How old this price is, and where it came from." })
  freshness!: FreshnessType;
}

export interface PriceOptions {
  readonly audience: Audience;
  readonly quantity: Decimal;
  readonly showsPriceList: boolean;
  /** Of a public price. */
  readonly lowestNets?: LowestNets;
  /** ms since the epoch. */
  readonly now: number;
}

export function toPrice(ladder: Ladder, freshness: Freshness, options: PriceOptions): PriceType {
  const { currency } = ladder;
  const { net, gross } = priceAt(ladder, options.quantity);
  const { lowest = null, prior = null } = options.lowestNets ?? {};
  return {
    audience: options.audience,
    quantity: options.quantity,
    unit: ladder.unit,
    priceUnit: ladder.priceUnit,
    net: toMoney(net, currency),
    gross: gross === null ? null : toMoney(gross, currency),
    taxRate: ladder.taxRate,
    taxBasis: TaxBasis[ladder.taxBasis],
    tiers: ladder.tiers.map(({ from, unitPrice }) => toTier(from, unitPrice, ladder)),
    minimumQuantity: ladder.minimumQuantity,
    quantityIncrement: ladder.quantityIncrement,
    priceList: options.showsPriceList ? ladder.priceList : null,
    validUntil: ladder.validUntil === null ? null : toDateTime(ladder.validUntil),
    lowestNet30Days: lowest === null ? null : toMoney(lowest, currency),
    priorLowestNet30Days: prior === null ? null : toMoney(prior, currency),
    freshness: toFreshness(freshness, options.now),
  };
}

function toTier(minimumQuantity: Decimal, unitPrice: Decimal, ladder: Ladder): PriceTierType {
  const { net, gross } = withOtherSide(unitPrice, ladder);
  return {
    minimumQuantity,
    net: toMoney(net, ladder.currency),
    gross: gross === null ? null : toMoney(gross, ladder.currency),
  };
}
