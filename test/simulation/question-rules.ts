import { originOf } from "./answer-truth.js";
import type { CallRecord, History, QuestionRecord } from "./history.js";
import { type Answered, type Bounds, invalidatedBefore, type Violation } from "./violations.js";

type Found = Pick<Violation, "rule" | "text">;

/** A timer is set at the deadline itself; what hangs on it settles in the same ms. */
export const slackMs = 5;
/** Clocks that differ tell whole milliseconds, each from the other's part of one. */
const clockSlackMs = 3;

/** What is wrong with what one question of a layer was answered. */
export function checkQuestion(history: History, bounds: Bounds, question: QuestionRecord): Violation[] {
  const { place, asked, outcome } = question;
  const found = [...lateness(history, bounds, question)];
  if (outcome !== null && outcome.kind !== "failed") found.push(...checkAnswer(history, bounds, question, outcome));
  return found.map((each) => ({ ...each, place, asked }));
}

type Settling = Pick<QuestionRecord, "replica" | "at" | "deadline" | "endedAt">;

export function lateness(history: History, { clockShare }: Bounds, question: Settling): Found[] {
  const rule = "past its deadline";
  const { at, deadline, endedAt } = question;
  const { diedAt, pauses } = history.replicas.get(question.replica) ?? alwaysThere;
  // A process that is stopped answers as soon as it goes on.
  const due = pauses.reduce((end, { from, until }) => (from <= end + slackMs ? Math.max(end, until) : end), deadline);
  const allowedMs = slackMs + clockShare * Math.max(deadline - at, 0);
  const last = Math.max(due, at) + allowedMs;
  if (endedAt === null) return diedAt === null || diedAt > last ? [{ rule, text: "was never answered" }] : [];
  const lateMs = endedAt - Math.max(due, at);
  return lateMs > allowedMs ? [{ rule, text: `was answered ${lateMs} ms late` }] : [];
}

const alwaysThere = { diedAt: null, pauses: [] };

function checkAnswer(history: History, bounds: Bounds, question: QuestionRecord, outcome: Answered): Found[] {
  const origin = originOf(history, bounds, question, outcome);
  if ("rule" in origin) return [origin];
  const tooOld = ageFault(bounds, question, outcome, origin.asOf) ?? originFault(question, outcome, origin.calls);
  const last = invalidatedBefore(history, question, question.asked).at(-1);
  const isSuperseded = last !== undefined && origin.calls.every(({ place }) => place < last.place);
  return [
    ...(tooOld === null ? [] : [{ rule: "too old", text: tooOld } as const]),
    ...(isSuperseded
      ? [{ rule: "before an invalidation", text: `comes from before the invalidation at place ${last.place}` } as const]
      : []),
  ];
}

/** What came with others may have waited for them: only of one that was asked alone is it known when it was decided. */
function ageFault(
  { freshMs, staleMs, unknownMs, clockShare }: Bounds,
  question: QuestionRecord,
  outcome: Answered,
  computedAt: number,
): string | null {
  const { asked, at, endedAt, maxAgeMs, lane, isAlone } = question;
  const { source } = outcome.freshness;
  const isDecidedAtTheEnd = isAlone && source !== "ERP";
  const trueAge = (isDecidedAtTheEnd ? (endedAt ?? at) : at) - computedAt;
  const age = clockShare === 0 ? trueAge : Math.floor(trueAge * (1 - clockShare)) - clockSlackMs;
  if (maxAgeMs !== null && age > maxAgeMs) return `is ${age} ms old where ${maxAgeMs} were allowed`;
  if (source === "LAST_KNOWN" && lane === "checkout") return "is a last known answer to a checkout";
  if (source === "LAST_KNOWN" && age >= staleMs[asked.kind]) return `is a last known answer, ${age} ms old`;
  const window = outcome.kind === "unknown" ? unknownMs : freshMs[asked.kind];
  if (source === "CACHE" && age >= window) return `is shown as fresh, ${age} ms old`;
  return null;
}

/** @param calls those that may have brought the answer */
function originFault(
  { place, maxAgeMs }: QuestionRecord,
  { freshness }: Answered,
  calls: readonly CallRecord[],
): string | null {
  if (maxAgeMs === 0 && calls.every((call) => call.place < place))
    return "comes from a call sent before a live question";
  const isFromMemory = calls.every(({ heardPlace }) => heardPlace !== null && heardPlace < place);
  return freshness.source === "ERP" && isFromMemory ? "was kept, and is shown as read for this question" : null;
}
