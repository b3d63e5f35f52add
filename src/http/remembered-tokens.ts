import { hash } from "node:crypto";
import type { Clock } from "../clock.js";
import type { VerifiedToken, VerifyToken } from "./auth-verifier.js";

/** How long a token is believed whose key may be withdrawn, in ms: it lets nobody in for longer than this. */
const believedMs = 1_000;
/** Tokens of one generation; two are kept, some hundred bytes a token. */
const perGeneration = 10_000;

/** A verified token, and how long one may go by that. */
export interface BelievedToken extends VerifiedToken {
  /** When it was verified, and until when that is believed, in ms since the epoch. */
  readonly since: number;
  readonly until: number;
}

/**
 * Verifies each token once in a while instead of on each request, and remembers good ones alone, by their hash: what was refused
 * is looked at anew. The oldest generation is forgotten when the younger one is full, so a flood of tokens costs no memory.
 */
export function rememberTokens(verify: VerifyToken, clock: Clock): (token: string) => Promise<BelievedToken> {
  let young = new Map<string, BelievedToken>();
  let old = new Map<string, BelievedToken>();

  function remember(id: string, verified: VerifiedToken, now: number): BelievedToken {
    if (young.size >= perGeneration) [young, old] = [new Map(), young];
    const until = verified.keyMayGo ? Math.min(verified.expiresAt, now + believedMs) : verified.expiresAt;
    const believed = { ...verified, since: now, until };
    young.set(id, believed);
    return believed;
  }

  return async (token) => {
    const id = hash("sha256", token, "base64");
    const now = clock.now();
    const known = young.get(id) ?? old.get(id);
    // A clock set back must not make a token last: what was verified "later" than now is verified again.
    if (known !== undefined && known.since <= now && now < known.until) return known;
    return remember(id, await verify(token), now);
  };
}
