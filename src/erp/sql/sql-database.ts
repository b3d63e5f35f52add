import type { Clock } from "../../clock.js";
import { ErpError, ErpTimeout } from "../../errors.js";
import { checkColumns } from "./check-columns.js";
import type { SqlConnection, SqlEngine, SqlResult } from "./sql-engine.js";
import { bindStatement, type SqlValues, type Statement } from "./statement.js";

export type Rows = SqlResult["rows"];
export type RunQuery = (statement: Statement, values: SqlValues) => Promise<Rows>;

/** A database that is only read: a transaction a call, stopped at the server once nobody waits. */
export interface SqlDatabase {
  /**
   * Runs `use` within one read-only transaction, so that all it reads is of one moment.
   * @throws {ErpTimeout} when `signal` is aborted, once the server has stopped or the socket is destroyed. @throws {ErpError}
   */
  read<T>(use: (run: RunQuery) => Promise<T>, signal: AbortSignal): Promise<T>;
  ping(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** How long the server is given to stop what was cancelled, in ms; then its socket is destroyed. */
const cancelMs = 1_000;

export function createDatabase(engine: SqlEngine, clock: Clock): SqlDatabase {
  async function within<T>(use: (connection: SqlConnection) => Promise<T>, signal: AbortSignal): Promise<T> {
    const connection = await acquire(engine, signal);
    const cancelling = cancelOnAbort(connection, signal, clock);
    try {
      await connection.begin();
      return await use(connection);
    } catch (error) {
      if (signal.aborted) throw tooLate();
      throw error instanceof ErpError ? error : engine.toError(error, null);
    } finally {
      await giveBack(connection, cancelling);
    }
  }

  return {
    read: (use, signal) => within((connection) => use(createRun(engine, connection)), signal),
    ping: (signal) =>
      within(async (connection) => void (await connection.run({ text: "SELECT 1 AS one", values: [] })), signal),
    close: () => engine.close(),
  };
}

function createRun(engine: SqlEngine, connection: SqlConnection): RunQuery {
  return async (statement, values) => {
    const bound = bindStatement(statement, values, engine.style);
    const result = await connection.run(bound).catch((error: unknown) => {
      throw engine.toError(error, { statement, text: bound.text });
    });
    checkColumns(statement, result.columns, engine.dialect);
    return result.rows;
  };
}

/** One that comes too late, since its caller left meanwhile, goes back to the pool unused. */
async function acquire(engine: SqlEngine, signal: AbortSignal): Promise<SqlConnection> {
  if (signal.aborted) throw tooLate();
  const coming = engine.connect();
  let leave = () => {};
  const left = new Promise<never>((_, reject) => {
    leave = () => reject(tooLate());
    signal.addEventListener("abort", leave, { once: true });
  });
  try {
    return await Promise.race([coming, left]);
  } catch (error) {
    if (!signal.aborted) throw error instanceof ErpError ? error : engine.toError(error, null);
    coming.then((connection) => connection.release()).catch(() => {});
    throw tooLate();
  } finally {
    signal.removeEventListener("abort", leave);
  }
}

interface Cancelling {
  /** Whether the connection was or is being cancelled: then nobody else must have it. */
  readonly hasBegun: () => boolean;
  /** To be called when the call is over. */
  end(): void;
}

function cancelOnAbort(connection: SqlConnection, signal: AbortSignal, clock: Clock): Cancelling {
  let hasBegun = false;
  let giveUp = () => {};
  const cancel = () => {
    hasBegun = true;
    giveUp = clock.after(cancelMs, () => connection.destroy());
    connection.cancel().catch(() => connection.destroy());
  };
  if (signal.aborted) cancel();
  else signal.addEventListener("abort", cancel, { once: true });
  return {
    hasBegun: () => hasBegun,
    end() {
      signal.removeEventListener("abort", cancel);
      giveUp();
    },
  };
}

async function giveBack(connection: SqlConnection, cancelling: Cancelling): Promise<void> {
  try {
    // Not to be used again: the cancelling may reach the server late, and would stop somebody else's query.
    if (cancelling.hasBegun()) connection.destroy();
    else {
      await connection.end();
      if (cancelling.hasBegun()) connection.destroy();
      else connection.release();
    }
  } catch {
    connection.destroy();
  } finally {
    cancelling.end();
  }
}

function tooLate(): ErpTimeout {
  return new ErpTimeout("the call took longer than it may");
}
