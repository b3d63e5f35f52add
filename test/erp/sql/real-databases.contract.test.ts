import { afterAll, beforeAll } from "vitest";
import { promisesOfConnector } from "../../contract/connector.contract.js";
import { openLine } from "../../support/line.js";
import { startMariadb } from "../../support/mariadb.js";
import { describeWith } from "../../support/parts.js";
import { startPostgresql } from "../../support/postgresql.js";
import { connectSql } from "../../support/sql-connector.js";
import { fillExample, queriesOf, type SqlServerUnderTest } from "../../support/sql-erp.js";

for (const [part, start] of [
  ["postgresql", startPostgresql],
  ["mariadb", startMariadb],
] as const) {
  describeWith(part, `a real ${part}, held to what every connector promises`, () => {
    let server: SqlServerUnderTest;

    beforeAll(async () => {
      server = await start();
      await fillExample(server);
    });

    afterAll(() => server?.stop());

    promisesOfConnector({
      name: part,
      async create() {
        const line = await openLine(server.port);
        const { connector } = await connectSql({ ...server, port: line.port }, queriesOf(server.engine));
        return { connector, breakDown: line.cut, stop: line.cut };
      },
      skus: ["SCREW-1", "SCREW-2", "CABLE-1", 'L\'ÉTÉ 1/2 "x" %'],
      unknownSku: "NO-SUCH",
      customers: ["C1", "C2", "C3"],
      unknownCustomer: "NOBODY",
    });
  });
}
