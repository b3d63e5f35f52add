import { ErpBadAnswer, type ErpError, ErpOverloaded, ErpUnavailable, refusedCredentialSeconds } from "../../errors.js";
import { type ErpResponse, toStatusError } from "../http-client.js";
import type { Row } from "../parse.js";

// Words of MySQL, MariaDB and PostgreSQL for what passes by itself.
const passing = /too many connections|deadlock|lock wait timeout|server has gone away|could not serialize access/i;

/**
 * What a status that is not 2xx means. The message that Dolibarr sends along goes nowhere: it tells SQL, values and hosts.
 * @param now ms since the epoch
 */
export function toDolibarrError(response: ErpResponse, now: number): ErpError {
  const { status, text } = response;
  const message = readMessage(text);
  if (status === 403 && isFirewall(response)) return toFirewallError(response);
  if (status === 401 || status === 403)
    return toRefusal(status, "check ERP_TOKEN, and the rights that docs/erp/dolibarr.md names");
  // 503 is Dolibarr's word for any SQL that failed, and that fails again; a proxy's 503 does not come as Restler's JSON.
  if (status === 503 && message !== null) {
    if (passing.test(message)) return new ErpOverloaded("Dolibarr's database is busy", { countsAsFailure: true });
    return new ErpBadAnswer("Dolibarr answered HTTP 503: its database refused the query", undefined, {
      mayBeOneKey: true,
      status,
    });
  }
  // Seen: what any page and the API alike answer while the database cannot be reached, or has no connection to give.
  if (status === 202)
    return new ErpUnavailable("Dolibarr answered HTTP 202: it cannot reach its database, or is closed");
  if (status === 503 && text.startsWith("APIs are not allowed from the IP")) {
    return toRefusal(status, "its API_RESTRICT_ON_IP leaves the gateway's address out");
  }
  if (status === 501)
    return toRefusal(status, "a module that docs/erp/dolibarr.md names is missing, or API_ENDPOINT_RULES closes it");
  return toStatusError(response, now);
}

/**
 * What a page of HTML with status 200 means. Dolibarr sends one while it is closed for maintenance, in the language it is set to,
 * and where the module of the API is off; a web server where Dolibarr is not. PHP's warnings may be one row's fault.
 */
export function toPageError({ text }: ErpResponse): ErpError {
  const said =
    "Dolibarr answered with a page: is it closed for maintenance, is ERP_URL its address, and the module API/REST enabled?";
  return /^\s*<(br|b>)/i.test(text)
    ? new ErpBadAnswer(said, undefined, { mayBeOneKey: true })
    : new ErpUnavailable(said);
}

/**
 * Dolibarr's firewall in front of its own pages, which reads the whole query: two SKUs in one call, such as UNION-1 and
 * SELECT-1, look like SQL. Seen: 20 and 22 say so with 403, 18 with 200; all in HTML.
 */
export function isFirewall({ text }: ErpResponse): boolean {
  return text.startsWith("Access refused to") && text.slice(0, 200).includes("injection protection");
}

export function toFirewallError({ status }: ErpResponse): ErpBadAnswer {
  return new ErpBadAnswer(
    "Dolibarr takes the call for an attack (its `testSqlAndScriptInject`): rename the ref or code that reads like SQL",
    undefined,
    { mayBeOneKey: true, status },
  );
}

/** What waits for somebody's mend. 18 says 401 both to a wrong key and to a user who lacks a right, 22 says 403 to the latter. */
function toRefusal(status: number, mend: string): ErpUnavailable {
  return new ErpUnavailable(`Dolibarr answered HTTP ${status}: ${mend}`, {
    countsAsFailure: false,
    retryAfterSeconds: refusedCredentialSeconds,
  });
}

/**
 * Whether this 404 says that nothing matched, "Not Found: No product found": older versions answer so to a list that is empty,
 * and all of them to a product without prices of its own. A wrong address gives HTML, or no more than "Not Found".
 */
export function isNothingFound({ status, text }: ErpResponse): boolean {
  if (status !== 404) return false;
  const message = readMessage(text);
  return message !== null && message !== "Not Found";
}

/** The message of Restler's `{"error":{"code":…,"message":…}}`; null where the answer is none. */
function readMessage(text: string): string | null {
  try {
    const { error } = JSON.parse(text) as { error?: Row };
    return typeof error?.["message"] === "string" ? error["message"] : null;
  } catch {
    return null;
  }
}
