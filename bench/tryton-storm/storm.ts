import { setTimeout as sleep } from "node:timers/promises";
import { drawWait } from "../erp-load/random.js";
import type { CountingProxy } from "./counting-proxy.js";
import type { Viewer } from "./customers.js";
import { readCpuSeconds, waitUntilIdle } from "./erp-cpu.js";

/** What a page showed: of its prices and stocks, how many were there, and how many of them last known ones. */
export interface Shown {
  readonly wanted: number;
  readonly answered: number;
  readonly lastKnown: number;
}

/** Views one page. @throws {Error} where nothing could be shown */
export type ViewPage = (viewer: Viewer) => Promise<Shown>;

export interface StormPlan {
  readonly pagesPerSecond: number;
  readonly seconds: number;
  readonly deadlineMs: number;
}

export interface StormResult {
  readonly pages: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  /** Share of pages that failed as a whole. */
  readonly failed: number;
  /** Share of pages that showed all their prices and stocks within the deadline. */
  readonly inTime: number;
  /** Share of prices and stocks that were not there. */
  readonly missing: number;
  /** Share of prices and stocks that were last known ones. */
  readonly lastKnown: number;
  readonly erpCalls: number;
  readonly erpCpuSeconds: number;
  /** Whether the ERP came to rest afterwards: if not, its CPU seconds are too few. */
  readonly erpRested: boolean;
}

export interface Erp {
  readonly pid: number;
  readonly proxy: CountingProxy;
}

interface View extends Shown {
  readonly ms: number;
  readonly hasFailed: boolean;
}

/** Views that come by a Poisson process, whether the earlier ones were answered or not. Of what the ERP works on afterwards, too, the CPU time is counted. */
export function runStorm(erp: Erp, view: ViewPage, viewers: readonly Viewer[], plan: StormPlan, random: () => number) {
  return measured(erp, plan.deadlineMs, async () => {
    const views: Promise<View>[] = [];
    const startedAt = performance.now();
    for (let dueMs = 0; ; ) {
      dueMs += drawWait(1000 / plan.pagesPerSecond, random);
      if (dueMs > plan.seconds * 1000) break;
      await sleep(Math.max(0, startedAt + dueMs - performance.now()));
      const viewer = viewers[Math.floor(random() * viewers.length)] as Viewer;
      // From when it was due: a late start is the page's own waiting time.
      views.push(viewOnce(view, viewer, startedAt + dueMs));
    }
    return Promise.all(views);
  });
}

/** One viewer after the other. @param restMs between two, where windows are to end in it */
export function runCalm(
  erp: Erp,
  view: ViewPage,
  viewers: readonly Viewer[],
  { deadlineMs, restMs }: { readonly deadlineMs: number; readonly restMs: number },
) {
  return measured(erp, deadlineMs, async () => {
    const views: View[] = [];
    for (const viewer of viewers) {
      await sleep(restMs);
      views.push(await viewOnce(view, viewer, performance.now()));
    }
    return views;
  });
}

async function viewOnce(view: ViewPage, viewer: Viewer, dueAt: number): Promise<View> {
  try {
    const shown = await view(viewer);
    return { ...shown, ms: performance.now() - dueAt, hasFailed: false };
  } catch {
    const wanted = 2 * viewer.skus.length;
    return { wanted, answered: 0, lastKnown: 0, ms: performance.now() - dueAt, hasFailed: true };
  }
}

async function measured({ pid, proxy }: Erp, deadlineMs: number, run: () => Promise<View[]>): Promise<StormResult> {
  const [calls, cpu] = [proxy.calls, readCpuSeconds(pid)];
  const views = await run();
  const erpRested = await waitUntilIdle(pid);
  const ms = views.map((view) => view.ms).toSorted((a, b) => a - b);
  const quantile = (share: number) => ms[Math.max(0, Math.ceil(share * ms.length) - 1)] ?? 0;
  const sum = (of: (view: View) => number) => views.reduce((total, view) => total + of(view), 0);
  const wanted = sum((view) => view.wanted);
  const isInTime = (view: View) => view.ms <= deadlineMs && view.answered === view.wanted;
  return {
    pages: views.length,
    p50Ms: quantile(0.5),
    p95Ms: quantile(0.95),
    p99Ms: quantile(0.99),
    failed: sum(({ hasFailed }) => (hasFailed ? 1 : 0)) / views.length,
    inTime: sum((view) => (isInTime(view) ? 1 : 0)) / views.length,
    missing: 1 - sum(({ answered }) => answered) / wanted,
    lastKnown: sum(({ lastKnown }) => lastKnown) / wanted,
    erpCalls: proxy.calls - calls,
    erpCpuSeconds: readCpuSeconds(pid) - cpu,
    erpRested,
  };
}
