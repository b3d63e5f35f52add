import { writeFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { readLoadAverage, readMachine } from "../../bench/support/machine.js";
import { breakages } from "./broken-layers.js";
import { type Campaign, runCampaign } from "./campaign.js";
import type { History } from "./history.js";
import { boundsOf, checkHistory } from "./history-checker.js";
import { simulate } from "./simulation.js";

const { SIMULATION_SEEDS, SIMULATION_FIRST_SEED, SIMULATION_MINUTES, SIMULATION_REPORT } = process.env;
const seeds = Number(SIMULATION_SEEDS ?? 160);
const firstSeed = Number(SIMULATION_FIRST_SEED ?? 1);
const minutes = SIMULATION_MINUTES === undefined ? null : Number(SIMULATION_MINUTES);

/** As text, errors by their messages: two runs are alike where this is. */
function written({ calls, questions, views, invalidations }: History): string {
  const plain = (_key: string, value: unknown) =>
    value instanceof Set ? [...value] : value instanceof Error ? value.message : value;
  return JSON.stringify({ calls, questions, views, invalidations }, plain);
}

test("a seed is a run: twice the same gives the same history, another one another", async () => {
  const first = written((await simulate(firstSeed)).history);
  expect(written((await simulate(firstSeed)).history) === first).toBe(true);
  expect(written((await simulate(firstSeed + 1)).history) === first).toBe(false);
});

test.each(breakages)("a gateway that %s is found out (%s)", async (_name, rule, spoil) => {
  for (let seed = 1; seed <= 10; seed++) {
    const { history, conditions } = await simulate(seed, spoil);
    if (checkHistory(history, boundsOf(conditions)).some((violation) => violation.rule === rule)) return;
  }
  expect.fail("no violation in ten runs");
});

describe(`${seeds} runs`, () => {
  let campaign: Campaign;

  beforeAll(async () => {
    campaign = await runCampaign({ firstSeed, seeds, minutes });
    const { failures, down, shortOf, ...figures } = campaign;
    if (SIMULATION_SEEDS !== undefined)
      console.log([JSON.stringify(figures, null, 2), ...failures, ...down, ...shortOf].join("\n"));
    if (SIMULATION_REPORT === undefined) return;
    const machine = { ...readMachine(), loadAverage: readLoadAverage() };
    writeFileSync(SIMULATION_REPORT, `${JSON.stringify({ machine, ...campaign }, null, 2)}\n`);
  }, 24 * 3_600_000);

  test("no promise is broken", () => {
    expect(campaign.failures.join("\n\n")).toBe("");
    expect(campaign.violations).toBe(0);
  });

  test("once the faults are over no run stays down, and as many are answered over all runs as before, but for 5 %", () => {
    expect(campaign.down).toEqual([]);
    expect(campaign.ableSeeds).toBeGreaterThan(campaign.seeds / 2);
    expect(campaign.shortOf.length).toBeLessThanOrEqual(0.01 * campaign.ableSeeds);
    const share = ({ good, all }: Campaign["calm"]) => good / all;
    expect(share(campaign.last)).toBeGreaterThanOrEqual(0.95 * share(campaign.calm));
  });
});
