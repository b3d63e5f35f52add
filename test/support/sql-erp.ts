import { readFileSync } from "node:fs";

/** A database server that runs, and whoever owns it. */
export interface SqlServerUnderTest {
  readonly engine: "postgresql" | "mysql";
  /** On the loopback. */
  readonly port: number;
  readonly database: string;
  /** As the owner. @returns the rows of the last statement */
  run(...statements: string[]): Promise<Record<string, unknown>[]>;
  stop(): Promise<void>;
}

/** The user that the connector comes as. */
export const reader = "pricelane_reader";
export const readerPassword = "reader's password of the tests";

export const queriesOf = (engine: SqlServerUnderTest["engine"]) =>
  readFileSync(`docs/erp/sql-example/queries.${engine}.sql`, "utf8");

/** Fills the database with the example that docs/erp/sql.md begins with, and some rows that only tests need. */
export async function fillExample({ engine, run }: SqlServerUnderTest): Promise<void> {
  const example = readFileSync("docs/erp/sql-example/tables.sql", "utf8");
  await run(...statementsOf(example), ...extraRows, ...createReader[engine]);
}

function statementsOf(text: string): string[] {
  const code = text.replaceAll(/^\s*--.*$/gm, "");
  return code.split(/;\s*$/m).filter((statement) => statement.trim() !== "");
}

const extraRows = [
  "INSERT INTO article VALUES ('L''ÉTÉ 1/2 \"x\" %', 'm', 20.00, 1.000)",
  "INSERT INTO price VALUES ('L''ÉTÉ 1/2 \"x\" %', NULL, NULL, 'EUR', 1.000, 0.123456)",
  "INSERT INTO stock VALUES ('L''ÉTÉ 1/2 \"x\" %', 'LYON', 7.500)",
];

const createReader: Record<SqlServerUnderTest["engine"], string[]> = {
  postgresql: [
    `CREATE ROLE ${reader} LOGIN PASSWORD '${readerPassword.replace("'", "''")}'`,
    `GRANT SELECT ON article, price, client, stock, change_log TO ${reader}`,
  ],
  mysql: [
    `CREATE USER ${reader} IDENTIFIED BY '${readerPassword.replace("'", "''")}'`,
    ...["article", "price", "client", "stock", "change_log"].map((table) => `GRANT SELECT ON ${table} TO ${reader}`),
  ],
};
