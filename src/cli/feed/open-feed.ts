import type { Clock } from "../../clock.js";
import { TryAgain } from "./feed-ended.js";
import { judgeRefusal } from "./judge-refusal.js";

/** How long the gateway may say nothing, in ms: longer than the longest DEADLINE_FEED_MS, which each page keeps to. */
const silenceMs = 180_000;

export interface FeedAddress {
  /** The gateway's own, such as `http://127.0.0.1:4000/`. */
  readonly gateway: URL;
  /** An `endCursor`; null for the first page. */
  readonly after: string | null;
  /** A `deltaCursor`; null for a full run. */
  readonly changedSince: string | null;
}

export interface OpenFeedOptions {
  readonly token: string;
  readonly fetch: typeof globalThis.fetch;
  readonly clock: Clock;
  /** Aborted when the run is to end. */
  readonly signal: AbortSignal;
}

/**
 * Asks for a feed.
 * @returns its bytes as they come
 * @throws {TryAgain} for what may pass, from the stream, too
 * @throws {CursorLost} where it cannot go on from the cursor
 * @throws {FeedEnded} for a refusal that repeating does not mend
 */
export async function* openFeed(address: FeedAddress, options: OpenFeedOptions): AsyncGenerator<Uint8Array> {
  const { token, fetch, clock, signal } = options;
  const silence = new AbortController();
  let cancel = () => {};
  const heard = () => {
    cancel();
    cancel = clock.after(silenceMs, () => silence.abort());
  };
  const url = toUrl(address);
  try {
    heard();
    const response = await fetch(url, {
      headers: { authorization: `Bearer ${token}`, accept: "application/x-ndjson", ...encodingFor(url) },
      // A token is for the gateway that was named, and nobody else.
      redirect: "manual",
      signal: AbortSignal.any([signal, silence.signal]),
    });
    if (!isFeed(response)) throw await judgeRefusal(response, address.gateway);
    for await (const chunk of response.body ?? []) {
      heard();
      yield chunk;
    }
  } catch (error) {
    if (silence.signal.aborted)
      throw new TryAgain(`${address.gateway.href} said nothing for ${silenceMs / 1000} seconds`);
    throw isNetworkError(error) ? new TryAgain(tellNetworkError(address.gateway, error)) : error;
  } finally {
    cancel();
  }
}

function toUrl({ gateway, after, changedSince }: FeedAddress): URL {
  const url = new URL("feeds/ndjson", gateway);
  if (after !== null) url.searchParams.set("after", after);
  if (changedSince !== null) url.searchParams.set("changedSince", changedSince);
  return url;
}

/** On one machine, compressing costs the gateway more than it saves. */
function encodingFor({ hostname }: URL): Record<string, string> {
  const isNear = hostname === "localhost" || hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(hostname);
  return { "accept-encoding": isNear ? "identity" : "gzip" };
}

function isFeed({ status, headers }: Response): boolean {
  return status === 200 && (headers.get("content-type") ?? "").startsWith("application/x-ndjson");
}

/** What `fetch` throws where the network failed, and nothing that we throw ourselves. */
function isNetworkError(error: unknown): error is TypeError {
  return error instanceof TypeError && error.cause !== undefined;
}

function tellNetworkError({ href }: URL, error: TypeError): string {
  const code = codeOf(error);
  if (code === "ECONNREFUSED" || code === "ENOTFOUND" || code === "EAI_AGAIN")
    return `${href} cannot be reached (${code}): start the gateway there, or check --url`;
  return `the connection to ${href} was lost (${code})`;
}

/** What the system says, such as ECONNREFUSED: fetch's own words are "fetch failed". */
function codeOf(error: unknown): string {
  const { code, cause, message } = error as { code?: unknown; cause?: unknown; message?: unknown };
  if (typeof code === "string") return code;
  return cause instanceof Error ? codeOf(cause) : String(message);
}
