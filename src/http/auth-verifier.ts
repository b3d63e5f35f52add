import type { KeyObject } from "node:crypto";
import { errors, type JWTPayload, type JWTVerifyOptions, jwtVerify } from "jose";
import type { Clock } from "../clock.js";
import { GatewayError } from "../errors.js";
import type { Caller } from "../pricing/caller.js";
import { toCaller } from "./auth-claims.js";
import { refuse } from "./auth-refusals.js";
import type { PublicKeys } from "./verification-keys.js";

/** How far, in seconds, the clocks of the signer and of this server may stand apart. */
const clockToleranceSeconds = 30;
/** The year 5138. Past it somebody counted in milliseconds, or wrote 1e999, and the token would never end. */
const latestExpirySeconds = 100_000_000_000;

export interface VerifiedToken {
  readonly caller: Caller;
  /** The instant, in ms since the epoch, from which the token is refused: its `exp` plus the tolerance. */
  readonly expiresAt: number;
  /** Whether the key that signed it may be withdrawn while the server runs: public keys are read anew, secrets are not. */
  readonly keyMayGo: boolean;
}

/**
 * Verifies a token in the shape of a signed JWT. A memory of verified tokens can be put around it; what it remembers
 * must then end soon, since a key may be withdrawn before `expiresAt`.
 * @throws {Unauthenticated} for whatever is wrong with the token
 * @throws {Forbidden} when it is for another company
 */
export type VerifyToken = (token: string) => Promise<VerifiedToken>;

export interface VerifierOptions {
  /** By kid; for HS256 alone. */
  readonly secrets: ReadonlyMap<string, KeyObject>;
  /** Asked in this order; for all other algorithms. */
  readonly publicKeys: readonly PublicKeys[];
  readonly audience: string;
  readonly company: string | null;
  readonly clock: Clock;
}

export function createTokenVerifier(options: VerifierOptions): VerifyToken {
  const { secrets, publicKeys, audience, company, clock } = options;
  const hasKeys = secrets.size > 0 || publicKeys.length > 0;
  const findKey = (header: TokenHeader) => findVerificationKey(header, options);
  const fixed: JWTVerifyOptions = {
    algorithms: ["HS256", "EdDSA", "ES256", "RS256"],
    audience,
    clockTolerance: clockToleranceSeconds,
  };

  return async (token) => {
    if (!hasKeys) throw refuse("noKeys");
    const { claims, kid, alg } = await readClaims(token, findKey, { ...fixed, currentDate: new Date(clock.now()) });
    const expiresAt = expiryOf(claims);
    return { caller: toCaller(claims, kid, company), expiresAt, keyMayGo: alg !== "HS256" };
  };
}

interface TokenHeader {
  readonly alg?: string;
  readonly kid?: unknown;
}

type FindKey = (header: TokenHeader) => Promise<KeyObject>;

interface Verified {
  readonly claims: JWTPayload;
  /** The name of the key that signed. */
  readonly kid: string;
  readonly alg: string;
}

async function readClaims(token: string, findKey: FindKey, options: JWTVerifyOptions): Promise<Verified> {
  try {
    const { payload, protectedHeader } = await jwtVerify(token, findKey, options);
    // Without a kid no key was found, and the token refused.
    return { claims: payload, kid: protectedHeader.kid ?? "", alg: protectedHeader.alg };
  } catch (error) {
    throw error instanceof GatewayError ? error : toRefusal(error);
  }
}

/**
 * The algorithm chooses the store, and a public key verifies its own algorithm alone: so no public key is ever used as
 * an HMAC secret, whatever the token's header says.
 */
async function findVerificationKey({ alg, kid }: TokenHeader, stores: VerifierOptions): Promise<KeyObject> {
  if (typeof kid !== "string" || kid === "") throw refuse("kidMissing");
  if (alg === "HS256") {
    const secret = stores.secrets.get(kid);
    if (secret === undefined) throw refuse("keyUnknown");
    return secret;
  }
  let unreadable = false;
  for (const keys of stores.publicKeys) {
    const lookup = await keys.find(kid);
    if (lookup.kind === "found" && lookup.key.algorithm === alg) return lookup.key.key;
    unreadable ||= lookup.kind === "unreadable";
  }
  throw refuse(unreadable ? "keysUnreadable" : "keyUnknown");
}

function expiryOf({ exp }: JWTPayload): number {
  if (exp === undefined || exp > latestExpirySeconds) throw refuse("expiry");
  return (exp + clockToleranceSeconds) * 1000;
}

/** Whatever jose complains of, known or not, is a refusal: a token that cannot be judged is not let in. */
function toRefusal(error: unknown): GatewayError {
  if (error instanceof errors.JWTExpired) return refuse("expired");
  if (error instanceof errors.JWSSignatureVerificationFailed) return refuse("signature");
  if (error instanceof errors.JOSEAlgNotAllowed) return refuse("algorithm");
  if (!(error instanceof errors.JWTClaimValidationFailed)) return refuse("malformed");
  switch (error.claim) {
    case "aud":
      return refuse("audience");
    case "exp":
      return refuse("expiry");
    case "nbf":
      return refuse("notYetValid");
    default:
      return refuse("malformed");
  }
}
