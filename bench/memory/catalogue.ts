import {
  createPriceKey,
  createStockKey,
  type PriceKey,
  publicScope,
  type Scope,
  verifiedCustomer,
} from "../../src/pricing/keys.js";
import type { Ladder } from "../../src/pricing/ladder.js";
import type { Stock } from "../../src/pricing/stock.js";
import { createRandom, createZipf } from "../erp-load/random.js";

/** 20,000 SKUs, sold at public prices, in 40 price scopes of 50 customers each, and to 960 customers at prices of their own. */
const skus = 20_000;
const priceScopes = 40;
const scopes = 1_001;
const unscoped = 1 + priceScopes;

const breaks = [
  ["1"],
  ["1"],
  ["1", "10"],
  ["1", "12"],
  ["1", "100"],
  ["1", "5", "25"],
  ["1", "10", "50"],
  ["6", "24", "96"],
  ["1", "10", "50", "100"],
  ["1", "25", "100", "500"],
];
const units = ["pcs", "pcs", "pcs", "kg", "m", "box"];
const taxRates = ["19", "19", "19", "7"];

/** What is asked and answered: the same numbers in every run, drawn by Zipf's law over customers and SKUs. */
export class Catalogue {
  readonly #random = createRandom(11);
  readonly #drawScope = createZipf(scopes, this.#random);
  readonly #drawSku = createZipf(skus, this.#random);

  /** Distinct pairs of scope and SKU, as one number each, in the order in which they were asked first. */
  drawPairs(count: number): Uint32Array {
    const seen = new Set<number>();
    // Zipf's law alone would take very long to name that many: a quarter is drawn by it, the rest evenly.
    while (seen.size < count / 4) seen.add(this.#drawScope() * skus + this.#drawSku());
    while (seen.size < count) seen.add(Math.floor(this.#random() * scopes * skus));
    return Uint32Array.from(seen);
  }

  /** Asked again: the earlier a pair was asked first, the likelier. @returns indexes into `pairs` */
  drawHits(pairs: Uint32Array, count: number): Uint32Array {
    const draw = createZipf(pairs.length, this.#random);
    return Uint32Array.from({ length: count }, draw);
  }

  /** @param version of the price: with each one it is another */
  ladderOf(pair: number, version: number): Ladder {
    const sku = pair % skus;
    const scope = Math.floor(pair / skus);
    const from = breaks[sku % breaks.length] as readonly string[];
    const cents = 99 + ((sku * 7_919 + scope * 104_729 + version * 31) % 40_000);
    const price = (rank: number) => (Math.round(cents * (1 - rank * 0.06)) / 100).toFixed(sku % 50 === 0 ? 4 : 2);
    const ladder: Ladder = {
      sku: nameOfSku(sku),
      currency: scope % 12 === 11 ? "CHF" : "EUR",
      taxBasis: "NET",
      taxRate: taxRates[sku % taxRates.length] as string,
      unit: units[sku % units.length] as string,
      priceUnit: sku % 9 === 0 ? "100" : "1",
      minimumQuantity: from[0] as string,
      quantityIncrement: from[0] === "6" ? "6" : "1",
      unitPrice: price(0),
      tiers: from.map((quantity, rank) => ({ from: quantity, unitPrice: price(rank) })),
      onlyQuantity: null,
      priceList: scope === 0 ? "PUBLIC" : `PL-${String(scope).padStart(5, "0")}`,
      validUntil: scope % 3 === 0 ? 1_800_000_000_000 + scope * 86_400_000 : null,
    };
    // As an ERP's answer is: each string is its own.
    return JSON.parse(JSON.stringify(ladder)) as Ladder;
  }

  stockOf(number: number, version: number): Stock {
    const stock: Stock = {
      sku: nameOfSku(number),
      warehouses: ["MAIN", "NORTH", "SOUTH"]
        .slice(0, 1 + (number % 3))
        .map((code, rank) => ({ code, available: String((number * 31 + version + rank * 7) % 500) })),
      backorder: number % 4 === 0,
      restockDate: number % 10 === 0 ? `2026-12-${String(1 + (number % 28)).padStart(2, "0")}` : null,
      leadTimeDays: number % 5 === 0 ? 3 + (number % 4) : null,
    };
    return JSON.parse(JSON.stringify(stock)) as Stock;
  }
}

export function priceKeyOf(pair: number): PriceKey {
  const scope = Math.floor(pair / skus);
  const sku = nameOfSku(pair % skus);
  return createPriceKey({ scope: scopeOf(scope, pair), sku, currency: null, quantity: "1", exactQuantity: false });
}

export function stockKeyOf(number: number) {
  return createStockKey(nameOfSku(number));
}

function scopeOf(scope: number, pair: number): Scope {
  if (scope === 0) return publicScope;
  if (scope >= unscoped) return { kind: "customer", customer: verifiedCustomer(nameOfCustomer(scope)) };
  const customer = verifiedCustomer(nameOfCustomer(scopes + scope * 50 + (pair % 50)));
  return { kind: "price-scope", priceScope: `PL-${String(scope).padStart(5, "0")}`, customer };
}

export function nameOfSku(number: number): string {
  return `ART-${String(number).padStart(7, "0")}`;
}

/** The customer of the most answers in its own name. */
export const busiestCustomer = nameOfCustomer(unscoped);

function nameOfCustomer(number: number): string {
  return `C-${String(number).padStart(6, "0")}`;
}
