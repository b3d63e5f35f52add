/**
 * What one replica's circuit breaker tells those of the others, of one kind of question. trial: its trial call is under way, and how that ends is
 * told within so long. failed: it failed, and the ERP is better left alone for so long. well: it was answered. Durations in ms.
 */
export type BreakerHint =
  | { readonly kind: "trial" | "failed"; readonly forMs: number }
  | { readonly kind: "well"; readonly forMs: 0 };

/** A circuit breaker that tells hints, and takes them for no more than that. */
export interface HintedBreaker {
  onHint(listener: (hint: BreakerHint) => void): void;
  /** @param from which replica tells it */
  heed(hint: BreakerHint, from: string): void;
}
