import { readSettings } from "../../src/read-settings.js";
import type { Settings } from "../../src/settings.js";
import type { SeededRandom } from "./seeded-random.js";

/** How the load and the changes come, per second. */
export interface Rates {
  readonly storefront: number;
  readonly checkout: number;
  readonly feed: number;
  readonly changes: number;
  readonly invalidations: number;
}

/** How the ERP is built. Times in ms. */
export interface ErpShape {
  readonly workers: number;
  readonly callMs: number;
  readonly keyMs: number;
  readonly maxConcurrency: number;
  readonly keysPerCall: number;
  readonly isGrouped: boolean;
}

/** What a run is like, all of it drawn from its seed. */
export interface Conditions {
  readonly settings: Settings;
  readonly erp: ErpShape;
  readonly rates: Rates;
  /** Nothing happens for as long before the last window, in ms: memory grows old in it. */
  readonly quietMs: number;
}

/** The parts of a run, in ms: as many at the start without faults, then with them, then for the ERP to recover, then the last. */
export const calmMs = 5_000;
export const troubledMs = 12_000;
/** A breaker that failed its trials waits up to 10 s for the next one, and calls grow in number after it. */
export const recoveryMs = 16_000;
export const lastMs = 5_000;

export function drawConditions(random: SeededRandom): Conditions {
  return {
    settings: drawSettings(random),
    erp: drawErp(random),
    rates: {
      storefront: random.int(3, 12),
      checkout: random.pick([0.5, 1, 3]),
      feed: random.pick([0, 0.5, 1]),
      changes: random.pick([0.5, 2, 10]),
      invalidations: random.pick([0, 0.5, 2, 8]),
    },
    quietMs: random.chance(0.1) ? random.pick([60_000, 3_600_000]) : 0,
  };
}

function drawErp(random: SeededRandom): ErpShape {
  const workers = random.int(2, 6);
  return {
    workers,
    callMs: random.pick([5, 20, 60, 150]),
    keyMs: random.int(0, 3),
    maxConcurrency: random.int(1, workers + 2),
    keysPerCall: random.pick([1, 4, 20, 100]),
    isGrouped: random.chance(0.5),
  };
}

/** Windows so short that a run crosses each bound, and memory so small that some of it is evicted. */
function drawSettings(random: SeededRandom): Settings {
  const windows = (freshMs: number) => [freshMs, freshMs * random.pick([1, 3, 20])] as const;
  const [priceFreshMs, priceStaleMs] = windows(random.pick([0, 200, 1_000, 5_000]));
  const [stockFreshMs, stockStaleMs] = windows(random.pick([0, 200, 1_000, 5_000]));
  const [customerFreshMs, customerStaleMs] = windows(random.pick([200, 2_000, 20_000]));
  return {
    ...readSettings({}),
    ...{ priceFreshMs, priceStaleMs, stockFreshMs, stockStaleMs, customerFreshMs, customerStaleMs },
    cacheMaxBytes: random.pick([8_000, 40_000, 1_000_000]),
    erpTimeoutMs: random.pick([500, 1_500, 5_000]),
    erpAbandonMs: random.pick([null, 0, 400, 2_000]),
    callerKeysPerSecond: random.chance(0.2) ? 5 : 0,
    callerKeysBurst: 20,
  };
}
