import type { Clock } from "../../clock.js";
import { ErpOverloaded } from "../../errors.js";
import type { ErpResponse } from "../http-client.js";

// Frappe may limit the time that all requests to a site take together within a window (`rate_limit` in its site configuration).
// Each answer then tells X-RateLimit-Limit and -Remaining, in microseconds, and -Reset, in seconds until the window ends. Who
// uses it up is refused with 429 until then, people at their desks included: so the gateway slows down before.

/** The part of the limit that is used without a second thought. */
const carefree = 0.5;
/** The part that is left to people. */
const kept = 0.1;
/** How long a call may be held back; for longer it is refused, and the dispatcher waits. */
const longestHoldMs = 500;
/** How much the newest call's time weighs among those of late. */
const newestWeight = 0.2;

interface Budget {
  /** The part of the limit that was left when it was told. */
  readonly share: number;
  readonly remainingMs: number;
  readonly endsAt: number;
}

export interface ProcessingBudget {
  /** Waits until a call may be sent. @throws {ErpOverloaded} where that would take too long */
  admit(signal: AbortSignal): Promise<void>;
  /** @param tookMs how long the call took, which is more than what it cost */
  note(response: ErpResponse, tookMs: number): void;
}

export function createProcessingBudget(clock: Clock): ProcessingBudget {
  let budget: Budget | null = null;
  let usualMs = 0;
  let nextAt = 0;

  /** Between two calls, such that what is left lasts until the window ends. */
  function interval(now: number): number {
    if (budget === null || now >= budget.endsAt || budget.share >= carefree) return 0;
    const usableMs = budget.remainingMs * (1 - kept / Math.max(budget.share, kept));
    const calls = usableMs / Math.max(usualMs, 1);
    return calls < 1 ? budget.endsAt - now : (budget.endsAt - now) / calls;
  }

  return {
    async admit(signal) {
      const now = clock.now();
      const at = Math.max(now, Math.min(nextAt, budget?.endsAt ?? 0));
      const waitMs = at - now;
      if (waitMs > longestHoldMs) {
        throw new ErpOverloaded("ERPNext's processing time for this window is nearly used up", {
          countsAsFailure: false,
          retryAfterSeconds: Math.ceil(waitMs / 1000),
        });
      }
      nextAt = at + Math.round(interval(now));
      if (waitMs > 0) await wait(clock, waitMs, signal);
    },
    note({ headers }, tookMs) {
      usualMs = usualMs === 0 ? tookMs : usualMs + (tookMs - usualMs) * newestWeight;
      const [limit, remaining, reset] = ["limit", "remaining", "reset"].map((name) =>
        Number(headers[`x-ratelimit-${name}`] ?? Number.NaN),
      ) as [number, number, number];
      if (!(limit > 0) || !(remaining >= 0) || !(reset >= 0)) return;
      budget = { share: remaining / limit, remainingMs: remaining / 1000, endsAt: clock.now() + reset * 1000 };
    },
  };
}

function wait(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.after(ms, done);
    function done(): void {
      cancel();
      signal.removeEventListener("abort", done);
      resolve(); // a call that is aborted meanwhile finds out when it is sent
    }
    signal.addEventListener("abort", done, { once: true });
  });
}
