import { writeFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { readLoadAverage, readMachine } from "../../../bench/support/machine.js";
import type { History } from "../history.js";
import { fleetBreakages, silentStore } from "./broken-fleets.js";
import { type FleetCampaign, runFleetCampaign } from "./fleet-campaign.js";
import { drawFleetConditions } from "./fleet-conditions.js";
import { type Share, viewsIn } from "./fleet-goodput.js";
import { checkFleet } from "./fleet-rules.js";
import { simulateFleet } from "./simulate-fleet.js";

const { FLEET_SEEDS, SEED, FLEET_FIRST_SEED, FLEET_MINUTES, FLEET_REPORT } = process.env;
const isCampaign = FLEET_SEEDS !== undefined || SEED !== undefined;
const seeds = SEED === undefined ? Number(FLEET_SEEDS ?? 8) : 1;
const firstSeed = Number(SEED ?? FLEET_FIRST_SEED ?? 1);
const minutes = FLEET_MINUTES === undefined ? null : Number(FLEET_MINUTES);

/** As text, errors by their messages: two runs are alike where this is. */
function written({ calls, questions, views, invalidations }: History): string {
  const plain = (_key: string, value: unknown) =>
    value instanceof Set ? [...value] : value instanceof Error ? value.message : value;
  return JSON.stringify({ calls, questions, views, invalidations }, plain);
}

test("a seed is a run: twice the same gives the same history", { timeout: 120_000 }, async () => {
  const first = written((await simulateFleet(firstSeed)).history);
  expect(written((await simulateFleet(firstSeed)).history) === first).toBe(true);
});

describe.skipIf(isCampaign)("the checker of fleets", () => {
  test.each(fleetBreakages)(
    "finds out a fleet that $name ($rule)",
    { timeout: 120_000 },
    async ({ name, rule, spoil, draw }) => {
      for (let seed = 1; seed <= 20; seed++) {
        const { history, conditions } = await simulateFleet(seed, spoil, draw);
        if (!checkFleet(history, conditions).some((violation) => violation.rule === rule)) continue;
        if (process.env["FLEET_SHOW"] !== undefined) console.log(`${name}: seed ${seed}`);
        return;
      }
      expect.fail("no violation in twenty runs");
    },
  );
});

test.skipIf(isCampaign)(
  "a store that leaves lookups without a word costs no question its deadline",
  { timeout: 120_000 },
  async () => {
    for (let seed = 1; seed <= 3; seed++) {
      const { history, conditions } = await simulateFleet(seed, silentStore);
      expect(checkFleet(history, conditions).filter(({ rule }) => rule === "past its deadline")).toEqual([]);
    }
  },
);

// Where one who waits asks four times a second, and one who has given its slot back says so as late, 46 % and 38 % are answered.
test.skipIf(isCampaign).each([519, 650])(
  "where nothing goes wrong, replicas that have one slot between them answer nearly all that an idle ERP bears (seed %i)",
  { timeout: 120_000 },
  async (seed) => {
    const troubles = { erp: false, store: false, routes: false, replicas: false, clocks: false };
    const run = await simulateFleet(seed, {}, (random) => ({ ...drawFleetConditions(random), troubles }));
    expect(run.conditions.erp.maxConcurrency).toBe(1);
    const { good, all } = viewsIn(run, run.last);
    expect(all).toBeGreaterThan(200);
    expect(good).toBeGreaterThanOrEqual(0.95 * all);
  },
);

describe(`${seeds} runs of a fleet`, () => {
  let campaign: FleetCampaign;

  beforeAll(async () => {
    campaign = await runFleetCampaign({ firstSeed, seeds, minutes, onSeed: report });
    const { failures, down, ...figures } = campaign;
    if (isCampaign) console.log([JSON.stringify(figures, null, 2), ...failures, ...down].join("\n"));
  }, 24 * 3_600_000);

  test("no promise is broken", () => {
    expect(campaign.failures.join("\n\n")).toBe("");
    expect(campaign.violations).toBe(0);
  });

  test("checkouts go on while replicas and the store come and go, and no run stays down after it", () => {
    const share = ({ good, all }: Share) => good / all;
    expect(campaign.down).toEqual([]);
    if (SEED !== undefined) return;
    expect(share(campaign.troubledCheckouts)).toBeGreaterThanOrEqual(0.8 * share(campaign.calmCheckouts));
    expect(share(campaign.last)).toBeGreaterThanOrEqual(0.95 * share(campaign.calm));
    expect(campaign.seedsAtTheLimit).toBeGreaterThan(campaign.seeds / 10);
  });
});

/** Every so often, so that a long campaign that is broken off has told what it found. */
function report(campaign: FleetCampaign): void {
  if (FLEET_REPORT === undefined || (campaign.seeds % 20 !== 0 && campaign.seeds !== seeds)) return;
  const machine = { ...readMachine(), loadAverage: readLoadAverage() };
  writeFileSync(FLEET_REPORT, `${JSON.stringify({ machine, ...campaign }, null, 2)}\n`);
}
