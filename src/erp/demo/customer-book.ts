import type { Decimal } from "../../pricing/decimal.js";
import { toDecimal } from "./amounts.js";
import { draw, luck, pick } from "./random.js";
import { type Currency, contractOf, priceLists, type Tariff } from "./tariffs.js";

/** As `GET /v1/customers/{code}` answers it. */
export interface CustomerRecord {
  readonly code: string;
  readonly name: string;
  readonly currency: Currency;
  /** Absent for customers with prices of their own. */
  readonly priceScope?: string;
  readonly paymentTerms: string;
  readonly creditLimit?: Decimal;
  readonly creditAvailable?: Decimal;
  readonly blocked: boolean;
}

export const customerCount = 300;

const trades =
  "Électricité|Plomberie|Établissements|Menuiserie|Chauffage|Quincaillerie|Maintenance|Ateliers|Bâtiment|Propreté".split(
    "|",
  );
const owners =
  "Moreau|Lefèvre|Garnier|Rousseau|Chevalier|Marchand|Bonnet|Fontaine|Giraud|Perrin|Barbier|Lemoine|Renard|Delorme|Carpentier|Vasseur|Guichard|Besson|Tessier|Maillard|Pasquier|Aubry|Cordier|Jourdan|Morvan".split(
    "|",
  );
const forms: Record<Currency, readonly string[]> = {
  EUR: ["SARL", "SAS", "et Fils", "Frères", "SA", "& Cie"],
  CHF: ["SA, Genève", "Sàrl, Lausanne", "SA, Fribourg"],
  GBP: ["UK Ltd", "London Ltd"],
};
const paymentTerms = [
  "30 jours",
  "30 jours fin de mois",
  "45 jours fin de mois",
  "60 jours date de facture",
  "Comptant à la commande",
  "30 jours fin de mois le 10",
];

/** `C0001` to `C0300`, computed when asked for. Every fifth has prices of its own; the others share twelve lists. */
export class CustomerBook {
  constructor(readonly seed: number) {}

  /** The customer's terms; null where there is no such customer. */
  find(code: string): CustomerRecord | null {
    const tariff = this.tariffOf(code);
    return tariff === null ? null : this.#recordOf(code, numberOf(code), tariff);
  }

  /** What the customer's prices follow; null where there is no such customer. */
  tariffOf(code: string): Tariff | null {
    const number = numberOf(code);
    if (number < 1 || number > customerCount) return null;
    if (number % 5 !== 0) return priceLists[number % priceLists.length]!;
    return contractOf(this.seed, code, number, number % 25 === 0 ? "CHF" : "EUR");
  }

  /** The scope whose customers pay the same; null for prices of its own, and for nobody. */
  priceScopeOf(code: string): string | null {
    return this.find(code)?.priceScope ?? null;
  }

  #recordOf(code: string, number: number, tariff: Tariff): CustomerRecord {
    const { currency } = tariff;
    const drawn = draw(this.seed, luck.company, number);
    const name = `${pick(trades, drawn)} ${pick(owners, drawn >>> 8)} ${pick(forms[currency], drawn >>> 16)}`;
    return {
      code,
      name,
      currency,
      ...(number % 5 === 0 ? {} : { priceScope: tariff.code }),
      paymentTerms: pick(paymentTerms, draw(this.seed, luck.terms, number)),
      ...this.#creditOf(number),
      blocked: number % 47 === 0,
    };
  }

  // One in ten has no limit; of a limit something between nothing and all is left.
  #creditOf(number: number): Pick<CustomerRecord, "creditLimit" | "creditAvailable"> {
    const drawn = draw(this.seed, luck.credit, number);
    if (drawn % 10 === 0) return {};
    const limit = 1_000 + (drawn % 100) * 500;
    const left = BigInt(limit * ((drawn >>> 8) % 101)) * 10_000n;
    return { creditLimit: `${limit}.00`, creditAvailable: toDecimal(left, 2) };
  }
}

/** 0 for what is no customer's code. */
function numberOf(code: string): number {
  return /^C[0-9]{4}$/.test(code) ? Number(code.slice(1)) : 0;
}
