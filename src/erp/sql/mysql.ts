import type { ErpError } from "../../errors.js";
import { loadDriver } from "./load-driver.js";
import type { Asked, EngineOptions, SqlConnection, SqlEngine, SqlResult } from "./sql-engine.js";
import { isAboutTls, isSystemCode, type SqlFault, toSqlError } from "./sql-errors.js";
import type { Bound, SqlValue } from "./statement.js";

type Driver = typeof import("mysql2/promise");
type PooledConnection = import("mysql2/promise").PoolConnection;

const usualPort = 3306;

/** FLOAT and DOUBLE. Source: MySQL's protocol, `enum_field_types`. */
const inexactTypes: readonly (number | undefined)[] = [4, 5];

/** MySQL and MariaDB. */
export function createMysql(
  options: EngineOptions,
  driver = loadDriver<Driver>("mysql2", "mysql2/promise"),
): SqlEngine {
  const { host, port, database, user, password, tls, connections, timeoutMs } = options;
  if (tls === "verify" && isAddress(host)) throw unverifiable(host);
  const address = {
    ...{ host, port: port ?? usualPort, database, user, connectTimeout: timeoutMs, charset: "utf8mb4" },
    ...(password === null ? {} : { password }),
    // Without `verifyIdentity` any certificate of a known authority would do, whoever it is for.
    ...(tls === "off" ? {} : { ssl: { rejectUnauthorized: tls === "verify", verifyIdentity: tls === "verify" } }),
    // Numbers and days as the server wrote them.
    ...{ dateStrings: true, supportBigNumbers: true, bigNumberStrings: true, decimalNumbers: false },
  };
  const pool = driver.createPool({ ...address, connectionLimit: connections, maxPreparedStatements: 100 });
  const bounded = new WeakSet<object>();

  return {
    dialect: "mysql",
    style: { lists: "expanded", reuses: false, mark: () => "?" },
    async connect() {
      const connection = await pool.getConnection();
      const socket = connection.connection;
      const cancel = async () => killQuery(await driver.createConnection(address), connection.threadId);
      if (bounded.has(socket)) return toConnection(driver, connection, cancel);
      bounded.add(socket);
      try {
        await boundStatements(connection, timeoutMs);
        return toConnection(driver, connection, cancel);
      } catch (error) {
        connection.destroy();
        throw error;
      }
    },
    toError,
    close: () => pool.end(),
  };
}

function isAddress(host: string): boolean {
  return /^[\d.]+$/.test(host) || host.includes(":");
}

// Asked for an address the driver has nothing to compare, and Node then compares the certificate with "localhost".
function unverifiable(host: string): Error {
  const mend = "name the host as its certificate does, or set SQL_TLS to require or off";
  return new Error(`SQL_URL names the address ${host}, which this driver cannot verify: ${mend}`);
}

/** The server stops by itself what we cannot tell it to stop. MariaDB counts in seconds, MySQL in ms, each by a name of its own. */
async function boundStatements(connection: PooledConnection, timeoutMs: number): Promise<void> {
  try {
    await connection.query(`SET SESSION max_statement_time = ${timeoutMs / 1000}`);
  } catch (error) {
    if ((error as { code?: unknown }).code !== "ER_UNKNOWN_SYSTEM_VARIABLE") throw error;
    await connection.query(`SET SESSION max_execution_time = ${timeoutMs}`);
  }
}

function toConnection(driver: Driver, connection: PooledConnection, cancel: () => Promise<void>): SqlConnection {
  let isGiven = false;
  const giveOnce = (give: () => void) => {
    if (!isGiven) give();
    isGiven = true;
  };
  return {
    begin: async () => void (await connection.query("START TRANSACTION READ ONLY")),
    run: (bound) => run(driver, connection, bound),
    end: async () => void (await connection.query("ROLLBACK")),
    cancel,
    release: () => giveOnce(() => connection.release()),
    destroy: () =>
      giveOnce(() => {
        connection.destroy();
        // The driver only closes its own half, which a server that hangs never answers.
        (connection.connection as unknown as { stream: { destroy(): void } }).stream.destroy();
      }),
  };
}

/** Prepared by the server, so that no value is ever a part of the text. */
async function run(driver: Driver, connection: PooledConnection, { text, values }: Bound): Promise<SqlResult> {
  // Left alone a number goes out as a DOUBLE, which MySQL does not take for a LIMIT.
  const typed = (values as SqlValue[]).map((value) =>
    typeof value === "number" ? driver.TypedParameter.INT(value) : value,
  );
  const [rows, fields] = await connection.execute<import("mysql2/promise").RowDataPacket[]>(text, typed);
  return {
    columns: fields.map(({ name, columnType }) => ({
      name: name.toLowerCase(),
      isInexact: inexactTypes.includes(columnType),
    })),
    rows: rows.map((row) =>
      Object.fromEntries(Object.entries(row).map(([name, value]) => [name.toLowerCase(), value])),
    ),
  };
}

/** Over a connection of its own: the pool may be in full use, which is when calls are late. */
async function killQuery(connection: import("mysql2/promise").Connection, threadId: number): Promise<void> {
  try {
    await connection.query(`KILL QUERY ${threadId}`);
  } finally {
    await connection.end();
  }
}

/** Source: MariaDB's and MySQL's lists of error codes. */
const faultByNumber: Readonly<Partial<Record<number, SqlFault>>> = {
  1040: "overloaded", // too many connections
  1203: "overloaded", // of this user
  1226: "overloaded",
  1044: "credential", // this user may not use the database
  1045: "credential",
  1049: "credential", // no such database
  1142: "query", // this user may not read the table
  1143: "query",
  1370: "query", // nor call the routine
  1054: "query",
  1792: "query", // it writes
  1205: "unavailable", // waited too long for a lock
  1317: "cancelled",
  1969: "cancelled", // MariaDB's max_statement_time
  3024: "cancelled", // MySQL's max_execution_time
};

function toFault(error: MysqlError, said: string): SqlFault {
  const { code, errno, sqlState = "" } = error;
  const known = faultByNumber[errno ?? 0];
  if (known !== undefined) return known;
  if (typeof errno !== "number" && isAboutTls(code, said)) return "tls";
  if (sqlState.startsWith("42")) return "query";
  if (sqlState.startsWith("28")) return "credential";
  if (/^2[12]/.test(sqlState)) return "data";
  if (/^(08|40)/.test(sqlState) || typeof code !== "string") return "unavailable";
  return isSystemCode(code) || code.startsWith("PROTOCOL_") ? "unavailable" : "unknown";
}

interface MysqlError {
  readonly code?: unknown;
  readonly errno?: number;
  readonly sqlState?: string;
  readonly message?: unknown;
}

function toError(error: unknown, asked: Asked | null): ErpError {
  const mysqlError = error as MysqlError;
  const said = String(mysqlError.message || mysqlError.code);
  const [, line] = / at line (\d+)$/.exec(said) ?? [];
  return toSqlError(
    toFault(mysqlError, said),
    said,
    asked?.statement ?? null,
    line === undefined ? null : Number(line),
  );
}
