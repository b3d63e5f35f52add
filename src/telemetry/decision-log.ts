import type { Clock } from "../clock.js";
import type { AnswerKind, Lane } from "../pricing/source.js";
import type { Logger } from "./logger.js";
import type { DispatchDecision } from "./metric-names.js";

/** How long decisions are gathered for one line of the log, in ms: a flood of keys makes no flood of lines. */
const gatheredMs = 10_000;

/** Decisions that somebody should see who looks at nothing but the log: keys were not answered by the ERP because of them. */
const worrying: ReadonlySet<DispatchDecision> = new Set(["shed", "late", "held", "refused"]);

/** Tells the log what dispatch decided, in one line for all that it decided within {@link gatheredMs}. */
export class DecisionLog {
  readonly #logger: Logger;
  readonly #clock: Clock;
  #counts = new Map<string, number>();
  #isWorrying = false;

  constructor(logger: Logger, clock: Clock) {
    this.#logger = logger;
    this.#clock = clock;
  }

  note(kind: AnswerKind, lane: Lane, decision: DispatchDecision): void {
    if (this.#counts.size === 0) this.#clock.after(gatheredMs, () => this.#tell());
    const name = `${kind} ${lane} ${decision}`;
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
    this.#isWorrying ||= worrying.has(decision);
  }

  #tell(): void {
    const decisions = Object.fromEntries(this.#counts);
    const level = this.#isWorrying ? "warn" : "debug";
    this.#counts = new Map();
    this.#isWorrying = false;
    this.#logger[level]({ decisions, seconds: gatheredMs / 1000 }, "dispatch did not simply send all keys");
  }
}
