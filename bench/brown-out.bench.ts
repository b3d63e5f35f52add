import { mkdirSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { drawGoodput, type Panel } from "./support/brown-out/chart.js";
import { contenders, pricelane, pricelaneFleet } from "./support/brown-out/contenders.js";
import type { Contender } from "./support/brown-out/controller.js";
import { goodputOverTime, toFigures } from "./support/brown-out/figures.js";
import { plan } from "./support/brown-out/plan.js";
import { priceFreshMs, priceStaleMs } from "./support/brown-out/pricelane.js";
import { type Run, type RunOptions, runOnce } from "./support/brown-out/run.js";
import { type Measured, toContenderTable, toGoalTable } from "./support/brown-out/tables.js";
import { repositoryPath } from "./support/child.js";
import { readCommit, readMachine } from "./support/machine.js";
import { saveResult, updateDocs } from "./support/report.js";

// Question: an ERP loses five of its eight workers for a minute. Who is answered meanwhile, and how soon is all well again?
// Method and meaning: docs/benchmarks.md.

const chartPath = "docs/assets/brown-out.svg";
const binMs = 2_000;

const { values: flags } = parseArgs({ options: { seeds: { type: "string", default: "20" } } });
const seeds = Number(flags.seeds);
if (!Number.isInteger(seeds) || seeds < 1) throw new Error(`--seeds is "${flags.seeds}": give a whole number from 1`);

async function runAll(contender: Contender, options: Omit<RunOptions, "seed">): Promise<Run[]> {
  const runs: Run[] = [];
  for (let seed = 1; seed <= seeds; seed++) runs.push(await runOnce(contender, { ...options, seed }));
  return runs;
}

async function measure(contender: Contender): Promise<Measured & { readonly panel: Panel }> {
  const { name, replicas } = contender;
  const runs = await runAll(contender, { feedFactor: 1, isStorefrontKnown: false });
  const flooded = toFigures(await runAll(contender, { feedFactor: plan.feedFlood, isStorefrontKnown: false }));
  return { name, replicas, figures: toFigures(runs), flooded, panel: toPanel(name, replicas, runs) };
}

async function measureRemembering(contender: Contender) {
  const { replicas } = contender;
  const name = `${contender.name}, storefront known before`;
  const runs = await runAll(contender, { feedFactor: 1, isStorefrontKnown: true });
  return { name, replicas, figures: toFigures(runs), panel: toPanel(name, replicas, runs) };
}

function toPanel(name: string, replicas: number, runs: readonly Run[]): Panel {
  const title = `${name}, ${replicas === 1 ? "one replica" : `${replicas} replicas`}`;
  return { title, goodput: goodputOverTime(runs, binMs) };
}

async function main(): Promise<void> {
  const startedAt = new Date();
  const date = startedAt.toISOString().slice(0, 10);
  const commit = readCommit();
  const { node } = readMachine();
  const measured: Awaited<ReturnType<typeof measure>>[] = [];
  for (const contender of contenders) measured.push(await measure(contender));
  const remembering = [await measureRemembering(pricelane), await measureRemembering(pricelaneFleet)] as const;

  const own = measured.slice(-remembering.length).map((one, index) => {
    return { ...one, remembering: (remembering[index] ?? remembering[0]).figures };
  });
  const tables = `${toContenderTable(measured, remembering[0])}\n\n${toGoalTable(own)}`;
  const path = saveResult(`brown-out-${date}-${commit.commit}`, {
    benchmark: "brown-out",
    startedAt: startedAt.toISOString(),
    ...commit,
    node,
    plan: { ...plan, seeds, binMs, priceFreshMs, priceStaleMs },
    contenders: measured,
    remembering,
  });
  mkdirSync(repositoryPath("docs/assets"), { recursive: true });
  writeFileSync(repositoryPath(chartPath), drawGoodput([...measured, ...remembering].map(({ panel }) => panel)));
  const what = `commit ${commit.commit}${commit.hasChanges ? " with uncommitted changes" : ""}`;
  const caption = `${date}, ${what}, Node ${node.slice(1)}, virtual time, seeds 1 to ${seeds}. All figures: \`${path}\`.`;
  const chart = `![Goodput by lane over time](assets/brown-out.svg)`;
  updateDocs("brown-out", `${tables}\n\n${caption}\n\n${chart}`);
  process.stdout.write(`${tables}\n\n${caption}\nChart: ${chartPath}\n`);
}

await main();
