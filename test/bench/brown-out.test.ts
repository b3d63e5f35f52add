import { describe, expect, test } from "vitest";
import {
  addCampaign,
  checkRun,
  contenderOf,
  emptyCampaign,
  runCampaign,
} from "../../bench/support/brown-out/campaign.js";
import { drawGoodput } from "../../bench/support/brown-out/chart.js";
import { contenders, pricelane, pricelaneFleet } from "../../bench/support/brown-out/contenders.js";
import type { Contender, ControllerParts } from "../../bench/support/brown-out/controller.js";
import { figuresOf, goodputOverTime, type Told, toFigures } from "../../bench/support/brown-out/figures.js";
import { createNoControl } from "../../bench/support/brown-out/plain-controllers.js";
import { brownOutEndsMs, lengthMs, plan } from "../../bench/support/brown-out/plan.js";
import { createPricelane } from "../../bench/support/brown-out/pricelane.js";
import { drawQuestions } from "../../bench/support/brown-out/questions.js";
import { type Asked, runOnce } from "../../bench/support/brown-out/run.js";
import { withVirtualTimers } from "../../bench/support/brown-out/virtual-timers.js";
import { VirtualClock } from "../support/virtual-clock.js";

const calmOptions = { feedFactor: 1, isStorefrontKnown: false };
const noControl: Contender = { name: "none", replicas: 1, create: createNoControl };

describe("the brown-out benchmark", () => {
  test("asks buyers' questions at the same instants whatever the feed asks", () => {
    const buyersOf = (feedFactor: number) => drawQuestions(7, feedFactor).filter(({ lane }) => lane !== "feed");
    expect(buyersOf(10)).toEqual(buyersOf(1));
    expect(drawQuestions(7, 10).length).toBeGreaterThan(5 * drawQuestions(7, 1).length);
  });

  test("asks at the rates of its plan", () => {
    const questions = [1, 2, 3, 4, 5].flatMap((seed) => drawQuestions(seed, 1));
    const perSecond = questions.length / 5 / (lengthMs / 1000);
    expect(perSecond).toBeGreaterThan(23);
    expect(perSecond).toBeLessThan(25);
  });

  test.each(contenders)("runs the same twice: $name, $replicas replicas", { timeout: 120_000 }, async (contender) => {
    const first = await runOnce(contender, { ...calmOptions, seed: 3 });
    expect(await runOnce(contender, { ...calmOptions, seed: 3 })).toEqual(first);
  });

  test("has six replicas with one budget leave the storefront what the feed would take", {
    timeout: 60_000,
  }, async () => {
    const { lanes, feedShare } = toFigures([await runOnce(pricelaneFleet, { ...calmOptions, seed: 1 })]);
    expect(lanes.brownOut.checkout.live).toBe(1);
    // Where each replica may use a slot for its feed whatever buyers leave over all of them, it is 0.79, and the feed's share 0.31.
    expect(lanes.brownOut.storefront.live).toBeGreaterThan(0.9);
    expect(feedShare).toBeLessThan(0.26);
    expect(feedShare).toBeGreaterThan(0.1);
  });

  // Where the feed leaves buyers as much while half of its time is over, it takes 15 s and 21 s: what waited is never worked off.
  test.each([
    { contender: pricelane, seed: 13 },
    { contender: pricelaneFleet, seed: 5 },
  ])(
    "has $contender.replicas replicas whole again within ten seconds",
    { timeout: 60_000 },
    async ({ contender, seed }) => {
      const { recoverySeconds } = toFigures([await runOnce(contender, { ...calmOptions, seed })]);
      expect(recoverySeconds.worst).toBeLessThanOrEqual(10);
    },
  );

  test.each([1, 6] as const)(
    "breaks no promise with %i replicas, by the checker of simulated fleets",
    { timeout: 60_000 },
    async (replicas) => {
      const campaign = emptyCampaign();
      await runCampaign({ replicas, firstSeed: 1, seeds: 1 }, (part) => addCampaign(campaign, part));
      expect(campaign).toMatchObject({ seeds: 1, violations: 0, failures: [] });
      expect(campaign.questions).toBeGreaterThan(2_500);
      expect(campaign.calls).toBeGreaterThan(1_500);
      expect(figuresOf(campaign.sums)).toEqual(
        toFigures([await runOnce(contenderOf(replicas), { ...calmOptions, seed: 1 })]),
      );
    },
  );

  test("has the checker find a limit that is one too high", async () => {
    const create = (parts: ControllerParts) => createPricelane(parts, plan.erp.workers + 1);
    const run = await runOnce({ name: "one more", replicas: 1, create }, { ...calmOptions, seed: 1 });
    expect(checkRun(run)[0]).toMatchObject({ rule: "over the limit" });
  });

  test("shows an ERP without control drowned, and wasting its work", async () => {
    const figures = toFigures([await runOnce(noControl, { ...calmOptions, seed: 1 })]);
    expect(figures.lanes.calm.checkout.live).toBe(1);
    expect(figures.lanes.brownOut.checkout.live).toBeLessThan(0.2);
    expect(figures.wasted).toBeGreaterThan(0.5);
  });
});

/** Checkouts, ten a second, each answered at once as long as `isAnswered` says so of the ms since the beginning. */
function runOf(isAnswered: (ms: number) => boolean): Told {
  const asked = Array.from({ length: lengthMs / 100 }, (_, index): Asked => {
    const askedAt = index * 100;
    return { lane: "checkout", askedAt, answer: isAnswered(askedAt) ? "live" : "none", ms: 200 };
  });
  const work = { workedMs: 1_000, wastedMs: 0 };
  return { asked, mostInFlight: 1, brownOut: work, whole: work };
}

describe("its figures", () => {
  test("tell when goodput is back, and count the seeds in which it is not", () => {
    const back = runOf((ms) => ms < plan.calmMs || ms >= brownOutEndsMs + 7_000);
    const down = runOf((ms) => ms < plan.calmMs);
    expect(toFigures([back]).recoverySeconds).toEqual({ median: 7, worst: 7 });
    expect(toFigures([back, down])).toMatchObject({ staysDown: 1, recoverySeconds: { median: 7, worst: null } });
  });

  test("part the run at the beginning and the end of the brown-out", () => {
    const { lanes } = toFigures([runOf((ms) => ms < plan.calmMs || ms >= brownOutEndsMs)]);
    expect([lanes.calm, lanes.brownOut, lanes.after].map(({ checkout }) => checkout.live)).toEqual([1, 0, 1]);
  });

  test("are drawn with a line a lane in each panel", () => {
    const goodput = goodputOverTime([runOf(() => true)], 2_000);
    const svg = drawGoodput([
      { title: "a < b", goodput },
      { title: "c", goodput },
    ]);
    expect(svg.match(/<polyline/g)).toHaveLength(6);
    expect(svg).toContain("a &lt; b");
  });
});

test("virtual timers repeat, can be cleared, and leave Node's own as they were", async () => {
  const clock = new VirtualClock();
  const { setTimeout, setInterval } = globalThis;
  const { now } = Date;
  let beats = 0;
  await withVirtualTimers(clock, async () => {
    const timer = globalThis.setInterval(() => beats++, 1_000);
    clearTimeout(globalThis.setTimeout(() => beats++, 500));
    await clock.advance(3_000);
    clearInterval(timer);
    await clock.advance(3_000);
    expect(Date.now()).toBe(clock.now());
  });
  expect(beats).toBe(3);
  expect([globalThis.setTimeout, globalThis.setInterval, Date.now]).toEqual([setTimeout, setInterval, now]);
});
