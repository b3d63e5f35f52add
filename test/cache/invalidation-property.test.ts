import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CachedSource } from "../../src/cache/cached-source.js";
import { CallSlots } from "../../src/dispatch/call-slots.js";
import { Dispatcher } from "../../src/dispatch/dispatcher.js";
import { ErpBadAnswer, ErpTimeout } from "../../src/errors.js";
import {
  type Ask,
  type ErpCall,
  type Failed,
  failed,
  fromErp,
  type Lane,
  type Outcome,
} from "../../src/pricing/source.js";
import { createBreaker, fixedLimit, optionsOf, Reading } from "../dispatch/dispatcher-setup.js";
import { bySku, FakeErp, keysOf, type NamedKey } from "../support/fake-source.js";
import { VirtualClock } from "../support/virtual-clock.js";

const ids = ["k0", "k1", "k2"];
const windows = { freshMs: 300, staleMs: 2_000, unknownMs: 200, failureMs: 250 };

type Step =
  | { readonly do: "ask"; readonly ids: string[]; readonly lane: Lane; readonly maxAgeMs: number | null }
  | { readonly do: "advance"; readonly ms: number }
  | { readonly do: "answer"; readonly which: number }
  | { readonly do: "change"; readonly ids: string[] }
  | { readonly do: "invalidate"; readonly ids: string[] | "all" };

const someIds = fc.uniqueArray(fc.constantFrom(...ids), { minLength: 1, maxLength: 3 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("ask" as const),
      ids: someIds,
      lane: fc.constantFrom<Lane>("checkout", "storefront", "feed"),
      maxAgeMs: fc.constantFrom(null, null, null, 0, 50),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("advance" as const), ms: fc.nat(250) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("answer" as const), which: fc.nat(20) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("change" as const), ids: someIds }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("invalidate" as const),
      ids: fc.oneof(someIds, fc.constant("all" as const)),
    }),
  },
);

const setting = fc.record({
  limit: fc.integer({ min: 1, max: 3 }),
  keysPerCall: fc.integer({ min: 1, max: 4 }),
  hangs: fc.boolean(),
  maxEntries: fc.constantFrom(2, 100),
});

/** Says what it knew when it was asked, however late it answers. */
class VersionedErp extends FakeErp {
  readonly versions = new Map(ids.map((id) => [id, 0]));
  readonly #knew = new Map<ErpCall, ReadonlyMap<string, number>>();

  override readMany(keys: readonly NamedKey[], call: ErpCall): Promise<Outcome<string>[]> {
    this.#knew.set(call, new Map(this.versions));
    return super.readMany(keys, call);
  }

  /** Some versions are an error, some that there is no such thing: all tell which version they are. */
  outcomeOf({ id }: NamedKey, call: ErpCall): Outcome<string> {
    const version = this.#knew.get(call)?.get(id) ?? 0;
    if (version % 3 === 1) return failed(new ErpBadAnswer(String(version)));
    const freshness = fromErp(call);
    return version % 3 === 2
      ? { kind: "unknown", what: "sku", freshness }
      : { kind: "found", answer: `${id}@${version}`, freshness };
  }
}

interface Question {
  readonly ids: readonly string[];
  /** The oldest version that may answer each: the one of the last invalidation before the question. */
  readonly oldest: readonly number[];
  readonly reading: Reading;
}

class Model {
  readonly #clock = new VirtualClock();
  readonly #erp: VersionedErp;
  readonly #breaker = createBreaker(() => this.#clock.now());
  readonly #cache: CachedSource<NamedKey, string>;
  readonly #invalidated = new Map(ids.map((id) => [id, 0]));
  readonly #open = new Set<Question>();
  answered = 0;

