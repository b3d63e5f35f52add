import { mergeConfig } from "vitest/config";
import base from "./vitest.config.js";

/** The tests that hold what Stryker changes: no process, no ERP, no browser. */
const include = [
  "test/errors.test.ts",
  "test/pricing/keys.test.ts",
  "test/cache/freshness.test.ts",
  "test/cache/cached-source.test.ts",
  "test/dispatch/{concurrency-limit,latency-model,usual-delay,limit-of-uneven-erp,load,shedding}.test.ts",
  "test/dispatch/{breaker,dispatcher-breaker,halving,retries,faults,hang-up,single-flight,batching}.test.ts",
];

const merged = mergeConfig(base, { test: { testTimeout: 5_000 } });
// Merging would append to the list of all tests.
merged.test = { ...merged.test, include };

export default merged;
