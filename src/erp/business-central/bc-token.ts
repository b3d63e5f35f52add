import type { Clock } from "../../clock.js";
import { ErpBadAnswer, type ErpError, type ErpUnavailable } from "../../errors.js";
import { type ErpHttpClient, parseJson, toStatusError } from "../http-client.js";
import { parseRow, parseWholeNumber } from "../parse.js";
import { readForAll, waitFor } from "../shared-read.js";
import { refused } from "./bc-errors.js";

export interface BcCredential {
  /** The Entra tenant: its id, or its domain. */
  readonly tenant: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

export interface TokenOptions extends BcCredential {
  /** Speaks to the login server. */
  readonly http: ErpHttpClient;
  /** What the token is for, such as "https://api.businesscentral.dynamics.com/.default". */
  readonly scope: string;
  readonly clock: Clock;
  readonly timeoutMs: number;
}

/** The application's bearer token, by OAuth's client credentials. */
export interface TokenSource {
  /** @throws {ErpError} */
  read(signal: AbortSignal): Promise<string>;
  /** Business Central refused this token: the next read asks for another. */
  drop(token: string): void;
}

/** A token is renewed this long before it ends, or at half its life where that is shorter. */
const renewBeforeMs = 300_000;

/** A secret that was refused is not tried again before: only somebody can mend it. */
const refusedForMs = 10_000;

interface Kept {
  readonly token: Promise<string>;
  until: number;
}

export function createTokenSource(options: TokenOptions): TokenSource {
  const { clock } = options;
  let kept: Kept | null = null;
  let current: string | null = null;

  /** All who wait share one request, and for a while its refusal. */
  function renew(): Kept {
    const mine: Kept = {
      until: Number.POSITIVE_INFINITY,
      token: readForAll((signal) => requestToken(options, signal), options).then(
        ({ token, lifeMs }) => {
          mine.until = clock.now() + lifeMs - Math.min(renewBeforeMs, lifeMs / 2);
          current = token;
          return token;
        },
        (error: ErpError) => {
          mine.until = error.countsAsFailure ? 0 : clock.now() + refusedForMs;
          throw error;
        },
      ),
    };
    return mine;
  }

  return {
    read(signal) {
      if (kept === null || clock.now() >= kept.until) kept = renew();
      return waitFor(kept.token, signal);
    },
    drop(token) {
      // Of many calls that were refused together, only the first one makes a new token.
      if (token !== current) return;
      current = null;
      kept = null;
    },
  };
}

const notJson = "the login server's answer is not JSON: check BC_LOGIN_URL";

// https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
async function requestToken({ http, tenant, clientId, clientSecret, scope, clock }: TokenOptions, signal: AbortSignal) {
  const response = await http.request({
    method: "POST",
    path: `/${encodeURIComponent(tenant)}/oauth2/v2.0/token`,
    form: { grant_type: "client_credentials", client_id: clientId, client_secret: clientSecret, scope },
    signal,
  });
  if (response.status === 400 || response.status === 401) throw toRefusal(response.text);
  if (response.status !== 200) throw toStatusError(response, clock.now());
  const row = parseRow(parseJson(response.text, notJson), "the login server's answer");
  return {
    // Not by `parseText`, whose error would quote it.
    token: typeof row["access_token"] === "string" ? row["access_token"] : failWithoutToken(),
    lifeMs: parseWholeNumber(row["expires_in"], "the life of a token") * 1000,
  };
}

function failWithoutToken(): never {
  throw new ErpBadAnswer("the login server's answer has no access_token");
}

/** Its number, such as AADSTS7000215, says what to mend; its text names ids. */
function toRefusal(text: string): ErpUnavailable {
  const [code] = /AADSTS\d{1,10}/.exec(text) ?? [];
  const mend = "check BC_TENANT, BC_CLIENT_ID and BC_CLIENT_SECRET, and whether the secret has expired";
  return refused(`the login server refused the application${code === undefined ? "" : ` (${code})`}: ${mend}`);
}
