import { describe, expect, test } from "vitest";
import { simulateFleet } from "./simulate-fleet.js";
import { drawThrifty, keysOf } from "./thrift.js";

const seeds = Number(process.env["THRIFT_SEEDS"] ?? 1);

describe("six replicas whose store is well ask the ERP for hardly more keys than is least", () => {
  test.each([
    { freshMs: 60_000, troubles: false, while: "all replicas are there" },
    { freshMs: 5_000, troubles: false, while: "all replicas are there" },
    { freshMs: 15_000, troubles: true, while: "replicas come and go" },
  ])("with windows of $freshMs ms, while $while", { timeout: 600_000 }, async ({ freshMs, troubles }) => {
    const sum = { asked: 0, least: 0, failed: 0 };
    for (let seed = 1; seed <= seeds; seed++) {
      const run = await simulateFleet(seed, {}, (random) => drawThrifty(random, freshMs, troubles));
      const { asked, least } = keysOf(run);
      sum.asked += asked;
      sum.least += least;
      sum.failed += run.history.questions.filter(({ outcome }) => outcome?.kind === "failed").length;
    }
    if (seeds > 1) console.log({ freshMs, troubles, ...sum, ratio: sum.asked / sum.least });
    expect(sum.least).toBeGreaterThan(100 * seeds);
    expect(sum.asked / sum.least).toBeLessThanOrEqual(1.1);
    // What a process that died had under way is asked again by its clients, elsewhere.
    if (!troubles) expect(sum.failed).toBe(0);
  });
});
