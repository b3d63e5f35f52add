import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ErpBadAnswer, ErpOverloaded, ErpTimeout } from "../../src/errors.js";
import { type Ask, failed, fromErp, type Lane, type Outcome } from "../../src/pricing/source.js";
import type { NamedKey } from "../support/fake-source.js";
import { unknownAt } from "../support/samples.js";
import { Reading, setUpDispatcher } from "./dispatcher-setup.js";

type Step =
  | {
      readonly do: "ask";
      readonly ids: number[];
      readonly lane: Lane;
      readonly forMs: number;
      readonly maxAgeMs: number | null;
    }
  | { readonly do: "advance"; readonly ms: number }
  | { readonly do: "answer" | "fail" | "supersede" | "leave"; readonly which: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constant("ask" as const),
    ids: fc.uniqueArray(fc.nat(11), { minLength: 1, maxLength: 5 }),
    lane: fc.constantFrom<Lane>("checkout", "storefront", "feed"),
    forMs: fc.nat(400),
    maxAgeMs: fc.constantFrom(null, null, 0, 20, 100),
  }),
  fc.record({ do: fc.constant("advance" as const), ms: fc.nat(150) }),
  fc.record({ do: fc.constantFrom("answer" as const, "fail" as const), which: fc.nat(20) }),
  fc.record({ do: fc.constantFrom("supersede" as const, "leave" as const), which: fc.nat(11) }),
);

const setting = fc.record({
  limit: fc.integer({ min: 1, max: 3 }),
  keysPerCall: fc.integer({ min: 1, max: 4 }),
  groups: fc.integer({ min: 1, max: 3 }),
  hangs: fc.boolean(),
  adapts: fc.boolean(),
  abandonMs: fc.constantFrom(0, 70, null),
});
type Setting = typeof setting extends fc.Arbitrary<infer Value> ? Value : never;

interface Caller {
  readonly keys: readonly NamedKey[];
  readonly ask: Ask;
  /** In ms since the epoch. */
  readonly askedAt: number;
  readonly leaving: AbortController;
  /** When each key was last superseded before the question, in ms since the epoch. */
  readonly notBefore: ReadonlyMap<string, number>;
  readonly reading: Reading;
}

class Model {
  readonly #groups: number;
  readonly #callers: Caller[] = [];
  readonly #supersededAt = new Map<string, number>();
  #callsSeen = 0;
  #heldUntil = 0;
  readonly #limit: number;
  readonly #hangs: boolean;
  readonly #under: ReturnType<typeof setUpDispatcher>;

  constructor({ limit, keysPerCall, groups, hangs, adapts, abandonMs }: Setting) {
    this.#groups = groups;
    this.#limit = limit;
    this.#hangs = hangs;
    const onAbort = hangs ? "hang" : new ErpTimeout("gone");
    this.#under = setUpDispatcher({ limit, keysPerCall, adapts, abandonMs, timeoutMs: 200, onAbort });
  }

  async take(step: Step): Promise<void> {
    const { clock, erp } = this.#under;
    if (step.do === "ask") this.#ask(step);
    else if (step.do === "supersede") this.#supersede(`k${step.which}`);
    else if (step.do === "leave") this.#callers[step.which % Math.max(this.#callers.length, 1)]?.leaving.abort();
    else if (step.do !== "advance") {
      const { inFlight } = erp;
      const call = inFlight[step.which % Math.max(inFlight.length, 1)];
      if (step.do === "fail") call?.fail(failureOf(step.which));
      else call?.answer((key) => answerOf(key, fromErp(call.call)));
    }
    await clock.advance(step.do === "advance" ? step.ms : 0);
    this.#check();
  }

