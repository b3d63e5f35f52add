import type { ErpError } from "../../errors.js";
import { loadDriver } from "./load-driver.js";
import type { Asked, EngineOptions, SqlConnection, SqlEngine, SqlResult } from "./sql-engine.js";
import { isAboutTls, type SqlFault, toSqlError } from "./sql-errors.js";
import type { SqlServerDriver, SqlServerPool, SqlServerRequest } from "./sql-server-driver.js";
import type { Bound } from "./statement.js";

const usualPort = 1433;

/** Microsoft SQL Server. It has no read-only transactions: each is rolled back, so that nothing written stays. */
export function createSqlServer(options: EngineOptions, driver = loadDriver<SqlServerDriver>("mssql")): SqlEngine {
  const { host, port, database, user, password, tls, connections, timeoutMs } = options;
  let pool: SqlServerPool | null = null;
  let opening: Promise<SqlServerPool> | null = null;

  async function open(): Promise<SqlServerPool> {
    const made = new driver.ConnectionPool({
      ...{ server: host, port: port ?? usualPort, database, user },
      ...(password === null ? {} : { password }),
      ...{ connectionTimeout: timeoutMs, requestTimeout: timeoutMs },
      pool: { max: connections, min: 0, idleTimeoutMillis: 10_000 },
      options: {
        encrypt: tls !== "off",
        trustServerCertificate: tls !== "verify",
        ...{ readOnlyIntent: true, appName: "pricelane" },
      },
    });
    made.on("error", () => {});
    await made.connect();
    return made;
  }

  return {
    dialect: "sqlserver",
    style: { lists: "expanded", reuses: true, mark: (position) => `@pl${position}` },
    async connect() {
      // Its pool must be opened once, and is of no use where that failed.
      opening ??= open().finally(() => {
        opening = null;
      });
      pool ??= await opening;
      return toConnection(driver, pool);
    },
    toError,
    async close() {
      await pool?.close();
    },
  };
}

function toConnection(driver: SqlServerDriver, pool: SqlServerPool): SqlConnection {
  const transaction = new driver.Transaction(pool);
  transaction.on("error", () => {});
  let request: SqlServerRequest | null = null;
  let under: Promise<unknown> = Promise.resolve(); // what the driver is at
  let hasBegun = false;
  let ending: Promise<void> | null = null;
  const follow = <T>(step: Promise<T>): Promise<T> => {
    under = step.catch(() => {});
    return step;
  };
  const beginOnce = async () => {
    await transaction.begin(driver.ISOLATION_LEVEL.READ_COMMITTED);
    hasBegun = true;
  };
  // The driver refuses to roll back while it is at something, and its pool would then never get the connection back.
  const end = async () => {
    await under;
    if (hasBegun) await transaction.rollback();
  };
  return {
    async begin() {
      await follow(beginOnce());
    },
    run(bound) {
      request = new driver.Request(transaction);
      return follow(run(driver, request, bound));
    },
    end() {
      ending ??= end();
      return ending;
    },
    cancel: async () => request?.cancel(),
    release: () => {}, // the end of the transaction gave it back
    destroy() {
      // What does not answer a cancelling within 5 s the driver closes by itself.
      ending ??= end();
      ending.catch(() => {});
    },
  };
}

async function run(driver: SqlServerDriver, request: SqlServerRequest, { text, values }: Bound): Promise<SqlResult> {
  for (const [index, value] of values.entries()) {
    request.input(`pl${index + 1}`, typeof value === "number" ? driver.Int : textTypeOf(driver, value), value);
  }
  const { recordset } = await request.query(text);
  const rows = recordset ?? [];
  const { Float, Real, Decimal, Numeric, Money, SmallMoney } = driver;
  // Decimals too: the driver makes JavaScript's numbers of them.
  const inexact = [Float, Real, Decimal, Numeric, Money, SmallMoney];
  const columns = Object.entries(recordset?.columns ?? {});
  return {
    columns: columns.map(([name, { type }]) => ({ name: name.toLowerCase(), isInexact: inexact.includes(type) })),
    rows: rows.map((row) =>
      Object.fromEntries(Object.entries(row).map(([name, value]) => [name.toLowerCase(), value])),
    ),
  };
}

/** A parameter of the wider type would keep the server from using an index over a VARCHAR column. */
function textTypeOf({ VarChar, NVarChar }: SqlServerDriver, value: unknown): unknown {
  return typeof value === "string" && !/^[\x20-\x7e]*$/.test(value) ? NVarChar : VarChar;
}

interface SqlServerError {
  readonly code?: unknown;
  readonly number?: number;
  readonly lineNumber?: number;
  readonly message?: unknown;
}

/** Source: `sys.messages` as documented by Microsoft. */
const faultByNumber: Readonly<Partial<Record<number, SqlFault>>> = {
  102: "query", // syntax
  156: "query",
  207: "query", // no such column
  208: "query", // no such table
  209: "query", // ambiguous
  229: "query", // this user may not read it
  230: "query",
  4104: "query",
  137: "query",
  4060: "credential", // no such database
  18456: "credential",
  220: "data",
  241: "data",
  245: "data",
  512: "data", // a subquery of one value gave several
  248: "data",
  8114: "data",
  8115: "data",
  8134: "data", // division by zero
  10928: "overloaded",
  10929: "overloaded",
  1205: "unavailable", // chosen as a victim of a deadlock
  1222: "unavailable",
};

function toFault({ code, number }: SqlServerError, said: string): SqlFault {
  const known = faultByNumber[number ?? 0];
  if (known !== undefined) return known;
  if (code === "ELOGIN") return "credential";
  if (code === "ECANCEL" || code === "ETIMEOUT") return "cancelled";
  if (code !== "EREQUEST" && isAboutTls(code, said)) return "tls";
  return code === "EREQUEST" ? "unknown" : "unavailable";
}

function toError(error: unknown, asked: Asked | null): ErpError {
  const serverError = error as SqlServerError;
  const said = String(serverError.message || serverError.code);
  return toSqlError(toFault(serverError, said), said, asked?.statement ?? null, serverError.lineNumber ?? null);
}
