import { describe, expect, test } from "vitest";
import { ChargingSource } from "../../src/dispatch/charging-source.js";
import { ErpUnavailable } from "../../src/errors.js";
import { type KeyBudget, TokenBucket } from "../../src/pricing/key-budget.js";
import type { Ask } from "../../src/pricing/source.js";
import { keysOf } from "../support/fake-source.js";
import { askAt } from "../support/samples.js";
import { settle } from "../support/virtual-clock.js";
import { Reading, setUpDispatcher } from "./dispatcher-setup.js";

/** The charging layer over a dispatcher, as the gateway stacks them. */
function setUp(limit = 1) {
  const under = setUpDispatcher({ limit });
  const { clock, dispatcher } = under;
  const source = new ChargingSource(dispatcher);
  const read = (ids: string[], budget: KeyBudget | null, ask: Partial<Ask> = {}) =>
    new Reading(source.readMany(keysOf(...ids), askAt(clock.now(), { budget, ...ask })));
  /** A key a second. */
  const createBudget = (burst: number): KeyBudget & { readonly charged: number[] } => {
    const bucket = new TokenBucket({ perSecond: 1, burst }, clock.now());
    const charged: number[] = [];
    const charge = (wanted: number) => {
      charged.push(wanted);
      return bucket.take(wanted, clock.now());
    };
    return { charged, charge };
  };
  return { ...under, source, read, createBudget };
}

describe("the caller's budget", () => {
  test("is charged for each key that the ERP is asked, in the order of the keys: the last ones are refused, the first stand", async () => {
    const { erp, read, createBudget } = setUp();
    const budget = createBudget(2);
    const reading = read(["a", "b", "c", "d"], budget);
    erp.callAt(0).answer();
    await settle();
    expect(erp.asked).toEqual([["a", "b"]]);
    expect(reading.words).toEqual(["a", "b", "RateLimited", "RateLimited"]);
  });

  test("where it is used up, the ERP is not asked, and the refusal says when to come again", async () => {
    const { clock, erp, read, createBudget } = setUp();
    const budget = createBudget(5);
    budget.charge(5);
    const refused = read(["a", "b", "c"], budget);
    await settle();
    expect(erp.calls).toEqual([]);
    expect(refused.outcomes).toMatchObject(
      ["a", "b", "c"].map(() => ({ kind: "failed", error: { code: "RATE_LIMITED", retryAfterSeconds: 3 } })),
    );
    await clock.advance(3_000);
    const again = read(["a", "b", "c"], budget);
    erp.callAt(0).answer();
    await settle();
    expect(again.words).toEqual(["a", "b", "c"]);
  });

  test("comes back after a long quiet time, up to its burst", async () => {
    const { clock, erp, read, createBudget } = setUp();
    const budget = createBudget(2);
    budget.charge(2);
    await clock.advance(30 * 24 * 3_600_000);
    const reading = read(["a", "b", "c"], budget);
    erp.callAt(0).answer();
    await settle();
    expect(reading.words).toEqual(["a", "b", "RateLimited"]);
  });

  test("is not charged for a key that another caller has had sent: it is joined", async () => {
    const { erp, read, createBudget } = setUp();
    const payer = createBudget(1);
    read(["a"], payer);
    const free = createBudget(1);
    free.charge(1);
    const joined = read(["a", "b"], free);
    erp.callAt(0).answer();
    await settle();
    expect(joined.words).toEqual(["a", "RateLimited"]);
    expect(payer.charged).toEqual([1]);
    expect(erp.asked).toEqual([["a"]]);
  });

  test("is not charged for a key that waits for a slot on another one's account, by a live question neither", async () => {
    const { erp, read, createBudget } = setUp();
    read(["busy"], null);
    read(["a"], null);
    const empty = createBudget(1);
    empty.charge(1);
    const joined = read(["a"], empty, { maxAgeMs: 0 });
    erp.callAt(0).answer();
    await settle();
    erp.callAt(1).answer();
    await settle();
    expect(joined.words).toEqual(["a"]);
    expect(empty.charged).toEqual([1]);
  });

  test("is charged for a live question that a read under way cannot answer, once for all who ask so", async () => {
    const { erp, read, createBudget } = setUp();
    read(["a"], null);
    const [first, second] = [createBudget(1), createBudget(1)];
    read(["a"], first, { maxAgeMs: 0 });
    read(["a"], second, { maxAgeMs: 0 });
    expect([first.charged, second.charged]).toEqual([[1], []]);
    erp.callAt(0).answer();
    await settle();
    expect(erp.asked).toEqual([["a"], ["a"]]);
  });

  test("whoever has none is never refused", async () => {
    const { erp, read } = setUp();
    const reading = read(["a", "b"], null);
    erp.callAt(0).answer();
    await settle();
    expect(reading.words).toEqual(["a", "b"]);
  });

  test("a refusal is told to the caller alone, while what the ERP says or fails at is told on", async () => {
    const { erp, told, read, createBudget } = setUp(2);
    read(["a", "b"], createBudget(1));
    erp.callAt(0).fail(new ErpUnavailable("down"));
    await settle();
    expect(told).toEqual([["a", "ErpUnavailable"]]);
  });

  test("an error of the ERP stays its own beside a refusal", async () => {
    const { erp, read, createBudget } = setUp();
    const reading = read(["a", "b"], createBudget(1));
    erp.callAt(0).fail(new ErpUnavailable("down"));
    await settle();
    expect(reading.words).toEqual(["ErpUnavailable", "RateLimited"]);
  });
});
