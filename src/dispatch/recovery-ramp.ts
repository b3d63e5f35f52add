/**
 * Bounds the calls of one kind after its circuit breaker closed again: one at first, and one more with each round of
 * answers, until the concurrency limit is reached. Else all that piled up would fall upon an ERP that has just come back.
 */
export class RecoveryRamp {
  #most = Number.POSITIVE_INFINITY;

  /** Most calls of this kind under way; infinite once the ramp is over. */
  get most(): number {
    return Math.floor(this.#most);
  }

  restart(): void {
    this.#most = 1;
  }

  /** @param limit the ERP's concurrency limit */
  onSuccess(limit: number): void {
    this.#most += 1 / this.#most;
    if (this.#most >= limit) this.#most = Number.POSITIVE_INFINITY;
  }
}
