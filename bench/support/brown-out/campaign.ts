import { Worker } from "node:worker_threads";
import { checkFleet } from "../../../test/simulation/fleet/fleet-rules.js";
import { describeViolation } from "../../../test/simulation/readable-history.js";
import type { rules } from "../../../test/simulation/violations.js";
import { pricelane, pricelaneFleet } from "./contenders.js";
import type { Contender } from "./controller.js";
import { addRun, addSums, emptySums, type Sums } from "./figures.js";
import { plan } from "./plan.js";
import { settings } from "./pricelane.js";
import { type Run, runOnce } from "./run.js";

/** What many brown-outs came to. All of it can be cloned. */
export interface Campaign {
  readonly sums: Sums;
  seeds: number;
  questions: number;
  calls: number;
  violations: number;
  readonly violationsByRule: Partial<Record<(typeof rules)[number], number>>;
  /** The first violation of each of the first runs with one, to read. */
  readonly failures: string[];
}

export interface CampaignOptions {
  readonly replicas: Contender["replicas"];
  readonly firstSeed: number;
  readonly seeds: number;
}

const mostFailuresTold = 10;
/** After so many seeds a thread tells what it has. */
const toldSeeds = 20;

export const contenderOf = (replicas: Contender["replicas"]): Contender =>
  replicas === 1 ? pricelane : pricelaneFleet;

/** Every broken promise in one run, by the checker of simulated fleets. */
export function checkRun({ history }: Run) {
  return checkFleet(history, { settings, erp: { maxConcurrency: plan.erp.workers } });
}

export function emptyCampaign(): Campaign {
  return { sums: emptySums(), seeds: 0, questions: 0, calls: 0, violations: 0, violationsByRule: {}, failures: [] };
}

async function addSeed(campaign: Campaign, contender: Contender, seed: number): Promise<void> {
  const run = await runOnce(contender, { seed, feedFactor: 1, isStorefrontKnown: false });
  const violations = checkRun(run);
  addRun(campaign.sums, run);
  campaign.seeds++;
  campaign.questions += run.history.questions.length;
  campaign.calls += run.history.calls.length;
  campaign.violations += violations.length;
  for (const { rule } of violations) campaign.violationsByRule[rule] = (campaign.violationsByRule[rule] ?? 0) + 1;
  const [first] = violations;
  if (first !== undefined) campaign.failures.push(describeViolation(seed, run.history, first, violations.length));
}

export function addCampaign(campaign: Campaign, { sums, ...other }: Campaign): void {
  addSums(campaign.sums, sums);
  campaign.seeds += other.seeds;
  campaign.questions += other.questions;
  campaign.calls += other.calls;
  campaign.violations += other.violations;
  for (const [rule, count] of Object.entries(other.violationsByRule)) {
    const name = rule as (typeof rules)[number];
    campaign.violationsByRule[name] = (campaign.violationsByRule[name] ?? 0) + count;
  }
  campaign.failures.push(...other.failures.slice(0, mostFailuresTold - campaign.failures.length));
}

/** @param onTold told every so often what there is so far */
export async function runCampaign(
  { replicas, firstSeed, seeds }: CampaignOptions,
  onTold: (part: Campaign) => void,
): Promise<void> {
  let part = emptyCampaign();
  for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
    await addSeed(part, contenderOf(replicas), seed);
    if (part.seeds < toldSeeds && seed < firstSeed + seeds - 1) continue;
    onTold(part);
    part = emptyCampaign();
  }
}

/** The same on as many threads, each with its part of the seeds. */
export async function runCampaignOn(
  threads: number,
  { replicas, firstSeed, seeds }: CampaignOptions,
  onTold: (part: Campaign) => void,
): Promise<void> {
  const share = Math.ceil(seeds / threads);
  const parts = Array.from({ length: threads }, (_, index) => {
    const first = firstSeed + index * share;
    return { replicas, firstSeed: first, seeds: Math.min(share, firstSeed + seeds - first) };
  });
  await Promise.all(
    parts
      .filter((part) => part.seeds > 0)
      .map(
        (part) =>
          new Promise<void>((resolve, reject) => {
            const worker = new Worker(new URL("./campaign-thread.js", import.meta.url), { workerData: part });
            worker.on("message", onTold);
            worker.on("error", reject);
            worker.on("exit", (code) => (code === 0 ? resolve() : reject(new Error(`a thread ended with ${code}`))));
          }),
      ),
  );
}
