import fc from "fast-check";
import { expect, test } from "vitest";
import { VirtualClock } from "../support/virtual-clock.js";
import { freshMs, JournalReplica, run, type Said, type Shown } from "./journal-fleet.js";
import { LuaRedis } from "./lua-redis.js";

const skus = ["A", "B"];
/** More of them find more: JOURNAL_RUNS. */
const runs = Number(process.env["JOURNAL_RUNS"] ?? 200);
const happens = ["change", "ask", "race", "look", "wait", "invalidate", "all", "restart", "heard", "go on"] as const;
const failsWith = ["empty", "save", "restore", "deaf", "mute", "stop"] as const;
type Kind = (typeof happens)[number] | (typeof failsWith)[number] | "run";
interface Step {
  readonly kind: Kind;
  readonly sku: string;
  readonly value: number;
  readonly at: number;
  readonly ms: number;
}
/** Of a few kinds at a time: of all of them at once none happens often enough to meet another. */
function stepsOf(kinds: readonly Kind[]): fc.Arbitrary<Step[]> {
  return fc.subarray([...kinds], { minLength: 1, maxLength: 5 }).chain((some) =>
    fc.array(
      fc.record({
        kind: fc.constantFrom<Kind[]>("run", "run", "change", "ask", ...some),
        sku: fc.constantFrom(...skus),
        value: fc.nat(1),
        at: fc.nat(2),
        ms: fc.constantFrom(5, 60, 900, 2_500, 20_000),
      }),
      { maxLength: 40 },
    ),
  );
}

/** Random changes through replicas that come and go over a store that does. */
class World {
  readonly clock = new VirtualClock();
  readonly erp = new Map<string, Said>(skus.map((sku) => [sku, { value: 1, version: 0 }]));
  readonly #server: LuaRedis;
  readonly #maxSkus: number;
  readonly replicas: JournalReplica[];
  shown: Shown | null = null;
  lost = 0;
  deltas = 0;
  #turn = 0;
  #left: Step[] = [];

  private constructor(server: LuaRedis, clock: VirtualClock, count: number, maxSkus: number) {
    this.clock = clock;
    this.#server = server;
    this.#maxSkus = maxSkus;
    this.replicas = Array.from({ length: count }, () => this.#create());
  }

  static async create(count: number, maxSkus: number): Promise<World> {
    const clock = new VirtualClock();
    return new World(await LuaRedis.create(clock), clock, count, maxSkus);
  }

  #create(): JournalReplica {
    return new JournalReplica(this.#server, this.erp, { maxSkus: this.#maxSkus });
  }

  at(place: number): JournalReplica {
    return this.replicas[place % this.replicas.length] as JournalReplica;
  }

  async play(steps: readonly Step[]): Promise<void> {
    this.#left = [...steps];
    for (let next = this.#left.shift(); next !== undefined; next = this.#left.shift()) await this.#do(next);
  }

  async #do({ kind, sku, value, at, ms }: Step): Promise<void> {
    const replica = this.at(at);
    if (kind === "change") this.erp.set(sku, { value, version: (this.erp.get(sku)?.version ?? 0) + 1 });
    if (kind === "ask") await replica.ask(sku, ms % 20);
    // Others ask meanwhile, and it is known by nobody in which order the ERP answers whom.
    if (kind === "race") void replica.beginToAsk(sku, value * 9, Math.min(Math.max(ms, 20), 900));
    if (kind === "look") await replica.tell(sku);
    if (kind === "wait") await this.clock.advance(ms);
    if (kind === "invalidate") for (const each of this.replicas) each.forget(sku);
    if (kind === "all") for (const each of this.replicas) each.forget(null);
    if (kind === "restart") {
      replica.store.link.isDeaf = true; // what it had not written is gone with it
      this.replicas[at % this.replicas.length] = this.#create();
    }
    if (kind === "empty") {
      this.#server.kill();
      this.#server.goOn();
    }
    if (kind === "save") this.#server.save();
    if (kind === "restore") this.#server.restore();
    if (kind === "deaf") replica.store.link.isDeaf = true;
    if (kind === "mute") replica.store.link.isMute = true;
    if (kind === "heard") Object.assign(replica.store.link, { isDeaf: false, isMute: false });
    if (kind === "stop" && this.#server.state === "running") this.#server.state = "stopped";
    if (kind === "go on") this.#server.goOn();
    if (kind === "run") await this.read();
  }

  /** A run of one replica, once all is written: whatever that one knows better is told. @returns SKUs of which it is not */
  async untold(): Promise<string[]> {
    this.#server.goOn();
    for (const { store } of this.replicas) Object.assign(store.link, { isDeaf: false, isMute: false });
    await this.clock.advance(5_000);
    this.#left = [];
    const reader = this.at(this.#turn++);
    const told = await run(this.clock, skus, this.shown, () => reader);
    if (told === null) return [];
    this.shown = told;
    return skus.filter((sku) => {
      const [kept, shown] = [reader.kept(sku), told.values.get(sku)];
      return kept !== null && shown !== undefined && kept.version > shown.version && kept.value !== shown.value;
    });
  }

  /** A run, during which things go on. */
  async read(): Promise<void> {
    const between = async () => {
      const next = this.#left[0];
      if (next === undefined || next.kind === "run") return;
      this.#left.shift();
      await this.#do(next);
    };
    const readers = () => this.at(this.#turn++);
    if (this.shown !== null) this.deltas++;
    const told = await run(this.clock, skus, this.shown, readers, between);
    if (told === null) this.lost++;
    this.shown = told ?? (await run(this.clock, skus, null, readers, between));
  }

  /** Whether the marketplace shows what the ERP says. */
  get isRight(): boolean {
    return skus.every((sku) => this.shown?.values.get(sku)?.value === this.erp.get(sku)?.value);
  }

  /** All is well again, nothing is fresh, and one replica each sees what the ERP says now. */
  async settle(): Promise<void> {
    this.#server.goOn();
    for (const { store } of this.replicas) Object.assign(store.link, { isDeaf: false, isMute: false });
    await this.clock.advance(freshMs + 5_000);
    for (const [index, sku] of skus.entries()) await this.at(index + this.#turn).ask(sku);
    await this.clock.advance(5_000);
  }
}

test("a delta is the difference of two full feeds or says that it is lost, over any replicas and whatever becomes of the store", async () => {
  let [deltas, lost] = [0, 0];
  await fc.assert(
    fc.asyncProperty(
      stepsOf([...happens, ...failsWith]),
      fc.integer({ min: 1, max: 3 }),
      fc.constantFrom(2, 100, 100),
      async (steps, count, maxSkus) => {
        const world = await World.create(count, maxSkus);
        await world.read();
        await world.play(steps);
        expect(await world.untold()).toEqual([]);
        await world.settle();
        await world.read();
        deltas += world.deltas;
        lost += world.lost;
        expect(world.isRight).toBe(true);
      },
    ),
    { numRuns: runs },
  );
  // A journal that is lost all the time would pass, too.
  expect(lost).toBeGreaterThan(0);
  expect(deltas - lost).toBeGreaterThan(deltas / 4);
}, 900_000);

test("while nothing happens to the store no cursor is lost", async () => {
  await fc.assert(
    fc.asyncProperty(stepsOf(happens), async (steps) => {
      const world = await World.create(3, 100);
      await world.read();
      await world.play(steps);
      await world.settle();
      await world.read();
      expect(world.lost).toBe(0);
      expect(world.isRight).toBe(true);
    }),
    { numRuns: runs / 2 },
  );
}, 900_000);
