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
