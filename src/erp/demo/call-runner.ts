import type { CallStats, PathName } from "./call-stats.js";
import type { Capacity } from "./capacity.js";
import type { Prepared } from "./endpoints.js";
import type { Fault, FaultSwitch } from "./fault.js";
import { jsonReply, type Reply } from "./http-exchange.js";
import { overloaded, PortProblem } from "./problem.js";

export interface CallRunnerOptions {
  readonly capacity: Capacity;
  readonly faults: FaultSwitch;
  readonly stats: CallStats;
  readonly latencyMs: number;
  readonly perLineMs: number;
  readonly random: () => number;
}

/** Takes a call through what is wrong at present and through the workers. */
export class CallRunner {
  readonly #options: CallRunnerOptions;

  constructor(options: CallRunnerOptions) {
    this.#options = options;
  }

  /**
   * @param isGone whether the caller has left
   * @returns null where the connection is to be cut without an answer
   * @throws {PortProblem}
   */
  async run(path: PathName, prepared: Prepared, isGone: () => boolean): Promise<Reply | null> {
    const fault = await this.#meetFault(path, prepared);
    if (isGone() || fault?.kind === "down") return null;
    if (fault?.kind === "throttle") throw overloaded(429, "called too often", fault.retryAfterSeconds);

    const { capacity, stats } = this.#options;
    stats.addLines(path, prepared.skus.length);
    const passage = await capacity.pass(this.#workMs(prepared, fault));
    if (passage.kind === "refused") throw this.#refusal(passage.retryAfterSeconds);
    if (passage.kind === "lost") return null;
    if (isGone()) stats.addAbandoned();
    return answerUnder(fault, prepared);
  }

  /** The fault that strikes the call, once it no longer hangs. */
  async #meetFault(path: PathName, { skus }: Prepared): Promise<Fault | null> {
    const { faults } = this.#options;
    let fault = faults.strikes(path, skus);
    while (fault?.kind === "hang") {
      await faults.lifted();
      fault = faults.strikes(path, skus);
    }
    return fault;
  }

  #workMs({ skus }: Prepared, fault: Fault | null): number {
    const { latencyMs, perLineMs, random } = this.#options;
    const jitter = 0.9 + 0.2 * random();
    return (latencyMs + perLineMs * skus.length) * jitter * (fault?.kind === "slow" ? fault.factor : 1);
  }

  #refusal(retryAfterSeconds: number): PortProblem {
    this.#options.stats.addRefused();
    return overloaded(503, "all workers are busy and the queue is full", retryAfterSeconds);
  }
}

function answerUnder(fault: Fault | null, prepared: Prepared): Reply {
  switch (fault?.kind) {
    case "error500":
      throw new PortProblem(500, "Internal error", "this fault was switched on");
    case "garbage":
      return { status: 200, headers: { "content-type": "text/html" }, text: "<html><h1>Maintenance</h1></html>" };
    default:
      return jsonReply(prepared.answer());
  }
}
