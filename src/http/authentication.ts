import type { Clock } from "../clock.js";
import { anonymous, type Caller } from "../pricing/caller.js";
import { parseBearer } from "./auth-bearer.js";
import { KeyFile } from "./auth-key-file.js";
import { type Fetch, KeyUrl } from "./auth-key-url.js";
import { createTokenVerifier } from "./auth-verifier.js";
import { ConnectionCallers } from "./connection-callers.js";
import { rememberTokens } from "./remembered-tokens.js";
import { type AuthLog, type NamedSecret, type PublicKeys, toSecretKeys } from "./verification-keys.js";

export interface Authenticator {
  /**
   * Tells who is asking.
   * @param authorization the Authorization header as it came; undefined where there is none
   * @param connection that it came on, which remembers it
   * @returns the anonymous caller where there is no header, never for a header that does not please
   * @throws {Unauthenticated} when the header is anything but a valid bearer token
   * @throws {Forbidden} when the token is valid and for another company
   */
  authenticate(authorization: string | undefined, connection?: object): Promise<Caller>;
  /** The same at once, where this header was the last good one of this connection and still holds; null where it is to be verified. */
  recall(authorization: string | undefined, connection: object): Caller | null;
}

export interface AuthenticatorOptions {
  /** HS256 keys, each at least 32 bytes. */
  readonly secrets: readonly NamedSecret[];
  /** A JWKS file with public keys. */
  readonly jwksFile: string | null;
  /** A JWKS URL with public keys, http or https. */
  readonly jwksUrl: URL | null;
  /** What a token's `aud` must be or contain. */
  readonly audience: string;
  /** The ERP company this server serves; null where it names none. */
  readonly company: string | null;
  readonly clock: Clock;
  readonly log: AuthLog;
  /** How the JWKS URL is read; the platform's `fetch` where absent. */
  readonly fetch?: Fetch;
}

/** @throws {Error} at once when a secret, the file or the URL cannot be used, naming it and the mend */
export function createAuthenticator(options: AuthenticatorOptions): Authenticator {
  const { audience, company, clock } = options;
  const secrets = toSecretKeys(options.secrets);
  const verifyAnew = createTokenVerifier({ secrets, publicKeys: openPublicKeys(options), audience, company, clock });
  const verify = rememberTokens(verifyAnew, clock);
  const lastCallers = new ConnectionCallers(clock);
  return {
    async authenticate(authorization, connection) {
      if (authorization === undefined) return anonymous;
      const believed = await verify(parseBearer(authorization));
      if (connection !== undefined) lastCallers.remember(connection, authorization, believed);
      return believed.caller;
    },
    recall: (authorization, connection) =>
      authorization === undefined ? anonymous : lastCallers.recall(connection, authorization),
  };
}

function openPublicKeys({ jwksFile, jwksUrl, clock, log, fetch }: AuthenticatorOptions): PublicKeys[] {
  const opened: PublicKeys[] = [];
  if (jwksFile !== null) opened.push(new KeyFile(jwksFile, clock, log));
  if (jwksUrl !== null) opened.push(new KeyUrl({ url: jwksUrl, clock, log, fetch: fetch ?? globalThis.fetch }));
  return opened;
}
