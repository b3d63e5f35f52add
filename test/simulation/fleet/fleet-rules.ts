import { originOf } from "../answer-truth.js";
import { asks, isUnderWay } from "../call-rules.js";
import type { CallRecord, History, QuestionRecord } from "../history.js";
import { boundsOf, checkHistory, type Promised } from "../history-checker.js";
import { type Bounds, surelyNames, type Violation } from "../violations.js";

/** How long a replica takes to learn what it missed once it reaches the store again, two beats, and somewhat more, in ms. */
const settledMs = 3_000;
/** Of a question's time, what it may spend on waiting for another replica. */
const waitingShare = 0.5;
const slackMs = 20;

/** As `checkHistory`, and what is promised of several replicas alone. */
export function checkFleet(history: History, promised: Promised): Violation[] {
  const bounds = { ...boundsOf(promised), clockShare: 0.02, mayBeSaidOlder: true };
  return [
    ...checkHistory(history, bounds),
    ...history.questions.flatMap((question) => longAgo(history, bounds, question)),
    ...askedByTwo(history),
  ].sort((one, other) => one.place - other.place);
}

/** Where all has been well for a while, who did not confirm has heard of it too. */
function longAgo(history: History, bounds: Bounds, question: QuestionRecord): Violation[] {
  const { outcome, asked, place, at, replica } = question;
  if (outcome === null || outcome.kind === "failed" || !wasWell(history, replica, at - settledMs, at)) return [];
  const last = history.invalidations.findLast((record) => {
    const { acknowledged } = record;
    const isTold = acknowledged !== null && !acknowledged.missing.includes("*");
    return (
      record.at < at - settledMs &&
      surelyNames(record, asked) &&
      (isTold || wasWell(history, record.replica, at - settledMs, at))
    );
  });
  if (last === undefined) return [];
  const origin = originOf(history, bounds, question, outcome);
  if ("rule" in origin || origin.calls.some((call) => call.place >= last.place)) return [];
  const text = `comes from before the invalidation at place ${last.place}, which everybody could hear of since`;
  return [{ rule: "before an invalidation", text, place, asked }];
}

/** Whether it lived, ran, and reached the store all that time. */
function wasWell(history: History, replica: number, from: number, until: number): boolean {
  const record = history.replicas.get(replica);
  if (record === undefined || record.knownSince === null || record.knownSince > from) return false;
  if (record.diedAt !== null && record.diedAt < until) return false;
  return record.unwell.every((span) => span.until < from || span.from > until);
}

/** One replica at a time asks one thing, where both reach the store: but for live questions, and where another was waited for long enough. */
function askedByTwo(history: History): Violation[] {
  const violations: Violation[] = [];
  let underWay: CallRecord[] = [];
  for (const call of history.calls) {
    underWay = underWay.filter((earlier) => isUnderWay(earlier, call.place) && !earlier.isOrphaned);
    for (const [index, id] of call.ids.entries()) {
      const twin = underWay.find((other) => other.replica !== call.replica && asks(other, call, id));
      if (twin === undefined || mayBothAsk(history, twin, call, index)) continue;
      const text = `call ${call.number} of replica ${call.replica} asks what call ${twin.number} of replica ${twin.replica} was still asking`;
      violations.push({ rule: "asked twice", text, place: call.place, asked: call.asked[index] ?? null });
    }
    underWay.push(call);
  }
  return violations;
}

function mayBothAsk(history: History, earlier: CallRecord, later: CallRecord, index: number): boolean {
  const from = earlier.sentAt - settledMs;
  const areWell = [earlier, later].every(({ replica }) => wasWell(history, replica, from, later.sentAt));
  if (!areWell) return true;
  const id = later.ids[index] as string;
  const place = earlier.ids.indexOf(id);
  const earlierAskers = askersOf(history, earlier, place);
  const laterAskers = askersOf(history, later, index);
  if ([...earlierAskers, ...laterAskers].some(({ maxAgeMs }) => maxAgeMs === 0)) return true;
  if (waitedLongEnough(earlierAskers, earlier) || waitedLongEnough(laterAskers, later)) return true;
  if (joinedOneThatWaited(history, earlier, place, earlierAskers)) return true;
  if (joinedOneThatWaited(history, later, index, laterAskers)) return true;
  return wasAskedUnwell(history, earlier, id) || wasAskedUnwell(history, later, id);
}

/**
 * Whether it was asked while its replica did not reach the store, which leases it to nobody then, and has waited for a slot since. Only those who asked after
 * the replica's last call for the key can have waited for this one.
 */
function wasAskedUnwell(history: History, call: CallRecord, id: string): boolean {
  const { replica, sentAt } = call;
  return askedBetween(history, call, call.ids.indexOf(id), placeBefore(history, call, id)).some(({ at, deadline }) => {
    const patienceEnds = at + (deadline - at) * waitingShare;
    return !wasWell(history, replica, at, Math.min(patienceEnds, sentAt));
  });
}

/** Of its replica's last call for the key. */
function placeBefore({ calls }: History, { replica, kind, place }: CallRecord, id: string): number {
  const before = calls.findLast(
    (each) => each.place < place && each.replica === replica && each.kind === kind && each.ids.includes(id),
  );
  return before?.place ?? 0;
}

function waitedLongEnough(askers: readonly QuestionRecord[], { sentAt }: CallRecord): boolean {
  return askers.some(({ at, deadline }) => sentAt - at >= (deadline - at) * waitingShare - slackMs);
}

/** How long a read goes on at most that nobody waits for any more, in ms. */
const revalidateMs = 10_000;

function isAnswered({ outcome }: QuestionRecord): boolean {
  return outcome !== null && outcome.kind !== "failed" && outcome.freshness.source !== "LAST_KNOWN";
}

/** The questions that a call for a key may be for: those that wait for it, and those that left or were told what was last known. */
function askersOf(history: History, call: CallRecord, index: number): QuestionRecord[] {
  return askedBetween(history, call, index, 0).filter(({ at }) => at >= call.sentAt - revalidateMs);
}

/**
 * Whether it was first asked by one that had waited for half of its time and left since: what stands in the queue is joined by who comes
 * before that, however long it stands there.
 */
function joinedOneThatWaited(
  history: History,
  call: CallRecord,
  index: number,
  askers: readonly QuestionRecord[],
): boolean {
  const since = placeBefore(history, call, call.ids[index] as string);
  let joinedAt = Math.min(...askers.map(({ at }) => at));
  for (const { at, endedAt, deadline } of askedBetween(history, call, index, since).reverse()) {
    const leftAt = endedAt ?? Number.POSITIVE_INFINITY;
    if (at >= joinedAt || leftAt < joinedAt) continue;
    if (leftAt - at >= (deadline - at) * waitingShare) return true;
    joinedAt = at;
  }
  return false;
}

function askedBetween(
  { questions }: History,
  { replica, kind, asked, place, sentAt }: CallRecord,
  index: number,
  after: number,
): QuestionRecord[] {
  const { owner, name } = asked[index] ?? { owner: "", name: "" };
  return questions.filter(
    (each) =>
      each.replica === replica &&
      each.place > after &&
      each.place < place &&
      (each.endedAt === null || each.endedAt >= sentAt || !isAnswered(each)) &&
      each.asked.kind === kind &&
      each.asked.owner === owner &&
      each.asked.name === name,
  );
}
