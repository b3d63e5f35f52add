import type { Freshness } from "../src/pricing/source.js";
import type { RequestContext } from "./context.js";

/** A shared cache must not serve the response beyond the freshness of its answers, nor beyond the age that its question allows. */
export function noteAnswer(
  { source, computedAt, freshUntil }: Freshness,
  maxAgeMs: number | null,
  context: RequestContext,
): void {
  const youngUntil = maxAgeMs === null ? freshUntil : Math.min(freshUntil, computedAt + maxAgeMs);
  context.noteAnswer(source === "LAST_KNOWN" ? 0 : youngUntil);
}
