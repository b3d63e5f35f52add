import type { Clock } from "../../clock.js";
import { ErpTimeout } from "../../errors.js";

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
  const tooLate = () => new ErpTimeout("the call took longer than it may");
  if (signal.aborted) return Promise.reject(tooLate());
  return new Promise((resolve, reject) => {
    const leave = () => reject(tooLate());
    signal.addEventListener("abort", leave, { once: true });
    shared.then(resolve, reject).finally(() => signal.removeEventListener("abort", leave));
  });
}

/**
 * What changes so seldom that asking it with every call would be waste. A failed read is not kept.
 * @param keepMs how long an answer is kept
 */
export function createKept<T>(
  read: (signal: AbortSignal) => Promise<T>,
  keepMs: number,
  bounds: ReadBounds,
): (signal: AbortSignal) => Promise<T> {
  let kept: { readonly value: Promise<T>; readonly until: number } | null = null;
  return (signal) => {
    const now = bounds.clock.now();
    if (kept === null || kept.until <= now) {
      const value = readForAll(read, bounds);
      const entry = { value, until: now + keepMs };
      kept = entry;
      value.catch(() => {
        if (kept === entry) kept = null;
      });
    }
    return waitFor(kept.value, signal);
  };
}
