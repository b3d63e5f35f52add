import { Breaker } from "../../src/dispatch/breaker.js";
import { CallSlots } from "../../src/dispatch/call-slots.js";
import { ConcurrencyLimit, type Limit } from "../../src/dispatch/concurrency-limit.js";
import { Dispatcher, type DispatcherOptions } from "../../src/dispatch/dispatcher.js";
import type { FinishedCall } from "../../src/dispatch/erp-caller.js";
import type { Ask, Outcome } from "../../src/pricing/source.js";
import { oneTurn, type Turns } from "../../src/pricing/turns.js";
import { FakeErp, type FakeErpOptions, keysOf, type NamedKey } from "../support/fake-source.js";
import { askAt } from "../support/samples.js";
import { VirtualClock } from "../support/virtual-clock.js";

/** A breaker of the product's own settings; whoever makes one shuts it down. */
export function createBreaker(now: () => number): Breaker {
  return new Breaker({ failuresInARow: 5, firstOpenMs: 1_000, longestOpenMs: 10_000, now, onState() {} });
}

/** Runs a call that throws through a breaker, which wants to be given the error. @throws what the call throws, or the refusal */
export async function runThrough<T>(breaker: Breaker, call: () => Promise<T>): Promise<T> {
  let answer: (() => T) | null = null;
  const error = await breaker.run(async () => {
    try {
      const result = await call();
      answer = () => result;
      return null;
    } catch (thrown) {
      return thrown as Error;
    }
  });
  if (error !== null || answer === null) throw error;
  return (answer as () => T)();
}

/** A limit that learns nothing. */
export function fixedLimit(current: number): Limit {
  return { current, heldUntil: 0, onCallEnd() {} };
}

export interface SetUp extends FakeErpOptions {
  readonly limit?: number;
  readonly timeoutMs?: number;
  /** 0 unless said otherwise: a slot is free as soon as its call ended. */
  readonly abandonMs?: number | null;
  /** Whether the limit adapts; it stands still unless said so. */
  readonly adapts?: boolean;
  /** From 0 up to 1: what jitter draws each time. */
  readonly random?: number;
  /** In which the feed is told; all at once unless said otherwise. */
  readonly turns?: Turns;
}

/** Options of a dispatcher of prices with nothing special about it. */
export function optionsOf<Given extends Pick<DispatcherOptions, "slots" | "breaker" | "clock">>(given: Given) {
  const rest = { timeoutMs: 5_000, abandonMs: 0, random: () => 0.5, onCall() {}, onDecision() {} };
  return { kind: "price" as const, ...rest, ...given };
}

/** A dispatcher over an ERP whose calls end when told to; one slot unless said otherwise. */
export function setUpDispatcher(setUp: SetUp = {}) {
  const {
    limit = 1,
    timeoutMs = 5_000,
    abandonMs = 0,
    adapts = false,
    random = 0.5,
    turns = oneTurn,
    ...erpOptions
  } = setUp;
  const clock = new VirtualClock();
  const erp = new FakeErp(erpOptions);
  const slots = new CallSlots(adapts ? new ConcurrencyLimit(limit) : fixedLimit(limit), clock);
  const breaker = createBreaker(() => clock.now());
  const finished: FinishedCall[] = [];
  const onCall = (call: FinishedCall) => finished.push(call);
  const decisions: string[] = [];
  const dispatcher = new Dispatcher(erp, {
    ...optionsOf({ slots, breaker, clock }),
    timeoutMs,
    abandonMs,
    turns,
    random: () => random,
    onCall,
    onDecision: (decision, lane) => decisions.push(`${lane} ${decision}`),
  });
  const told: [string, string][] = [];
  dispatcher.onOutcome((key, outcome) => told.push([key.id, wordOf(outcome)]));

  const read = (ids: readonly string[] | readonly NamedKey[], ask: Partial<Ask> = {}) => {
    const keys = ids.flatMap((id) => (typeof id === "string" ? keysOf(id) : [id]));
    return new Reading(dispatcher.readMany(keys, askAt(clock.now(), ask)));
  };
  return { clock, erp, slots, breaker, dispatcher, finished, told, decisions, read };
}

/** What a caller holds: nothing yet, or one word for each key. */
export class Reading {
  /** Null until the caller has its answer. */
  words: string[] | null = null;
  outcomes: readonly Outcome<string>[] = [];

  constructor(reading: Promise<readonly Outcome<string>[]>) {
    void reading.then((outcomes) => {
      this.outcomes = outcomes;
      this.words = outcomes.map(wordOf);
    });
  }
}

/** The answer itself, "unknown", or the name of the error. */
export function wordOf(outcome: Outcome<string>): string {
  if (outcome.kind === "found") return outcome.answer;
  return outcome.kind === "unknown" ? "unknown" : outcome.error.constructor.name;
}

export function grouped(group: string, ...ids: readonly string[]): NamedKey[] {
  return ids.map((id) => ({ id, group }));
}
