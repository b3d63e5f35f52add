import { writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../src/clock.js";
import { createSqlConnector, type SqlOptions } from "../../src/erp/sql/sql-connector.js";
import type { Connector } from "../../src/pricing/connector.js";
import { reader, readerPassword, type SqlServerUnderTest } from "./sql-erp.js";

export interface ConnectedSql {
  readonly connector: Connector;
  close(): Promise<void>;
}

/** The connector as a gateway would make it. @param queries the text of its file */
export async function connectSql(
  { engine, port, database }: Pick<SqlServerUnderTest, "engine" | "port" | "database">,
  queries: string,
  options: Partial<SqlOptions> = {},
): Promise<ConnectedSql> {
  const folder = await mkdtemp(join(tmpdir(), "pricelane-queries-"));
  const queriesFile = join(folder, "queries.sql");
  writeFileSync(queriesFile, queries);
  try {
    const connector = createSqlConnector({
      ...{
        url: new URL(`${engine}://127.0.0.1:${port}/${database}`),
        user: reader,
        password: readerPassword,
        tls: "off",
      },
      ...{ queriesFile, warehouses: null, company: null, maxConcurrency: 3, timeoutMs: 5_000, clock: systemClock },
      ...options,
    });
    return { connector, close: () => connector.close() };
  } finally {
    await rm(folder, { recursive: true });
  }
}
