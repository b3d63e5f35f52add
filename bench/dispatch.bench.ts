import {
  barePromise,
  controlAlone,
  type DispatchContender,
  type DispatchRun,
  opossumAlone,
  wholeDispatcher,
} from "./support/dispatch-contenders.js";
import { median } from "./support/figures.js";
import { readCommit, readLoadAverage, readMachine } from "./support/machine.js";
import { saveResult, toTable, updateDocs } from "./support/report.js";

// Question: what does load control cost per call to the ERP, and per failing call, in CPU time, however many keys wait? Method
// and meaning: docs/benchmarks.md.

const contenders: readonly { readonly name: string; readonly run: DispatchContender; readonly queues: boolean }[] = [
  { name: "bare promise", run: barePromise, queues: false },
  { name: "opossum alone", run: opossumAlone, queues: false },
  { name: "load control", run: controlAlone, queues: true },
  { name: "whole dispatcher", run: wholeDispatcher, queues: true },
];

const backlogs = [
  { keys: 0, groups: "each" },
  { keys: 100, groups: "one" },
  { keys: 100, groups: "each" },
  { keys: 10_000, groups: "one" },
  { keys: 10_000, groups: "each" },
] as const;

/** Who queues makes more calls, so that filling the queue beforehand and its garbage are the smaller part of what is seen. */
const plan = { rounds: 5, warmUpRounds: 2, calls: 10_000, callsOfQueues: 30_000, failsEvery: 3 };
const goals = { call: 2, failingCall: 4 };
/** Whose figures the goals are for. */
const judged = "load control";

interface Round {
  readonly callMicros: number;
  /** A call in the mean, where some fail. */
  readonly mixedMicros: number;
}

interface Measured {
  readonly contender: string;
  readonly waitingKeys: number;
  readonly groups: string;
  /** Medians over the rounds, in µs. */
  readonly callMicros: number;
  readonly failingCallMicros: number;
  readonly rounds: readonly Round[];
}

async function main(): Promise<void> {
  const startedAt = new Date();
  const loadAverageBefore = readLoadAverage();
  const [commit, machine] = [readCommit(), readMachine()];
  const measured: Measured[] = [];
  for (const backlog of backlogs) measured.push(...(await measure(backlog)));

  const table = toResultTable(measured);
  const date = startedAt.toISOString().slice(0, 10);
  const path = saveResult(`dispatch-${date}-${commit.commit}`, {
    benchmark: "dispatch",
    startedAt: startedAt.toISOString(),
    ...commit,
    machine: { ...machine, loadAverageBefore, loadAverageAfter: readLoadAverage() },
    plan,
    goals,
    measured,
  });
  const where = `${machine.cpu}, ${machine.cores} cores, Node ${machine.node.slice(1)}`;
  const what = `commit ${commit.commit}${commit.hasChanges ? " with uncommitted changes" : ""}`;
  const caption = `${date}, ${what}, ${where}; load average before the run ${loadAverageBefore}. All rounds: \`${path}\`.`;
  updateDocs("dispatch", `${table}\n\n${caption}`);
  process.stdout.write(`${table}\n\n${caption}\n`);
}

/** Runs all contenders in turn, round after round, every other round the other way round. */
async function measure(backlog: Pick<DispatchRun, "keys" | "groups">): Promise<Measured[]> {
  const runners = contenders
    .filter(({ queues }) => queues || backlog.keys === 0)
    .map((contender) => ({ contender, rounds: [] as Round[] }));
  for (let round = -plan.warmUpRounds; round < plan.rounds; round++) {
    for (const { contender, rounds } of round % 2 === 0 ? runners : runners.toReversed()) {
      const figures = await runRound(contender, backlog);
      if (round >= 0) rounds.push(figures);
    }
  }
  return runners.map(({ contender, rounds }) => {
    const callMicros = median(rounds.map((round) => round.callMicros));
    const mixedMicros = median(rounds.map((round) => round.mixedMicros));
    // Of calls of which some fail, those that do not are taken to cost what they cost where none does.
    const failingCallMicros = Math.max(mixedMicros * plan.failsEvery - callMicros * (plan.failsEvery - 1), 0);
    const { keys: waitingKeys, groups } = backlog;
    return { contender: contender.name, waitingKeys, groups, callMicros, failingCallMicros, rounds };
  });
}

async function runRound(
  { run, queues }: (typeof contenders)[number],
  backlog: Pick<DispatchRun, "keys" | "groups">,
): Promise<Round> {
  const { failsEvery } = plan;
  const calls = queues ? plan.callsOfQueues : plan.calls;
  const callMicros = (await run({ ...backlog, calls, failsEvery: 0 })) / calls;
  const mixedMicros = (await run({ ...backlog, calls, failsEvery })) / calls;
  return { callMicros, mixedMicros };
}

function toResultTable(measured: readonly Measured[]): string {
  const head = ["waiting keys", "in groups", "contender", "CPU a call", "CPU a failing call", "goal"];
  const rows = measured.map(({ contender, waitingKeys, groups, callMicros, failingCallMicros }) => {
    const isMet = callMicros <= goals.call && failingCallMicros <= goals.failingCall;
    return [
      String(waitingKeys),
      waitingKeys === 0 ? "none" : groups === "one" ? "one" : String(waitingKeys),
      contender,
      `**${callMicros.toFixed(1)} µs**`,
      `**${failingCallMicros.toFixed(1)} µs**`,
      contender === judged ? `≤ ${goals.call} · ≤ ${goals.failingCall} µs: ${isMet ? "met" : "not met"}` : "",
    ];
  });
  return toTable(head, rows);
}

await main();
