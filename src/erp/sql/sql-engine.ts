import type { ErpError } from "../../errors.js";
import type { BindStyle, Bound, Dialect, Statement } from "./statement.js";

// What the connector needs of a database, whichever it is. One file an engine puts a driver behind it.

export interface SqlResult {
  readonly columns: readonly SqlColumn[];
  /** By the columns' names in lower case. */
  readonly rows: readonly Partial<Record<string, unknown>>[];
}

export interface SqlColumn {
  /** In lower case: databases differ in whether they keep the case of a name. */
  readonly name: string;
  /** Whether its numbers went through a float, in the database or in the driver, so that they are not to be believed. */
  readonly isInexact: boolean;
}

/** One connection of the pool, in the hands of one call. */
export interface SqlConnection {
  /** Begins a transaction in which nothing can be written, or of which nothing written stays. */
  begin(): Promise<void>;
  run(bound: Bound): Promise<SqlResult>;
  /** Ends the transaction. */
  end(): Promise<void>;
  /** Asks the server to stop what it does for this connection. */
  cancel(): Promise<void>;
  /** Back to the pool. */
  release(): void;
  /** Closes its socket: what waits for it fails. */
  destroy(): void;
}

export interface Asked {
  readonly statement: Statement;
  /** As the server was sent it: with the driver's marks, and the lines of the file. */
  readonly text: string;
}

export interface SqlEngine {
  readonly dialect: Dialect;
  readonly style: BindStyle;
  connect(): Promise<SqlConnection>;
  /** @param asked what was run; null where none was */
  toError(error: unknown, asked: Asked | null): ErpError;
  close(): Promise<void>;
}

/** How strictly the connection is encrypted: not at all; whoever answers; only a server whose certificate proves its name. */
export type SqlTls = "off" | "require" | "verify";

export interface EngineOptions {
  readonly host: string;
  /** Null for the engine's usual one. */
  readonly port: number | null;
  readonly database: string;
  readonly user: string;
  readonly password: string | null;
  readonly tls: SqlTls;
  /** Most connections at once. */
  readonly connections: number;
  /** How long connecting, and one statement at the server, may take, in ms. */
  readonly timeoutMs: number;
}
