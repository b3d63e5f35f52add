import type { Contender, RunningContender } from "./contender.js";
import { type Figures, toFigures } from "./figures.js";
import type { Ground } from "./ground.js";
import { toTable } from "./report.js";
import { type Round, type RoundsPlan, runRounds } from "./rounds.js";
import type { Workload } from "./workload.js";

interface Measured extends Figures {
  readonly contender: string;
  readonly rounds: readonly Round[];
}

/** What the rounds at one size of page came to. */
export interface MeasuredSize {
  readonly skus: number;
  /** Mean over the pages. */
  readonly answerBytes: number;
  readonly contenders: readonly Measured[];
}

/**
 * Measures the gateway of the ground and the contenders, turn by turn.
 * @param contenders the first is the floor, which all are divided by
 * @throws {Error} where an answer differs from the recorded one, or the ERP was asked
 */
export async function measureSizes(
  contenders: readonly Contender[],
  ground: Ground,
  plan: RoundsPlan,
): Promise<MeasuredSize[]> {
  const { erp, gateway, workloads } = ground;
  const products = workloads.flatMap((workload) => workload.products);
  const running: RunningContender[] = [];
  try {
    for (const contender of contenders) running.push(await contender.start(products));
    const callsBefore = await erp.countCalls();
    const measured: MeasuredSize[] = [];
    for (const workload of workloads) measured.push(await measureSize([...running, gateway], workload, ground, plan));
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
  plan: RoundsPlan,
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

export function toResultTable(measured: readonly MeasuredSize[]): string {
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
