import CircuitBreaker from "opossum";
import { type Controller, type ControllerParts, callErp } from "./controller.js";
import { plan } from "./plan.js";
import type { Question } from "./questions.js";

/** Every question is sent at once, and given up at its deadline. */
export function createNoControl(parts: ControllerParts): Controller {
  return {
    ask: async (question) => ((await callErp(parts, question)) ? "live" : "none"),
    close() {},
  };
}

/** The same behind a circuit breaker, with the values that opossum's own documentation begins with; its window is 10 s. */
export function createBreakerAlone(parts: ControllerParts): Controller {
  const breaker = new CircuitBreaker(
    async (question: Question) => {
      if (!(await callErp(parts, question))) throw new Error("no answer by the deadline");
    },
    // The time-out is each question's own deadline: that of the breaker, 3 s, would cut the feed's.
    { timeout: false, errorThresholdPercentage: 50, resetTimeout: 30_000 },
  );
  return {
    ask: (question) =>
      breaker.fire(question).then(
        () => "live",
        () => "none",
      ),
    close: () => breaker.shutdown(),
  };
}

interface Waiting {
  readonly question: Question;
  readonly resolve: (isAnswered: boolean) => void;
}

/**
 * One queue in the order of coming, before a limit that grows by one a round of answers and halves on a time-out, once a
 * round trip. It knows more than most do: the ERP's workers, as its most, and how long a call takes when all is well, so that it
 * sends none that has less time left than that.
 */
export function createAimdAlone(parts: ControllerParts): Controller {
  const { clock, startsAt } = parts;
  const queue: Waiting[] = [];
  let limit: number = plan.erp.workers;
  let inFlight = 0;
  let decreasedAt = Number.NEGATIVE_INFINITY;

  function onEnd(isAnswered: boolean, sentAt: number): void {
    if (isAnswered) limit = Math.min(limit + 1 / limit, plan.erp.workers);
    else if (sentAt > decreasedAt) {
      limit = Math.max(limit / 2, 1);
      decreasedAt = clock.now();
    }
  }

  async function send({ question, resolve }: Waiting): Promise<void> {
    const sentAt = clock.now();
    inFlight++;
    const isAnswered = await callErp(parts, question);
    inFlight--;
    onEnd(isAnswered, sentAt);
    resolve(isAnswered);
    pump();
  }

  function pump(): void {
    while (inFlight < Math.floor(limit)) {
      const next = queue.shift();
      if (next === undefined) return;
      if (startsAt + next.question.deadline < clock.now() + plan.erp.callMs) next.resolve(false);
      else void send(next);
    }
  }

  return {
    async ask(question) {
      const isAnswered = await new Promise<boolean>((resolve) => {
        queue.push({ question, resolve });
        pump();
      });
      return isAnswered ? "live" : "none";
    },
    close() {},
  };
}
