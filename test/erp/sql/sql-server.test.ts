import { describe, expect, test } from "vitest";
import { createDatabase } from "../../../src/erp/sql/sql-database.js";
import { createSqlServer } from "../../../src/erp/sql/sql-server.js";
import type {
  Recordset,
  SqlServerConfig,
  SqlServerDriver,
  SqlServerPool,
  SqlServerTransaction,
} from "../../../src/erp/sql/sql-server-driver.js";
import { parseStatement } from "../../../src/erp/sql/statement.js";
import { ErpTimeout } from "../../../src/errors.js";
import { VirtualClock } from "../../support/virtual-clock.js";

// A stand-in for the driver's interface, as the package mssql documents it. No SQL Server was asked.

interface Asked {
  readonly text: string;
  readonly inputs: Readonly<Record<string, { readonly type: unknown; readonly value: unknown }>>;
}

const types = {
  VarChar: "varchar",
  NVarChar: "nvarchar",
  Int: "int",
  Float: "float",
  Real: "real",
  Decimal: "decimal",
  Numeric: "numeric",
  Money: "money",
  SmallMoney: "smallmoney",
};

class StandIn {
  readonly configs: SqlServerConfig[] = [];
  readonly done: string[] = [];
  readonly asked: Asked[] = [];
  /** What the next query gives. */
  answer: () => Promise<Recordset> = async () =>
    recordset({ sku: "varchar", warehouse: "varchar", available: "varchar" });
  connect: () => Promise<void> = async () => {};
  cancelled: () => void = () => {};

