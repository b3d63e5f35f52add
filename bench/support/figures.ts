import type { Round } from "./rounds.js";

/** What the rounds of one contender at one workload come to; medians over the rounds. */
export interface Figures {
  readonly cpuMicrosPerRequest: number;
  /** The median of CPU time ÷ the floor's median. */
  readonly timesFloor: number;
  /** The lowest and highest of each round's CPU time ÷ the floor's in the same round. */
  readonly timesFloorLowest: number;
  readonly timesFloorHighest: number;
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** The most that the process held at the end of a round. */
  readonly rssBytes: number;
}

/** @param rounds as many as `floorRounds`; those of one place were run in turn */
export function toFigures(rounds: readonly Round[], floorRounds: readonly Round[]): Figures {
  const cpuOf = ({ cpuMicrosPerRequest }: Round) => cpuMicrosPerRequest;
  const cpuMicrosPerRequest = median(rounds.map(cpuOf));
  const ratios = rounds.map((round, index) => cpuOf(round) / cpuOf(floorRounds[index] as Round));
  return {
    cpuMicrosPerRequest,
    timesFloor: cpuMicrosPerRequest / median(floorRounds.map(cpuOf)),
    timesFloorLowest: Math.min(...ratios),
    timesFloorHighest: Math.max(...ratios),
    requestsPerSecond: median(rounds.map(({ requestsPerSecond }) => requestsPerSecond)),
    p50Ms: median(rounds.map(({ p50Ms }) => p50Ms)),
    p99Ms: median(rounds.map(({ p99Ms }) => p99Ms)),
    rssBytes: Math.max(...rounds.map(({ rssBytes }) => rssBytes)),
  };
}

/** @param values at least one; the lower of the middle two where their number is even */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)] as number;
}
