import type { Clock } from "./clock.js";
import { Breaker, type BreakerOptions } from "./dispatch/breaker.js";
import type { CallSlots } from "./dispatch/call-slots.js";
import { ConcurrencyLimit } from "./dispatch/concurrency-limit.js";
import type { FinishedCall } from "./dispatch/erp-caller.js";
import { ErpError, ErpUnavailable } from "./errors.js";
import type { Connector } from "./pricing/connector.js";
import type { AnswerKind } from "./pricing/source.js";
import type { Logger } from "./telemetry/logger.js";
import type { Metrics } from "./telemetry/metrics.js";

// The parts of load control, made so that what they decide is counted and logged.

export interface LoadControlParts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

export function createLimit(
  { maxConcurrency, startConcurrency }: Connector,
  { logger, metrics }: LoadControlParts,
): ConcurrencyLimit {
  return new ConcurrencyLimit(maxConcurrency, startConcurrency, ({ from, to, reason }) => {
    metrics.limitDecreased(reason);
    logger.info({ from, to, reason }, "fewer calls at once are sent to the ERP");
  });
}

/** The limit, less what open circuit breakers, ramps after them and the ERP's own wish to be left alone take off it. */
export function mostCallsNow(slots: CallSlots, kinds: readonly { readonly mostCalls: number }[]): number {
  if (slots.heldMs > 0) return 0;
  return Math.min(
    slots.limit.current,
    kinds.reduce((sum, { mostCalls }) => sum + mostCalls, 0),
  );
}

export function createBreaker(
  kind: AnswerKind,
  { clock, logger, metrics }: LoadControlParts,
  hinted: Pick<BreakerOptions, "longestTrialMs" | "random">,
): Breaker {
  metrics.setBreaker(kind, "closed");
  return new Breaker({
    ...hinted,
    failuresInARow: 5,
    firstOpenMs: 1_000,
    longestOpenMs: 10_000,
    now: () => clock.now(),
    onState(state) {
      metrics.setBreaker(kind, state);
      logger.warn({ kind, state }, "the circuit breaker changed its state");
    },
  });
}

export function reportCall(call: FinishedCall, { logger, metrics }: LoadControlParts): void {
  const { kind, keys, seconds, outcome, error, keyErrors } = call;
  metrics.erpCallDone(kind, outcome, keys, seconds);
  if (error !== null) {
    const isForOperators = !(error instanceof ErpError) || (error instanceof ErpUnavailable && !error.countsAsFailure);
    logger[isForOperators ? "error" : "warn"]({ kind, keys, err: error }, "an ERP call failed");
  } else if (keyErrors.length > 0) {
    logger.warn({ kind, keys, badKeys: keyErrors.length, err: keyErrors[0] }, "the ERP answered some keys badly");
  }
}
