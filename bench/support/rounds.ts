import type { RunningContender } from "./contender.js";
import type { LoadGenerator } from "./load-generator.js";
import type { Workload } from "./workload.js";

export interface Round {
  readonly requests: number;
  readonly cpuMicrosPerRequest: number;
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** What the process held at the end of the round. */
  readonly rssBytes: number;
}

export interface RoundsPlan {
  /** Per contender and workload. */
  readonly rounds: number;
  /** About how long one round takes; the warm-up tells how many requests that makes. */
  readonly roundSeconds: number;
  readonly warmUpSeconds: number;
  readonly connections: number;
}

const fewestRequests = 100;
const mostRequests = 20_000;

/**
 * Runs the contenders in turn, round after round, every other round the other way round, so that what the machine does
 * meanwhile meets all of them.
 * @returns the rounds of each contender, in the order of `contenders`
 */
export async function runRounds(
  contenders: readonly RunningContender[],
  workload: Workload,
  load: LoadGenerator,
  plan: RoundsPlan,
): Promise<Round[][]> {
  const runners = [];
  for (const contender of contenders) {
    const runner = { contender, requests: await warmUp(contender, workload, load, plan), rounds: [] as Round[] };
    runners.push(runner);
  }
  for (let round = 0; round < plan.rounds; round++) {
    for (const { contender, requests, rounds } of round % 2 === 0 ? runners : runners.toReversed()) {
      rounds.push(await runRound(contender, workload, load, requests, plan.connections));
    }
  }
  return runners.map(({ rounds }) => rounds);
}

/** Lets V8 see the workload. @returns how many requests make one round */
export async function warmUp(
  contender: RunningContender,
  workload: Workload,
  load: LoadGenerator,
  { warmUpSeconds, roundSeconds, connections }: Omit<RoundsPlan, "rounds">,
): Promise<number> {
  const first = await runRound(contender, workload, load, fewestRequests, connections);
  const longer = toRequests(first, warmUpSeconds);
  return toRequests(await runRound(contender, workload, load, longer, connections), roundSeconds);
}

function toRequests({ requestsPerSecond }: Round, seconds: number): number {
  return Math.min(Math.max(Math.round(requestsPerSecond * seconds), fewestRequests), mostRequests);
}

/** @throws {Error} where a single answer differs from the recorded one */
export async function runRound(
  { name, url, child }: RunningContender,
  { headers, pages, skus }: Workload,
  load: LoadGenerator,
  requests: number,
  connections: number,
): Promise<Round> {
  const before = await child.usage();
  const { seconds, wrong, p50Ms, p99Ms } = await load.run({ url: url.href, headers, pages, requests, connections });
  const { cpuMicros, rssBytes } = await child.usage();
  if (wrong > 0) {
    throw new Error(`${name}: ${wrong} of ${requests} answers of ${skus} SKUs differ from the recorded ones`);
  }
  const cpuMicrosPerRequest = (cpuMicros - before.cpuMicros) / requests;
  return { requests, cpuMicrosPerRequest, requestsPerSecond: requests / seconds, p50Ms, p99Ms, rssBytes };
}
