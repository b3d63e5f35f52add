import type { Clock } from "../../src/clock.js";
import { KeptJournal } from "../../src/feed/kept-journal.js";
import { type Layers, stackLayers } from "../../src/layers.js";
import type { Connector } from "../../src/pricing/connector.js";
import type { Invalidation } from "../../src/pricing/invalidation.js";
import type { Lane } from "../../src/pricing/source.js";
import { createLogger } from "../../src/telemetry/logger.js";
import { noMetrics } from "../../src/telemetry/metrics.js";
import { Clients } from "./clients.js";
import { type Conditions, calmMs, drawConditions, lastMs, recoveryMs, troubledMs } from "./conditions.js";
import { drawInvalidation } from "./draw-invalidation.js";
import { History } from "./history.js";
import { RecordingSource } from "./recording-source.js";
import { RepeatedEvents } from "./repeated-events.js";
import { SeededRandom } from "./seeded-random.js";
import { SimulatedErp } from "./simulated-erp.js";
import { SimulatedWorld } from "./simulated-world.js";
import { SimulationClock, withVirtualTimers } from "./simulation-clock.js";
import { drawWeather } from "./weather.js";

/** A stretch of time, in ms since the epoch. */
export interface Span {
  readonly from: number;
  readonly until: number;
}

/** What a run left behind. */
export interface Run {
  readonly seed: number;
  readonly history: History;
  readonly conditions: Conditions;
  /** Timers that ran, and promises of answers that settled. */
  readonly steps: number;
  /** Before the faults, and the end of the run. */
  readonly calm: Span;
  readonly last: Span;
}

/** Breaks something on purpose, to see whether the checker notices. */
export interface Spoil {
  readonly connector?: (connector: Connector) => Connector;
  readonly layers?: (layers: Layers, clock: Clock) => Layers;
}

const logger = createLogger({ level: "silent" });

/** One seed is one run: the whole stack before the simulated ERP, from a calm start through faults to a calm end. */
export function simulate(seed: number, spoil: Spoil = {}): Promise<Run> {
  const clock = new SimulationClock();
  return withVirtualTimers(clock, () => runOn(clock, seed, spoil));
}

async function runOn(clock: SimulationClock, seed: number, spoil: Spoil): Promise<Run> {
  const random = new SeededRandom(seed);
  const conditions = drawConditions(random.fork());
  const { settings, erp, quietMs } = conditions;
  const start = clock.now();
  const trouble = { from: start + calmMs, until: start + calmMs + troubledMs };
  const world = new SimulatedWorld(random.fork());
  const history = new History(world);
  const weather = drawWeather(random.fork(), trouble.from, trouble.until);
  const connector: Connector = new SimulatedErp({ ...erp, clock, random: random.fork(), world, history, weather });
  const { connector: withConnector = (same) => same, layers: withLayers = (same) => same } = spoil;
  const parts = { settings, clock, random: random.fork().next, logger, metrics: noMetrics };
  const journal = new KeptJournal({ maxSkus: 1_000, clock, epoch: "simulation", store: null, logger });
  const layers = withLayers(stackLayers(withConnector(connector), journal, parts), clock);
  const events = startEvents(clock, random.fork(), history, layers, conditions);
  await clock.advance(calmMs + troubledMs + recoveryMs);
  const quietUntil = clock.now() + quietMs;
  events.pause();
  if (quietMs > 0) await clock.advance(quietMs);
  events.resume();
  await clock.advance(lastMs);
  events.pause();
  // Every deadline passes, and what was given up ends.
  const last = { from: quietUntil, until: clock.now() };
  await clock.advance(settings.deadlineFeedMs + 2 * settings.erpTimeoutMs);
  layers.close();
  return {
    seed,
    history,
    conditions,
    steps: clock.steps + history.settled,
    calm: { from: start, until: trouble.from },
    last,
  };
}

/** Requests, changes of the world and invalidations, each as often as the conditions say. */
function startEvents(
  clock: SimulationClock,
  random: SeededRandom,
  history: History,
  layers: Layers,
  { rates, settings }: Conditions,
) {
  const events = new RepeatedEvents(clock, random);
  const { budgetOf } = layers;
  const sources = recorded(layers.sources, history, clock);
  const clients = new Clients({ clock, random: random.fork(), history, sources, budgetOf, settings });
  const chance = random.fork();
  const start = () => {
    for (const lane of ["storefront", "checkout", "feed"] satisfies Lane[]) {
      events.repeat(rates[lane], () => clients.ask(lane));
    }
    events.repeat(rates.changes, () => history.world.changeSomething(chance, clock.now()));
    events.repeat(rates.invalidations, () => invalidate(drawInvalidation(chance), history, layers, clock));
  };
  start();
  return {
    pause: () => events.pause(),
    resume: start,
  };
}

function invalidate(invalidation: Invalidation, history: History, layers: Layers, clock: SimulationClock): void {
  layers.forget(invalidation);
  history.invalidations.push({
    ...{ replica: 0, place: history.nextPlace(), at: clock.now(), invalidation, acknowledged: null },
  });
}

function recorded({ prices, stock, customers }: Layers["sources"], history: History, clock: SimulationClock) {
  return {
    prices: new RecordingSource(prices, "price", history, clock),
    stock: new RecordingSource(stock, "stock", history, clock),
    customers: new RecordingSource(customers, "customer", history, clock),
  };
}
