import { type BarGroup, drawBars } from "./support/bar-plot.js";
import type { Contender, RunningContender } from "./support/contender.js";
import { floor } from "./support/contenders/floor.js";
import { peers } from "./support/contenders/peers.js";
import { type Figures, toFigures } from "./support/figures.js";
import { type Ground, onGround } from "./support/ground.js";
import { readCommit, readLoadAverage, readMachine } from "./support/machine.js";
import { saveAsset, saveResult, toTable, updateDocs } from "./support/report.js";
import { type Round, type RoundsPlan, runRounds } from "./support/rounds.js";
import { pageCount, pageDocument, type Workload } from "./support/workload.js";

// Question: what does a page cost that the gateway answers from its cache alone, in CPU time of its process, measured
// against the least that any server can do for the same bytes? Method and meaning: docs/benchmarks.md.

/** Who is measured besides the gateway. The first is the floor, which the others are divided by. */
const contenders: readonly [Contender, ...Contender[]] = [floor, ...peers];

/** SKUs per page. */
const sizes = [1, 24, 200];

const plan: RoundsPlan = { rounds: 7, roundSeconds: 1, warmUpSeconds: 1.5, connections: 8 };

interface Measured extends Figures {
  readonly contender: string;
  readonly rounds: readonly Round[];
}

interface MeasuredSize {
  readonly skus: number;
  /** Mean over the pages. */
  readonly answerBytes: number;
  readonly contenders: readonly Measured[];
}

async function measure(ground: Ground): Promise<MeasuredSize[]> {
  const { erp, gateway, workloads } = ground;
  const products = workloads.flatMap((workload) => workload.products);
  const running: RunningContender[] = [];
  try {
    for (const contender of contenders) running.push(await contender.start(products));
    const callsBefore = await erp.countCalls();
    const measured: MeasuredSize[] = [];
    for (const workload of workloads) measured.push(await measureSize([...running, gateway], workload, ground));
    const calls = (await erp.countCalls()) - callsBefore;
    if (calls > 0) throw new Error(`the ERP was asked ${calls} times: this was not the hit path`);
    return measured;
  } finally {
    await Promise.all(running.map(({ child }) => child.stop()));
  }
}

async function measureSize(
  all: readonly RunningContender[],
  workload: Workload,
  ground: Ground,
): Promise<MeasuredSize> {
  const rounds = await runRounds(all, workload, ground.load, plan);
  const [floorRounds = []] = rounds;
  const { skus, pages } = workload;
  const answerBytes = pages.reduce((sum, { answer }) => sum + Buffer.byteLength(answer), 0) / pages.length;
  const measured = all.map(({ name }, index) => {
    const own = rounds[index] ?? [];
    return { contender: name, ...toFigures(own, floorRounds), rounds: own };
  });
  return { skus, answerBytes: Math.round(answerBytes), contenders: measured };
}

function toResultTable(measured: readonly MeasuredSize[]): string {
  const head = [
    "SKUs",
    "answer",
    "contender",
    "CPU ÷ floor",
    "rounds",
    "CPU a request",
    "over the floor",
    "requests/s",
    "p50",
    "p99",
    "memory",
  ];
  const rows = measured.flatMap(({ skus, answerBytes, contenders }) =>
    contenders.map((row) => [
      String(skus),
      `${(answerBytes / 1000).toFixed(1)} kB`,
      row.contender,
      `**${row.timesFloor.toFixed(1)}**`,
      `${row.timesFloorLowest.toFixed(1)} to ${row.timesFloorHighest.toFixed(1)}`,
      `${Math.round(row.cpuMicrosPerRequest)} µs`,
      `${Math.round(row.cpuMicrosPerRequest - (contenders[0]?.cpuMicrosPerRequest ?? 0))} µs`,
      String(Math.round(row.requestsPerSecond)),
      `${row.p50Ms.toFixed(1)} ms`,
      `${row.p99Ms.toFixed(1)} ms`,
      `${Math.round(row.rssBytes / 1e6)} MB`,
    ]),
  );
  return toTable(head, rows);
}

function toBars(measured: readonly MeasuredSize[]): BarGroup[] {
  return measured.map(({ skus, contenders }) => ({
    title: `${skus} ${skus === 1 ? "SKU" : "SKUs"} a page: CPU time ÷ the floor's`,
    bars: contenders.map(({ contender, timesFloor }) => ({
      label: contender,
      value: timesFloor,
      text: timesFloor.toFixed(1),
      isOurs: contender === "gateway",
    })),
  }));
}

async function main(): Promise<void> {
  const startedAt = new Date();
  const commit = readCommit();
  const machine = readMachine();
  const loadAverageBefore = readLoadAverage();
  const measured = await onGround(sizes, measure);

  const table = toResultTable(measured);
  const date = startedAt.toISOString().slice(0, 10);
  const path = saveResult(`hit-path-${date}-${commit.commit}`, {
    benchmark: "hit-path",
    startedAt: startedAt.toISOString(),
    ...commit,
    machine: { ...machine, loadAverageBefore, loadAverageAfter: readLoadAverage() },
    plan: { ...plan, pages: pageCount, document: pageDocument },
    erpCalls: 0,
    sizes: measured,
  });
  const where = `${machine.cpu}, ${machine.cores} cores, Node ${machine.node.slice(1)}`;
  const what = `commit ${commit.commit}${commit.hasChanges ? " with uncommitted changes" : ""}`;
  const caption = `${date}, ${what}, ${where}; load average before the run ${loadAverageBefore}. All rounds: \`${path}\`.`;
  const plot = saveAsset("hit-path.svg", drawBars("CPU time of a cached page, by server", toBars(measured)));
  updateDocs("hit-path", `![CPU time of a cached page, by server](${plot})\n\n${table}\n\n${caption}`);
  process.stdout.write(`${table}\n\n${caption}\nNo ERP call in any round; every answer was compared byte by byte.\n`);
}

await main();
