import { goodputIn } from "./goodput.js";
import { boundsOf, checkHistory } from "./history-checker.js";
import { describeViolation } from "./readable-history.js";
import { type Run, simulate } from "./simulation.js";

export interface CampaignOptions {
  readonly firstSeed: number;
  readonly seeds: number;
  /** Stops early; null for no such end. */
  readonly minutes: number | null;
}

/** What many runs came to. */
export interface Campaign {
  firstSeed: number;
  seeds: number;
  steps: number;
  calls: number;
  questions: number;
  views: number;
  invalidations: number;
  violations: number;
  /** Runs whose load their ERP bears in calm times: only these can be held to come back to it. */
  ableSeeds: number;
  /** Of all runs. */
  readonly calm: { good: number; all: number };
  readonly last: { good: number; all: number };
  /** Able runs whose last window answered less than half of what the calm one did: the ERP is well again, and they are not. */
  readonly down: string[];
  /** Able runs whose last window answered less than 95 % of it: their share of chance bursts was shed. */
  readonly shortOf: string[];
  /** The first violation of each of the first runs with one, to read. */
  readonly failures: string[];
  wallSeconds: number;
  cpuSeconds: number;
}

/** Where nearly everybody is answered before any fault, the ERP bears the load. */
const ableShare = 0.99;
const downShare = 0.5;
const recoveredShare = 0.95;
const mostFailuresTold = 5;

export async function runCampaign({ firstSeed, seeds, minutes }: CampaignOptions): Promise<Campaign> {
  const campaign = emptyCampaign(firstSeed);
  const startedAt = performance.now();
  const cpuBefore = process.cpuUsage();
  const secondsSince = () => (performance.now() - startedAt) / 1_000;
  for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
    if (minutes !== null && secondsSince() > minutes * 60) break;
    addRun(campaign, await simulate(seed));
  }
  campaign.wallSeconds = Math.round(secondsSince());
  const { user, system } = process.cpuUsage(cpuBefore);
  campaign.cpuSeconds = Math.round((user + system) / 1e6);
  return campaign;
}

function emptyCampaign(firstSeed: number): Campaign {
  const none = () => ({ good: 0, all: 0 });
  const counts = {
    seeds: 0,
    steps: 0,
    calls: 0,
    questions: 0,
    views: 0,
    invalidations: 0,
    violations: 0,
    ableSeeds: 0,
  };
  return {
    firstSeed,
    ...counts,
    calm: none(),
    last: none(),
    down: [],
    shortOf: [],
    failures: [],
    wallSeconds: 0,
    cpuSeconds: 0,
  };
}

function addRun(campaign: Campaign, run: Run): void {
  const { seed, history, steps } = run;
  const violations = checkHistory(history, boundsOf(run.conditions));
  campaign.seeds++;
  campaign.steps += steps;
  campaign.calls += history.calls.length;
  campaign.questions += history.questions.length;
  campaign.views += history.views.length;
  campaign.invalidations += history.invalidations.length;
  campaign.violations += violations.length;
  const [first] = violations;
  if (first !== undefined && campaign.failures.length < mostFailuresTold) {
    campaign.failures.push(describeViolation(seed, history, first, violations.length));
  }
  addGoodput(campaign, run);
}

function addGoodput(campaign: Campaign, run: Run): void {
  const calm = goodputIn(run, run.calm);
  const last = goodputIn(run, run.last);
  for (const [sum, each] of [
    [campaign.calm, calm],
    [campaign.last, last],
  ] as const) {
    sum.good += each.good;
    sum.all += each.all;
  }
  if (calm.good < ableShare * calm.all) return;
  campaign.ableSeeds++;
  const share = (last.good * calm.all) / (calm.good * last.all);
  const told = `seed ${run.seed}: ${calm.good} of ${calm.all} before, ${last.good} of ${last.all} after`;
  if (share < downShare) campaign.down.push(told);
  if (share < recoveredShare) campaign.shortOf.push(told);
}
