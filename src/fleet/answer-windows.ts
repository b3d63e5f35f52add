import type { Said } from "./shared-entry.js";
import type { SharedAnswer } from "./shared-store.js";

export interface AnswerWindowsOptions<Answer> {
  /** In ms from when the ERP was asked: how long an answer is told as it is, how long at all, and how long that there is none. */
  readonly windows: { readonly freshMs: number; readonly staleMs: number; readonly unknownMs: number };
  /** The instant an answer itself ends, in ms since the epoch; null where it does not. Left out, none does. */
  readonly validUntil?: (answer: Answer) => number | null;
}

/** A little less than any memory's own window, which ends up to 4 % early: what this tier tells is fresh for whoever keeps it. */
const freshShare = 0.95;

/** How long replicas tell one another's answers of one kind. */
export class AnswerWindows<Answer> {
  readonly #options: AnswerWindowsOptions<Answer>;

  constructor(options: AnswerWindowsOptions<Answer>) {
    this.#options = options;
  }

  /**
   * Of an answer to be written, in ms.
   * @param askedAt by our clock, in ms since the epoch. What was asked when its lease was given ends a little early.
   */
  freshMs(said: Said<Answer>, askedAt: number): number {
    // Past its own end the store has it asked for by one, as whatever is not fresh.
    return Math.min(this.#freshMs(said), Math.max(this.#endOf(said) - askedAt, 0));
  }

  /** How long one that was written is good for as a last known one, in ms from when it was asked. */
  keptMs({ kind }: Said<Answer>): number {
    const { staleMs, unknownMs } = this.#options.windows;
    return kind === "found" ? staleMs : unknownMs;
  }

  /** Of an answer that was read, in ms since the epoch. @param computedAt likewise, by our clock */
  freshUntil({ said, freshMs }: SharedAnswer<Answer>, computedAt: number): number {
    // Who wrote it may have been told of longer windows than we were.
    return Math.min(computedAt + Math.min(freshMs, this.#freshMs(said)), this.#endOf(said));
  }

  #freshMs({ kind }: Said<Answer>): number {
    const { freshMs, unknownMs } = this.#options.windows;
    return freshShare * (kind === "found" ? freshMs : unknownMs);
  }

  /** In ms since the epoch; infinite where it does not end by itself. */
  #endOf(said: Said<Answer>): number {
    const end = said.kind === "found" ? this.#options.validUntil?.(said.answer) : null;
    return end ?? Number.POSITIVE_INFINITY;
  }
}
