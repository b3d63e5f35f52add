import { SignJWT } from "jose";
import type { NamedSecret } from "./verification-keys.js";

export interface MintOptions {
  readonly key: NamedSecret;
  readonly audience: string;
  /** The ERP's customer code; null for a machine, such as the feed generator. */
  readonly customer: string | null;
  readonly scopes: readonly string[];
  readonly minutes: number;
  /** The ERP company that the token is good for; null for whichever the server serves. */
  readonly company: string | null;
  /** ms since the epoch. */
  readonly now: number;
}

/** Signs an HS256 token, for trying out and for demonstrations. Shops sign their own, see docs/identity.md. */
export function mintToken({ key, audience, customer, scopes, minutes, company, now }: MintOptions): Promise<string> {
  const issuedAt = Math.floor(now / 1000);
  const claims = { scope: scopes.join(" "), ...(company === null ? {} : { company }) };
  const token = new SignJWT(claims)
    .setProtectedHeader({ alg: "HS256", typ: "JWT", kid: key.kid })
    .setIssuer("pricelane")
    .setAudience(audience)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + minutes * 60);
  if (customer !== null) token.setSubject(customer);
  return token.sign(key.secret);
}