  constructor({ limit, keysPerCall, hangs, maxEntries }: typeof setting extends fc.Arbitrary<infer T> ? T : never) {
    const clock = this.#clock;
    this.#erp = new VersionedErp({ keysPerCall, onAbort: hangs ? "hang" : new ErpTimeout("gone") });
    const slots = new CallSlots(fixedLimit(limit), clock);
    const dispatcher = new Dispatcher(this.#erp, {
      ...optionsOf({ slots, breaker: this.#breaker, clock }),
      timeoutMs: 200,
    });
    this.#cache = new CachedSource(dispatcher, {
      windows,
      maxBytes: 1_000_000,
      maxEntries,
      clock,
      random: () => 0.5,
      revalidateMs: 400,
      // Shorter than a call that hangs: what the log no longer reaches must not be kept either.
      longestFlightMs: 200,
      namesOf: bySku,
      onLookup() {},
    });
  }

  async take(step: Step): Promise<void> {
    switch (step.do) {
      case "ask":
        this.#ask(step);
        break;
      case "answer":
        this.#answer(step.which);
        break;
      case "change":
        for (const id of step.ids) this.#erp.versions.set(id, (this.#erp.versions.get(id) ?? 0) + 1);
        break;
      case "invalidate":
        this.#invalidate(step.ids === "all" ? ids : step.ids);
        break;
      case "advance":
        break;
    }
    await this.#clock.advance(step.do === "advance" ? step.ms : 0);
    this.#check();
  }

  async finish(): Promise<void> {
    for (let round = 0; round < 30; round++) {
      for (const call of this.#erp.inFlight) call.answer((key) => this.#erp.outcomeOf(key, call.call));
      await this.#clock.advance(100);
    }
    this.#check();
    expect(this.#open.size).toBe(0);
    this.#breaker.shutdown();
  }

  #ask({ ids, lane, maxAgeMs }: Extract<Step, { do: "ask" }>): void {
    const now = this.#clock.now();
    const ask: Ask = { lane, deadline: now + 500, maxAgeMs, budget: null, signal: null };
    const oldest = ids.map((id) => this.#invalidated.get(id) ?? 0);
    this.#open.add({ ids, oldest, reading: new Reading(this.#cache.readMany(keysOf(...ids), ask)) });
  }

  #answer(which: number): void {
    const { inFlight } = this.#erp;
    const call = inFlight[which % Math.max(inFlight.length, 1)];
    call?.answer((key) => this.#erp.outcomeOf(key, call.call));
  }

  #invalidate(changed: readonly string[]): void {
    this.#cache.forget(({ id }) => changed.includes(id), { sku: new Set(changed) });
    for (const id of changed) this.#invalidated.set(id, this.#erp.versions.get(id) ?? 0);
  }

  #check(): void {
    for (const question of this.#open) {
      const { ids, oldest, reading } = question;
      if (reading.words === null) continue;
      this.#open.delete(question);
      for (const [index, id] of ids.entries()) this.#judge(id, oldest[index] ?? 0, reading.outcomes[index]);
    }
  }

  #judge(id: string, oldest: number, outcome: Outcome<string> | undefined): void {
    const now = this.#erp.versions.get(id) ?? 0;
    // A time-out, or the breaker's refusal after several, is no word of the ERP.
    if (outcome?.kind === "failed" && !(outcome.error instanceof ErpBadAnswer)) return;
    this.answered += 1;
    if (outcome?.kind === "unknown") {
      const mayBeUnknown = Array.from({ length: now - oldest + 1 }, (_, more) => oldest + more);
      expect(mayBeUnknown.some((version) => version % 3 === 2)).toBe(true);
      return;
    }
    const told = outcome?.kind === "found" ? outcome.answer.split("@") : [id, (outcome as Failed).error.message];
    expect(told[0]).toBe(id);
    expect(Number(told[1])).toBeGreaterThanOrEqual(oldest);
    expect(Number(told[1])).toBeLessThanOrEqual(now);
  }
}

describe("under any interleaving of questions, answers, changes, invalidations and time", () => {
  test("no answer, error or word that there is no such thing is older than an invalidation before its question", async () => {
    let answered = 0;
    await fc.assert(
      fc.asyncProperty(setting, fc.array(step, { minLength: 10, maxLength: 60 }), async (parts, steps) => {
        const model = new Model(parts);
        for (const each of steps) await model.take(each);
        await model.finish();
        answered += model.answered;
      }),
      { numRuns: 250 },
    );
    expect(answered).toBeGreaterThan(1_000);
  });
});
