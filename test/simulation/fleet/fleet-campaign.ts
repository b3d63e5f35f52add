import { describeViolation } from "../readable-history.js";
import type { Violation } from "../violations.js";
import { checkoutsIn, type Share, viewsIn } from "./fleet-goodput.js";
import { checkFleet } from "./fleet-rules.js";
import { type FleetRun, simulateFleet } from "./simulate-fleet.js";

export interface FleetCampaignOptions {
  readonly firstSeed: number;
  readonly seeds: number;
  /** Stops early; null for no such end. */
  readonly minutes: number | null;
  readonly onSeed?: (campaign: FleetCampaign) => void;
}

/** What many runs of fleets came to. */
export interface FleetCampaign {
  readonly firstSeed: number;
  seeds: number;
  steps: number;
  /** Processes that were started. */
  replicas: number;
  /** Scripts that the store ran. */
  scripts: number;
  calls: number;
  questions: number;
  views: number;
  /** Those of which it was said that all had confirmed, besides. */
  invalidations: number;
  confirmed: number;
  /** What went wrong, besides with the ERP. */
  troubles: number;
  violations: number;
  readonly violationsByRule: Partial<Record<Violation["rule"], number>>;
  /** Runs in which as many calls were under way at once as the ERP bears: a budget that is hardly used would keep the limit, too. */
  seedsAtTheLimit: number;
  /** Runs whose load their ERP bears in calm times. */
  ableSeeds: number;
  readonly calm: Share;
  readonly last: Share;
  /** Checkouts while something other than the ERP was wrong, of the able runs whose ERP was well; then in the calm of the same runs. */
  readonly troubledCheckouts: Share;
  readonly calmCheckouts: Share;
  /** Able runs whose last window answered less than half of what the calm one did. */
  readonly down: string[];
  /** The first violation of each of the first runs with one, to read. */
  readonly failures: string[];
  wallSeconds: number;
  cpuSeconds: number;
}

const ableShare = 0.99;
const downShare = 0.5;
const mostFailuresTold = 10;

export async function runFleetCampaign(options: FleetCampaignOptions): Promise<FleetCampaign> {
  const { firstSeed, seeds, minutes, onSeed } = options;
  const campaign = emptyCampaign(firstSeed);
  const startedAt = performance.now();
  const cpuBefore = process.cpuUsage();
  for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
    if (minutes !== null && performance.now() - startedAt > minutes * 60_000) break;
    addRun(campaign, await simulateFleet(seed));
    campaign.wallSeconds = Math.round((performance.now() - startedAt) / 1_000);
    const { user, system } = process.cpuUsage(cpuBefore);
    campaign.cpuSeconds = Math.round((user + system) / 1e6);
    onSeed?.(campaign);
  }
  return campaign;
}

function emptyCampaign(firstSeed: number): FleetCampaign {
  const none = () => ({ good: 0, all: 0 });
  return {
    ...{ firstSeed, seeds: 0, steps: 0, replicas: 0, scripts: 0, calls: 0, questions: 0, views: 0 },
    ...{ invalidations: 0, confirmed: 0, troubles: 0, violations: 0, violationsByRule: {} },
    ...{ seedsAtTheLimit: 0, ableSeeds: 0, calm: none(), last: none() },
    ...{ troubledCheckouts: none(), calmCheckouts: none(), down: [], failures: [] },
    ...{ wallSeconds: 0, cpuSeconds: 0 },
  };
}

function addRun(campaign: FleetCampaign, run: FleetRun): void {
  const { seed, history, conditions, steps, scripts, happened } = run;
  const violations = checkFleet(history, conditions);
  campaign.seeds++;
  campaign.steps += steps;
  campaign.replicas += history.replicas.size;
  campaign.scripts += scripts;
  campaign.calls += history.calls.length;
  campaign.questions += history.questions.length;
  campaign.views += history.views.length;
  campaign.invalidations += history.invalidations.length;
  campaign.confirmed += history.invalidations.filter((each) => each.acknowledged?.missing.length === 0).length;
  campaign.troubles += happened.length - 1;
  campaign.violations += violations.length;
  for (const { rule } of violations) campaign.violationsByRule[rule] = (campaign.violationsByRule[rule] ?? 0) + 1;
  if (run.mostAtOnce >= conditions.erp.maxConcurrency) campaign.seedsAtTheLimit++;
  const [first] = violations;
  if (first !== undefined && campaign.failures.length < mostFailuresTold) {
    const what = happened.map((each) => `${each.at} ms ${each.what}`).join("; ");
    campaign.failures.push(`${describeViolation(seed, history, first, violations.length)}\n  ${what}`);
  }
  addGoodput(campaign, run);
}

function addGoodput(campaign: FleetCampaign, run: FleetRun): void {
  const calm = viewsIn(run, run.calm);
  const last = viewsIn(run, run.last);
  add(campaign.calm, calm);
  add(campaign.last, last);
  if (calm.good < ableShare * calm.all) return;
  campaign.ableSeeds++;
  if (!run.conditions.troubles.erp) {
    add(campaign.troubledCheckouts, checkoutsIn(run, run.troubled));
    add(campaign.calmCheckouts, checkoutsIn(run, run.calm));
  }
  if (last.good * calm.all < downShare * calm.good * last.all) {
    campaign.down.push(`seed ${run.seed}: ${calm.good} of ${calm.all} before, ${last.good} of ${last.all} after`);
  }
}

function add(sum: Share, each: Share): void {
  sum.good += each.good;
  sum.all += each.all;
}
