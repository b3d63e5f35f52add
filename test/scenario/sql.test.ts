import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually } from "../support/eventually.js";
import { GatewayProcess } from "../support/gateway-process.js";
import { authSecrets, buyer, GraphQLClient } from "../support/graphql-client.js";
import { describeWith } from "../support/parts.js";
import { startPostgresql } from "../support/postgresql.js";
import { fillExample, queriesOf, reader, readerPassword, type SqlServerUnderTest } from "../support/sql-erp.js";

describeWith("postgresql", "a gateway on an ERP's database", () => {
  let server: SqlServerUnderTest;
  let folder: string;

  beforeAll(async () => {
    server = await startPostgresql();
    await fillExample(server);
    folder = await mkdtemp(join(tmpdir(), "pricelane-sql-"));
  });

  afterAll(async () => {
    await server?.stop();
    if (folder !== undefined) await rm(folder, { recursive: true });
  });

  async function environment(queries: string) {
    const file = join(folder, "queries.sql");
    await writeFile(file, queries);
    return {
      ...{ NODE_ENV: "production", ERP_CONNECTOR: "sql", AUTH_SECRETS: authSecrets },
      SQL_URL: `postgresql://127.0.0.1:${server.port}/${server.database}`,
      ...{ SQL_USER: reader, SQL_PASSWORD: readerPassword, SQL_TLS: "off", SQL_QUERIES_FILE: file },
    };
  }

  test("answers the public, each customer its own, and tells the password to nobody", async () => {
    const gateway = await GatewayProcess.start(await environment(queriesOf("postgresql")));
    const client = new GraphQLClient(gateway.url);
    const query = '{ product(sku: "SCREW-1") { price { net { amount currency } } stock { status } } }';
    const priceOf = async (customer?: string) =>
      (await client.ask(query, customer === undefined ? {} : { token: buyer(customer) })).at(
        "product.price.net.amount",
      );
    expect([await priceOf(), await priceOf("C1"), await priceOf("C2")]).toEqual(["12.500000", "10.000000", "9.123456"]);
    expect(await gateway.stop()).toBe(0);
    expect(gateway.printed).not.toContain(readerPassword);
    expect(gateway.printed).not.toContain("not set up well");
  });

  test("says at the start which query has the wrong columns, and starts all the same", async () => {
    const wrong = queriesOf("postgresql").replace("s.available", "s.available AS availble");
    const gateway = await GatewayProcess.start(await environment(wrong));
    await eventually("it is logged", () => gateway.printed.includes("not set up well"));
    const mistake = "the query stock returns the wrong columns: the column available is missing";
    await eventually("the log tells it", () => gateway.printed.includes(mistake));
    expect(await gateway.stop()).toBe(0);
  });

  test("does not start on a file that cannot be used", async () => {
    const { code, printed } = await GatewayProcess.run(await environment("-- name: prices\nDELETE FROM price"));
    expect(code).toBe(1);
    expect(printed).toContain("the query prices (line 2) should begin with SELECT or WITH");
  });
});
