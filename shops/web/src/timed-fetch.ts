/** Also where the types of Node stand in for a browser's, which know no `cache`. */
export type Init = RequestInit & { readonly cache?: "no-store" };

/** How requests go out and time passes. */
export interface Transport {
  readonly fetch: (url: string, init: Init) => Promise<Response>;
  /** @returns what calls it off */
  readonly after: (ms: number, run: () => void) => () => void;
}

const timeoutMs = 4_000;

/**
 * A request that is given up after 4 s, its answer's body included, or when it is no longer wanted.
 * @throws {Error} where there was no answer, and what `read` throws
 */
export async function timedFetch<Answer>(
  { fetch, after }: Transport,
  url: string,
  init: Init,
  unwanted: AbortSignal | null,
  read: (response: Response) => Promise<Answer>,
): Promise<Answer> {
  const stop = new AbortController();
  const abort = () => stop.abort();
  unwanted?.addEventListener("abort", abort, { signal: stop.signal });
  const cancel = after(timeoutMs, abort);
  try {
    return await read(await fetch(url, { ...init, signal: stop.signal }));
  } finally {
    cancel();
    // Lets go of `unwanted`, which lives longer.
    abort();
  }
}
