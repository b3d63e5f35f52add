import {
  ErpBadAnswer,
  type ErpError,
  ErpOverloaded,
  ErpTimeout,
  ErpUnavailable,
  refusedCredentialSeconds,
} from "../../errors.js";
import { withoutControlCharacters } from "../../pricing/control-characters.js";
import type { Statement } from "./statement.js";

/** What an engine's own error is, in words that all engines share. */
export type SqlFault =
  /** The query itself is wrong, or this user may not run it: only a person mends that. */
  | "query"
  /** The user, password or database is refused. */
  | "credential"
  /** The two sides do not agree on encryption. */
  | "tls"
  /** One value met something that it cannot be computed with. */
  | "data"
  | "cancelled"
  | "overloaded"
  /** Not reached, shutting down, or a victim of a deadlock. */
  | "unavailable"
  | "unknown";

/** A query of the file that cannot be used as it is written. Not the database's failure: asking less would not mend it. */
export class QueryWrong extends ErpUnavailable {
  constructor(statement: Statement, said: string, line: number | null = null) {
    const at = line === null ? "" : ` (line ${statement.firstLine + line - 1} of SQL_QUERIES_FILE)`;
    super(`the query ${statement.name}${at} ${said}`, {
      countsAsFailure: false,
      retryAfterSeconds: refusedCredentialSeconds,
    });
  }
}

/**
 * @param message of the server, which quotes no more than the text of the query and single values
 * @param line of the statement, from 1, where the server names one
 */
export function toSqlError(
  fault: SqlFault,
  message: string,
  statement: Statement | null,
  line: number | null,
): ErpError {
  const said = withoutControlCharacters(message).slice(0, 300);
  const where = statement === null ? "the database" : `the database, asked the query ${statement.name},`;
  switch (fault) {
    case "query":
      if (statement !== null) return new QueryWrong(statement, `is refused by the database: ${said}`, line);
      return new ErpUnavailable(`the database refuses: ${said}`, { countsAsFailure: false });
    case "credential":
      return new ErpUnavailable(
        `the database refuses the user: ${said}; check SQL_USER, SQL_PASSWORD and the database in SQL_URL`,
        { countsAsFailure: false, retryAfterSeconds: refusedCredentialSeconds },
      );
    case "tls":
      return new ErpUnavailable(
        `no encrypted connection to the database: ${said}; see that its certificate is valid and names the host of SQL_URL, or set SQL_TLS`,
        { countsAsFailure: false, retryAfterSeconds: refusedCredentialSeconds },
      );
    case "data":
      return new ErpBadAnswer(`${where} fails on a value: ${said}`, undefined, { mayBeOneKey: true });
    case "cancelled":
      return new ErpTimeout(`${where} was stopped: ${said}`);
    case "overloaded":
      return new ErpOverloaded(`${where} takes no more: ${said}`, { countsAsFailure: true });
    case "unavailable":
      return new ErpUnavailable(`${where} could not be asked: ${said}`);
    case "unknown":
      return new ErpUnavailable(`${where} failed: ${said}`, { mayBeOneKey: true });
  }
}

/** Codes of the system, which all drivers hand through, such as ECONNREFUSED. */
export function isSystemCode(code: string): boolean {
  return /^E[A-Z]{3,}$/.test(code);
}

/** What OpenSSL and the drivers say where encryption fails. */
export function isAboutTls(code: unknown, message: string): boolean {
  return /CERT|SELF_SIGNED|UNABLE_TO_|SSL|TLS/.test(String(code)) || /\b(SSL|TLS|certificate)\b/i.test(message);
}
