import { describe, expect, test } from "vitest";
import { planRun, resumableMs } from "../../../src/cli/feed/plan-run.js";
import { type FeedState, noWholeRuns, type UnfinishedRun } from "../../../src/cli/feed/run-state.js";
import { wishOf } from "./feed-setup.js";

const now = Date.UTC(2026, 10, 24);
const wish = wishOf("/feeds/a", "http://gateway/");
const run: UnfinishedRun = {
  kind: "full",
  out: "/feeds/a",
  changedSince: null,
  endCursor: "c9",
  isReceived: false,
  deltaCursor: null,
  bytes: 900,
  items: 9,
  startedAt: now - 9_000,
  keptAt: now - 1_000,
};
const stateOf = (parts: Partial<FeedState>): FeedState => ({
  target: wish.target,
  run: null,
  whole: noWholeRuns,
  ...parts,
});
const whole = { deltaCursor: "d5", fullItems: 100, parts: {} };

describe("where a run begins", () => {
  test("at the beginning where nothing is known, and in the state what was whole is kept", () => {
    const { state, notes } = planRun(stateOf({ whole }), wish, now);
    expect(state).toMatchObject({ run: { kind: "full", endCursor: null, bytes: 0, startedAt: now }, whole });
    expect(notes).toEqual([]);
  });

  test("where one was cut off, unless it is to start over, or lay for more than six hours", () => {
    expect(planRun(stateOf({ run }), wish, now).state.run).toEqual(run);
    expect(planRun(stateOf({ run }), { ...wish, isFresh: true }, now).state.run.endCursor).toBeNull();
    expect(planRun(stateOf({ run }), wish, run.keptAt + resumableMs).state.run).toEqual(run);
    const { state, notes } = planRun(stateOf({ run }), wish, run.keptAt + resumableMs + 1);
    expect([state.run.endCursor, notes]).toEqual([null, [expect.stringContaining("6 hours")]]);
  });

  test("where one was cut off by a clock that was ahead", () => {
    expect(planRun(stateOf({ run: { ...run, keptAt: now + 9e9 } }), wish, now).state.run.endCursor).toBe("c9");
  });

  test("a delta where the last whole run said, also with --fresh", () => {
    for (const isFresh of [false, true]) {
      const { state } = planRun(stateOf({ whole }), { ...wish, wantsDelta: true, isFresh }, now);
      expect(state.run).toMatchObject({ kind: "delta", changedSince: "d5" });
    }
  });

  test.each([
    ["another gateway", { gateway: "http://other/" }, "--url http://gateway/"],
    ["other rules", { rules: { safetyStock: "1", tax: "gross", amazon: null } }, "channel options"],
  ] as const)(
    "nowhere where the state is of %s, but for --fresh, which forgets its cursor too",
    (_what, parts, said) => {
      const other = { ...wish, target: { ...wish.target, ...parts } };
      expect(() => planRun(stateOf({ run }), other, now)).toThrow(said);
      const fresh = { ...other, isFresh: true };
      expect(planRun(stateOf({ run, whole }), fresh, now).state).toMatchObject({
        run: { endCursor: null },
        whole: noWholeRuns,
      });
      expect(() => planRun(stateOf({ whole }), { ...fresh, wantsDelta: true }, now)).toThrow("run in full");
    },
  );

  test("nowhere where the state has a run for another file", () => {
    expect(() => planRun(stateOf({ run: { ...run, out: "/feeds/b" } }), wish, now)).toThrow("/feeds/b");
  });
});
