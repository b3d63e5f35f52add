import { fileURLToPath } from "node:url";
import type { DemoErpStats } from "../../../src/erp/demo/call-stats.js";
import { Child } from "../child.js";

/** An ERP whose every call takes a known time, and what one sweep of it asks. */
export interface ErpPlan {
  readonly skus: number;
  /** What a call takes, and what each line of it adds, in ms. */
  readonly latencyMs: number;
  readonly perLineMs: number;
  /** Calls worked on at once; no call waits for another one below that. */
  readonly workers: number;
  /** How many lines of prices or stock a call takes, and SKUs a page of the list. */
  readonly keysPerCall: number;
  readonly skusPerPage: number;
}

export interface FeedErp {
  readonly url: URL;
  readonly child: Child;
  /** What it was asked since the last question. */
  takeStats(): Promise<DemoErpStats>;
  stop(): Promise<void>;
}

export async function startFeedErp({ skus, latencyMs, perLineMs, workers }: ErpPlan): Promise<FeedErp> {
  const order = JSON.stringify({ skus, latencyMs, perLineMs, workers });
  const program = fileURLToPath(new URL("erp-process.js", import.meta.url));
  const child = new Child({ program, args: ["--order", order] });
  const { url } = await child.nextMessage<{ url: string }>();
  return {
    url: new URL(url),
    child,
    takeStats: () => child.exchange<DemoErpStats>({ take: "stats" }),
    stop: () => child.stop(),
  };
}

/** The least that a sweep can take, and what it is made of. */
export interface Minimum {
  readonly itemCalls: number;
  readonly listCalls: number;
  /** Prices and stock alone, in ms: SKUs ÷ keys per call × latency ÷ concurrency, once for each kind. */
  readonly itemsMs: number;
  /** The pages of the list one after the other, as their cursors have it, in ms. */
  readonly listMs: number;
  /** In ms: all calls on all workers, or the list where that takes longer. */
  readonly leastMs: number;
}

export function minimumOf(plan: ErpPlan): Minimum {
  const { skus, latencyMs, perLineMs, workers, keysPerCall, skusPerPage } = plan;
  const itemCalls = 2 * Math.ceil(skus / keysPerCall);
  const listCalls = Math.ceil(skus / skusPerPage);
  const itemsMs = (itemCalls * latencyMs + 2 * skus * perLineMs) / workers;
  const listMs = listCalls * latencyMs;
  return { itemCalls, listCalls, itemsMs, listMs, leastMs: Math.max(itemsMs + listMs / workers, listMs) };
}
