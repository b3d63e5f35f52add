import type { AnswerKind } from "./source.js";

/** The quickest call of late of one size. */
export interface QuickestCall {
  readonly kind: AnswerKind;
  readonly keys: number;
  readonly ms: number;
}

/** What a measure usually is, and how far it strays: natural logarithms of ratios. */
export interface UsualMeasure {
  readonly mean: number;
  readonly deviation: number;
  /** Of how many rounds of calls. */
  readonly rounds: number;
}

/** How one ERP is when it has nothing else to do: what a queue is told by. */
export interface ErpBaseline {
  readonly quickest: readonly QuickestCall[];
  /** Of each round of calls, its quickest, and their mean. */
  readonly usualQuickest: UsualMeasure;
  readonly usualMean: UsualMeasure;
}
