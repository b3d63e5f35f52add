import type { Lane } from "../../../src/pricing/source.js";
import { History } from "../history.js";
import { RepeatedEvents } from "../repeated-events.js";
import { SeededRandom } from "../seeded-random.js";
import { SimulatedWorld } from "../simulated-world.js";
import type { Span } from "../simulation.js";
import { SimulationClock, withVirtualTimers } from "../simulation-clock.js";
import { drawWeather } from "../weather.js";
import { drawFleetConditions, type FleetConditions, parts } from "./fleet-conditions.js";
import { LuaRedis } from "./lua-redis.js";
import { withSeededCrypto } from "./seeded-crypto.js";
import { SimulatedFleet } from "./simulated-fleet.js";
import { Machines } from "./simulated-process.js";
import type { FleetSpoil } from "./simulated-replica.js";

/** What a run of a fleet left behind. */
export interface FleetRun {
  readonly seed: number;
  readonly history: History;
  readonly conditions: FleetConditions;
  readonly happened: SimulatedFleet["happened"];
  readonly turnedAway: SimulatedFleet["turnedAway"];
  readonly steps: number;
  readonly scripts: number;
  /** Most calls at the ERP at once, in its own eyes. */
  readonly mostAtOnce: number;
  readonly calm: Span;
  readonly troubled: Span;
  readonly last: Span;
}

let redis: Promise<LuaRedis> | null = null;

/** One seed is one run: a fleet before one ERP, from a cold start through a calm and faults of all kinds to a calm end. */
export async function simulateFleet(
  seed: number,
  spoil: FleetSpoil = {},
  draw: (random: SeededRandom) => FleetConditions = drawFleetConditions,
): Promise<FleetRun> {
  // One for all runs: to make one takes as long as half a run.
  redis ??= LuaRedis.create();
  const engine = await redis;
  const machines = new Machines(new SimulationClock());
  const random = new SeededRandom(seed);
  const run = () => runOn(machines, seed, random, engine, spoil, draw(random.fork()));
  return withVirtualTimers(machines.timers, () => withSeededCrypto(random.fork(), run));
}

async function runOn(
  machines: Machines,
  seed: number,
  random: SeededRandom,
  redis: LuaRedis,
  spoil: FleetSpoil,
  conditions: FleetConditions,
): Promise<FleetRun> {
  const { clock } = machines;
  const { settings, quietMs } = conditions;
  const start = clock.now();
  const troubled = { from: start + parts.calmMs, until: start + parts.calmMs + parts.troubledMs };
  const history = new History(new SimulatedWorld(random.fork()));
  const drawn = drawWeather(random.fork(), troubled.from, troubled.until);
  const weather = conditions.troubles.erp ? drawn : [];
  const fleet = new SimulatedFleet({ machines, random: random.fork(), history, weather, redis, conditions, spoil });
  fleet.startMissing();
  const events = startEvents(clock, random.fork(), history, fleet, conditions);
  await clock.advance(parts.calmMs + parts.troubledMs);
  fleet.recover();
  await clock.advance(drainAfter);
  // Who was leaving is gone.
  fleet.startMissing();
  await clock.advance(parts.recoveryMs - drainAfter);
  const quietUntil = clock.now() + quietMs;
  events.pause();
  if (quietMs > 0) await clock.advance(quietMs);
  events.resume();
  await clock.advance(parts.lastMs);
  events.pause();
  const last = { from: quietUntil, until: clock.now() };
  await clock.advance(settings.deadlineFeedMs + 2 * settings.erpTimeoutMs);
  fleet.kill();
  return {
    ...{ seed, history, conditions, troubled, last },
    happened: fleet.happened,
    turnedAway: fleet.turnedAway,
    steps: clock.steps + history.settled,
    scripts: fleet.store.scriptsRun,
    mostAtOnce: mostAtOnce(history),
    // Before its first share a replica is not ready.
    calm: { from: start + 2_000, until: troubled.from },
  };
}

const drainAfter = 5_500;

function mostAtOnce({ calls }: History): number {
  let ends: number[] = [];
  let most = 0;
  for (const { place, endPlace } of calls) {
    ends = ends.filter((end) => end > place);
    ends.push(endPlace ?? Number.POSITIVE_INFINITY);
    most = Math.max(most, ends.length);
  }
  return most;
}

/** Requests, changes of the world, invalidations, and in the troubled time what goes wrong, each as often as the conditions say. */
function startEvents(
  clock: SimulationClock,
  random: SeededRandom,
  history: History,
  fleet: SimulatedFleet,
  { rates }: FleetConditions,
) {
  const events = new RepeatedEvents(clock, random);
  const troubled = { from: clock.now() + parts.calmMs, until: clock.now() + parts.calmMs + parts.troubledMs };
  const chance = random.fork();
  const resume = () => {
    for (const lane of ["storefront", "checkout", "feed"] satisfies Lane[])
      events.repeat(rates[lane], () => fleet.ask(lane));
    events.repeat(rates.changes, () => history.world.changeSomething(chance, clock.now()));
    events.repeat(rates.invalidations, () => fleet.invalidateSomething());
    events.repeat(troublesPerSecond, () => {
      if (troubled.from <= clock.now() && clock.now() < troubled.until) fleet.goWrong();
    });
  };
  resume();
  return {
    pause: () => events.pause(),
    resume,
  };
}

const troublesPerSecond = 1.2;
