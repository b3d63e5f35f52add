import { type Check, type Samples, Skipped } from "./check.js";
import { ladderChecks } from "./ladder-checks.js";
import { accessChecks, catalogueChecks, customerChecks, stockChecks } from "./other-checks.js";
import { type Exchange, type Port, PortSilent } from "./port.js";
import { priceChecks } from "./price-checks.js";
import { listOf, rowOf } from "./shapes.js";

export const allChecks: readonly Check[] = [
  ...accessChecks,
  ...priceChecks,
  ...ladderChecks,
  ...stockChecks,
  ...customerChecks,
  ...catalogueChecks,
];

export interface Verdict {
  readonly id: string;
  readonly promise: string;
  readonly result: "pass" | "fail" | "skip";
  /** What is wrong, or why it was skipped. */
  readonly reasons: readonly string[];
  readonly exchanges: readonly Exchange[];
}

/** One check after the other, so that the ERP has one call at a time. */
export async function* runChecks(port: Port, samples: Samples): AsyncGenerator<Verdict> {
  for (const check of allChecks) {
    const { id, promise } = check;
    const found = await check.run(port, samples).catch((error: unknown) => {
      if (error instanceof PortSilent) return [error.message];
      throw error;
    });
    const exchanges = port.takeExchanges();
    if (found instanceof Skipped) yield { id, promise, result: "skip", reasons: [found.why], exchanges };
    else yield { id, promise, result: found.length === 0 ? "pass" : "fail", reasons: found, exchanges };
  }
}

/** SKUs for sale, where the port lists them; else none. */
export async function readSampleSkus(port: Port, count: number): Promise<string[]> {
  try {
    const { json } = await port.get(`/v1/products?limit=${count}`);
    return listOf(rowOf(json)["skus"]).filter((sku) => typeof sku === "string");
  } finally {
    port.takeExchanges();
  }
}
