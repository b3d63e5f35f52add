// What is used of the package mssql, which is not installed with us: it brings some seventy others. Its documentation is the source.

export interface SqlServerDriver {
  readonly ConnectionPool: new (config: SqlServerConfig) => SqlServerPool;
  readonly Transaction: new (pool: SqlServerPool) => SqlServerTransaction;
  readonly Request: new (parent: SqlServerTransaction) => SqlServerRequest;
  readonly ISOLATION_LEVEL: { readonly READ_COMMITTED: number };
  readonly VarChar: unknown;
  readonly NVarChar: unknown;
  readonly Int: unknown;
  readonly Float: unknown;
  readonly Real: unknown;
  readonly Decimal: unknown;
  readonly Numeric: unknown;
  readonly Money: unknown;
  readonly SmallMoney: unknown;
}

export interface SqlServerConfig {
  readonly server: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password?: string;
  readonly connectionTimeout: number;
  readonly requestTimeout: number;
  readonly pool: { readonly max: number; readonly min: number; readonly idleTimeoutMillis: number };
  readonly options: {
    readonly encrypt: boolean;
    readonly trustServerCertificate: boolean;
    readonly readOnlyIntent: boolean;
    readonly appName: string;
  };
}

export interface SqlServerPool {
  connect(): Promise<unknown>;
  close(): Promise<void>;
  on(event: "error", listener: () => void): unknown;
}

export interface SqlServerTransaction {
  begin(isolationLevel: number): Promise<unknown>;
  rollback(): Promise<unknown>;
  on(event: "error", listener: () => void): unknown;
}

export interface SqlServerRequest {
  input(name: string, type: unknown, value: unknown): unknown;
  query(text: string): Promise<{ readonly recordset?: Recordset }>;
  cancel(): void;
}

export type Recordset = readonly Partial<Record<string, unknown>>[] & {
  readonly columns: Readonly<Record<string, { readonly type: unknown }>>;
};
