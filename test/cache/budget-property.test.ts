import fc from "fast-check";
import { expect, test } from "vitest";
import { CachedSource } from "../../src/cache/cached-source.js";
import { CallerBudgets } from "../../src/cache/caller-budgets.js";
import { ChargingSource } from "../../src/dispatch/charging-source.js";
import { anonymousAt } from "../../src/pricing/caller.js";
import type { Outcome } from "../../src/pricing/source.js";
import { setUpDispatcher } from "../dispatch/dispatcher-setup.js";
import { bySku, keysOf, type NamedKey } from "../support/fake-source.js";
import { askAt } from "../support/samples.js";
import { settle } from "../support/virtual-clock.js";

const perSecond = 2;
const burst = 6;

const step = fc.oneof(
  fc.record({
    do: fc.constant("ask" as const),
    caller: fc.integer({ min: 0, max: 2 }),
    ids: fc.uniqueArray(fc.constantFrom(..."abcdefghij"), { minLength: 1 }),
    maxAgeMs: fc.constantFrom(null, 0, 300),
  }),
  fc.record({ do: fc.constant("wait" as const), ms: fc.integer({ min: 0, max: 2_000 }) }),
  fc.record({ do: fc.constant("answer" as const) }),
);

/** Cache, budget and dispatch, with windows so short that within a run answers turn stale and end. */
function setUp() {
  const under = setUpDispatcher({ limit: 2, keysPerCall: 3, timeoutMs: 3_600_000 });
  const { clock, dispatcher, erp } = under;
  const cache = new CachedSource<NamedKey, string>(new ChargingSource(dispatcher), {
    windows: { freshMs: 500, staleMs: 2_000, unknownMs: 500, failureMs: 100 },
    maxBytes: 1_000_000,
    clock,
    random: () => 0,
    longestFlightMs: 20_000,
    namesOf: bySku,
    revalidateMs: 3_600_000,
    onLookup() {},
  });
  let paid = 0;
  const budgets = new CallerBudgets({
    ...{ perSecond, burst, maxCallers: 10, clock },
    onCharge(_kind, granted) {
      paid += granted;
    },
    onRefused() {},
  });
  const start = clock.now();
  const granted = [0, 0, 0];
  const ask = (caller: number, ids: readonly string[], maxAgeMs: number | null) => {
    const before = paid;
    const budget = budgets.budgetOf(anonymousAt(String(caller)));
    const deadline = clock.now() + 3_600_000;
    const reading = cache.readMany(keysOf(...ids), askAt(clock.now(), { budget, maxAgeMs, deadline }));
    granted[caller] = (granted[caller] ?? 0) + paid - before;
    return reading;
  };
  const answerAll = async () => {
    for (const call of erp.inFlight) call.answer();
    await settle();
  };
  const most = () => burst + (perSecond * (clock.now() - start)) / 1_000;
  return { ...under, ask, answerAll, granted, most, paid: () => paid };
}

test("each key at the ERP was paid for once, no caller pays more than burst + rate × time, and nobody gets less than an answer or RATE_LIMITED, but for what is shed", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      const { clock, erp, breaker, decisions, ask, answerAll, granted, most, paid } = setUp();
      const readings: Promise<Outcome<string>[]>[] = [];
      for (const each of steps) {
        if (each.do === "wait") await clock.advance(each.ms);
        else if (each.do === "answer") await answerAll();
        else readings.push(ask(each.caller, each.ids, each.maxAgeMs));
        expect(Math.max(...granted)).toBeLessThanOrEqual(most());
        expect(erp.asked.flat().length).toBeLessThanOrEqual(paid());
      }
      while (erp.inFlight.length > 0) await answerAll();
      // What stood in a queue that does not drain was paid for, and is shed.
      const shed = decisions.filter((decision) => decision === "storefront shed").length;
      expect(erp.asked.flat().length + shed).toBe(paid());
      const words = (await Promise.all(readings)).flat();
      const codes = words.flatMap((word) => (word.kind === "failed" ? [(word.error as { code?: string }).code] : []));
      const expected = shed === 0 ? ["RATE_LIMITED"] : ["RATE_LIMITED", "ERP_OVERLOADED"];
      expect(codes.filter((code) => !expected.includes(code ?? ""))).toEqual([]);
      breaker.shutdown();
    }),
    { numRuns: 150 },
  );
});
