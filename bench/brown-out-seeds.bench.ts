import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { addCampaign, emptyCampaign, runCampaignOn } from "./support/brown-out/campaign.js";
import { figuresOf } from "./support/brown-out/figures.js";
import { readCommit, readLoadAverage, readMachine } from "./support/machine.js";
import { saveResult } from "./support/report.js";

// Question: over very many seeds, is any promise broken in a brown-out, and does any run stay down?
// Method and meaning: docs/benchmarks.md.

const { values: flags } = parseArgs({
  options: {
    seeds: { type: "string", default: "10000" },
    first: { type: "string", default: "1" },
    replicas: { type: "string", default: "6" },
    threads: { type: "string", default: String(availableParallelism()) },
  },
});

function wholeFrom1(name: "seeds" | "first" | "threads"): number {
  const value = Number(flags[name]);
  if (!Number.isInteger(value) || value < 1)
    throw new Error(`--${name} is "${flags[name]}": give a whole number from 1`);
  return value;
}

function replicasOf(text: string): 1 | 6 {
  if (text !== "1" && text !== "6") throw new Error(`--replicas is "${text}": give 1 or 6`);
  return text === "1" ? 1 : 6;
}

async function main(): Promise<void> {
  const [seeds, firstSeed, threads] = [wholeFrom1("seeds"), wholeFrom1("first"), wholeFrom1("threads")];
  const replicas = replicasOf(flags.replicas);
  const startedAt = new Date();
  const commit = readCommit();
  const campaign = emptyCampaign();
  const save = () => {
    const { sums, ...rest } = campaign;
    const { user, system } = process.cpuUsage();
    const name = `brown-out-seeds-of-${replicas}-${startedAt.toISOString().slice(0, 10)}-${commit.commit}-from-${firstSeed}`;
    return saveResult(name, {
      ...{ benchmark: "brown-out-seeds", startedAt: startedAt.toISOString(), ...commit, ...readMachine() },
      ...{ loadAverage: readLoadAverage(), cpuSeconds: Math.round((user + system) / 1e6), replicas, firstSeed },
      ...rest,
      figures: figuresOf(sums),
    });
  };
  // Each time, so that what is broken off has told what it found.
  await runCampaignOn(threads, { replicas, firstSeed, seeds }, (part) => {
    addCampaign(campaign, part);
    save();
  });
  const path = save();
  const { staysDown, recoverySeconds, mostInFlight, lanes } = figuresOf(campaign.sums);
  process.stdout.write(
    `${campaign.seeds} seeds, ${replicas} replicas: ${campaign.violations} violations, ${staysDown} stay down, recovery ${recoverySeconds.median} s, ` +
      `at worst ${recoverySeconds.worst} s, at most ${mostInFlight} calls at once, checkouts answered ${lanes.brownOut.checkout.live}\n` +
      `${campaign.failures.map((failure) => `${failure}\n`).join("")}All figures: ${path}\n`,
  );
  if (campaign.violations > 0 || staysDown > 0) process.exitCode = 1;
}

await main();
