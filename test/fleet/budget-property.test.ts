import { describe, expect, test } from "vitest";
import { SeededRandom } from "../simulation/seeded-random.js";
import { VirtualClock } from "../support/virtual-clock.js";
import { BudgetReplica, CountingErp } from "./budget-fleet.js";
import { LuaServer } from "./lua-server.js";

const seeds = Number(process.env["BUDGET_SEEDS"] ?? 60);
const events = 40;

/** What happens in a fleet whose replicas grow old between two losses; in any other, anything does. */
const losses: readonly string[] = ["cut", "cutHalf", "mend", "kill", "killAndReplace", "start", "want", "stopOne"];
/** What the store was asked before is carried out late, and its clock does not tell. */
const clockTroubles: readonly string[] = ["pauseStoreMachine", "setStoreClockBack", "setOneClock", "goOnUnheard"];
const holdUps: readonly string[] = [...clockTroubles, "stopStore", "goOn", "mend", "want"];

/** A fleet to which things happen at random; there are never more replicas alive than it was told. */
class Weather {
  readonly random: SeededRandom;
  readonly clock = new VirtualClock();
  readonly erp = new CountingErp(this.clock);
  readonly most: number;
  readonly replicas: number;
  readonly longestCallMs: number;
  readonly skew: number;
  readonly fleet: BudgetReplica[] = [];
  readonly happened: string[] = [];
  readonly #isOld: boolean;
  /** Null for all there are but troubles with the store's clock and itself at one time. */
  readonly #kinds: readonly string[] | null;
  #started = 0;
  /** Since when the store's machine stands still, its clock too. */
  #pausedAt: number | null = null;
  #server!: LuaServer;

