import { randomUUID } from "node:crypto";
import { systemClock } from "../../../src/clock.js";
import { createConnector } from "../../../src/create-connector.js";
import { openJournal } from "../../../src/feed/open-journal.js";
import { stackLayers } from "../../../src/layers.js";
import { readSettings } from "../../../src/settings.js";
import { createLogger } from "../../../src/telemetry/logger.js";
import { createMetrics } from "../../../src/telemetry/metrics.js";
import type { SweepOrder, SweepReport } from "./sweep.js";

// The layers of the gateway without what stands above them: what a feed costs before anything is written of it. A message runs a
// sweep through them, and its report is the answer.

const settings = readSettings(process.env);
const logger = createLogger({ level: settings.logLevel });
const connector = createConnector(settings, null, systemClock);
const { journalFile, journalMaxSkus: maxSkus } = settings;
const journal = await openJournal(journalFile, { maxSkus, clock: systemClock, epoch: randomUUID(), logger });
const parts = { settings, clock: systemClock, random: Math.random, logger, metrics: createMetrics() };
const layers = stackLayers(connector, journal, parts);

async function sweep({ skus, ...question }: SweepOrder): Promise<SweepReport> {
  const startedAt = performance.now();
  const cpuBefore = process.cpuUsage();
  const elapsed = () => (performance.now() - startedAt) / 1000;
  const start = { after: null, changedSince: null, wants: { price: true, stock: true } };
  const quarters: number[] = [];
  let [items, whole] = [0, 0];
  for await (const page of layers.feed.readFeed({ ...start, ...question, signal: new AbortController().signal })) {
    items += page.items.length;
    for (const { price, stock } of page.items) if (price?.kind === "found" && stock?.kind === "found") whole++;
    while (quarters.length < Math.floor((4 * items) / skus)) quarters.push(elapsed());
  }
  const { user, system } = process.cpuUsage(cpuBefore);
  return { seconds: elapsed(), items, whole, quarters, cpuSeconds: (user + system) / 1e6 };
}

process.on("message", async (message: Partial<SweepOrder>) => {
  if (message.pageSize !== undefined) process.send?.(await sweep(message as SweepOrder));
});
process.channel?.ref();
process.send?.({ ready: true });
