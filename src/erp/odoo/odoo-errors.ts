import { ErpBadAnswer, type ErpError, ErpOverloaded, ErpUnavailable, refusedCredentialSeconds } from "../../errors.js";
import { withoutControlCharacters } from "../../pricing/control-characters.js";
import type { Row } from "../parse.js";

/** Odoo ran the call and said no: fewer records in one call may get an answer. */
export class OdooRefused extends ErpBadAnswer {
  /** @param exception Odoo's name of it, such as "odoo.exceptions.MissingError" */
  constructor(
    reason: string,
    readonly exception: string,
  ) {
    super(reason, undefined, { mayBeOneKey: true });
  }
}

/** Odoo's user may not do this, which only an administrator of Odoo mends. */
export class OdooForbids extends ErpUnavailable {
  constructor(reason: string) {
    super(reason, { countsAsFailure: false, retryAfterSeconds: refusedCredentialSeconds });
  }
}

/** What is set for Odoo does not fit: it is not asked again for a while. */
export class OdooMisset extends OdooForbids {}

/** A right is missing: what else this user asks is answered. */
export function isMissingRight(error: unknown): error is OdooForbids {
  return error instanceof OdooForbids && !(error instanceof OdooMisset);
}

/** A method of a model, such as "res.partner" and "search_read". */
export interface Method {
  readonly model: string;
  readonly method: string;
}

const wrongCredential = new Set(["odoo.exceptions.AccessDenied", "werkzeug.exceptions.Unauthorized"]);
// What ends by itself: no free connection, two transactions in each other's way.
const passing =
  /^(psycopg2\..*(OperationalError|InterfaceError|SerializationFailure|TransactionRollback|Deadlock|LockNotAvailable|TooManyConnections)|odoo\.sql_db\.PoolError|werkzeug\.exceptions\.ServiceUnavailable)/;

/**
 * What an error of Odoo means.
 * @param error with `name`, the Python class, and `message`: `error.data` on `/jsonrpc`, the whole body on `/json/2`. What it
 *   says in `debug` is a traceback with code, paths and values: it goes nowhere.
 */
export function toOdooError(error: Row, call: Method): ErpError {
  const name = typeof error["name"] === "string" ? oneLine(error["name"]) : "an error without a name";
  const said = typeof error["message"] === "string" ? oneLine(error["message"]) : "";
  if (/^psycopg2.*database .* does not exist/.test(`${name} ${said}`)) return noDatabase();
  if (wrongCredential.has(name)) return wrongKey();
  if (name === "odoo.exceptions.AccessError" || name === "werkzeug.exceptions.Forbidden") return forbids(call, said);
  const what = `${call.model}.${call.method}: ${name}: ${said}`;
  if (passing.test(name)) return new ErpOverloaded(`Odoo's database: ${what}`, { countsAsFailure: true });
  return new OdooRefused(`Odoo refuses ${what}`, name);
}

export function wrongKey(): OdooMisset {
  return new OdooMisset("Odoo refuses the key: check ODOO_API_KEY (keys end), ODOO_USER and ODOO_DATABASE");
}

export function noDatabase(): OdooMisset {
  return new OdooMisset("Odoo does not serve this database at ERP_URL: check ODOO_DATABASE and ERP_URL");
}

function forbids({ model, method }: Method, said: string): OdooForbids {
  // What is worked out of other models needs these: Odoo names the one that is missing, whatever its language.
  const missing = /\(([a-z][a-z0-9_]*(?:\.[a-z0-9_]+)+)\)/.exec(said)?.[1] ?? model;
  const mend = `give its group the read access on ${missing} that docs/erp/odoo.md names`;
  return new OdooForbids(`Odoo does not let its user call ${model}.${method}: ${mend}. It says: ${said}`);
}

function oneLine(text: string): string {
  return withoutControlCharacters(text.replace(/\s+/g, " ")).slice(0, 200);
}
