import { Forbidden, Unauthenticated } from "../errors.js";

/**
 * Why a credential is refused, in the words that its sender reads. They tell the mend and repeat nothing of the token,
 * since an answer may end in a log. docs/identity.md explains each one; a test compares the two lists.
 */
export const refusals = {
  header: "Send the header as Authorization: Bearer <token>, with exactly one token.",
  malformed: "The bearer token is no signed JWT: send it whole and unchanged.",
  algorithm: "The token's alg must be HS256, EdDSA, ES256 or RS256.",
  kidMissing: "The token's header has no kid: name the key that signed it.",
  noKeys: "This server has no key to verify tokens with: set AUTH_SECRETS, AUTH_JWKS_FILE or AUTH_JWKS_URL.",
  keyUnknown: "The server has no key with the token's kid for the token's alg: check both, or publish the key.",
  keysUnreadable: "The keys that verify this token cannot be read now: try again in a few seconds.",
  signature: "The token's signature is wrong: sign with the key that kid names.",
  expired: "The token has expired: get a new one.",
  notYetValid: "The token is not valid yet: check nbf and the clock of the server that signed it.",
  expiry: "The token's exp is missing or wrong: set it to the instant it ends, as a number of seconds since 1970.",
  audience: "The token's aud does not name this server: set it to the server's AUTH_AUDIENCE.",
  subject: "The token's sub must be the customer's code, 1 to 200 characters and none of them a control character.",
  scope: "The token's scope must be one string, its words separated by spaces.",
  company: "The token is for another company than the one this server serves.",
} as const;

export function refuse(reason: Exclude<keyof typeof refusals, "company">): Unauthenticated {
  // No cause: jose's errors carry the token's claims, which must not reach a log.
  return new Unauthenticated(refusals[reason]);
}

export function refuseCompany(): Forbidden {
  return new Forbidden(refusals.company);
}
