import type { Decimal } from "../../pricing/decimal.js";
import { type BasisPoints, scaled, toDecimal, toMicros, toShortDecimal, unchanged } from "./amounts.js";
import type { Catalogue, Product } from "./catalogue.js";
import type { CustomerBook } from "./customer-book.js";
import { Movement } from "./movement.js";
import { draw, luck } from "./random.js";
import { dayMs, type Steps } from "./steps.js";
import {
  afterPercentOff,
  type Currency,
  currencies,
  exchange,
  isCurrency,
  publicTariff,
  type Tariff,
} from "./tariffs.js";

/** Steps between two movements of one SKU's price, where prices move: 2 hours at the usual 5 s. */
const periodSteps = 1_440;

/** One line of the body of `POST /v1/prices`. */
export interface PriceQuestion {
  readonly ref: string;
  readonly customer: string | null;
  readonly sku: string;
  readonly quantity: Decimal;
  readonly currency?: string;
}

type Echo = Pick<PriceQuestion, "ref" | "customer" | "sku">;

/** One line of the answer of `POST /v1/prices`. */
export type PriceAnswer = Echo &
  (
    | { readonly status: "unknown" | "unknown-customer" | "error"; readonly message: string }
    | {
        readonly status: "priced";
        readonly currency: Currency;
        readonly taxBasis: Tariff["taxBasis"];
        readonly unitPrice: Decimal;
        readonly taxRate: Decimal;
        readonly unit: string;
        readonly priceUnit: Decimal;
        readonly minimumQuantity: Decimal;
        readonly quantityIncrement: Decimal;
        /** Absent where the answer is for the asked quantity alone. */
        readonly tiers?: readonly PriceStep[];
        readonly priceList: string;
        /** Null for prices of the customer's own and for public ones. */
        readonly priceScope: string | null;
        readonly validUntil?: string;
        readonly computedAt: string;
      }
  );

interface PriceStep {
  readonly from: Decimal;
  readonly unitPrice: Decimal;
}

export interface PriceBookOptions {
  readonly pricesMove: boolean;
  /** One SKU in so many tells no ladder; 0 for none. */
  readonly singleQuantityOneIn: number;
}

export class PriceBook {
  /** Which SKUs' list prices move when; null where prices stand still. */
  readonly movement: Movement | null;
  readonly #singleQuantityOneIn: number;

  constructor(
    readonly catalogue: Catalogue,
    readonly customers: CustomerBook,
    readonly steps: Steps,
    { pricesMove, singleQuantityOneIn }: PriceBookOptions,
  ) {
    this.movement = pricesMove ? new Movement(catalogue.size, periodSteps, catalogue.seed) : null;
    this.#singleQuantityOneIn = singleQuantityOneIn;
  }

  answer(question: PriceQuestion): PriceAnswer {
    const { ref, customer, sku, quantity } = question;
    const unpriced = (status: "unknown" | "unknown-customer" | "error", message: string): PriceAnswer => {
      return { ref, customer, sku, status, message };
    };
    const tariff = customer === null ? publicTariff : this.customers.tariffOf(customer);
    if (tariff === null) return unpriced("unknown-customer", "no such customer");
    const product = this.catalogue.find(sku);
    if (product === null) return unpriced("unknown", "no such SKU");
    const currency = question.currency ?? tariff.currency;
    if (!isCurrency(currency)) return unpriced("error", `no prices in ${currency}, only in ${currencies.join(", ")}`);
    const micros = toMicros(quantity);
    if (micros <= 0n) return unpriced("error", `no price for a quantity of ${quantity}: ask for more than 0`);

    const ladder = this.#ladder(product, tariff, currency);
    const step = ladder.findLast(({ from }) => toMicros(from) <= micros) ?? ladder[0]!;
    return {
      ref,
      customer,
      sku,
      status: "priced",
      currency,
      taxBasis: tariff.taxBasis,
      unitPrice: step.unitPrice,
      ...termsOf(product),
      ...(this.#tellsLadder(product) ? { tiers: ladder.length === 1 ? [] : ladder } : {}),
      priceList: tariff.code,
      priceScope: customer === null ? null : this.customers.priceScopeOf(customer),
      ...(tariff.endsDaily ? { validUntil: this.#midnight() } : {}),
      computedAt: new Date(this.steps.now()).toISOString(),
    };
  }

  /** The prices at all quantities, lowest quantity first; one step where there are no breaks. */
  #ladder(product: Product, tariff: Tariff, currency: Currency): PriceStep[] {
    const { unit, family } = product;
    const hasNetPrice = this.#hasNetPrice(product, tariff);
    const breaks = hasNetPrice || tariff.breaks.length === 0 ? flat : tariff.breaks;
    const off = hasNetPrice ? netPriceFactor : afterPercentOff(tariff.percentOff[family] ?? tariff.percentOff.default);
    const tax = tariff.taxBasis === "gross" ? unchanged + toMicros(product.taxRate) / unchanged : unchanged;
    return breaks.map(({ times, percent }) => {
      const factors = [exchange[currency], this.#move(product), off, afterPercentOff(percent), tax];
      return {
        from: toShortDecimal(toMicros(unit.minimumQuantity) * BigInt(times)),
        unitPrice: priceOf(product, factors),
      };
    });
  }

  #hasNetPrice({ index }: Product, { netPriceOneIn, code }: Tariff): boolean {
    if (netPriceOneIn === 0) return false;
    const letters = [...code].map((letter) => letter.codePointAt(0) ?? 0);
    return draw(this.catalogue.seed, luck.netPrice, index, ...letters) % netPriceOneIn === 0;
  }

  // Within 3 % of the list price, never away from it, however long it runs.
  #move({ index }: Product): BasisPoints {
    if (this.movement === null) return unchanged;
    const { state } = this.movement.lastMove(index, this.steps.current());
    return 9_700n + BigInt(draw(this.catalogue.seed, luck.priceMove, index, state) % 601);
  }

  #tellsLadder({ index }: Product): boolean {
    return this.#singleQuantityOneIn === 0 || index % this.#singleQuantityOneIn !== 0;
  }

  #midnight(): string {
    return new Date((Math.floor(this.steps.now() / dayMs) + 1) * dayMs).toISOString();
  }
}

const flat: Tariff["breaks"] = [{ times: 1, percent: "0" }];

/** What a fixed net price is of the list price. */
const netPriceFactor = afterPercentOff("36.5");

/** A list price stands as it is; a computed one is rounded once, to 4 decimals or the list price's 6. */
function priceOf({ listPrice, decimals }: Product, factors: readonly BasisPoints[]): Decimal {
  if (factors.every((factor) => factor === unchanged)) return toDecimal(listPrice, decimals);
  const kept = Math.max(decimals, 4);
  return toDecimal(scaled(listPrice, factors, kept), kept);
}

function termsOf({ taxRate, unit: { name, priceUnit, minimumQuantity, quantityIncrement } }: Product) {
  return { taxRate, unit: name, priceUnit, minimumQuantity, quantityIncrement };
}
