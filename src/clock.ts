/** The time, handed in from outside so that tests can turn it. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Runs `run` once, `ms` milliseconds from now. Returns a function that cancels it. */
  after(ms: number, run: () => void): () => void;
}

/** The part of the time that passes by which a clock that is ahead gives way, so that windows last longer by no more than that. */
const givesWay = 0.01;

/**
 * Time for windows, deadlines and waits: follows `wall` forward at once, a machine's sleep included, and is never set back. Where
 * `wall` is, it goes on a hundredth slower until `wall` has caught up: what was fresh for a minute is not fresh for an hour more.
 * @param wall ms since the epoch. @param monotonic ms since whenever, never set back
 * @see docs/decisions/0015-time-is-never-set-back.md
 */
export function createSteadyNow(wall: () => number, monotonic: () => number): () => number {
  let readAt = monotonic();
  let now = wall();
  return () => {
    const before = readAt;
    readAt = monotonic();
    now = Math.max(wall(), now + (readAt - before) * (1 - givesWay));
    return Math.floor(now);
  };
}

function after(ms: number, run: () => void): () => void {
  const timer = setTimeout(run, ms);
  // A pending timer must never keep a drained process alive.
  timer.unref();
  return () => clearTimeout(timer);
}

export const systemClock: Clock = { now: createSteadyNow(Date.now, () => performance.now()), after };

/** What the machine's clock says, set back or not: for what others dated, such as tokens. */
export const wallClock: Clock = { now: Date.now, after };
