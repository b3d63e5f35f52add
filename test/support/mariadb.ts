import { join } from "node:path";
import mysql, { type RowDataPacket } from "mysql2/promise";
import type { Certificate } from "./certificate.js";
import { parts } from "./parts.js";
import { startPrivateServer } from "./private-server.js";
import type { SqlServerUnderTest } from "./sql-erp.js";

/** MariaDB from Debian's packages. @param tls null for a server that knows none */
export async function startMariadb(tls: Certificate | null = null): Promise<SqlServerUnderTest> {
  const server = await startPrivateServer({
    systemUser: "mysql",
    stopSignal: "SIGTERM",
    initialize(folder, own) {
      if (tls !== null) own(tls.key);
      return [
        ...(["/usr/bin/mariadb-install-db", "--no-defaults", `--datadir=${join(folder, "data")}`] as const),
        ...["--auth-root-authentication-method=normal", "--skip-test-db"],
      ];
    },
    serve: (folder, port) => [
      ...([parts.mariadb ?? "", "--no-defaults", `--datadir=${join(folder, "data")}`, `--port=${port}`] as const),
      ...["--bind-address=127.0.0.1", `--socket=${join(folder, "socket")}`, `--pid-file=${join(folder, "pid")}`],
      ...["--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=32M", "--character-set-server=utf8mb4"],
      ...(tls === null ? [] : [`--ssl-cert=${tls.certificate}`, `--ssl-key=${tls.key}`]),
    ],
    ping: (port) => asRoot(port, "SELECT 1").then(() => {}),
  });
  await asRoot(server.port, "CREATE DATABASE erp");
  return {
    engine: "mysql",
    port: server.port,
    database: "erp",
    run: (...statements) => asRoot(server.port, "USE erp", ...statements),
    stop: () => server.stop(),
  };
}

/** @returns the rows of the last statement */
async function asRoot(port: number, ...statements: string[]): Promise<Record<string, unknown>[]> {
  const connection = await mysql.createConnection({ host: "127.0.0.1", port, user: "root" });
  try {
    let rows: Record<string, unknown>[] = [];
    for (const statement of statements) {
      const [result] = await connection.query<RowDataPacket[]>(statement);
      if (Array.isArray(result)) rows = result;
    }
    return rows;
  } finally {
    await connection.end();
  }
}