  /** @param kinds what may happen; left out, it is drawn from the seed */
  constructor(seed: number, kinds?: readonly string[]) {
    this.random = new SeededRandom(seed);
    this.most = this.random.int(1, 12);
    this.replicas = this.random.int(1, 8);
    this.#isOld = kinds === undefined && this.random.chance(0.5);
    this.#kinds = kinds ?? (this.#isOld ? losses : null);
    // Where the store is held up, those who wait for their places take them before it goes on.
    const longest = kinds === undefined ? [600, 1_500, 4_000, 10_000] : [600, 1_500];
    this.longestCallMs = this.random.pick(this.#isOld ? [4_000, 10_000] : longest);
    this.skew = this.random.pick([3, 1, 0.1]);
  }

  async run(): Promise<void> {
    this.#server = await LuaServer.create(this.clock);
    if (this.random.chance(0.2)) this.#server.kill();
    for (let count = this.random.int(1, this.replicas); count > 0; count--) this.#start();
    const waits = this.#isOld
      ? [1, 300, 1_200, 4_000, 11_000, 14_000, 30_000]
      : [1, 40, 120, 300, 1_000, 1_200, 4_000, 7_000];
    for (let event = 0; event < events; event++) {
      await this.clock.advance(this.random.pick(waits));
      this.#happen();
    }
  }

  /** All is well again, everyone wants all there is, and there are as many replicas as it was told. */
  async calmDown(): Promise<void> {
    this.#goOn();
    for (const { clock } of this.#living()) clock.goOn();
    await this.clock.advance(this.longestCallMs + 1_000); // who was leaving is gone then
    while (this.#living().length < this.replicas) this.#start();
    for (const replica of this.#living()) {
      Object.assign(replica.store.link, { isDeaf: false, isMute: false, delayMs: 1 });
      replica.limit.grow(this.most);
      replica.want({ checkout: this.most });
    }
    await this.clock.advance(20_000 + 6 * this.longestCallMs);
    for (const { limit } of this.#living()) limit.grow(this.most); // what was told while the store was away is lost
    await this.clock.advance(5_000);
  }

  /** The most that was dealt out or still in use at one time, looked at for two seconds: where replicas take turns, a slot that changes hands is nobody's for a moment. */
  async mostDealtOut(): Promise<number> {
    let most = 0;
    for (let look = 0; look < 20; look++) {
      await this.clock.advance(100);
      most = Math.max(
        most,
        this.#living().reduce((sum, { lease, inFlight }) => sum + Math.max(lease.share, inFlight), 0),
      );
    }
    return most;
  }

  #living(): BudgetReplica[] {
    return this.fleet.filter(({ isAlive }) => isAlive);
  }

  #goOn(): void {
    if (this.#pausedAt !== null && this.#server.state === "stopped")
      this.#server.skewMs -= this.clock.now() - this.#pausedAt;
    this.#pausedAt = null;
    this.#server.goOn();
  }

  #start(): void {
    const id = `replica-${this.#started++}`;
    const { most, replicas, longestCallMs, skew } = this;
    const options = { most, replicas, longestCallMs, skew };
    const replica = new BudgetReplica(id, this.#server, this.erp, this.random.next, options);
    this.fleet.push(replica);
    this.#want(replica);
  }

  #want(replica: BudgetReplica): void {
    const draw = () => (this.random.chance(0.4) ? this.random.int(1, 2 * this.most) : 0);
    replica.want({ checkout: draw(), storefront: draw(), feed: draw() });
    replica.isFeedPressed = this.random.chance(0.3);
  }

  #happen(): void {
    const { random } = this;
    const server = this.#server;
    const living = this.#living();
    const one = living.length === 0 ? null : random.pick(living);
    const what: Record<string, () => void> = {
      stopStore: () => {
        if (server.state === "running") server.state = "stopped";
      },
      pauseStoreMachine: () => {
        if (server.state !== "running") return;
        server.state = "stopped";
        this.#pausedAt = this.clock.now();
      },
      goOn: () => this.#goOn(),
      goOnUnheard: () => {
        if (one !== null) one.store.link.isDeaf = true;
        this.#goOn();
        for (const replica of living) replica.want({ storefront: this.most });
      },
      killStore: () => server.kill(),
      restartStore: () => {
        if (server.state === "dead") server.state = "running";
      },
      setStoreClock: () => {
        server.skewMs += random.pick([700, 5_000, 3_600_000]);
      },
      setStoreClockBack: () => {
        server.skewMs -= random.int(300, 20_000);
      },
      setOneClock: () => {
        if (one !== null) one.clock.aheadMs += random.pick([40, 700, 3_000, 20_000]);
      },
      cutHalf: () => {
        for (const [index, { store }] of living.entries()) store.link.isDeaf = index % 2 === 0;
      },
      cut: () => {
        if (one !== null) one.store.link[random.pick(["isDeaf", "isMute"] as const)] = true;
      },
      slow: () => {
        if (one !== null) one.store.link.delayMs = random.pick([700, 5_000, 3_600_000]);
      },
      stopOne: () => one?.clock.hold(),
      mend: () => {
        for (const { clock } of living) clock.goOn();
        for (const { store } of living) Object.assign(store.link, { isDeaf: false, isMute: false, delayMs: 1 });
      },
      kill: () => one?.kill(),
      killAndReplace: () => {
        if (one === null) return;
        one.kill();
        this.#start();
      },
      leave: () => void one?.stop(),
      start: () => {
        if (living.length < this.replicas) this.#start();
      },
      want: () => {
        for (const replica of living) this.#want(replica);
      },
      limitFalls: () => one?.limit.fall(0.5, this.clock.now() - 50),
      limitGrows: () => one?.limit.grow(1),
    };
    const name = random.pick(this.#kinds ?? Object.keys(what).filter((each) => !clockTroubles.includes(each)));
    this.happened.push(`${this.clock.now()} ${name}`);
    what[name]?.();
  }
}

describe("a fleet's one budget, whatever happens", () => {
  test("never has the ERP at more calls than it bears", { timeout: 600_000 }, async () => {
    let used = 0;
    for (let seed = 1; seed <= seeds; seed++) {
      const weather = new Weather(seed);
      await weather.run();
      if (weather.erp.peak === weather.most) used++;
      expect(weather.erp.peak, `seed ${seed}: ${weather.happened.join(", ")}`).toBeLessThanOrEqual(weather.most);
    }
    expect(used, "a budget that is hardly used would keep the promise, too").toBeGreaterThan(seeds / 3);
  });

  test("nor where its store is held up, and its clock is set back or stands still", { timeout: 600_000 }, async () => {
    for (let seed = 1; seed <= seeds; seed++) {
      const weather = new Weather(seed, holdUps);
      await weather.run();
      expect(weather.erp.peak, `seed ${seed}: ${weather.happened.join(", ")}`).toBeLessThanOrEqual(weather.most);
    }
  });

  test("deals out all of it again once all is well", { timeout: 600_000 }, async () => {
    for (let seed = 1; seed <= seeds / 5; seed++) {
      const weather = new Weather(seed);
      await weather.run();
      await weather.calmDown();
      const dealtOut = await weather.mostDealtOut();
      expect(dealtOut, `seed ${seed}: ${weather.happened.join(", ")}`).toBe(weather.most);
    }
  });
});
