import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DelaysAnswer } from "./support/cpu-probe.js";
import { type Browsed, Buyers } from "./support/feed/buyers.js";
import { type ErpPlan, type FeedErp, minimumOf, startFeedErp } from "./support/feed/erp.js";
import { type FeedGateway, startFeedGateway } from "./support/feed/gateway.js";
import { watchMemory } from "./support/feed/resident-memory.js";
import { sweep } from "./support/feed/sweep.js";
import { readCommit, readLoadAverage, readMachine } from "./support/machine.js";
import { saveResult, toTable, updateDocs } from "./support/report.js";

// Question: how long does a feed of 100,000 SKUs take against the least that the ERP allows, in how much memory, and what do buyers
// notice of it? Method and meaning: docs/benchmarks.md.

const erp = { skus: 100_000, workers: 8, keysPerCall: 500, skusPerPage: 1_000 };
const runs: readonly { readonly name: string; readonly plan: ErpPlan; readonly isJournalKept: boolean }[] = [
  { name: "140 ms a call", plan: { ...erp, latencyMs: 40, perLineMs: 0.2 }, isJournalKept: false },
  { name: "400 ms a call", plan: { ...erp, latencyMs: 200, perLineMs: 0.4 }, isJournalKept: false },
  { name: "400 ms a call, JOURNAL_FILE", plan: { ...erp, latencyMs: 200, perLineMs: 0.4 }, isJournalKept: true },
];
const shop = { skus: 1_000, pagesPerSecond: 15, warmSeconds: 15, turnSeconds: 8, turns: 6 };
/** Sweeps of one process: the first one also compiles the code, and fills the journal. */
const sweepsEach = 2;
const goals = { timeRatio: 1.1, residentMegabytes: 256, p95Ratio: 1.05, hitRatio: 0.98 };
const never = new AbortController().signal;

async function withErp<T>(plan: ErpPlan, act: (erp: FeedErp) => Promise<T>): Promise<T> {
  const started = await startFeedErp(plan);
  try {
    return await act(started);
  } finally {
    await started.stop();
  }
}

async function measureSweeps(name: string, plan: ErpPlan, isJournalKept: boolean) {
  return withErp(plan, async ({ url, takeStats }) => {
    const folder = mkdtempSync(join(tmpdir(), "pricelane-bench-"));
    const env: Record<string, string> = isJournalKept ? { JOURNAL_FILE: join(folder, "journal.sqlite") } : {};
    const gateway = await startFeedGateway(url, plan.workers, env);
    const swept: Swept[] = [];
    try {
      while (swept.length < sweepsEach) {
        const which = { name: `${name}${swept.length === 0 ? "" : ", again"}`, isJournalKept, plan };
        swept.push({ ...which, ...(await measureSweep(gateway, plan)), erpCalls: (await takeStats()).calls });
      }
      return swept;
    } finally {
      await gateway.child.stop();
      rmSync(folder, { recursive: true });
    }
  });
}

async function measureSweep({ child, ...gateway }: FeedGateway, plan: ErpPlan) {
  const before = await child.usage();
  const stopWatching = watchMemory(child.pid);
  const told = await sweep({ child, ...gateway }, plan.skus, never);
  const memory = stopWatching();
  const cpuSeconds = ((await child.usage()).cpuMicros - before.cpuMicros) / 1e6;
  const minimum = minimumOf(plan);
  const bytesAt = (seconds: number) => (memory.findLast(({ atMs }) => atMs <= seconds * 1000) ?? memory[0])?.bytes ?? 0;
  return {
    ...{ minimum, ...told, cpuSeconds },
    timeRatio: (told.seconds * 1000) / minimum.leastMs,
    itemsRatio: (told.seconds * 1000) / minimum.itemsMs,
    residentMegabytes: [0, ...told.quarters].map((at) => toMegabytes(bytesAt(at))),
    mostResidentMegabytes: toMegabytes(Math.max(...memory.map(({ bytes }) => bytes))),
    loadAverage: readLoadAverage(),
  };
}

