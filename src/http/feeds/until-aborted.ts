/** What became of a wait that somebody may end. */
export type Waited<T> = { readonly kind: "done"; readonly value: T } | { readonly kind: "aborted" };

/**
 * Waits for a promise no longer than until the signal is aborted; what comes of it later is nobody's business.
 * @throws what the promise is rejected with
 */
export async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<Waited<T>> {
  promise.catch(() => {}); // also where nobody waits any more
  if (signal.aborted) return { kind: "aborted" };
  let leave = () => {};
  const aborted = new Promise<Waited<T>>((resolve) => {
    leave = () => resolve({ kind: "aborted" });
    signal.addEventListener("abort", leave, { once: true });
  });
  try {
    return await Promise.race([promise.then((value): Waited<T> => ({ kind: "done", value })), aborted]);
  } finally {
    signal.removeEventListener("abort", leave);
  }
}
