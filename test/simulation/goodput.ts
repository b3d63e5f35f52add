import type { Run, Span } from "./simulation.js";

/** Of those who stayed, the share that the ERP's troubles left without an answer is what is missing from 1. */
export function goodputIn({ history }: Pick<Run, "history">, { from, until }: Span): { good: number; all: number } {
  const views = history.views.filter(({ at, leavesEarly }) => from <= at && at < until && !leavesEarly);
  const bad = views.filter(
    ({ outcome }) =>
      outcome?.kind === "failed" && "code" in outcome.error && String(outcome.error.code).startsWith("ERP_"),
  );
  return { good: views.length - bad.length, all: views.length };
}

/** From this share of what it bears on, the gateway gives the ERP all it can: who is then refused is one too many. */
const saturatedShare = 0.9;

/** Whether the ERP was kept as busy as its workers and the limit allow, by the calls that were under way. */
export function isSaturated(
  { history, conditions }: Pick<Run, "history" | "conditions">,
  { from, until }: Span,
): boolean {
  const { workers, maxConcurrency } = conditions.erp;
  let busyMs = 0;
  for (const { sentAt, endedAt } of history.calls) {
    busyMs += Math.max(Math.min(endedAt ?? until, until) - Math.max(sentAt, from), 0);
  }
  return busyMs >= saturatedShare * Math.min(workers, maxConcurrency) * (until - from);
}
