import { describe, expect, test } from "vitest";
import { createRandom } from "../../bench/erp-load/random.js";
import { ConcurrencyLimit } from "../../src/dispatch/concurrency-limit.js";
import { VirtualClock } from "../support/virtual-clock.js";
import { ErpOfWorkers } from "./erp-of-workers.js";

const workers = 8;

/** Keeps as many calls under way as the limit allows, at an ERP whose calls take 200 ms in the median and differ by chance. */
class FullHouse {
  readonly clock = new VirtualClock();
  readonly limit = new ConcurrencyLimit(workers);
  readonly erp: ErpOfWorkers;
  readonly #signal = new AbortController().signal;
  #inFlight = 0;
  #limits: number[] = [];

  /** @param spread standard deviation of the logarithm of a call's time; with 0.5 one call in six takes 1.6 times the median or more */
  constructor(spread: number, seed: number) {
    const random = createRandom(seed);
    const msOf = () => 200 * Math.exp(spread * drawNormal(random));
    this.erp = new ErpOfWorkers({ clock: this.clock, workers, msOf });
    this.#fill();
  }

  /** @returns the mean limit in that time, over calls */
  async meanLimitOf(ms: number): Promise<number> {
    this.#limits = [];
    await this.clock.advance(ms);
    return this.#limits.reduce((sum, limit) => sum + limit, 0) / this.#limits.length;
  }

  #fill(): void {
    while (this.#inFlight < this.limit.current) void this.#call();
  }

  async #call(): Promise<void> {
    const sentAt = this.clock.now();
    this.#inFlight++;
    await this.erp.readMany([{ id: "a", group: "a" }], { sentAt, signal: this.#signal });
    const endedAt = this.clock.now();
    const inFlight = this.#inFlight--;
    this.limit.onCallEnd({ kind: "price", keys: 1, sentAt, endedAt, inFlight, outcome: "success", holdMs: null });
    this.#limits.push(this.limit.current);
    this.#fill();
  }
}

/** Source: Box and Muller, "A Note on the Generation of Random Normal Deviates", 1958. */
function drawNormal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

const seeds = [1, 2, 3];

describe("the limit of an ERP whose calls differ much among each other", () => {
  test.each([0.1, 0.25, 0.5, 1].flatMap((spread) => seeds.map((seed) => ({ spread, seed }))))(
    "stays near its most while no call waits there, spread $spread, seed $seed",
    async ({ spread, seed }) => {
      const house = new FullHouse(spread, seed);
      await house.meanLimitOf(60_000);
      expect(await house.meanLimitOf(120_000)).toBeGreaterThan(7);
    },
  );

  // Where calls differ more, a queue hides among them for some seeds: time-outs tell of it then.
  test.each([0.1, 0.25].flatMap((spread) => seeds.map((seed) => ({ spread, seed }))))(
    "falls with lost workers and comes back with them, spread $spread, seed $seed",
    async ({ spread, seed }) => {
      const house = new FullHouse(spread, seed);
      await house.meanLimitOf(120_000);
      house.erp.workers = 3;
      await house.meanLimitOf(10_000);
      expect(await house.meanLimitOf(50_000)).toBeLessThan(6);
      house.erp.workers = workers;
      await house.meanLimitOf(10_000);
      expect(await house.meanLimitOf(30_000)).toBeGreaterThan(7);
    },
  );
});
