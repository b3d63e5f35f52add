import fc from "fast-check";
import { expect, test } from "vitest";
import { CachedSource } from "../../src/cache/cached-source.js";
import { ErpTimeout } from "../../src/errors.js";
import { fromErp } from "../../src/pricing/source.js";
import { Reading, setUpDispatcher } from "../dispatch/dispatcher-setup.js";
import { bySku, keysOf, type NamedKey } from "../support/fake-source.js";
import { askAt } from "../support/samples.js";
import { settle } from "../support/virtual-clock.js";

const windows = { freshMs: 60_000, staleMs: 600_000, unknownMs: 30_000, failureMs: 1_000 };
const id = fc.constantFrom("a", "b", "c");

type Step =
  | { readonly kind: "page" | "order"; readonly ids: string[] }
  | { readonly kind: "answer" | "fail"; readonly index: number }
  | { readonly kind: "forget"; readonly ids: string[] }
  | { readonly kind: "wait"; readonly ms: number };

const ids = fc.uniqueArray(id, { minLength: 1, maxLength: 3 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("page" as const), ids }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("order" as const), ids }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom("answer" as const, "fail" as const), index: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("forget" as const), ids }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("wait" as const), ms: fc.constantFrom(1, 20, 400, 61_000) }) },
);

/** The ERP says what was true when it was asked; by each millisecond its truth is another. */
test("no interleaving of pages, orders, late answers, failures and invalidations gives an order what was said before it came", async () => {
  let answered = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 5, maxLength: 60 }),
      fc.integer({ min: 1, max: 3 }),
      async (steps, limit) => {
        const { clock, erp, dispatcher } = setUpDispatcher({ limit, onAbort: new ErpTimeout("gone") });
        const cache = new CachedSource<NamedKey, string>(dispatcher, {
          ...{
            windows,
            namesOf: bySku,
            maxBytes: 1_000_000,
            clock,
            random: () => 0,
            revalidateMs: 10_000,
            longestFlightMs: 5_000,
            onLookup() {},
          },
        });
        const orders: { readonly askedAt: number; readonly reading: Reading }[] = [];
        for (const each of steps) {
          if (each.kind === "wait") await clock.advance(each.ms);
          else if (each.kind === "forget") cache.forget((key) => each.ids.includes(key.id), { sku: new Set(each.ids) });
          else if (each.kind === "page") void cache.readMany(keysOf(...each.ids), askAt(clock.now()));
          else if (each.kind === "order") {
            const ask = askAt(clock.now(), { lane: "checkout", maxAgeMs: 0 });
            orders.push({ askedAt: clock.now(), reading: new Reading(cache.readMany(keysOf(...each.ids), ask)) });
          } else if ("index" in each) {
            const call = erp.inFlight[each.index % Math.max(1, erp.inFlight.length)];
            if (each.kind === "fail") call?.fail(new ErpTimeout("late"));
            else
              call?.answer(() => ({ kind: "found", answer: String(call.call.sentAt), freshness: fromErp(call.call) }));
          }
          await settle();
          await clock.advance(1); // no two steps at one instant, so that before and after are told apart
        }
        for (const { askedAt, reading } of orders) {
          for (const outcome of reading.outcomes) {
            if (outcome.kind !== "found") continue;
            answered += 1;
            expect(Number(outcome.answer)).toBeGreaterThanOrEqual(askedAt);
            expect(outcome.freshness).toMatchObject({ source: "ERP", computedAt: Number(outcome.answer) });
          }
        }
      },
    ),
    { numRuns: 300 },
  );
  expect(answered).toBeGreaterThan(200);
});
