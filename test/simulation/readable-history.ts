import type { Asked, CallRecord, History, InvalidationRecord, QuestionRecord } from "./history.js";
import { isSame, type Violation } from "./violations.js";

const mostLines = 12;

/** The seed, what was broken, and what happened to that question shortly before, a line each. */
export function describeViolation(seed: number, history: History, violation: Violation, count: number): string {
  const { rule, text, place, asked } = violation;
  const what = asked === null ? "" : ` ${asked.kind} ${asked.owner} ${asked.name}`;
  const head = `seed ${seed}, ${count} violations, first at place ${place}: ${rule}:${what} ${text}`;
  return [head, ...linesBefore(history, place, asked)].join("\n  ");
}

function linesBefore(history: History, place: number, asked: Asked | null): string[] {
  const start = Math.min(...history.calls.slice(0, 1).map(({ sentAt }) => sentAt), history.questions[0]?.at ?? 0);
  const at = (instant: number | null) => (instant === null ? "never" : `${instant - start} ms`);
  const where = ({ replica }: { readonly replica: number }) => (history.replicas.size > 0 ? ` [${replica}]` : "");
  const inWordsWho = ({ acknowledged }: InvalidationRecord) => {
    if (acknowledged === null) return "";
    const missing = acknowledged.missing.map((name) => {
      return [...history.replicas].find(([, record]) => record.name === name)?.[0] ?? name;
    });
    return `, said at place ${acknowledged.place} to be unconfirmed by ${missing.join(", ") || "nobody"}`;
  };
  const isMeant = (other: Asked) => asked === null || isSame(other, asked) || other.name === asked.name;
  const lines = [
    ...history.calls
      .filter((call) => call.place <= place && call.asked.some(isMeant))
      .map((call) => ({ place: call.place, text: describeCall(call, at) + where(call) })),
    ...history.questions
      .filter((question) => question.place <= place && isMeant(question.asked))
      .map((question) => ({ place: question.place, text: describeQuestion(question, at) + where(question) })),
    ...history.invalidations
      .filter((each) => each.place <= place)
      .map((record) => ({
        place: record.place,
        text: `${at(record.at)} invalidated ${inWords(record.invalidation)}${where(record)}${inWordsWho(record)}`,
      })),
  ];
  lines.sort((one, other) => one.place - other.place);
  return lines.slice(-mostLines).map((line) => `${line.place}: ${line.text}`);
}

type Tell = (instant: number | null) => string;

function describeCall({ number, sentAt, endedAt, end, asked, wasGivenUp }: CallRecord, at: Tell): string {
  const names = asked.map(({ owner, name }) => `${owner} ${name}`.trim()).join(", ");
  return `${at(sentAt)} call ${number} for ${names}: ${end} at ${at(endedAt)}${wasGivenUp ? ", given up" : ""}`;
}

function describeQuestion({ at: when, asked, lane, maxAgeMs, outcome, endedAt }: QuestionRecord, at: Tell): string {
  const age = maxAgeMs === null ? "" : ` at most ${maxAgeMs} ms old`;
  const told =
    outcome === null || outcome.kind === "failed"
      ? (outcome?.error.message ?? "nothing")
      : `${outcome.kind} ${outcome.freshness.source} of ${at(outcome.freshness.computedAt)}`;
  return `${at(when)} ${lane} asked ${asked.kind} ${asked.owner} ${asked.name}${age}: ${told} at ${at(endedAt)}`;
}

function inWords(invalidation: object): string {
  return JSON.stringify(invalidation, (_key, value) => (value instanceof Set ? [...value] : value));
}
