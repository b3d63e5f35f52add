import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { type RunningTryton, startTryton } from "../test/support/tryton.js";
import { createRandom } from "./erp-load/random.js";
import { readCommit, readLoadAverage, readMachine } from "./support/machine.js";
import { saveResult, toTable, updateDocs } from "./support/report.js";
import { type CountingProxy, startCountingProxy } from "./tryton-storm/counting-proxy.js";
import { createViewers, type Viewer } from "./tryton-storm/customers.js";
import { waitUntilIdle } from "./tryton-storm/erp-cpu.js";
import { createNaive } from "./tryton-storm/naive.js";
import { startPricelane } from "./tryton-storm/pricelane.js";
import { type Erp, runCalm, runStorm, type StormResult, type ViewPage } from "./tryton-storm/storm.js";

// Question: what does a storm of page views do to a real Tryton, and to the pages, with Pricelane and with naive calls?
// Method and meaning: docs/benchmarks.md.

const plan = { customers: 50, skusPerPage: 24, rates: [3, 12], seconds: 6, deadlineMs: 2_000, calmPages: 6 };
/** Long enough for a page, and short enough to wait for its end. Default windows are 60 s and 15 s. */
const shortWindow = { PRICE_FRESH_SECONDS: "3", STOCK_FRESH_SECONDS: "3" };
/** None ends during a run. */
const longWindow = { PRICE_FRESH_SECONDS: "300", STOCK_FRESH_SECONDS: "300" };
const windowEndMs = 3_200;
const longestRunMs = 240_000;

interface Row extends StormResult {
  readonly contender: "Pricelane" | "naive calls";
  readonly phase: string;
  /** Pages a second; null for one viewer at a time. */
  readonly rate: number | null;
}

class Storm {
  readonly rows: Row[] = [];
  /** Of each warming, the customers whose page was never shown whole. */
  readonly unwarmed: string[][] = [];
  readonly #tryton: RunningTryton;
  readonly #erp: Erp;
  readonly #viewers: readonly Viewer[];

  constructor(tryton: RunningTryton, proxy: CountingProxy, viewers: readonly Viewer[]) {
    this.#tryton = tryton;
    this.#erp = { pid: tryton.pid, proxy };
    this.#viewers = viewers;
  }

  async runNaive(): Promise<void> {
    const naive = await createNaive(this.#tryton, this.#erp.proxy.url);
    try {
      await this.#calm("naive calls", "any", naive.view, 0);
      for (const rate of plan.rates) await this.#storm("naive calls", "any", naive.view, rate);
    } finally {
      await naive.stop();
    }
  }

  async runPricelane(): Promise<void> {
    for (const rate of plan.rates) {
      await this.#withGateway(longWindow, (view) => this.#storm("Pricelane", "cold", view, rate));
    }
    await this.#withGateway(longWindow, async (view) => {
      await this.#warm(view);
      for (const rate of plan.rates) await this.#storm("Pricelane", "warm", view, rate);
    });
    await this.#withGateway(shortWindow, async (view) => {
      await this.#warm(view);
      await this.#calm("Pricelane", "windows expired", view, windowEndMs);
      for (const rate of plan.rates) {
        await sleep(windowEndMs);
        await this.#storm("Pricelane", "windows expired", view, rate);
      }
    });
  }

  async #withGateway(env: Readonly<Record<string, string>>, use: (view: ViewPage) => Promise<void>): Promise<void> {
    const gateway = await startPricelane(this.#tryton, this.#erp.proxy.url, this.#viewers, env);
    try {
      await use(gateway.view);
    } finally {
      await gateway.stop();
    }
  }

  /** One view of every page, one after the other, again where one was not whole. What stays unwarmed is told with the figures. */
  async #warm(view: ViewPage): Promise<void> {
    const left: string[] = [];
    for (const viewer of this.#viewers) {
      let tries = 1;
      while (tries <= 3 && !(await isWhole(view, viewer))) tries++;
      if (tries > 3) left.push(viewer.code);
    }
    this.unwarmed.push(left);
    process.stderr.write(`warmed; not whole: ${left.join(", ") || "none"}\n`);
    await waitUntilIdle(this.#erp.pid);
  }

  async #storm(contender: Row["contender"], phase: string, view: ViewPage, rate: number): Promise<void> {
    const stormPlan = { pagesPerSecond: rate, seconds: plan.seconds, deadlineMs: plan.deadlineMs };
    const result = await runStorm(this.#erp, view, this.#viewers, stormPlan, createRandom(5)); // the same arrivals for each
    this.#note({ ...result, contender, phase, rate });
  }

  async #calm(contender: Row["contender"], phase: string, view: ViewPage, restMs: number): Promise<void> {
    const some = this.#viewers.slice(-plan.calmPages);
    const result = await runCalm(this.#erp, view, some, { deadlineMs: plan.deadlineMs, restMs });
    this.#note({ ...result, contender, phase, rate: null });
  }

  #note(row: Row): void {
    this.rows.push(row);
    process.stderr.write(`${toCells(row, this.rows).join("  ")}\n`);
  }
}

