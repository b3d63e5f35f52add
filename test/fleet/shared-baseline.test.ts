import { describe, expect, test } from "vitest";
import { ConcurrencyLimit } from "../../src/dispatch/concurrency-limit.js";
import { parseBaseline } from "../../src/fleet/shared-baseline.js";
import type { ErpBaseline } from "../../src/pricing/erp-baseline.js";

const most = 8;

/** Has calls of a full house end, each after so long; the ERP answers in 50 ms at ease. */
class Calls {
  readonly limit = new ConcurrencyLimit(most);
  now = 1_000_000;

  end(count: number, ms: number): void {
    for (let call = 0; call < count; call++) {
      this.now += ms;
      const sentAt = this.now - ms;
      const ended = {
        kind: "price",
        keys: 24,
        inFlight: this.limit.current,
        outcome: "success",
        holdMs: null,
      } as const;
      this.limit.onCallEnd({ ...ended, sentAt, endedAt: this.now });
      this.now++;
    }
  }
}

function learnt(): ErpBaseline {
  const calls = new Calls();
  expect(calls.limit.baseline(calls.now), "it has seen nothing").toBeNull();
  calls.end(400, 50);
  return calls.limit.baseline(calls.now) as ErpBaseline;
}

describe("how an ERP is at ease", () => {
  test("is known to a replica that starts while calls stand in a queue; one that was told nothing takes that for usual", () => {
    const blind = new Calls();
    blind.end(60, 400);
    expect(blind.limit.current).toBe(most);
    const told = new Calls();
    expect(told.limit.startFrom(learnt(), told.now)).toBe(true);
    told.end(60, 400);
    expect(told.limit.current).toBeLessThan(most);
  });

  test("changes nothing for one that starts while the ERP is as it was", () => {
    const told = new Calls();
    told.limit.startFrom(learnt(), told.now);
    told.end(400, 50);
    expect(told.limit.current).toBe(most);
  });

  test("is forgotten within minutes where it is wrong: an ERP that became slower for good is asked as much as before", () => {
    const told = new Calls();
    told.limit.startFrom(learnt(), told.now);
    told.end(2_000, 100);
    expect(told.limit.current).toBe(most);
  });

  test("is not taken from others by one that has learnt it itself", () => {
    const calls = new Calls();
    calls.end(400, 50);
    expect(calls.limit.startFrom(learnt(), calls.now)).toBe(false);
  });

  test("is believed where an ERP can be like that, and not otherwise", () => {
    const sane = learnt();
    const parse = (changed: unknown) => parseBaseline(JSON.stringify(changed), 5_000);
    expect(parse(sane)).toEqual(sane);
    const call = { kind: "price", keys: 24, ms: 50 };
    const usual = { mean: 0, deviation: 0, rounds: 20 };
    for (const bad of [
      null,
      [],
      {},
      { ...sane, quickest: null },
      { ...sane, quickest: Array(65).fill(call) },
      ...[{ kind: "feed" }, { keys: 0 }, { keys: 1.5 }, { ms: -1 }, { ms: 5_001 }, { ms: "50" }].map((wrong) => ({
        ...sane,
        quickest: [{ ...call, ...wrong }],
      })),
      ...[{ mean: 4 }, { mean: null }, { deviation: -1 }, { rounds: 0 }].map((wrong) => ({
        ...sane,
        usualMean: { ...usual, ...wrong },
      })),
    ])
      expect(parse(bad), JSON.stringify(bad)).toBeNull();
    expect(parseBaseline("junk", 5_000)).toBeNull();
  });
});
