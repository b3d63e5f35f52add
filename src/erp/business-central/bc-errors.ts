import { ErpBadAnswer, type ErpError, ErpOverloaded, ErpUnavailable, refusedCredentialSeconds } from "../../errors.js";
import { type ErpResponse, toStatusError } from "../http-client.js";

/** How long who is sent away without a time stays away: requests are counted over five minutes. */
const usualHoldSeconds = 5;

/**
 * What a status that is not 200 means, of a request or of one part of a batch. Messages of Business Central may quote records
 * and people, so its error's code is told, and no more.
 * @param now ms since the epoch
 */
export function toBcError(response: ErpResponse, now: number): ErpError {
  const { status } = response;
  const code = readCode(response.text);
  const said = `Business Central answered HTTP ${status}${code === null ? "" : ` (${code})`}`;
  if (status === 401 || status === 403) return refused(`${said}: see the application's card and permission sets there`);
  // Not found is an address of ours that is wrong, a missing extension among them: no key among others mends it.
  if (status === 404) return new ErpBadAnswer(`${said}: ${notFoundMend}`, undefined, { status });
  if (status === 429) return toOverloaded(said, response, now);
  if (status === 400 || status === 409) return new ErpBadAnswer(said, undefined, { mayBeOneKey: true, status });
  return toStatusError(response, now);
}

const notFoundMend = "check the environment and the company, and that the Pricelane extension is installed";

export function refused(reason: string): ErpUnavailable {
  return new ErpUnavailable(reason, { countsAsFailure: false, retryAfterSeconds: refusedCredentialSeconds });
}

// Business Central does not always name a time beside 429.
function toOverloaded(said: string, response: ErpResponse, now: number): ErpOverloaded {
  const usual = toStatusError(response, now) as ErpOverloaded;
  return new ErpOverloaded(said, {
    countsAsFailure: false,
    retryAfterSeconds: usual.holdSeconds ?? usualHoldSeconds,
  });
}

/** Such as "BadRequest_NotFound". */
function readCode(text: string): string | null {
  try {
    const { error } = JSON.parse(text) as { error?: { code?: unknown } };
    const code = error?.code;
    return typeof code === "string" && /^\w{1,80}$/.test(code) ? code : null;
  } catch {
    return null;
  }
}
