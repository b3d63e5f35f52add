import { beforeEach, describe, expect, test } from "vitest";
import { createProcessingBudget, type ProcessingBudget } from "../../../src/erp/erpnext/processing-budget.js";
import { settle, VirtualClock } from "../../support/virtual-clock.js";

const limitMs = 600_000;
let clock: VirtualClock;
let budget: ProcessingBudget;
const never = new AbortController().signal;

beforeEach(() => {
  clock = new VirtualClock();
  budget = createProcessingBudget(clock);
});

/** What a site says after a call, in its own units. */
function told(remainingMs: number, resetSeconds: number) {
  const headers = {
    "x-ratelimit-limit": String(limitMs * 1000),
    "x-ratelimit-remaining": String(remainingMs * 1000),
    "x-ratelimit-reset": String(resetSeconds),
  };
  return { status: 200, headers, text: "" };
}

/** In ms, until the call is let through; the error where it is not. */
async function admitted(): Promise<number | Error> {
  const from = clock.now();
  let result: number | Error | null = null;
  budget.admit(never).then(
    () => {
      result = clock.now() - from;
    },
    (error: Error) => {
      result = error;
    },
  );
  await settle();
  while (result === null) await clock.advance(1);
  return result;
}

describe("the processing time that a site gives", () => {
  test("holds nobody back where the site tells none", async () => {
    budget.note({ status: 200, headers: {}, text: "" }, 5000);
    expect([await admitted(), await admitted(), await admitted()]).toEqual([0, 0, 0]);
  });

  test("holds nobody back while half of it is left", async () => {
    budget.note(told(limitMs / 2, 3600), 1000);
    expect([await admitted(), await admitted(), await admitted()]).toEqual([0, 0, 0]);
  });

  test("spreads what is left over the rest of the window, once it is less", async () => {
    // 20 % of 600 s, half of which is people's: 60 s, so 600 calls of 100 ms in the 120 s that are left.
    budget.note(told(limitMs * 0.2, 120), 100);
    expect([await admitted(), await admitted(), await admitted()]).toEqual([0, 200, 200]);
  });

  test("refuses for as long as a call would have to wait, where that is long", async () => {
    budget.note(told(limitMs * 0.11, 3600), 1000);
    expect(await admitted()).toBe(0);
    expect(await admitted()).toMatchObject({ code: "ERP_OVERLOADED", countsAsFailure: false, holdSeconds: 600 });
  });

  test("leaves the last tenth to people until the window ends, and begins anew then", async () => {
    budget.note(told(limitMs * 0.1, 90), 100);
    expect(await admitted()).toBe(0);
    expect(await admitted()).toMatchObject({ code: "ERP_OVERLOADED", holdSeconds: 90 });
    await clock.advance(90_000);
    expect([await admitted(), await admitted()]).toEqual([0, 0]);
  });

  test("takes a call that is aborted while it waits out of the wait", async () => {
    budget.note(told(limitMs * 0.2, 120), 100);
    await admitted();
    const controller = new AbortController();
    const waiting = budget.admit(controller.signal);
    controller.abort();
    await waiting;
  });

  test("passes over headers that make no sense", async () => {
    for (const value of ["", "x", "-1", "NaN"]) {
      budget.note(
        {
          status: 200,
          headers: { "x-ratelimit-limit": "1", "x-ratelimit-remaining": value, "x-ratelimit-reset": "1" },
          text: "",
        },
        1,
      );
    }
    expect(await admitted()).toBe(0);
  });

  test.each([20, 50, 200])(
    "is never used up before the window ends, with calls of %d ms that never cease",
    async (costMs) => {
      const end = clock.now() + 60_000;
      let left = costMs * 100;
      const limit = left * 1.5;
      while (clock.now() < end) {
        const from = clock.now();
        const answer = await admitted();
        if (answer instanceof Error) {
          await clock.advance((answer as Error & { holdSeconds: number }).holdSeconds * 1000);
          continue;
        }
        if (clock.now() >= end) break;
        expect(left, `after ${clock.now() - from} ms of waiting`).toBeGreaterThan(0);
        await clock.advance(costMs);
        left -= costMs;
        const headers = {
          "x-ratelimit-limit": String(limit * 1000),
          "x-ratelimit-remaining": String(left * 1000),
          "x-ratelimit-reset": String(Math.ceil((end - clock.now()) / 1000)),
        };
        budget.note({ status: 200, headers, text: "" }, costMs);
      }
    },
  );
});