  /** Ends all calls, and lets every deadline pass. */
  async finish(): Promise<void> {
    const { clock, erp, slots, dispatcher } = this.#under;
    if (!this.#hangs) await clock.advance(1_000);
    for (let round = 0; erp.inFlight.length > 0 && round < 200; round++) {
      for (const call of erp.inFlight) call.answer((key) => answerOf(key, fromErp(call.call)));
      await clock.advance(10);
    }
    await clock.advance(1_000);
    this.#check();
    expect(this.#callers.every(({ reading }) => reading.words !== null)).toBe(true);
    expect([slots.inFlight, dispatcher.waitingKeys, clock.pendingTimers]).toEqual([0, 0, 0]);
    this.#under.breaker.shutdown();
  }

  #supersede(id: string): void {
    this.#under.dispatcher.supersede((key) => key.id === id);
    this.#supersededAt.set(id, this.#under.clock.now());
  }

  #ask({ ids, lane, forMs, maxAgeMs }: Extract<Step, { do: "ask" }>): void {
    const { clock, dispatcher } = this.#under;
    const keys = ids.map((id) => ({ id: `k${id}`, group: `g${id % this.#groups}` }));
    const askedAt = clock.now();
    const leaving = new AbortController();
    const ask = { lane, deadline: askedAt + forMs, maxAgeMs, budget: null, signal: leaving.signal };
    const notBefore = new Map(this.#supersededAt);
    this.#callers.push({
      keys,
      ask,
      askedAt,
      leaving,
      notBefore,
      reading: new Reading(dispatcher.readMany(keys, ask)),
    });
  }

  #check(): void {
    const { clock, erp, slots } = this.#under;
    // Calls given up count until the ERP can be expected to have dropped them, too.
    expect(slots.inFlight).toBeLessThanOrEqual(this.#limit);
    expect(erp.inFlight.length).toBeLessThanOrEqual(slots.inFlight);
    for (const { call } of erp.calls.slice(this.#callsSeen)) {
      expect(call.sentAt).toBeGreaterThanOrEqual(this.#heldUntil); // as of the step before: Retry-After
    }
    this.#callsSeen = erp.calls.length;
    this.#heldUntil = slots.limit.heldUntil;
    expect(erp.mostInFlight).toBeLessThanOrEqual(this.#limit);
    const flying = erp.inFlight.flatMap(({ keys }) => keys.map(({ id }) => id));
    expect(new Set(flying).size).toBe(flying.length); // nothing is asked twice at one time
    for (const { keys } of erp.calls) {
      expect(keys.length).toBeLessThanOrEqual(erp.keysPerCall);
      expect(new Set(keys.map(({ group }) => group)).size).toBe(1);
    }
    for (const caller of this.#callers) checkCaller(caller, clock.now());
    const isAllGone = this.#callers.every(({ reading }) => reading.words !== null);
    if (isAllGone) expect(this.#under.dispatcher.waitingKeys).toBe(0); // nothing waits for nobody
  }
}

function checkCaller({ keys, ask, askedAt, notBefore, reading }: Caller, now: number): void {
  if (reading.words === null) {
    expect(now).toBeLessThan(ask.deadline);
    return;
  }
  expect(reading.outcomes).toHaveLength(keys.length);
  for (const [index, key] of keys.entries()) {
    const outcome = reading.outcomes[index] as Outcome<string>;
    if (outcome.kind === "failed") continue;
    if (outcome.kind === "found") expect(outcome.answer).toBe(key.id);
    const { computedAt } = outcome.freshness;
    expect(computedAt).toBeGreaterThanOrEqual(notBefore.get(key.id) ?? 0);
    if (ask.maxAgeMs !== null) expect(askedAt - computedAt).toBeLessThanOrEqual(ask.maxAgeMs);
  }
}

/** Every third key is unknown, every fifth cannot be answered. */
function answerOf({ id }: NamedKey, freshness: ReturnType<typeof fromErp>): Outcome<string> {
  const number = Number(id.slice(1));
  if (number % 5 === 4) return failed(new ErpBadAnswer("a poisoned row"));
  return number % 3 === 2 ? { ...unknownAt(0), freshness } : { kind: "found", answer: id, freshness };
}

// None that the circuit breaker counts: it would end the run by refusing all that follows, and has tests of its own.
function failureOf(which: number): Error {
  if (which % 2 === 0) return new ErpBadAnswer("garbage");
  return new ErpOverloaded("429", { countsAsFailure: false, retryAfterSeconds: which % 3 === 0 ? 1 : null });
}

describe("dispatch under any interleaving of questions, time, answers and failures", () => {
  test("no key gets another key's answer nor one too old or superseded, the limit and Retry-After hold, and every caller has its outcomes by its deadline", async () => {
    await fc.assert(
      fc.asyncProperty(setting, fc.array(step, { minLength: 5, maxLength: 40 }), async (parts, steps) => {
        const model = new Model(parts);
        for (const each of steps) await model.take(each);
        await model.finish();
      }),
      { numRuns: 150 },
    );
  });
});
