import CircuitBreaker from "opossum";
import { systemClock } from "../../src/clock.js";
import { Breaker } from "../../src/dispatch/breaker.js";
import { CallSlots } from "../../src/dispatch/call-slots.js";
import { ConcurrencyLimit } from "../../src/dispatch/concurrency-limit.js";
import { Departures } from "../../src/dispatch/departures.js";
import { Dispatcher } from "../../src/dispatch/dispatcher.js";
import { Flight } from "../../src/dispatch/flight.js";
import { LatencySeen } from "../../src/dispatch/latency-seen.js";
import { ErpTimeout } from "../../src/errors.js";
import { type ErpSource, fromErp, type Key, type Outcome } from "../../src/pricing/source.js";

/** Where keys wait while calls are made: each in a group of its own, or all in one. */
export interface Backlog {
  readonly keys: number;
  readonly groups: "one" | "each";
}

export interface DispatchRun extends Backlog {
  readonly calls: number;
  /** Every so many calls fail; 0 for none. */
  readonly failsEvery: number;
}

/** Makes `calls` calls of one key each, one after the other. @returns CPU time of the process meanwhile, in µs */
export type DispatchContender = (run: DispatchRun) => Promise<number>;

interface NumberedKey extends Key {
  readonly group: string;
}

// Made once: who measures load control does not want to measure the taking of stack traces.
const failure = new ErpTimeout("silent");
/** Nothing here is ever due. */
const farAway = systemClock.now() + 86_400_000;

/** What stands for the ERP: an answer, or a failure, by the next turn of promises. */
function createErp(failsEvery: number): () => Promise<void> {
  let calls = 0;
  return () =>
    new Promise((resolve, reject) => {
      const isFailing = failsEvery > 0 && ++calls % failsEvery === 0;
      queueMicrotask(() => (isFailing ? reject(failure) : resolve()));
    });
}

export function cpuMicros(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

const ignore = () => {};
const noError = () => null;
const itself = (error: Error) => error;

export const barePromise: DispatchContender = async ({ calls, failsEvery }) => {
  const erp = createErp(failsEvery);
  const before = cpuMicros();
  for (let call = 0; call < calls; call++) await erp().catch(ignore);
  return cpuMicros() - before;
};

/** As its own manual shows it, with a time-out and a capacity. */
export const opossumAlone: DispatchContender = async ({ calls, failsEvery }) => {
  const breaker = new CircuitBreaker(createErp(failsEvery), { timeout: 5_000, capacity: 10 });
  const before = cpuMicros();
  for (let call = 0; call < calls; call++) await breaker.fire().catch(ignore);
  const micros = cpuMicros() - before;
  breaker.shutdown();
  return micros;
};

function createKeys({ groups }: Backlog): () => NumberedKey {
  let made = 0;
  return () => {
    const id = `key ${made++}`;
    return { id, group: groups === "each" ? id : "" };
  };
}

function createBreaker(): Breaker {
  const now = () => systemClock.now();
  return new Breaker({ failuresInARow: 5, firstOpenMs: 1_000, longestOpenMs: 10_000, now, onState: ignore });
}

const ask = { lane: "checkout", deadline: farAway, maxAgeMs: null, budget: null, signal: null } as const;

/**
 * Slots, limit, lanes and breaker, put together as the dispatcher does: each call takes its key through the queue, a slot, the
 * breaker, the limit's and the latencies' learning. Left out is what is no load control: sharing flights, promises and timers of
 * those who wait, the call's own time-out and its span.
 */
export const controlAlone: DispatchContender = async (run) => {
  const erp = createErp(run.failsEvery);
  const [breaker, slots, latency] = [
    createBreaker(),
    new CallSlots(new ConcurrencyLimit(1), systemClock),
    new LatencySeen(),
  ];
  const outlook = () => {
    const now = systemClock.now();
    const [callMs, slowCallMs] = [latency.percentile(0.5, now), latency.percentile(0.95, now)];
    return { now, callMs, slowCallMs, isIdle: slots.inFlight === 0 };
  };
  const departures = new Departures<NumberedKey, string>({ erp: { keysPerCall: 1 }, outlook, refuse: ignore });
  const nextKey = createKeys(run);
  const board = () => {
    const key = nextKey();
    departures.queue.release(new Flight<NumberedKey, string>(key, key.group, ask, 0), systemClock.now());
  };
  let onEnd = () => {};
  const send = async (first: Flight<NumberedKey, string>, giveBack: () => void) => {
    departures.take(first);
    const sentAt = systemClock.now();
    const isAnswered = (await breaker.run(() => erp().then(noError, itself))) === null;
    const endedAt = systemClock.now();
    if (isAnswered) latency.add(endedAt - sentAt, endedAt);
    const outcome = isAnswered ? "success" : "dropped";
    const { inFlight, limit } = slots;
    limit.onCallEnd({ kind: "price", keys: 1, sentAt, endedAt, inFlight, outcome, holdMs: null });
    onEnd();
    giveBack();
  };
  slots.join({
    waitingIn: () => 0,
    onHeld: ignore,
    offer: (slotClass) => {
      const first = departures.first(slotClass);
      if (first === null) return null;
      return { isCheckout: true, dueAt: first.dueAt, send: (giveBack) => void send(first, giveBack) };
    },
  });
  for (let key = 0; key <= run.keys; key++) board();
  const micros = await new Promise<number>((resolve) => {
    let calls = 0;
    const before = cpuMicros();
    onEnd = () => {
      calls++;
      if (calls < run.calls) board();
      if (calls === run.calls) resolve(cpuMicros() - before);
    };
    slots.deal();
  });
  breaker.shutdown();
  return micros;
};

/** All that a miss goes through below the cache and above the connector. */
export const wholeDispatcher: DispatchContender = async (run) => {
  const answer = createErp(run.failsEvery);
  let open = () => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  let isHeld = true;
  const erp: ErpSource<NumberedKey, string> = {
    keysPerCall: 1,
    groupOf: ({ group }) => group,
    async readMany(keys, call): Promise<Outcome<string>[]> {
      if (isHeld) await gate;
      await answer();
      return keys.map(({ id }) => ({ kind: "found", answer: id, freshness: fromErp(call) }));
    },
  };
  const breaker = createBreaker();
  const dispatcher = new Dispatcher(erp, {
    ...{ kind: "price", slots: new CallSlots(new ConcurrencyLimit(1), systemClock), breaker, clock: systemClock },
    ...{ timeoutMs: 5_000, abandonMs: 0, random: Math.random, onCall: ignore, onDecision: ignore },
  });
  const nextKey = createKeys(run);
  const board = () => void dispatcher.readMany([nextKey()], ask);
  for (let key = 0; key <= run.keys; key++) board();
  const micros = await new Promise<number>((resolve) => {
    let calls = 0;
    let before = 0;
    dispatcher.onOutcome(() => {
      calls++;
      if (calls < run.calls) board();
      if (calls === run.calls) resolve(cpuMicros() - before);
    });
    before = cpuMicros();
    isHeld = false;
    open();
  });
  breaker.shutdown();
  return micros;
};
