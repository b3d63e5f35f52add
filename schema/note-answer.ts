import type { Freshness } from "../src/pricing/source.js";
import type { RequestContext } from "./context.js";

/** A shared cache must not serve the response beyond the freshness of its answers, nor beyond the age that its question allows. */
export function noteAnswer(
  freshness: Freshness,
  maxAgeMs: number | null,
  context: Pick<RequestContext, "noteAnswer">,
): void {
  context.noteAnswer(youngUntil(freshness, maxAgeMs));
}

/** Until when an answer may be served again to who asks for that age, in ms since the epoch; 0 for one that is not fresh. */
export function youngUntil({ source, computedAt, freshUntil }: Freshness, maxAgeMs: number | null): number {
  if (source === "LAST_KNOWN") return 0;
  return maxAgeMs === null ? freshUntil : Math.min(freshUntil, computedAt + maxAgeMs);
}