  get driver(): SqlServerDriver {
    const standIn = this;
    class ConnectionPool implements SqlServerPool {
      constructor(config: SqlServerConfig) {
        standIn.configs.push(config);
      }
      connect = () => standIn.connect();
      close = async () => void standIn.done.push("close");
      on() {}
    }
    class Transaction implements SqlServerTransaction {
      begin = async () => void standIn.done.push("begin");
      rollback = async () => void standIn.done.push("rollback");
      on() {}
    }
    class Request {
      readonly #inputs: Record<string, { type: unknown; value: unknown }> = {};
      input(name: string, type: unknown, value: unknown) {
        this.#inputs[name] = { type, value };
      }
      async query(text: string) {
        standIn.asked.push({ text, inputs: this.#inputs });
        return { recordset: await standIn.answer() };
      }
      cancel() {
        standIn.done.push("cancel");
        standIn.cancelled();
      }
    }
    return { ConnectionPool, Transaction, Request, ISOLATION_LEVEL: { READ_COMMITTED: 2 }, ...types };
  }
}

function recordset(columns: Record<string, string>, ...rows: Record<string, unknown>[]): Recordset {
  const described = Object.fromEntries(Object.entries(columns).map(([name, type]) => [name, { type }]));
  return Object.assign(rows, { columns: described });
}

const options = {
  host: "db",
  port: null,
  database: "erp",
  user: "reader",
  password: "secret",
  tls: "verify",
  connections: 3,
  timeoutMs: 5_000,
} as const;

const stockQuery = parseStatement(
  "stock",
  "SELECT sku, warehouse, available FROM stock WHERE sku IN (:skus)",
  7,
  "sqlserver",
);

function open(standIn: StandIn) {
  const database = createDatabase(createSqlServer(options, standIn.driver), new VirtualClock());
  const read = (skus: readonly string[], signal = AbortSignal.timeout(9_999)) =>
    database.read((run) => run(stockQuery, { skus }), signal);
  return { database, read };
}

describe("SQL Server, by a stand-in for its driver", () => {
  test("a list is as many named inputs as it has, and plain ones are no wider than an index over VARCHAR bears", async () => {
    const standIn = new StandIn();
    await open(standIn).read(["A", "É"]);
    expect(standIn.asked).toEqual([
      {
        text: "SELECT sku, warehouse, available FROM stock WHERE sku IN (@pl1, @pl2)",
        inputs: { pl1: { type: "varchar", value: "A" }, pl2: { type: "nvarchar", value: "É" } },
      },
    ]);
  });

  test("each call is a transaction that is rolled back, and one pool serves them all", async () => {
    const standIn = new StandIn();
    const { read, database } = open(standIn);
    await Promise.all([read(["A"]), read(["B"])]);
    await database.close();
    expect(standIn.done.sort()).toEqual(["begin", "begin", "close", "rollback", "rollback"]);
    expect(standIn.configs).toHaveLength(1);
    expect(standIn.configs[0]).toMatchObject({
      ...{ server: "db", port: 1433, requestTimeout: 5_000, pool: { max: 3 } },
      options: { encrypt: true, trustServerCertificate: false, readOnlyIntent: true },
    });
  });

  test.each(["float", "real", "decimal", "numeric", "money", "smallmoney"])(
    "a column of %s is refused with its mend, as it comes as a float",
    async (type) => {
      const standIn = new StandIn();
      standIn.answer = async () => recordset({ SKU: "varchar", warehouse: "varchar", available: type });
      await expect(open(standIn).read(["A"])).rejects.toThrow(
        "write CONVERT(VARCHAR(40), CAST(available AS DECIMAL(15, 4))) AS available",
      );
    },
  );

  test("names of columns may be in any case", async () => {
    const standIn = new StandIn();
    standIn.answer = async () =>
      recordset(
        { SKU: "varchar", Warehouse: "varchar", AVAILABLE: "varchar" },
        { SKU: "A", Warehouse: "W", AVAILABLE: "1.5" },
      );
    expect(await open(standIn).read(["A"])).toEqual([{ sku: "A", warehouse: "W", available: "1.5" }]);
  });

  test("a call that is late is cancelled at the server", async () => {
    const standIn = new StandIn();
    const leaving = new AbortController();
    standIn.answer = () =>
      new Promise((_, reject) => {
        standIn.cancelled = () => reject(Object.assign(new Error("Canceled."), { code: "ECANCEL" }));
        setImmediate(() => leaving.abort());
      });
    await expect(open(standIn).read(["A"], leaving.signal)).rejects.toBeInstanceOf(ErpTimeout);
    expect(standIn.done).toContain("cancel");
    expect(standIn.done).toContain("rollback");
  });

  test("is not rolled back while the driver is at something, which it refuses: only then its pool gets the connection back", async () => {
    const standIn = new StandIn();
    const clock = new VirtualClock();
    const database = createDatabase(createSqlServer(options, standIn.driver), clock);
    const leaving = new AbortController();
    let finish: () => void = () => {};
    standIn.answer = () =>
      new Promise((_, reject) => {
        finish = () => reject(Object.assign(new Error("Canceled."), { code: "ECANCEL" }));
      });
    const read = database.read((run) => run(stockQuery, { skus: ["A"] }), leaving.signal);
    const outcome = read.catch((error: unknown) => error);
    await clock.advance(0);
    leaving.abort();
    await clock.advance(1_000);
    expect(await outcome).toBeInstanceOf(ErpTimeout);
    expect(standIn.done).toEqual(["begin", "cancel"]);
    finish();
    await clock.advance(0);
    expect(standIn.done).toEqual(["begin", "cancel", "rollback"]);
  });

  test("a pool that could not be opened is opened anew by the next call", async () => {
    const standIn = new StandIn();
    standIn.connect = async () => {
      throw Object.assign(new Error("Failed to connect to db:1433"), { code: "ESOCKET" });
    };
    const { read } = open(standIn);
    await expect(read(["A"])).rejects.toMatchObject({ code: "ERP_UNAVAILABLE", countsAsFailure: true });
    standIn.connect = async () => {};
    await expect(read(["A"])).resolves.toEqual([]);
  });

  test.each([
    [
      { code: "EREQUEST", number: 207, lineNumber: 2 },
      { code: "ERP_UNAVAILABLE", countsAsFailure: false },
      "the query stock (line 8 of",
    ],
    [{ code: "EREQUEST", number: 8134 }, { code: "ERP_BAD_ANSWER", mayBeOneKey: true }, "fails on a value"],
    [{ code: "ELOGIN", number: 18456 }, { code: "ERP_UNAVAILABLE", countsAsFailure: false }, "check SQL_USER"],
    [{ code: "ETIMEOUT" }, { code: "ERP_TIMEOUT" }, "was stopped"],
    [{ code: "EREQUEST", number: 10928 }, { code: "ERP_OVERLOADED" }, "takes no more"],
    [{ code: "ECONNCLOSED" }, { code: "ERP_UNAVAILABLE", countsAsFailure: true }, "could not be asked"],
    [
      { code: "ESOCKET", message: "self-signed certificate" },
      { code: "ERP_UNAVAILABLE", countsAsFailure: false },
      "SQL_TLS",
    ],
  ])("the driver's error %j is told as ours", async (error, told, message) => {
    const standIn = new StandIn();
    standIn.answer = async () => {
      throw Object.assign(new Error("said by the server"), error);
    };
    const thrown = await open(standIn)
      .read(["A"])
      .catch((caught: unknown) => caught);
    expect(thrown).toMatchObject(told);
    expect((thrown as Error).message).toContain(message);
  });
});

test("a driver that is not installed is named, with the command that installs it", () => {
  expect(() => createSqlServer(options)).toThrow(
    "the optional package mssql, which cannot be loaded: run `npm install mssql`",
  );
});
