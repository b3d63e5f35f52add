import type { Connector } from "../../pricing/connector.js";
import { type CustomerCode, createPriceKey, createStockKey, type PriceKey, publicScope } from "../../pricing/keys.js";
import { findKnee, type Knee } from "./find-knee.js";
import { fitLine, type Line, type Point } from "./fit-line.js";
import { askUnknownSku, type Facts, factsOf, type UnknownSku } from "./look-at-answers.js";
import { costOfLevel, measureLevel, measureSizes, sizesUpTo, takeFrom } from "./measure-load.js";
import type { ProbeCalls } from "./probe-calls.js";

/** Keys of a page of a shop: what most calls carry. */
export const pageKeys = 24;

const noSku = "PRICELANE-NO-SUCH-SKU";

export interface ProbeSamples {
  /** At least one. */
  readonly skus: readonly string[];
  /** Null to ask for public prices. */
  readonly customer: CustomerCode | null;
}

export interface ProbeReport {
  readonly keysPerCall: number;
  /** SKUs that were asked for; sizes beyond them were not measured. */
  readonly skus: number;
  /** The very first call, which may have found the ERP asleep. */
  readonly firstMs: number;
  readonly facts: Facts;
  readonly unknownSku: UnknownSku;
  readonly sizes: readonly Point[];
  /** Null where only one size could be asked for. */
  readonly line: Line | null;
  readonly knee: Knee;
  /** Keys of each call while the knee was sought. */
  readonly kneeKeys: number;
  readonly stockMs: number | null;
  readonly calls: number;
  readonly peakInFlight: number;
}

/**
 * Finds out how an ERP answers and what it bears, within the bounds of `calls`.
 * @throws {Error} where it does not answer at all
 */
export async function probeErp(
  { prices, stock }: Connector,
  calls: ProbeCalls,
  { skus, customer }: ProbeSamples,
): Promise<ProbeReport> {
  const keys = skus.map((sku) => keyOf(sku, customer));
  const most = Math.min(prices.keysPerCall, keys.length);
  const first = await calls.read(prices, keys.slice(0, most));
  if (first.error !== null) throw first.error;
  const facts = factsOf(first.outcomes);
  const known = keys[first.outcomes.findIndex(({ kind }) => kind === "found")];
  if (known === undefined)
    throw new Error(`none of these ${most} SKUs has a price: ${facts.failures[0] ?? "all are unknown"}`);
  const unknownSku = await askUnknownSku(calls, prices, known, keyOf(noSku, customer));
  const take = takeFrom(keys);
  const sizes = await measureSizes(calls, prices, take, sizesUpTo(most));
  const stockCall = await calls.read(stock, skus.slice(0, Math.min(stock.keysPerCall, pageKeys)).map(createStockKey));
  const kneeKeys = Math.min(most, pageKeys);
  const knee = await findKnee(async (concurrency) => {
    if (costOfLevel(concurrency) > calls.left) return null;
    return measureLevel(calls, prices, () => take(kneeKeys), concurrency);
  }, calls.bounds.maxConcurrency);
  return {
    ...{ keysPerCall: prices.keysPerCall, skus: keys.length, firstMs: first.ms, facts, unknownSku, sizes },
    ...{ line: fitLine(sizes), knee, kneeKeys, stockMs: stockCall.error === null ? stockCall.ms : null },
    ...{ calls: calls.made, peakInFlight: calls.peakInFlight },
  };
}

function keyOf(sku: string, customer: CustomerCode | null): PriceKey {
  const scope = customer === null ? publicScope : ({ kind: "customer", customer } as const);
  return createPriceKey({ scope, sku, currency: null, quantity: "1", exactQuantity: false });
}