async function isWhole(view: ViewPage, viewer: Viewer): Promise<boolean> {
  const { answered, wanted } = await view(viewer).catch(() => ({ answered: 0, wanted: 1 }));
  return answered === wanted;
}

function toCells(row: Row, rows: readonly Row[]): string[] {
  const calm = rows.find(({ contender, phase, rate }) => {
    return contender === row.contender && phase === row.phase && rate === null;
  });
  const percent = (share: number) => `${(100 * share).toFixed(share > 0 && share < 0.1 ? 1 : 0)} %`;
  return [
    row.contender,
    row.phase,
    row.rate === null ? "calm" : String(row.rate),
    String(row.pages),
    String(row.erpCalls),
    (row.erpCalls / row.pages).toFixed(2),
    `${row.erpCpuSeconds.toFixed(2)} s`,
    ...[row.p50Ms, row.p95Ms, row.p99Ms].map((ms) => `${Math.round(ms)} ms`),
    calm === undefined || row.rate === null ? "" : (row.p95Ms / calm.p95Ms).toFixed(1),
    percent(row.inTime),
    percent(row.failed),
    percent(row.missing),
    percent(row.lastKnown),
  ];
}

const head = ["contender", "windows", "pages/s", "pages", "ERP calls", "a page", "ERP CPU", "p50", "p95", "p99"];
const moreHead = ["p95 ÷ calm p95", "whole in 2 s", "failed", "missing", "last known"];

async function measure(): Promise<Storm> {
  const tryton = await startTryton();
  try {
    const proxy = await startCountingProxy(tryton.url);
    try {
      const viewers = await createViewers(tryton, plan.customers, plan.skusPerPage, createRandom(7));
      const storm = new Storm(tryton, proxy, viewers);
      await storm.runNaive();
      await storm.runPricelane();
      return storm;
    } finally {
      await proxy.stop();
    }
  } finally {
    await tryton.stop();
  }
}

async function main(): Promise<void> {
  if (!existsSync("/usr/bin/trytond")) {
    throw new Error(
      "NOTHING WAS MEASURED: there is no /usr/bin/trytond here; install Debian's packages that scripts/tryton names",
    );
  }
  const startedAt = new Date();
  const commit = readCommit();
  const machine = readMachine();
  const loadAverageBefore = readLoadAverage();
  const late = setTimeout(() => {
    process.stderr.write(`NOTHING WAS MEASURED: the run was not over after ${longestRunMs / 1000} s\n`);
    process.exit(1); // what was started goes with it
  }, longestRunMs);
  const { rows, unwarmed } = await measure();
  clearTimeout(late);
  const seconds = Math.round((Date.now() - startedAt.getTime()) / 1000);
  const table = toTable(
    [...head, ...moreHead],
    rows.map((row) => toCells(row, rows)),
  );
  const date = startedAt.toISOString().slice(0, 10);
  const path = saveResult(`tryton-storm-${date}-${commit.commit}`, {
    benchmark: "tryton-storm",
    startedAt: startedAt.toISOString(),
    seconds,
    ...commit,
    machine: { ...machine, loadAverageBefore, loadAverageAfter: readLoadAverage() },
    plan: { ...plan, shortWindow, longWindow, windowEndMs },
    unwarmed,
    rows,
  });
  const what = `commit ${commit.commit}${commit.hasChanges ? " with uncommitted changes" : ""}`;
  const where = `${machine.cpu}, ${machine.cores} cores, Node ${machine.node.slice(1)}`;
  const caption = `${date}, ${what}, ${where}; load average before the run ${loadAverageBefore}, ${seconds} s; pages not whole after warming: ${unwarmed.map(({ length }) => length).join(" and ")}. All figures: \`${path}\`.`;
  updateDocs("tryton-storm", `${table}\n\n${caption}`);
  process.stdout.write(`${table}\n\n${caption}\n`);
}

await main();
