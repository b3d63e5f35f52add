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
    const work = async () => {
      await connection.begin().catch((error: unknown) => {
        throw engine.toError(error, null);
      });
      return use(connection);
    };
    try {
      return await cancelling.race(work());
    } catch (error) {
      throw signal.aborted ? tooLate() : error;
    } finally {
      await giveBack(connection, cancelling);
    }
  }

  return {
    read: (use, signal) => within((connection) => use(createRun(engine, connection)), signal),
    ping: (signal) => within((connection) => ping(engine, connection), signal),
    close: () => engine.close(),
  };
}

async function ping(engine: SqlEngine, connection: SqlConnection): Promise<void> {
  await connection.run({ text: "SELECT 1 AS one", values: [] }).catch((error: unknown) => {
    throw engine.toError(error, null);
  });
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
  /** Waits for `work`, but no longer than until the socket is given up: a driver may leave open what was on its way then. */
  race<T>(work: Promise<T>): Promise<T>;
  /** To be called when the call is over. */
  end(): void;
}

function cancelOnAbort(connection: SqlConnection, signal: AbortSignal, clock: Clock): Cancelling {
  let hasBegun = false;
  let stopWaiting = () => {};
  let lose: (error: Error) => void = () => {};
  const lost = new Promise<never>((_, reject) => {
    lose = reject;
  });
  lost.catch(() => {}); // of a call that ended before, nobody waits for it
  const giveUp = () => {
    connection.destroy();
    lose(tooLate());
  };
  const cancel = () => {
    hasBegun = true;
    stopWaiting = clock.after(cancelMs, giveUp);
    connection.cancel().catch(giveUp);
  };
  if (signal.aborted) cancel();
  else signal.addEventListener("abort", cancel, { once: true });
  return {
    hasBegun: () => hasBegun,
    race: (work) => Promise.race([work, lost]),
    end() {
      signal.removeEventListener("abort", cancel);
      stopWaiting();
    },
  };
}

async function giveBack(connection: SqlConnection, cancelling: Cancelling): Promise<void> {
  try {
    if (!cancelling.hasBegun()) await cancelling.race(connection.end());
    // Not to be used again: the cancelling may reach the server late, and would stop somebody else's query.
    if (cancelling.hasBegun()) connection.destroy();
    else connection.release();
  } catch {
    connection.destroy();
  } finally {
    cancelling.end();
  }
}

function tooLate(): ErpTimeout {
  return new ErpTimeout("the call took longer than it may");
}
