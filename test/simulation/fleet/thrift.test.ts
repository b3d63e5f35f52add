import { describe, expect, test } from "vitest";
import { simulateFleet } from "./simulate-fleet.js";
import { drawThrifty, keysOf } from "./thrift.js";

const seeds = Number(process.env["THRIFT_SEEDS"] ?? 2);

async function keysOver(freshMs: number, withReplicaTroubles: boolean) {
  const sum = { asked: 0, least: 0, failed: 0 };
  for (let seed = 1; seed <= seeds; seed++) {
    const run = await simulateFleet(seed, {}, (random) => drawThrifty(random, freshMs, withReplicaTroubles));
    const { asked, least } = keysOf(run);
    sum.asked += asked;
    sum.least += least;
    sum.failed += run.history.questions.filter(({ outcome }) => outcome?.kind === "failed").length;
  }
  return sum;
}

describe("six replicas whose store is well", () => {
  test.each([
    [60_000, false],
    [15_000, false],
    [5_000, false],
    [2_000, false],
    [15_000, true],
  ])("windows of %i ms, replicas come and go: %s", async (freshMs, withReplicaTroubles) => {
    const { asked, least, failed } = await keysOver(freshMs, withReplicaTroubles);
    console.log(freshMs, withReplicaTroubles, asked, least, (asked / least).toFixed(3), "failed", failed);
    expect(least).toBeGreaterThan(100);
  });
});
