import { readFileSync } from "node:fs";
import type { Clock } from "../../clock.js";
import type { Connector } from "../../pricing/connector.js";
import { checkQueries } from "./check-queries.js";
import { createMysql } from "./mysql.js";
import { createPostgres } from "./postgres.js";
import { parseQueries, type Queries } from "./queries-file.js";
import { createSqlChanges, createSqlProducts } from "./sql-catalogue.js";
import { createSqlCustomers } from "./sql-customers.js";
import { createDatabase } from "./sql-database.js";
import type { EngineOptions, SqlEngine, SqlTls } from "./sql-engine.js";
import type { SqlGround } from "./sql-ground.js";
import { createSqlPrices } from "./sql-prices.js";
import { createSqlServer } from "./sql-server.js";
import { createSqlStock } from "./sql-stock.js";
import type { SqlValues } from "./statement.js";

export interface SqlOptions {
  /** Such as `postgresql://db.example.com:5432/erp`; the scheme names the engine. */
  readonly url: URL;
  readonly user: string;
  readonly password: string | null;
  readonly tls: SqlTls;
  /** The path of the file of queries. */
  readonly queriesFile: string;
  /** What `:warehouses` stands for; null where no query may name it. */
  readonly warehouses: readonly string[] | null;
  /** What `:company` stands for; null likewise. */
  readonly company: string | null;
  /** Most calls, and so most connections, at once. */
  readonly maxConcurrency: number;
  readonly timeoutMs: number;
  readonly clock: Clock;
}

/** A guess: the database has the ERP's own users to serve. `pricelane probe` measures it. */
export const sqlConcurrency = 4;

const engines: Readonly<Partial<Record<string, (options: EngineOptions) => SqlEngine>>> = {
  "postgresql:": createPostgres,
  "postgres:": createPostgres,
  "mysql:": createMysql,
  "mariadb:": createMysql,
  "sqlserver:": createSqlServer,
};

/**
 * An ERP whose database may be read: prices, stock and customers by the queries of a file.
 * @throws {Error} where the file cannot be used, or the driver is not installed
 */
export function createSqlConnector(options: SqlOptions): Connector {
  const engine = createEngine(options);
  const { company, warehouses, maxConcurrency } = options;
  const given: SqlValues = { ...(company === null ? {} : { company }), ...(warehouses === null ? {} : { warehouses }) };
  const queries = readQueries(options.queriesFile, engine, given);
  const ground: SqlGround = { database: createDatabase(engine, options.clock), queries, given };
  const { products, changes, newest_change: newest } = queries;
  return {
    name: "sql",
    prices: createSqlPrices(ground),
    stock: createSqlStock(ground),
    customers: createSqlCustomers(ground),
    maxConcurrency,
    ...(products === undefined ? {} : { products: createSqlProducts(ground, products) }),
    ...(changes === undefined || newest === undefined ? {} : { changes: createSqlChanges(ground, changes, newest) }),
    checkHealth: (signal) => ground.database.ping(signal),
    checkSetup: (signal) => checkQueries(ground, signal),
    close: () => ground.database.close(),
  };
}

function createEngine(options: SqlOptions): SqlEngine {
  const { url, user, password, tls, maxConcurrency: connections, timeoutMs } = options;
  const create = engines[url.protocol];
  if (create === undefined) throw new Error(`SQL_URL names ${url.protocol}, and the settings let it pass`);
  const database = decodeURIComponent(url.pathname.slice(1));
  const host = url.hostname.replace(/^\[|\]$/g, "");
  return create({
    host,
    port: url.port === "" ? null : Number(url.port),
    database,
    user,
    password,
    tls,
    connections,
    timeoutMs,
  });
}

function readQueries(file: string, { dialect }: SqlEngine, given: SqlValues): Queries {
  try {
    return parseQueries(readFileSync(file, "utf8"), dialect, new Set(Object.keys(given)));
  } catch (error) {
    throw new Error(`SQL_QUERIES_FILE=${file} cannot be used: ${(error as Error).message}`);
  }
}
