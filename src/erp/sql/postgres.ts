import type { ErpError } from "../../errors.js";
import { loadDriver } from "./load-driver.js";
import type { Asked, EngineOptions, SqlConnection, SqlEngine, SqlResult } from "./sql-engine.js";
import { isAboutTls, isSystemCode, type SqlFault, toSqlError } from "./sql-errors.js";
import type { Bound } from "./statement.js";

type Driver = typeof import("pg");
type PooledClient = import("pg").PoolClient;

const usualPort = 5432;

/** float4 and float8. Source: `SELECT oid, typname FROM pg_type`. */
const inexactTypes: readonly number[] = [700, 701];

/** Every value as the text that the server wrote: numbers stay exact, and days stay in their place. */
const asText = { getTypeParser: () => (text: string) => text };

export function createPostgres(options: EngineOptions, driver = loadDriver<Driver>("pg")): SqlEngine {
  const { host, port, database, user, password, tls, connections, timeoutMs } = options;
  const address = {
    ...{ host, port: port ?? usualPort, database, user, types: asText, application_name: "pricelane" },
    ...(password === null ? {} : { password }),
    ssl: tls === "off" ? false : { rejectUnauthorized: tls === "verify" },
    connectionTimeoutMillis: timeoutMs,
  };
  const pool = new driver.Pool({ ...address, max: connections, idleTimeoutMillis: 10_000, allowExitOnIdle: true });
  // A connection that the server closes while nobody uses it, or between two statements, is no crash: the next use fails.
  pool.on("error", () => {});
  pool.on("connect", (client) => client.on("error", () => {}));

  return {
    dialect: "postgresql",
    style: { lists: "array", reuses: true, mark: (position) => `$${position}` },
    async connect() {
      const client = await pool.connect();
      return toConnection(client, timeoutMs, (pid) => cancelBackend(new driver.Client(address), pid));
    },
    toError,
    close: () => pool.end(),
  };
}

function toConnection(client: PooledClient, timeoutMs: number, cancel: (pid: number) => Promise<void>): SqlConnection {
  let isGiven = false;
  const give = (destroy: boolean) => {
    if (isGiven) return;
    isGiven = true;
    client.release(destroy);
  };
  return {
    async begin() {
      // The server stops by itself what we cannot tell it to stop.
      const bound = `SET LOCAL statement_timeout = ${timeoutMs}`;
      await client.query(`BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; ${bound}`);
    },
    run: (bound) => run(client, bound),
    end: async () => void (await client.query("ROLLBACK")),
    async cancel() {
      const { processID } = client as { processID?: number | null };
      if (typeof processID === "number") await cancel(processID);
    },
    release: () => give(false),
    destroy() {
      // `release(true)` says goodbye and waits for what is under way; a server that hangs would never let go.
      (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
      give(true);
    },
  };
}

async function run(client: PooledClient, { text, values }: Bound): Promise<SqlResult> {
  const { rows, fields } = await client.query({ text, values: [...values] });
  return {
    columns: fields.map(({ name, dataTypeID }) => ({ name, isInexact: inexactTypes.includes(dataTypeID) })),
    rows,
  };
}

/** Over a connection of its own: the pool may be in full use, which is when calls are late. */
async function cancelBackend(client: import("pg").Client, pid: number): Promise<void> {
  client.on("error", () => {});
  try {
    await client.connect();
    await client.query("SELECT pg_cancel_backend($1)", [pid]);
  } finally {
    await client.end();
  }
}

/** Source: appendix A of PostgreSQL's manual. The first two characters are the class. */
function toFault(code: string, said: string): SqlFault {
  if (code === "57014") return "cancelled";
  if (code.startsWith("53")) return "overloaded";
  if (code === "25006" || code.startsWith("42") || code === "0A000") return "query";
  if (code.startsWith("28") || code === "3D000") return "credential";
  if (/^2[12]/.test(code)) return "data";
  if (isAboutTls(code, said)) return "tls";
  if (/^(08|40|57)/.test(code) || isSystemCode(code)) return "unavailable";
  return "unknown";
}

function toError(error: unknown, asked: Asked | null): ErpError {
  const { code, message, position } = error as { code?: unknown; message?: unknown; position?: unknown };
  const said = String(message || code);
  const fault = typeof code === "string" ? toFault(code, said) : isAboutTls(code, said) ? "tls" : "unavailable";
  const line = position === undefined || asked === null ? null : lineAt(asked.text, Number(position));
  return toSqlError(fault, said, asked?.statement ?? null, line);
}

/** @param position of a character, from 1 @returns its line, from 1 */
function lineAt(text: string, position: number): number {
  return text.slice(0, position - 1).split("\n").length;
}
