import type { FeedPage } from "../feed-page.js";

/** What stands behind the items of a page: all before it is told, and a run that is cut goes on from there. */
export function toCursorLine({ endCursor, hasNextPage, deltaCursor }: Omit<FeedPage, "items">): string {
  return `${JSON.stringify({ endCursor, hasNextPage, deltaCursor })}\n`;
}

export interface StreamError {
  readonly code: string;
  readonly message: string;
  /** In how many seconds to go on from the last cursor; null where time alone changes nothing. */
  readonly retryAfterSeconds: number | null;
  /** Tells apart errors of one code. */
  readonly reason?: string;
}

/** The last line of a run that cannot go on. */
export function toErrorLine(error: StreamError): string {
  return `${JSON.stringify({ error })}\n`;
}
