import type { ProbeReport } from "./probe-erp.js";

export interface Proposal {
  readonly name: string;
  readonly value: string;
  readonly why: string;
}

/** SKUs that a shop shows so often that they should stay fresh. */
const shownOften = 1_000;

/** The part of what an ERP bears that keeping answers fresh may cost: its own users need the rest. */
const shareForShops = 0.5;

/** A slow minute is no failure: a call may take so many times what the slowest took. */
const patience = 4;

const [leastTimeoutMs, mostTimeoutMs] = [1_000, 120_000];

/** The settings to begin with. */
export function propose(report: ProbeReport): Proposal[] {
  const { knee, kneeKeys } = report;
  const level = levelAt(report);
  const keysPerSecond = (level?.perSecond ?? 0) * kneeKeys;
  const freshS = Math.ceil(shownOften / Math.max(keysPerSecond * shareForShops, 1));
  const slowestMs = slowestExpected(report);
  // A call that wakes the ERP up should be waited for, too.
  const bearableMs = Math.max(patience * slowestMs, 2 * report.firstMs);
  const timeoutMs = clamp(Math.ceil(bearableMs / 500) * 500, leastTimeoutMs, mostTimeoutMs);
  const capacity = `half of ${Math.round(keysPerSecond)} keys a second keeps ${shownOften} SKUs fresh`;
  return [
    {
      name: "ERP_MAX_CONCURRENCY",
      value: String(knee.concurrency),
      why: knee.isBound
        ? "the most that was tried; more may bear more"
        : "more at once get no more answers, only later ones",
    },
    {
      name: "ERP_TIMEOUT_MS",
      value: String(timeoutMs),
      why: `the slowest call should take ${Math.round(slowestMs)} ms, and the very first took ${Math.round(report.firstMs)} ms`,
    },
    { name: "PRICE_FRESH_SECONDS", value: String(clamp(freshS, 60, 3_600)), why: capacity },
    { name: "STOCK_FRESH_SECONDS", value: String(clamp(freshS, 15, 900)), why: capacity },
  ];
}

function levelAt({ knee }: ProbeReport) {
  return knee.levels.find(({ concurrency }) => concurrency === knee.concurrency);
}

/** A full call, slowed down as much as a page's call is by its neighbours at the knee. */
function slowestExpected(report: ProbeReport): number {
  const { knee, line, keysPerCall, sizes } = report;
  const alone = knee.levels.find(({ concurrency }) => concurrency === 1);
  const together = levelAt(report);
  const slowdown =
    alone === undefined || together === undefined
      ? 1
      : Math.max(1, together.medianMs / Math.max(alone.medianMs, 0.001));
  const fullMs = line === null ? 0 : line.a + line.b * keysPerCall;
  return Math.max(fullMs, ...sizes.map(({ ms }) => ms), 1) * slowdown;
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}

/**
 * The keys a call beyond which batching pays no more: what a call costs by itself is then a tenth of what its keys do.
 * Null where nothing could be told, or keys cost nothing.
 */
export function keysThatPay({ line }: ProbeReport): number | null {
  return line === null || line.b <= 0 ? null : Math.max(1, Math.ceil((10 * line.a) / line.b));
}