/** Turn by turn without and with a sweep, every other time the other way round. */
async function measureBuyers() {
  const plan = { ...erp, latencyMs: 40, perLineMs: 0.2 };
  return withErp(plan, async ({ url }) => {
    const gateway = await startFeedGateway(url, plan.workers);
    const skus = await listSkus(url, shop.skus);
    const buyers = new Buyers(gateway, { skus, pagesPerSecond: shop.pagesPerSecond });
    const seen = { calm: [] as Browsed[], swept: [] as Browsed[] };
    const delays = { calm: [] as DelaysAnswer[], swept: [] as DelaysAnswer[] };
    let sweptItems = 0;
    try {
      await buyers.browse(shop.warmSeconds);
      for (let turn = 0; turn < 2 * shop.turns; turn++) {
        await gateway.child.delays();
        if (turn % 4 === 0 || turn % 4 === 3) {
          seen.calm.push(await buyers.browse(shop.turnSeconds));
          delays.calm.push(await gateway.child.delays());
        } else {
          const leaving = new AbortController();
          const sweeping = sweep(gateway, plan.skus, leaving.signal);
          seen.swept.push(await buyers.browse(shop.turnSeconds));
          delays.swept.push(await gateway.child.delays());
          leaving.abort();
          sweptItems += (await sweeping).items;
        }
      }
    } finally {
      await buyers.close();
      await gateway.child.stop();
    }
    const calm = { ...summaryOf(seen.calm), delays: delays.calm };
    const swept = { ...summaryOf(seen.swept), delays: delays.swept };
    const ratios = { p95: swept.p95Ms / calm.p95Ms, hits: swept.hitShare / calm.hitShare };
    return { plan, shop, calm, swept, ratios, sweptItems, loadAverage: readLoadAverage() };
  });
}

async function listSkus(url: URL, count: number): Promise<string[]> {
  const response = await fetch(new URL(`/v1/products?limit=${count}`, url));
  return ((await response.json()) as { skus: string[] }).skus;
}

function summaryOf(browsed: readonly Browsed[]) {
  const sum = (of: (one: Browsed) => number) => browsed.reduce((all, one) => all + of(one), 0);
  const tookMs = browsed.flatMap((one) => one.tookMs);
  const hitsMs = browsed.flatMap((one) => one.hitsMs);
  const [keys, failed] = [sum((one) => one.keys), sum((one) => one.failed)];
  return {
    ...{ pages: tookMs.length, p50Ms: quantile(tookMs, 0.5), p95Ms: quantile(tookMs, 0.95), keys, failed },
    p99Ms: quantile(tookMs, 0.99),
    hitShare: sum((one) => one.hits) / keys,
    ...{ pagesFromMemory: hitsMs.length, p95FromMemoryMs: hitsMs.length === 0 ? null : quantile(hitsMs, 0.95) },
  };
}

function quantile(values: readonly number[], share: number): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length * share)] ?? Number.NaN;
}

function toMegabytes(bytes: number): number {
  return Math.round(bytes / 2 ** 20);
}

type Swept = Awaited<ReturnType<typeof measureSweep>> & {
  readonly name: string;
  readonly isJournalKept: boolean;
  readonly plan: ErpPlan;
  readonly erpCalls: Awaited<ReturnType<FeedErp["takeStats"]>>["calls"];
};
type Shopped = Awaited<ReturnType<typeof measureBuyers>>;

function judge(isMet: boolean): string {
  return isMet ? "met" : "**missed**";
}

