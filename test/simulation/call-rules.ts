import type { CallRecord, History } from "./history.js";
import type { Bounds, Violation } from "./violations.js";

/** Whether the ERP was asked too much at a time, or the same twice. */
export function checkCalls(history: History, bounds: Bounds): Violation[] {
  const violations: Violation[] = [];
  let counted: CallRecord[] = [];
  for (const call of history.calls) {
    counted = counted.filter((earlier) => stillCounts(history, earlier, call, bounds));
    counted.push(call);
    const { place, number } = call;
    if (counted.length > bounds.maxConcurrency) {
      const others = counted.map((each) => each.number).join(", ");
      const text = `calls ${others} count at once, over the limit of ${bounds.maxConcurrency}`;
      violations.push({ rule: "over the limit", text, place, asked: null });
    }
    for (const [index, id] of call.ids.entries()) {
      const twin = counted.find((other) => {
        return other !== call && other.replica === call.replica && isUnderWay(other, place) && asks(other, call, id);
      });
      if (twin === undefined) continue;
      const text = `call ${number} asks what call ${twin.number} was still asking`;
      violations.push({ rule: "asked twice", text, place, asked: call.asked[index] ?? null });
    }
  }
  return violations;
}

export function asks({ kind, ids }: CallRecord, call: CallRecord, id: string): boolean {
  return kind === call.kind && ids.includes(id);
}

export function isUnderWay({ endPlace }: CallRecord, place: number): boolean {
  return endPlace === null || endPlace > place;
}

/** A call that was given up may keep the ERP busy for a while yet, and so may one of a process that died, or was stopped when it was due to end. */
function stillCounts(
  history: History,
  earlier: CallRecord,
  { place, sentAt }: CallRecord,
  { abandonMs, longestCallMs }: Bounds,
): boolean {
  const { wasGivenUp, isOrphaned, endedAt } = earlier;
  const dueAt = earlier.sentAt + longestCallMs;
  if (dueAt <= sentAt && (isOrphaned || wasStoppedAt(history, earlier.replica, dueAt))) return false;
  if (isUnderWay(earlier, place)) return true;
  return wasGivenUp && endedAt !== null && endedAt + abandonMs > sentAt;
}

/** One that is stopped gives nothing up, and nobody can tell it from one that died. */
function wasStoppedAt({ replicas }: History, replica: number, at: number): boolean {
  return replicas.get(replica)?.pauses.some(({ from, until }) => from <= at && at < until) === true;
}
