import type { ViewRecord } from "../history.js";
import type { Span } from "../simulation.js";
import type { FleetRun } from "./simulate-fleet.js";

export interface Share {
  good: number;
  all: number;
}

/** Of those who stayed and whose replica lived, how many were answered: whom the ERP's troubles left without an answer, or no replica took, is bad. */
export function viewsIn({ history, turnedAway }: FleetRun, span: Span): Share {
  const { good, all } = shareOf(history.views.filter((view) => isCounted(view, span)));
  return { good, all: all + turnedAway.filter((at) => span.from <= at && at < span.until).length };
}

export function checkoutsIn({ history }: Pick<FleetRun, "history">, span: Span): Share {
  return shareOf(history.views.filter((view) => isCounted(view, span) && view.lane === "checkout"));
}

function isCounted({ at, leavesEarly, outcome }: ViewRecord, { from, until }: Span): boolean {
  return from <= at && at < until && !leavesEarly && outcome !== null;
}

function shareOf(views: readonly ViewRecord[]): Share {
  const bad = views.filter(
    ({ outcome }) =>
      outcome?.kind === "failed" && "code" in outcome.error && String(outcome.error.code).startsWith("ERP_"),
  );
  return { good: views.length - bad.length, all: views.length };
}
