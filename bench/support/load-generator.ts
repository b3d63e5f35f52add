import { fileURLToPath } from "node:url";
import { Child } from "./child.js";
import type { Page } from "./workload.js";

export interface LoadOrder {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly pages: readonly Page[];
  readonly requests: number;
  /** Kept alive; each has one request under way at a time. */
  readonly connections: number;
}

export interface LoadReport {
  readonly seconds: number;
  /** Answers that were not, byte for byte, the expected ones. */
  readonly wrong: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface LoadGenerator {
  run(order: LoadOrder): Promise<LoadReport>;
  stop(): Promise<void>;
}

/** In a process of its own: what it burns is not the server's. */
export async function startLoadGenerator(): Promise<LoadGenerator> {
  const child = new Child({ program: fileURLToPath(new URL("load-process.js", import.meta.url)) });
  await child.nextMessage(); // until it listens, an order would get lost
  return { run: (order) => child.exchange<LoadReport>(order), stop: () => child.stop() };
}
