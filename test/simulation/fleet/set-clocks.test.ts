import { expect, test } from "vitest";
import type { Clock } from "../../../src/clock.js";
import { beatScript } from "../../../src/fleet/scripts.js";
import type { PriceKey } from "../../../src/pricing/keys.js";
import { type Freshness, fromErp, type PromptSource } from "../../../src/pricing/source.js";
import { askAt } from "../../support/samples.js";
import { bounds, emptyHistory, end, publicKey } from "../hand-made.js";
import { checkHistory } from "../history-checker.js";
import { RecordingSource } from "../recording-source.js";
import { SeededRandom } from "../seeded-random.js";
import { SimulationClock } from "../simulation-clock.js";
import { LuaRedis } from "./lua-redis.js";
import { Machines, SimulatedProcess } from "./simulated-process.js";
import { SimulatedStore } from "./simulated-store.js";

const key = publicKey("S0");
const fleetBounds = { ...bounds, clockShare: 0.02, mayBeSaidOlder: true };

/** One replica whose ERP knows no such SKU, and takes 100 ms to say so. */
function startReplica() {
  const clock = new SimulationClock();
  const process = new SimulatedProcess(new Machines(clock));
  const history = emptyHistory();
  history.world.price("public", "S0").change(clock.now() - 500, false);
  const observer = {
    replica: 0,
    toTrue: (instant: number) => instant - process.offsetMs,
    latestTrue: (instant: number) => process.latestTrue(instant),
  };
  let kept: Freshness | null = null;
  const source: PromptSource<PriceKey, unknown> = {
    lastKnown: () => null,
    allFresh: () => null,
    noteServed: () => {},
    readMany: async (keys) => {
      if (kept !== null) return [{ kind: "unknown", what: "sku", freshness: { ...kept, source: "CACHE" } }];
      kept = fromErp({ sentAt: process.now() });
      await askErp(clock, keys);
      return [{ kind: "unknown", what: "sku", freshness: kept }];
    },
  };
  const askErp = async (by: Clock, keys: readonly PriceKey[]) => {
    const call = history.callSent("price", keys, by.now());
    await new Promise<void>((resolve) => void by.after(100, resolve));
    end(history, call, by.now());
  };
  const recorded = new RecordingSource(source, "price", history, process, observer);
  const ask = (maxAgeMs: number | null) => recorded.readMany([key], askAt(process.now(), { maxAgeMs }));
  return { clock, process, history, ask, askElsewhere: () => askErp(clock, [key]) };
}

test("what the ERP was asked for a live question is not too old for a clock that is set forward until it answers", async () => {
  const { clock, process, history, ask } = startReplica();
  const answered = ask(0);
  await clock.advance(50);
  process.setClock(3_000);
  await clock.advance(60);
  await answered;
  expect(checkHistory(history, fleetBounds)).toEqual([]);
});

test.each([
  ["that it cannot find out is undone", 4_900, false, 4_000],
  ["that is greater begins a new life", 5_100, true, -1_100],
])("a step back %s, of a store that was not asked for four seconds", async (_what, backMs, isNewLife, passedMs) => {
  const clock = new SimulationClock();
  const store = new SimulatedStore(clock, new SeededRandom(1), await LuaRedis.create());
  const beat = (life: string) => store.runScript(beatScript, ["fleet"], [life, "replica", "2000"]) as [Buffer, number];
  const [before, toldBefore] = beat("first");
  await clock.advance(4_000);
  store.aheadMs -= backMs;
  const [after, toldAfter] = beat("second");
  expect([!after.equals(before), toldAfter - toldBefore]).toEqual([isNewLife, passedMs]);
});

test("what is told too long after is too old, whoever asked since, and however the clock was set", async () => {
  const { clock, process, history, ask, askElsewhere } = startReplica();
  const answered = ask(null);
  await clock.advance(110);
  await answered;
  process.setClock(-3_000);
  const elsewhere = askElsewhere();
  await clock.advance(2_000);
  await elsewhere;
  process.setClock(3_000);
  await ask(1_000);
  expect(checkHistory(history, fleetBounds).map(({ rule }) => rule)).toEqual(["too old"]);
});
