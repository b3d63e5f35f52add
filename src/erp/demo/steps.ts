import type { Clock } from "../../clock.js";

/** The clock, cut into steps in which nothing moves. */
export class Steps {
  constructor(
    readonly clock: Clock,
    /** How long one step is. */
    readonly stepMs: number,
  ) {}

  now(): number {
    return this.clock.now();
  }

  current(): number {
    return Math.floor(this.clock.now() / this.stepMs);
  }

  /** The day that is `days` days behind a step, such as "2026-12-01". */
  dayAfter(step: number, days: number): string {
    return new Date(step * this.stepMs + days * dayMs).toISOString().slice(0, 10);
  }
}

export const dayMs = 86_400_000;
