import { ErpBadAnswer, type ErpError, ErpOverloaded, ErpUnavailable, refusedCredentialSeconds } from "../../errors.js";
import { type ErpResponse, toStatusError } from "../http-client.js";

/** Exceptions of Frappe that pass by themselves. */
const passing = new Set(["QueryDeadlockError", "QueryTimeoutError", "InReadOnlyMode", "SessionBootFailed"]);

/**
 * What a status that is not 200 means. Of the body only the exception's name is told: `exception`, `exc` and
 * `_server_messages` hold tracebacks, SQL and values.
 * @param now ms since the epoch
 */
export function toErpNextError(response: ErpResponse, now: number): ErpError {
  const { status } = response;
  const type = readType(response.text);
  const said = `ERPNext answered HTTP ${status}${type === null ? "" : ` (${type})`}`;
  if (status === 401 || status === 403) {
    return new ErpUnavailable(`${said}: check ERP_TOKEN, and the roles that docs/erp/erpnext.md names`, {
      countsAsFailure: false,
      retryAfterSeconds: refusedCredentialSeconds,
    });
  }
  if (type !== null && passing.has(type)) return new ErpOverloaded(said, { countsAsFailure: true });
  // 417 is Frappe's word for everything that its own rules refuse, be it for one item of fifty; 404 for a record that is gone.
  if (status === 417 || status === 409 || (status === 404 && type !== null)) {
    return new ErpBadAnswer(said, undefined, { mayBeOneKey: true, status });
  }
  if (status >= 500 && status !== 503 && type !== null) return new ErpUnavailable(said, { mayBeOneKey: true });
  return toStatusError(response, now);
}

/** The name of Python's exception, where the body tells one. */
function readType(text: string): string | null {
  try {
    const { exc_type: type } = JSON.parse(text) as { exc_type?: unknown };
    return typeof type === "string" && /^[A-Za-z]{1,60}$/.test(type) ? type : null;
  } catch {
    return null;
  }
}