function toSweepTable(swept: readonly Swept[]): string {
  const head = [
    "ERP",
    "least",
    "took",
    "÷ least",
    `goal ≤ ${goals.timeRatio}`,
    "÷ prices and stock alone",
    "CPU",
    "memory at 0, 25, 50, 75, 100 %",
    "most",
    `goal ≤ ${goals.residentMegabytes} MB`,
  ];
  const rows = swept.map((one) => [
    one.name,
    `${(one.minimum.leastMs / 1000).toFixed(1)} s`,
    `${one.seconds.toFixed(1)} s`,
    one.timeRatio.toFixed(2),
    judge(one.timeRatio <= goals.timeRatio),
    one.itemsRatio.toFixed(2),
    `${one.cpuSeconds.toFixed(1)} s`,
    `${one.residentMegabytes.join(", ")} MB`,
    `${one.mostResidentMegabytes} MB`,
    judge(one.mostResidentMegabytes <= goals.residentMegabytes),
  ]);
  return toTable(head, rows);
}

function toBuyersTable({ calm, swept, ratios }: Shopped): string {
  const ms = (value: number | null) => (value === null ? "none" : `${value.toFixed(0)} ms`);
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  const mean = (one: typeof calm, of: (delays: DelaysAnswer) => number) =>
    (one.delays.reduce((sum, delays) => sum + of(delays), 0) / one.delays.length).toFixed(1);
  const row = (name: string, one: typeof calm) => [
    ...[name, String(one.pages), ms(one.p50Ms), ms(one.p95Ms), ms(one.p99Ms), percent(one.hitShare)],
    ...[String(one.pagesFromMemory), ms(one.p95FromMemoryMs), percent(one.failed / one.keys)],
    `${mean(one, ({ p95Ms }) => p95Ms)}, ${mean(one, ({ p99Ms }) => p99Ms)} ms`,
  ];
  const verdicts = [
    ["with ÷ without", "", "", `${ratios.p95.toFixed(2)}`, "", ratios.hits.toFixed(3), "", "", "", ""],
    [
      "goal",
      "",
      "",
      `≤ ${goals.p95Ratio}: ${judge(ratios.p95 <= goals.p95Ratio)}`,
      "",
      `≥ ${goals.hitRatio}: ${judge(ratios.hits >= goals.hitRatio)}`,
      "",
      "",
      "",
      "",
    ],
  ];
  const head = [
    "buyers",
    "pages",
    "p50",
    "p95",
    "p99",
    "answered without the ERP",
    "pages from memory",
    "their p95",
    "failed",
    "the gateway's thread late by, p95 and p99",
  ];
  return toTable(head, [row("without a sweep", calm), row("with one", swept), ...verdicts]);
}

async function main(): Promise<void> {
  const startedAt = new Date();
  const loadAverageBefore = readLoadAverage();
  const [commit, machine] = [readCommit(), readMachine()];
  const swept: Swept[] = [];
  for (const { name, plan, isJournalKept } of runs) swept.push(...(await measureSweeps(name, plan, isJournalKept)));
  const shopped = await measureBuyers();
  for (const { name, plan, items, partial } of swept)
    if (items !== plan.skus || partial > 0) throw new Error(`${name}: ${items} items, ${partial} of them partial`);

  const date = startedAt.toISOString().slice(0, 10);
  const path = saveResult(`feed-${date}-${commit.commit}`, {
    ...{ benchmark: "feed", startedAt: startedAt.toISOString(), ...commit, goals, swept, shopped },
    machine: { ...machine, loadAverageBefore, loadAverageAfter: readLoadAverage() },
  });
  const where = `${machine.cpu}, ${machine.cores} cores, Node ${machine.node.slice(1)}`;
  const what = `commit ${commit.commit}${commit.hasChanges ? " with uncommitted changes" : ""}`;
  const loads = [...swept, shopped].map(({ loadAverage }) => loadAverage).join(", ");
  const caption = `${date}, ${what}, ${where}; load average before the run ${loadAverageBefore}, after each part ${loads}. All figures: \`${path}\`.`;
  const text = `${toSweepTable(swept)}\n\n${toBuyersTable(shopped)}\n\n${caption}`;
  updateDocs("feed", text);
  process.stdout.write(`${text}\n`);
}

await main();
