import { expect, test } from "vitest";
import { SeededRandom } from "../simulation/seeded-random.js";
import { VirtualClock } from "../support/virtual-clock.js";
import { ChangingErp, FollowingReplica, intervalMs } from "./change-fleet.js";
import { LuaRedis } from "./lua-redis.js";

const seeds = Number(process.env["CHANGE_SEEDS"] ?? 60);
const events = 60;
const skus = ["A", "B", "C", "D"];

/** A fleet that follows an ERP's changes, to which things happen at random. */
class Weather {
  readonly random: SeededRandom;
  readonly clock = new VirtualClock();
  readonly erp = new ChangingErp(this.clock);
  readonly fleet: FollowingReplica[] = [];
  readonly happened: string[] = [];
  #server!: LuaRedis;

  constructor(seed: number) {
    this.random = new SeededRandom(seed);
  }

  async run(): Promise<void> {
    this.#server = await LuaRedis.create(this.clock);
    if (this.random.chance(0.2)) this.#server.kill();
    for (let count = this.random.int(1, 4); count > 0; count--) this.#start();
    for (let event = 0; event < events; event++) {
      await this.clock.advance(this.random.pick([1, 3, 21, 300, 1_000, 2_500, intervalMs, 12_000]));
      this.#happen();
    }
  }

  async calmDown(): Promise<void> {
    this.#server.goOn();
    this.erp.isDown = false;
    for (const { clock, store } of this.living) {
      clock.goOn();
      Object.assign(store.link, { isDeaf: false, isMute: false, misses: false });
    }
    // As long as it backs off from an ERP that was down, at most.
    await this.clock.advance(400_000);
  }

  get living(): FollowingReplica[] {
    return this.fleet.filter(({ isAlive }) => isAlive);
  }

  #start(): void {
    const kept = this.random.chance(0.5) && this.fleet.length > 0 ? this.random.pick(this.fleet).followedTo : null;
    this.fleet.push(new FollowingReplica(`replica-${this.fleet.length}`, this.#server, this.erp, kept));
  }

  #happen(): void {
    const { random, erp } = this;
    const one = this.living.length === 0 ? null : random.pick(this.living);
    const change = () => {
      for (let count = random.int(1, 5); count > 0; count--) erp.change(random.pick(skus));
    };
    const read = () => {
      for (const replica of this.living) for (const sku of skus) if (random.chance(0.5)) replica.read(sku);
    };
    const what: Record<string, () => void> = {
      ...{ change, read, changeAgain: change, readAgain: read },
      stopStore: () => {
        if (this.#server.state === "running") this.#server.state = "stopped";
      },
      goOn: () => this.#server.goOn(),
      killStore: () => this.#server.kill(),
      cutDeaf: () => {
        if (one !== null) one.store.link.isDeaf = true;
      },
      missMessages: () => {
        if (one !== null) one.store.link.misses = true;
      },
      cutMute: () => {
        if (one !== null) one.store.link.isMute = true;
      },
      mend: () => {
        for (const { store, clock } of this.living) {
          Object.assign(store.link, { isDeaf: false, isMute: false, misses: false });
          clock.goOn();
        }
      },
      holdOne: () => one?.clock.hold(),
      kill: () => one?.kill(),
      leave: () => void one?.stop(),
      start: () => {
        if (this.living.length < 5) this.#start();
      },
      erpDown: () => {
        erp.isDown = !erp.isDown;
      },
      erpForgets: () => {
        erp.forgotten = Math.max(erp.forgotten, erp.length - random.int(0, 6));
      },
    };
    const name = random.pick(Object.keys(what));
    this.happened.push(`${this.clock.now() % 10_000_000} ${name}`);
    what[name]?.();
  }
}

test("no change is lost, whoever dies, is cut off, held up or starts anew", { timeout: 600_000 }, async () => {
  let askedByOne = 0;
  for (let seed = 1; seed <= seeds; seed++) {
    const weather = new Weather(seed);
    await weather.run();
    await weather.calmDown();
    const story = `seed ${seed}: ${weather.happened.join(", ")}`;
    for (const { outdated } of weather.living) expect(outdated, story).toEqual([]);
    for (const { missed } of weather.fleet) expect(missed, story).toEqual([]);
    // And again as ever: one asks, all hear.
    weather.erp.asked.splice(0);
    for (const replica of weather.living) replica.read("A");
    weather.erp.change("A");
    await weather.clock.advance(2 * intervalMs);
    for (const { outdated } of weather.living) expect(outdated, story).toEqual([]);
    if (weather.living.length > 1 && new Set(weather.erp.asked.map(({ by }) => by)).size === 1) askedByOne++;
    expect(new Set(weather.erp.asked.map(({ by }) => by)).size, story).toBeLessThanOrEqual(1);
  }
  expect(askedByOne, "fleets that were left in the end").toBeGreaterThan(seeds / 4);
});
