import type { Clock } from "../clock.js";
import { ErpTimeout } from "../errors.js";

/** How long a shared read may take, by which clock. */
export interface ReadBounds {
  readonly clock: Clock;
  readonly timeoutMs: number;
}

/**
 * Runs `read` under a signal of its own. A read that several calls wait for must not end with the first that leaves.
 */
export async function readForAll<T>(read: (signal: AbortSignal) => Promise<T>, bounds: ReadBounds): Promise<T> {
  const controller = new AbortController();
  const cancel = bounds.clock.after(bounds.timeoutMs, () => controller.abort());
  try {
    return await read(controller.signal);
  } finally {
    cancel();
  }
}

/** Waits for a shared read, but no longer than `signal` lets it. @throws {ErpTimeout} */
export function waitFor<T>(shared: Promise<T>, signal: AbortSignal): Promise<T> {
  shared.catch(() => undefined); // whose last waiter left fails unseen, and is no crash
  const tooLate = () => new ErpTimeout("the call took longer than it may");
  if (signal.aborted) return Promise.reject(tooLate());
  return new Promise((resolve, reject) => {
    const leave = () => reject(tooLate());
    signal.addEventListener("abort", leave, { once: true });
    shared.then(resolve, reject).finally(() => signal.removeEventListener("abort", leave));
  });
}

/**
 * How many times its age an answer may reach while it is being read anew: tax rates and price rules are among what is kept, and
 * the first answers after a quiet time are kept as fresh ones by whoever asked.
 */
const usableTimes = 2;

/**
 * What changes so seldom that asking it with every call would be waste. Past its age it is read anew while the calls go
 * on with what is known; only where that is far too old, or nothing is known, they wait. A failed read is tried again.
 * @param keepMs the age from which an answer is read anew
 */
export function createKept<T>(
  read: (signal: AbortSignal) => Promise<T>,
  keepMs: number,
  bounds: ReadBounds,
): (signal: AbortSignal) => Promise<T> {
  let kept: { readonly value: T; readonly readAt: number } | null = null;
  let reading: Promise<T> | null = null;

  async function readAnew(): Promise<T> {
    const readAt = bounds.clock.now();
    try {
      const value = await readForAll(read, bounds);
      kept = { value, readAt };
      return value;
    } finally {
      reading = null;
    }
  }

  return async (signal) => {
    const ageMs = kept === null ? Number.POSITIVE_INFINITY : bounds.clock.now() - kept.readAt;
    if (kept !== null && ageMs < keepMs) return kept.value;
    reading ??= readAnew();
    if (kept === null || ageMs >= keepMs * usableTimes) return waitFor(reading, signal);
    reading.catch(() => undefined); // the next call tries again
    return kept.value;
  };
}
