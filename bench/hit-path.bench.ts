import { type BarGroup, drawBars } from "./support/bar-plot.js";
import type { Contender } from "./support/contender.js";
import { floor } from "./support/contenders/floor.js";
import { peers } from "./support/contenders/peers.js";
import { onGround } from "./support/ground.js";
import { readCommit, readLoadAverage, readMachine } from "./support/machine.js";
import { type MeasuredSize, measureSizes, toResultTable } from "./support/measure-sizes.js";
import { saveAsset, saveResult, updateDocs } from "./support/report.js";
import type { RoundsPlan } from "./support/rounds.js";
import { pageCount, pageDocument } from "./support/workload.js";

// Question: what does a page cost that the gateway answers from its cache alone, in CPU time of its process, measured
// against the least that any server can do for the same bytes? Method and meaning: docs/benchmarks.md.

/** Who is measured besides the gateway. The first is the floor, which the others are divided by. */
const contenders: readonly [Contender, ...Contender[]] = [floor, ...peers];

/** SKUs per page. */
const sizes = [1, 24, 200];

const plan: RoundsPlan = { rounds: 7, roundSeconds: 1, warmUpSeconds: 1.5, connections: 8 };

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
  const measured = await onGround(sizes, (ground) => measureSizes(contenders, ground, plan));

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
