import type { Lane } from "../../../src/pricing/source.js";

/** What is simulated; all of it in virtual time. */
export const plan = {
  erp: { workers: 8, callMs: 200 },
  /** Workers that are left during the brown-out. */
  workersLeft: 3,
  calmMs: 30_000,
  brownOutMs: 60_000,
  afterMs: 40_000,
  /** Questions a second, each for something that nobody else asks and that no call can carry besides another. */
  perSecond: { checkout: 4, storefront: 8, feed: 12 } satisfies Record<Lane, number>,
  deadlineMs: { checkout: 3_000, storefront: 2_000, feed: 10_000 } satisfies Record<Lane, number>,
  /** How the questions part between six replicas. */
  sharesOfSix: [0.4, 0.2, 0.15, 0.1, 0.1, 0.05],
  feedFlood: 10,
} as const;

export const brownOutEndsMs = plan.calmMs + plan.brownOutMs;
export const lengthMs = brownOutEndsMs + plan.afterMs;

export const phases = ["calm", "brownOut", "after"] as const;
export type Phase = (typeof phases)[number];

/** @param ms since the beginning of the run */
export function phaseAt(ms: number): Phase {
  if (ms < plan.calmMs) return "calm";
  return ms < brownOutEndsMs ? "brownOut" : "after";
}
