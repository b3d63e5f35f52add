import { type Lane, lanes } from "../../../src/pricing/source.js";
import { createRandom, drawWait } from "../../erp-load/random.js";
import { lengthMs, plan } from "./plan.js";

export interface Question {
  readonly lane: Lane;
  readonly id: string;
  /** In ms since the beginning of the run, as is the deadline. */
  readonly askedAt: number;
  readonly deadline: number;
  /** Which of six replicas meets it. */
  readonly replica: number;
}

/**
 * The questions of one run. Each lane draws from a stream of its own, so that all contenders meet the same ones, and those
 * of the buyers are the same whatever the feed asks.
 */
export function drawQuestions(seed: number, feedFactor: number): Question[] {
  return lanes.flatMap((lane, index) => {
    const random = createRandom(seed * lanes.length + index);
    const perSecond = plan.perSecond[lane] * (lane === "feed" ? feedFactor : 1);
    const questions: Question[] = [];
    let at = drawWait(1000 / perSecond, random);
    while (at < lengthMs) {
      const askedAt = Math.floor(at);
      const deadline = askedAt + plan.deadlineMs[lane];
      questions.push({ lane, id: `${lane}-${questions.length}`, askedAt, deadline, replica: drawReplica(random()) });
      at += drawWait(1000 / perSecond, random);
    }
    return questions;
  });
}

/** @param drawn from 0 up to 1 */
function drawReplica(drawn: number): number {
  let sum = 0;
  for (const [replica, share] of plan.sharesOfSix.entries()) {
    sum += share;
    if (drawn < sum) return replica;
  }
  return plan.sharesOfSix.length - 1;
}
