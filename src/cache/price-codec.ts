import type { KeyNames } from "../pricing/invalidation.js";
import {
  createPriceKey,
  isPriceKeyId,
  type PriceKey,
  publicScope,
  type Scope,
  verifiedCustomer,
} from "../pricing/keys.js";
import type { Ladder } from "../pricing/ladder.js";
import type { Codec, Json, NextOwn, Split } from "./codec.js";

type KeyPart = readonly [kind: Scope["kind"], currency: string | null, exactQuantity: boolean];

/** What a ladder has of its SKU: many customers have it in common, and many SKUs. */
type GoodsPart = readonly [
  taxBasis: Ladder["taxBasis"],
  taxRate: string | null,
  taxes: readonly (readonly [id: string, rate: string])[] | null,
  unit: string | null,
  priceUnit: string,
  minimumQuantity: string,
  quantityIncrement: string,
  from: readonly string[],
];

/** What a ladder has of the price list. */
type ListPart = readonly [
  currency: string,
  priceList: string | null,
  validUntil: number | null,
  onlyQuantity: string | null,
  /** Where it is not the key's. */
  sku: string | null,
];

/** Of a ladder alone are its prices. */
export const priceCodec: Codec<PriceKey, Ladder> = {
  splitKey({ scope, currency, quantity, exactQuantity }) {
    return { shared: [[scope.kind, currency, exactQuantity] satisfies KeyPart], own: [quantity] };
  },

  joinKey: (shared, own, names) => createPriceKey(toKeyParts(shared, own, names)),
  hasId: (id, shared, own, names) => isPriceKeyId(id, toKeyParts(shared, own, names)),

  splitAnswer: splitLadder,
  joinAnswer: joinLadder,
};

function toKeyParts([part]: readonly Json[], own: NextOwn, names: KeyNames): Omit<PriceKey, "id"> {
  const [kind, currency, exactQuantity] = part as KeyPart;
  const quantity = own() as string;
  return { scope: toScope(kind, names), sku: names.sku as string, currency, quantity, exactQuantity };
}

function toScope(kind: Scope["kind"], names: KeyNames): Scope {
  if (kind === "public") return publicScope;
  // It was verified before it became a name.
  const customer = verifiedCustomer(names.customer as string);
  return kind === "customer" ? { kind, customer } : { kind, priceScope: names.priceScope as string, customer };
}

function splitLadder(ladder: Ladder, names: KeyNames): Split {
  const { taxBasis, taxRate, taxes, unit, priceUnit, minimumQuantity, quantityIncrement, tiers } = ladder;
  const rates = taxes?.map(({ id, rate }) => [id, rate] as const) ?? null;
  const from = tiers.map((tier) => tier.from);
  const goods: GoodsPart = [taxBasis, taxRate, rates, unit, priceUnit, minimumQuantity, quantityIncrement, from];
  const { currency, priceList, validUntil, onlyQuantity, sku } = ladder;
  const list: ListPart = [currency, priceList, validUntil, onlyQuantity, sku === names.sku ? null : sku];
  return { shared: [goods, list], own: [ladder.unitPrice, ...tiers.map(({ unitPrice }) => unitPrice)] };
}

function joinLadder(shared: readonly Json[], own: NextOwn, names: KeyNames): Ladder {
  const [goods, list] = shared as unknown as readonly [GoodsPart, ListPart];
  const [taxBasis, taxRate, taxes, unit, priceUnit, minimumQuantity, quantityIncrement, from] = goods;
  const [currency, priceList, validUntil, onlyQuantity, sku] = list;
  return {
    sku: sku ?? (names.sku as string),
    currency,
    taxBasis,
    taxRate,
    ...(taxes === null ? {} : { taxes: taxes.map(([id, rate]) => ({ id, rate })) }),
    unit,
    priceUnit,
    minimumQuantity,
    quantityIncrement,
    unitPrice: own() as string,
    tiers: from.map((quantity) => ({ from: quantity, unitPrice: own() as string })),
    onlyQuantity,
    priceList,
    validUntil,
  };
}
