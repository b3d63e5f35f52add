import type { Decimal } from "../../pricing/decimal.js";
import { type BasisPoints, toMicros, unchanged } from "./amounts.js";
import type { FamilyCode } from "./families.js";
import { draw, luck } from "./random.js";

export const currencies = ["EUR", "CHF", "GBP"] as const;
export type Currency = (typeof currencies)[number];

export function isCurrency(code: string): code is Currency {
  return (currencies as readonly string[]).includes(code);
}

/**
 * What the ERP multiplies a list price in euros with for a price in another currency. Kept in the ERP and changed by
 * nobody, so a price in francs is as steady as one in euros.
 */
export const exchange: Record<Currency, BasisPoints> = { EUR: 10_000n, CHF: 9_385n, GBP: 8_542n };

/** From so many times the product's minimum quantity, this much more off. */
export interface QuantityBreak {
  readonly times: number;
  /** Up to 2 decimals, such as "2.5". */
  readonly percent: Decimal;
}

/** A price list, or what one customer has agreed: all that turns a list price into what is paid. */
export interface Tariff {
  readonly code: string;
  /** The currency of its customers. */
  readonly currency: Currency;
  readonly taxBasis: "net" | "gross";
  /** Percent off, up to 2 decimals, by family, else `default`. */
  readonly percentOff: Partial<Record<FamilyCode, Decimal>> & { readonly default: Decimal };
  /** Lowest first, beginning with `times` 1; empty for one price at all quantities. */
  readonly breaks: readonly QuantityBreak[];
  /** One SKU in so many has a fixed net price, without breaks; 0 for none. */
  readonly netPriceOneIn: number;
  /** Ends at midnight UTC, and is made anew at the same prices. */
  readonly endsDaily: boolean;
}

type TariffRow = Pick<Tariff, "code" | "percentOff"> & Partial<Tariff>;

function tariff(row: TariffRow): Tariff {
  return { currency: "EUR", taxBasis: "net", breaks: [], netPriceOneIn: 0, endsDaily: false, ...row };
}

function breaks(...steps: readonly (readonly [times: number, percent: Decimal])[]): QuantityBreak[] {
  return [{ times: 1, percent: "0" }, ...steps.map(([times, percent]) => ({ times, percent }))];
}

export const publicTariff: Tariff = tariff({ code: "PUBLIC", percentOff: { default: "0" } });

/** The lists that customers share. Their codes are the price scopes. */
export const priceLists: readonly Tariff[] = [
  tariff({
    code: "REVENDEUR",
    percentOff: { default: "8", ELEC: "12", PLOM: "10.5" },
    breaks: breaks([10, "3"], [50, "6"]),
  }),
  tariff({ code: "INSTALLATEUR", percentOff: { default: "15", ELEC: "22", PLOM: "25", CHAU: "20.75" } }),
  tariff({ code: "ARTISAN", percentOff: { default: "10", OUTI: "14", PEIN: "17.5" } }),
  tariff({ code: "COLLECTIVITE", percentOff: { default: "18", NETT: "25", BURO: "22" }, breaks: breaks([20, "4"]) }),
  tariff({
    code: "INDUSTRIE",
    percentOff: { default: "20", QUIN: "27.5" },
    breaks: breaks([5, "2.5"], [20, "5"], [100, "9"]),
  }),
  tariff({
    code: "NEGOCE",
    percentOff: { default: "24", QUIN: "33", EMBA: "30" },
    breaks: breaks([25, "5"], [250, "11"]),
  }),
  tariff({ code: "GRAND-COMPTE", percentOff: { default: "28", ELEC: "34" }, netPriceOneIn: 10 }),
  tariff({ code: "TARIF-NET", percentOff: { default: "5" }, netPriceOneIn: 3 }),
  tariff({ code: "PROMO-JOUR", percentOff: { default: "14", CAFE: "20" }, endsDaily: true }),
  tariff({ code: "COMPTOIR", percentOff: { default: "3" }, taxBasis: "gross" }),
  tariff({ code: "SUISSE", percentOff: { default: "9", ELEC: "13.5" }, currency: "CHF", breaks: breaks([10, "2"]) }),
  tariff({ code: "EXPORT-GB", percentOff: { default: "11" }, currency: "GBP" }),
];

/** What a customer with prices of its own has agreed. */
export function contractOf(seed: number, customer: string, number: number, currency: Currency): Tariff {
  const percent = (family: number) => {
    const tenths = 50 + (draw(seed, luck.contract, number, family) % 45) * 5;
    return `${Math.floor(tenths / 10)}.${tenths % 10}`;
  };
  return tariff({
    code: `CONTRAT-${customer}`,
    currency,
    percentOff: { default: percent(0), ELEC: percent(1), PLOM: percent(2), QUIN: percent(3) },
    breaks: number % 2 === 0 ? breaks([10, "4"], [100, "7.5"]) : [],
    netPriceOneIn: 12,
  });
}

/** What a percentage off leaves. @param percent 0 to 100, up to 2 decimals */
export function afterPercentOff(percent: Decimal): BasisPoints {
  return unchanged - toMicros(percent) / unchanged;
}
