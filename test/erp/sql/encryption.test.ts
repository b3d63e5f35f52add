import { execFile } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Certificate, makeCertificate } from "../../support/certificate.js";
import { startMariadb } from "../../support/mariadb.js";
import { describeWith } from "../../support/parts.js";
import { startPostgresql } from "../../support/postgresql.js";
import { fillExample, reader, readerPassword, type SqlServerUnderTest } from "../../support/sql-erp.js";

for (const [part, start] of [
  ["postgresql", startPostgresql],
  ["mariadb", startMariadb],
] as const) {
  describeWith(part, `the connection to a real ${part} that speaks TLS`, () => {
    let folder: string;
    let certificate: Certificate;
    let server: SqlServerUnderTest;

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), "pricelane-tls-"));
      chmodSync(folder, 0o755);
      certificate = makeCertificate(folder);
      server = await start(certificate);
      await fillExample(server);
    });

    afterAll(async () => {
      await server?.stop();
      rmSync(folder, { recursive: true });
    });

    /** In a process of its own, since whom Node trusts is settled at its start. */
    function ask(host: string, tls: string, authority: string | null): Promise<{ code: unknown; said: string }> {
      const env = {
        ...{
          PATH: process.env["PATH"],
          ERP_CONNECTOR: "sql",
          SQL_USER: reader,
          SQL_PASSWORD: readerPassword,
          SQL_TLS: tls,
        },
        SQL_URL: `${server.engine}://${host}:${server.port}/${server.database}`,
        SQL_QUERIES_FILE: `docs/erp/sql-example/queries.${server.engine}.sql`,
        ...(authority === null ? {} : { NODE_EXTRA_CA_CERTS: authority }),
      };
      const args = ["dist/src/cli/pricelane.js", "probe", "--sku", "SCREW-1", "--max-concurrency", "1"];
      return new Promise((resolve) =>
        execFile(process.execPath, args, { env }, (error, out, err) =>
          resolve({ code: error?.code ?? 0, said: out + err }),
        ),
      );
    }

    test("is made where the certificate proves the host's name", async () => {
      const { code, said } = await ask("localhost", "verify", certificate.authority);
      expect(said).toContain("1 SKUs priced");
      expect(code).toBe(0);
    });

    test.each([
      ["proves another name", "127.0.0.1", true],
      ["is by an authority that nobody knows", "localhost", false],
    ])("is not made where it %s, and the mend is named", async (_, host, isKnown) => {
      const { code, said } = await ask(host, "verify", isKnown ? certificate.authority : null);
      // MySQL's driver cannot verify an address, which is said before anything is asked.
      const why =
        part === "mariadb" && host === "127.0.0.1" ? "cannot verify" : "no encrypted connection to the database";
      expect(said).toContain(why);
      expect(said).toContain("SQL_TLS");
      expect(code).not.toBe(0);
    });

    test("is made with whoever answers where that is all that is asked", async () => {
      expect(await ask("127.0.0.1", "require", null)).toMatchObject({ code: 0 });
    });
  });
}
