import type { PriceQuestion } from "../loaders/price-loader.js";
import type { StockQuestion } from "../loaders/stock-loader.js";
import { BadUserInput } from "../src/errors.js";
import { hasControlCharacter } from "../src/pricing/control-characters.js";
import { isPositive } from "../src/pricing/decimal.js";
import type { Lane } from "../src/pricing/source.js";

export interface PriceArguments {
  readonly quantity: string;
  readonly currency?: string | null | undefined;
  readonly maxAgeSeconds?: number | null | undefined;
}

export interface StockArguments {
  readonly warehouses?: readonly string[] | null | undefined;
  readonly maxAgeSeconds?: number | null | undefined;
}

const longestName = 200;

/** More warehouses than an ERP with stock in them has. */
const mostWarehouses = 50;
const longestCode = 200;

/** @throws {BadUserInput} for a list that is empty or too long, or an SKU that cannot be one */
export function checkSkus(skus: readonly string[], maxSkus: number): void {
  if (skus.length === 0) throw new BadUserInput("`skus` is empty: name at least one SKU.");
  if (skus.length > maxSkus) {
    throw new BadUserInput(
      `\`skus\` holds ${skus.length} SKUs, and at most ${maxSkus} are answered at once: ask in several requests.`,
    );
  }
  for (const sku of skus) checkSku(sku);
}

export function checkSku(sku: string): void {
  checkName(sku, "SKU");
}

/** @param what such as "SKU". @throws {BadUserInput} for what can be no name of the ERP's */
export function checkName(name: string, what: string): void {
  const some = what === "SKU" ? "An SKU" : `A ${what}`;
  if (name === "") throw new BadUserInput(`${some} is empty: leave it out.`);
  if (name.length > longestName)
    throw new BadUserInput(`${some} has ${name.length} characters, and ${longestName} at most are taken.`);
  if (hasControlCharacter(name))
    throw new BadUserInput(`The ${what} ${JSON.stringify(name)} holds a control character: remove it.`);
}

/** A question to a loader, but for the SKU: what one field asks of every product in a list. */
export type PriceTerms = Omit<PriceQuestion, "sku">;
export type StockTerms = Omit<StockQuestion, "sku">;

/** @throws {BadUserInput} */
export function toPriceTerms(args: PriceArguments, audience: PriceQuestion["audience"], lane: Lane): PriceTerms {
  const { quantity } = args;
  if (!isPositive(quantity)) throw new BadUserInput(`\`quantity\` should be above 0, not ${quantity}.`);
  return { audience, quantity, currency: args.currency ?? null, maxAgeMs: toMaxAgeMs(args.maxAgeSeconds, lane) };
}

/** @throws {BadUserInput} */
export function toStockTerms(args: StockArguments, lane: Lane): StockTerms {
  const { warehouses } = args;
  if (warehouses && warehouses.length > mostWarehouses)
    throw new BadUserInput(`\`warehouses\` holds ${warehouses.length} codes, and ${mostWarehouses} at most are taken.`);
  if (warehouses?.some((code) => code.length > longestCode))
    throw new BadUserInput(`A code of \`warehouses\` is longer than ${longestCode} characters, which none is.`);
  if (warehouses?.length === 0)
    throw new BadUserInput("`warehouses` is empty: name at least one, or leave it out for all.");
  return { maxAgeMs: toMaxAgeMs(args.maxAgeSeconds, lane) };
}

function toMaxAgeMs(maxAgeSeconds: number | null | undefined, lane: Lane): number | null {
  if (maxAgeSeconds != null && maxAgeSeconds < 0) {
    throw new BadUserInput(`\`maxAgeSeconds\` should be 0 or more, not ${maxAgeSeconds}.`);
  }
  // An order is placed on what the ERP says now, whatever the question allows.
  if (lane === "checkout") return 0;
  return maxAgeSeconds == null ? null : maxAgeSeconds * 1000;
}
