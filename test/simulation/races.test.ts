import fc from "fast-check";
import { expect, test } from "vitest";
import { CachedSource } from "../../src/cache/cached-source.js";
import { CallSlots } from "../../src/dispatch/call-slots.js";
import { Dispatcher } from "../../src/dispatch/dispatcher.js";
import { ErpTimeout } from "../../src/errors.js";
import { type ErpCall, type ErpSource, fromErp, type Outcome } from "../../src/pricing/source.js";
import { createBreaker, fixedLimit, optionsOf } from "../dispatch/dispatcher-setup.js";
import { keysOf, type NamedKey } from "../support/fake-source.js";
import { askAt } from "../support/samples.js";
import { SimulationClock, withVirtualTimers } from "./simulation-clock.js";

/** What each key is worth, and since which version an answer must be; counted up by each change. */
class Truth {
  readonly #versions = new Map<string, number>();

  of(id: string): number {
    return this.#versions.get(id) ?? 0;
  }

  change(id: string): void {
    this.#versions.set(id, this.of(id) + 1);
  }
}

/** Reads at one instant and answers at another, both of which the scheduler chooses; what is given up may be answered too late. */
class ScheduledErp implements ErpSource<NamedKey, string> {
  readonly keysPerCall = 2;
  readonly #truth: Truth;
  readonly #scheduler: fc.Scheduler;

  constructor(truth: Truth, scheduler: fc.Scheduler) {
    this.#truth = truth;
    this.#scheduler = scheduler;
  }

  groupOf(): string {
    return "";
  }

  async readMany(keys: readonly NamedKey[], call: ErpCall): Promise<Outcome<string>[]> {
    await this.#scheduler.schedule(Promise.resolve(), "the ERP reads");
    const outcomes = keys.map(({ id }): Outcome<string> => {
      return { kind: "found", answer: `${id}|${this.#truth.of(id)}`, freshness: fromErp(call) };
    });
    await this.#scheduler.schedule(Promise.resolve(), "the ERP answers");
    if (call.signal.aborted) throw new ErpTimeout("given up");
    return outcomes;
  }
}

type Act =
  | { readonly kind: "load"; readonly id: string; readonly isLive: boolean; readonly leavesAfter: number | null }
  | { readonly kind: "change"; readonly id: string }
  | { readonly kind: "wait"; readonly ms: number };

const id = fc.constantFrom("a", "b", "c");
const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant("load" as const),
      id,
      isLive: fc.boolean(),
      leavesAfter: fc.option(fc.integer({ min: 0, max: 50 }), { freq: 4 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("change" as const), id }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("wait" as const), ms: fc.constantFrom(1, 20, 900, 1_100, 3_000) }),
  },
);

function setUp(clock: SimulationClock, erp: ErpSource<NamedKey, string>, slotsAtOnce: number) {
  const breaker = createBreaker(() => clock.now());
  const slots = new CallSlots(fixedLimit(slotsAtOnce), clock);
  const dispatcher = new Dispatcher(erp, { ...optionsOf({ slots, breaker, clock }), timeoutMs: 1_000 });
  const cache = new CachedSource(dispatcher, {
    windows: { freshMs: 1_000, staleMs: 60_000, unknownMs: 1_000, failureMs: 10 },
    maxBytes: 1_000_000,
    maxEntries: 2,
    namesOf: ({ id: sku }) => ({ sku }),
    clock,
    random: () => 0,
    revalidateMs: 5_000,
    longestFlightMs: 2_000,
    onLookup() {},
  });
  return { cache, close: () => breaker.shutdown() };
}

/** Runs the acts of several at once, in the order that the scheduler chooses. @returns answers from before an acknowledged change */
async function race(scheduler: fc.Scheduler, sequences: readonly Act[][], slotsAtOnce: number): Promise<string[]> {
  const clock = new SimulationClock();
  return withVirtualTimers(clock, async () => {
    const truth = new Truth();
    const { cache, close } = setUp(clock, new ScheduledErp(truth, scheduler), slotsAtOnce);
    const wrong: string[] = [];
    const loads: Promise<void>[] = [];

    async function load({ id: asked, isLive, leavesAfter }: Act & { readonly kind: "load" }): Promise<void> {
      const since = truth.of(asked);
      const leaving = new AbortController();
      if (leavesAfter !== null) clock.after(leavesAfter, () => leaving.abort());
      const ask = askAt(clock.now(), { maxAgeMs: isLive ? 0 : null, signal: leaving.signal });
      const [outcome] = await cache.readMany(keysOf(asked), ask);
      if (outcome?.kind !== "found") return;
      const [told, version] = outcome.answer.split("|");
      if (told !== asked) wrong.push(`${asked} was told ${outcome.answer}`);
      if (Number(version) < since) wrong.push(`${asked} was told ${outcome.answer}, of before version ${since}`);
    }

    async function perform(step: Act): Promise<void> {
      if (step.kind === "load") loads.push(load(step));
      else if (step.kind === "wait") await clock.advance(step.ms);
      else {
        truth.change(step.id);
        cache.forget((key) => key.id === step.id, { sku: new Set([step.id]) });
      }
    }

    for (const steps of sequences) {
      scheduler.scheduleSequence(steps.map((step) => ({ label: JSON.stringify(step), builder: () => perform(step) })));
    }
    await scheduler.waitIdle();
    await clock.advance(10_000);
    await scheduler.waitIdle();
    await Promise.all(loads);
    close();
    return wrong;
  });
}

test("no order of loads, invalidations, leavings, time-outs and late answers shows what was before an acknowledged change", async () => {
  const sequences = fc.array(fc.array(act, { minLength: 1, maxLength: 8 }), { minLength: 2, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), sequences, fc.integer({ min: 1, max: 2 }), async (scheduler, acts, slots) => {
      expect(await race(scheduler, acts, slots)).toEqual([]);
    }),
    { numRuns: 300 },
  );
});
