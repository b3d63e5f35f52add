import type { Clock } from "../../../src/clock.js";
import type { Lane } from "../../../src/pricing/source.js";
import { readSettings } from "../../../src/read-settings.js";
import { LuaRedis } from "../../../test/simulation/fleet/lua-redis.js";
import { withSeededCrypto } from "../../../test/simulation/fleet/seeded-crypto.js";
import { Machines, SimulatedProcess } from "../../../test/simulation/fleet/simulated-process.js";
import { SimulatedStore } from "../../../test/simulation/fleet/simulated-store.js";
import { SimulatedStoreClient } from "../../../test/simulation/fleet/simulated-store-client.js";
import { History } from "../../../test/simulation/history.js";
import { SeededRandom } from "../../../test/simulation/seeded-random.js";
import { SimulatedWorld } from "../../../test/simulation/simulated-world.js";
import { SimulationClock } from "../../../test/simulation/simulation-clock.js";
import { createRandom } from "../../erp-load/random.js";
import type { Answer, Contender, Controller } from "./controller.js";
import { brownOutEndsMs, lengthMs, plan } from "./plan.js";
import { priceFreshMs } from "./pricelane.js";
import { drawQuestions, type Question } from "./questions.js";
import { SimulatedErp } from "./simulated-erp.js";
import { withVirtualTimers } from "./virtual-timers.js";

/** Time enough to read, with one call at a time, all that the busiest replica is to know before the run. */
const rememberingMs = 300_000;

export interface RunOptions {
  readonly seed: number;
  readonly feedFactor: number;
  /** Whether all that the storefront asks was answered before, and is no longer fresh when the run begins. */
  readonly isStorefrontKnown: boolean;
}

/** One question that was asked. */
export interface Asked {
  readonly lane: Lane;
  /** In ms since the beginning of the run. */
  readonly askedAt: number;
  /** "none" too where the answer came after the deadline. */
  readonly answer: Answer;
  /** From asking to the answer. */
  readonly ms: number;
}

export interface Run {
  readonly asked: readonly Asked[];
  /** Empty of all but Pricelane. */
  readonly history: History;
  readonly mostInFlight: number;
  /** Worker time, in ms, that ended during the brown-out, and what of it served nobody; then the same of the whole run. */
  readonly brownOut: ErpWorkTime;
  readonly whole: ErpWorkTime;
}

interface ErpWorkTime {
  readonly workedMs: number;
  readonly wastedMs: number;
}

let redis: Promise<LuaRedis> | null = null;

export async function runOnce(contender: Contender, options: RunOptions): Promise<Run> {
  redis ??= LuaRedis.create();
  const engine = await redis;
  const clock = new SimulationClock();
  const random = new SeededRandom(options.seed);
  const connect = createNetwork(clock, random.fork(), engine);
  const run = () => runUnder(clock, contender, options, connect);
  return withVirtualTimers(clock, () => withSeededCrypto(random, run));
}

/** A store that nothing goes wrong with, a few ms away from each replica. */
function createNetwork(clock: SimulationClock, random: SeededRandom, redis: LuaRedis) {
  const machines = new Machines(clock);
  const store = new SimulatedStore(clock, random.fork(), redis);
  const { valkeyTimeoutMs: timeoutMs } = readSettings({});
  return () => {
    const process = new SimulatedProcess(machines);
    return new SimulatedStoreClient({ store, process, clock, random: random.fork(), timeoutMs });
  };
}

async function runUnder(
  clock: SimulationClock,
  contender: Contender,
  options: RunOptions,
  connect: () => SimulatedStoreClient,
): Promise<Run> {
  const erp = new SimulatedErp({ clock, ...plan.erp });
  // Nothing in it ever changes.
  const history = new History(new SimulatedWorld(new SeededRandom(options.seed)));
  const { warmUpMs = 0 } = contender;
  const startsAt = clock.now() + warmUpMs + (options.isStorefrontKnown ? rememberingMs + priceFreshMs : 0);
  const questions = drawQuestions(options.seed, options.feedFactor).sort((one, other) => one.askedAt - other.askedAt);
  const controllers = Array.from({ length: contender.replicas }, (_, replica) =>
    contender.create({
      ...{ replica, history, erp, clock, startsAt, connect },
      random: createRandom(options.seed * 100 + replica),
    }),
  );
  await clock.advance(warmUpMs);
  if (options.isStorefrontKnown) rememberStorefront(controllers, questions);
  await clock.advance(startsAt - clock.now());

  const asked: Asked[] = [];
  askInTurn(clock, startsAt, questions, async (question) => {
    const controller = controllers[question.replica % controllers.length] as Controller;
    const answer = await controller.ask(question);
    const ms = clock.now() - startsAt - question.askedAt;
    const isInTime = question.askedAt + ms <= question.deadline;
    asked.push({ lane: question.lane, askedAt: question.askedAt, answer: isInTime ? answer : "none", ms });
  });
  await clock.advance(plan.calmMs);
  erp.setWorkers(plan.workersLeft);
  const before = workTimeOf(erp);
  await clock.advance(plan.brownOutMs);
  const brownOut = difference(workTimeOf(erp), before);
  erp.setWorkers(plan.erp.workers);
  await clock.advance(lengthMs - brownOutEndsMs + Math.max(...Object.values(plan.deadlineMs)) + 1_000);
  for (const controller of controllers) controller.close();
  if (asked.length !== questions.length) throw new Error(`${questions.length - asked.length} questions never settled`);
  return { asked, history, mostInFlight: erp.mostInFlight, brownOut, whole: workTimeOf(erp) };
}

function rememberStorefront(controllers: readonly Controller[], questions: readonly Question[]): void {
  for (const [replica, controller] of controllers.entries()) {
    const isOwn = (question: Question) => question.replica % controllers.length === replica;
    controller.remember?.(questions.filter((question) => question.lane === "storefront" && isOwn(question)));
  }
}

/** One timer at a time, so that the clock has few to choose from. */
function askInTurn(clock: Clock, startsAt: number, questions: readonly Question[], ask: (q: Question) => void): void {
  let next = 0;
  const turn = () => {
    for (let question = questions[next]; question !== undefined; question = questions[next]) {
      const waitMs = startsAt + question.askedAt - clock.now();
      if (waitMs > 0) {
        clock.after(waitMs, turn);
        return;
      }
      next++;
      ask(question);
    }
  };
  turn();
}

function workTimeOf({ workedMs, wastedMs }: SimulatedErp): ErpWorkTime {
  return { workedMs, wastedMs };
}

function difference(after: ErpWorkTime, before: ErpWorkTime): ErpWorkTime {
  return { workedMs: after.workedMs - before.workedMs, wastedMs: after.wastedMs - before.wastedMs };
}
