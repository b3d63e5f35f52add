import { ErpBadAnswer, type ErpError, ErpOverloaded, ErpUnavailable, refusedCredentialSeconds } from "../../errors.js";
import { type ErpResponse, toStatusError } from "../http-client.js";

/** "Switch company error: -1102": Service Layer could not turn to this company just then. Seen in public clients, which ask again. */
const busyWithAnotherCompany = "305";

/** "Invalid session or session already timeout." Source: SAP's "Working with SAP Business One Service Layer", 3.1.1. */
export function isSessionEnded({ status }: { readonly status: number }): boolean {
  return status === 401;
}

/**
 * What a status that is not 2xx means, of a request or of one part of a batch. Messages of Service Layer quote records, so its
 * error's code is told, and no more.
 * @param query what was asked, of which the list or the function is told
 * @param now ms since the epoch
 */
export function toB1Error(response: ErpResponse, query: string, now: number): ErpError {
  const { status } = response;
  const code = readCode(response.text);
  const said = `${saidBy(response)} to ${query.replace(/\?.*/s, "")}`;
  const mend = "check the user's authorizations and its licence";
  if (status === 403) return new B1Forbidden(`${said}: ${mend}`, refusal);
  if (status === 401) return refused(`${said}: ${mend}`);
  if (status === 500 && code === busyWithAnotherCompany) return new ErpOverloaded(said, { countsAsFailure: true });
  // Not found is an address of ours that is wrong: no key among others mends it.
  if (status === 404) return new ErpBadAnswer(`${said}: check ERP_URL`, undefined, { status });
  if (status === 400) return new ErpBadAnswer(said, undefined, { mayBeOneKey: true, status });
  return toStatusError(response, now);
}

/** The user is logged in, and may not read this. */
export class B1Forbidden extends ErpUnavailable {}

/** Whether it says something of what was asked, and not how Service Layer or its login is just now. */
export function isOfQuestion(error: ErpError): boolean {
  return error instanceof B1Forbidden || error instanceof ErpBadAnswer || error.mayBeOneKey;
}

export function saidBy(response: Pick<ErpResponse, "status" | "text">): string {
  const code = readCode(response.text);
  return `Service Layer answered HTTP ${response.status}${code === null ? "" : ` (${code})`}`;
}

const refusal = { countsAsFailure: false, retryAfterSeconds: refusedCredentialSeconds };

export function refused(reason: string, retryAfterSeconds = refusedCredentialSeconds): ErpUnavailable {
  return new ErpUnavailable(reason, { ...refusal, retryAfterSeconds });
}

/** Such as "-2028": a number in `/b1s/v1`, a text in `/b1s/v2`. */
function readCode(text: string): string | null {
  try {
    const { error } = JSON.parse(text) as { error?: { code?: unknown } };
    const code = String(error?.code);
    return /^-?\d{1,12}$/.test(code) ? code : null;
  } catch {
    return null;
  }
}
