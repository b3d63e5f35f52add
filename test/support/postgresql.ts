import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import pg from "pg";
import type { Certificate } from "./certificate.js";
import { parts } from "./parts.js";
import { startPrivateServer } from "./private-server.js";
import type { SqlServerUnderTest } from "./sql-erp.js";

const owner = "owner";
const ownerPassword = "the owner's, for tests";

/** PostgreSQL from Debian's packages. @param tls null for a server that knows none */
export async function startPostgresql(tls: Certificate | null = null): Promise<SqlServerUnderTest> {
  const bin = dirname(parts.postgresql ?? "");
  const server = await startPrivateServer({
    systemUser: "postgres",
    stopSignal: "SIGINT",
    initialize(folder, own) {
      if (tls !== null) own(tls.key);
      const passwordFile = join(folder, "owner-password");
      writeFileSync(passwordFile, `${ownerPassword}\n`, { mode: 0o644 });
      const trust = ["--auth=scram-sha-256", `--username=${owner}`, `--pwfile=${passwordFile}`];
      return [`${bin}/initdb`, "-D", join(folder, "data"), ...trust, "--locale=C.UTF-8", "--no-sync"];
    },
    serve: (folder, port) => [
      ...([`${bin}/postgres`, "-D", join(folder, "data"), "-p", String(port)] as const),
      ...["-c", "listen_addresses=127.0.0.1", "-c", `unix_socket_directories=${folder}`, "-c", "fsync=off"],
      ...(tls === null
        ? []
        : ["-c", "ssl=on", "-c", `ssl_cert_file=${tls.certificate}`, "-c", `ssl_key_file=${tls.key}`]),
    ],
    ping: (port) => asOwner(port, "SELECT 1").then(() => {}),
  });
  return {
    engine: "postgresql",
    port: server.port,
    database: "postgres",
    run: (...statements) => asOwner(server.port, ...statements),
    stop: () => server.stop(),
  };
}

/** @returns the rows of the last statement */
async function asOwner(port: number, ...statements: string[]): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ host: "127.0.0.1", port, database: "postgres", user: owner, password: ownerPassword });
  await client.connect();
  try {
    let rows: Record<string, unknown>[] = [];
    for (const statement of statements) ({ rows } = await client.query(statement));
    return rows;
  } finally {
    await client.end();
  }
}
