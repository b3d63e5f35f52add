import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ErpBadAnswer, ErpTimeout, ErpUnavailable } from "../../../src/errors.js";
import type { Connector } from "../../../src/pricing/connector.js";
import { createCustomerKey, createStockKey, type PriceKey, verifiedCustomer } from "../../../src/pricing/keys.js";
import { eventually } from "../../support/eventually.js";
import { openLine } from "../../support/line.js";
import { startMariadb } from "../../support/mariadb.js";
import { describeWith } from "../../support/parts.js";
import { startPostgresql } from "../../support/postgresql.js";
import { priceKeyOf } from "../../support/samples.js";
import { connectSql } from "../../support/sql-connector.js";
import { fillExample, queriesOf, reader, readerPassword, type SqlServerUnderTest } from "../../support/sql-erp.js";

/** What the two databases say in different words. */
interface Words {
  /** A query of stock that takes half a minute a row. */
  readonly slowStock: string;
  /** A query of stock that writes. */
  readonly writingStock: string;
  readonly inList: string;
  /** A column of floats. */
  readonly float: string;
}

const words: Record<SqlServerUnderTest["engine"], Words> = {
  postgresql: {
    slowStock: "SELECT sku, warehouse, available FROM stock, pg_sleep(30) WHERE sku = ANY(:skus)",
    writingStock:
      "WITH gone AS (DELETE FROM stock WHERE sku = ANY(:skus) RETURNING *) SELECT sku, warehouse, available FROM gone",
    inList: "= ANY(:skus)",
    float: "CAST(net AS DOUBLE PRECISION)",
  },
  mysql: {
    slowStock: "SELECT sku, warehouse, available + SLEEP(30) AS available FROM stock WHERE sku IN (:skus)",
    writingStock: "SELECT sku, warehouse, lose(sku) AS available FROM stock WHERE sku IN (:skus)",
    inList: "IN (:skus)",
    float: "CAST(net AS DOUBLE)",
  },
};

const call = () => ({ sentAt: Date.now(), signal: AbortSignal.timeout(20_000) });

function own(code: string, sku: string, priceScope: string | null = null): PriceKey {
  const customer = verifiedCustomer(code);
  const scope =
    priceScope === null
      ? { kind: "customer" as const, customer }
      : { kind: "price-scope" as const, customer, priceScope };
  return priceKeyOf({ scope, sku });
}

for (const [part, start] of [
  ["postgresql", startPostgresql],
  ["mariadb", startMariadb],
] as const) {
  describeWith(part, `the SQL connector on a real ${part}`, () => {
    let server: SqlServerUnderTest;

    beforeAll(async () => {
      server = await start();
      await fillExample(server);
      if (part === "mariadb") {
        await server.run(
          "CREATE FUNCTION lose(lost VARCHAR(40)) RETURNS INT MODIFIES SQL DATA BEGIN DELETE FROM stock WHERE sku = lost; RETURN 1; END",
          `GRANT EXECUTE ON FUNCTION erp.lose TO ${reader}`,
        );
      }
      await server.run(`GRANT DELETE ON stock TO ${reader}`); // so that only the transaction stands between a query and the rows
    });

    afterAll(() => server?.stop());

    async function using<T>(queries: string, use: (connector: Connector) => Promise<T>, options = {}): Promise<T> {
      const { connector, close } = await connectSql(server, queries, options);
      try {
        return await use(connector);
      } finally {
        await close();
      }
    }

    const example = () => queriesOf(server.engine);

    /** The example with another query in the place of one of its own. */
    function withQuery(name: string, text: string): string {
      return example().replace(
        new RegExp(`(-- name: ${name}\\n)[\\s\\S]*?(?=\\n-- name|$)`),
        `$1${text.replaceAll("$", "$$$$")}\n`,
      );
    }

    const stockQuery = (available: string, sku = "sku") =>
      `SELECT ${sku} AS sku, warehouse, ${available} AS available FROM stock WHERE sku ${words[server.engine].inList}`;

    async function setupOf(queries: string): Promise<readonly string[]> {
      return using(queries, async (connector) => (await connector.checkSetup?.(AbortSignal.timeout(20_000))) ?? []);
    }

    describe("prices", () => {
      const pricesOf = (...keys: PriceKey[]) => using(example(), ({ prices }) => prices.readMany(keys, call()));

      test("the public's ladder has every break, exact, without the zeros that the database fills up with", async () => {
        const [outcome] = await pricesOf(priceKeyOf({ sku: "SCREW-1" }));
        expect(outcome).toMatchObject({
          kind: "found",
          answer: {
            ...{ currency: "EUR", taxBasis: "NET", taxRate: "20.00", unit: "box", onlyQuantity: null },
            tiers: [
              { from: "1", unitPrice: "12.500000" },
              { from: "10", unitPrice: "11.900000" },
            ],
          },
        });
      });

      test("a customer is priced by its list, and one with a price of its own by that", async () => {
        const [list, ownPrice] = [await pricesOf(own("C1", "SCREW-1")), await pricesOf(own("C2", "SCREW-1"))];
        expect(list[0]).toMatchObject({ answer: { unitPrice: "10.000000", priceList: "TRADE" } });
        expect(ownPrice[0]).toMatchObject({ answer: { unitPrice: "9.123456", priceList: null } });
      });

      test("customers of one price scope share a call, and one who has left the scope is unknown in it", async () => {
        const keys = [own("C4", "SCREW-2", "TRADE"), own("C1", "SCREW-1", "TRADE"), own("C3", "CABLE-1", "TRADE")];
        await using(example(), async ({ prices }) => {
          expect(new Set(keys.map((key) => prices.groupOf(key))).size).toBe(1);
          const outcomes = await prices.readMany(keys, call());
          expect(outcomes.map(({ kind }) => kind)).toEqual(["unknown", "found", "found"]);
          expect(outcomes[0]).toMatchObject({ what: "customer" });
          expect(outcomes[1]).toMatchObject({ answer: { unitPrice: "10.000000" } });
        });
      });

      test("one customer's own price is never shared by a scope, whatever the query of customers says", async () => {
        const careless = example().replace(/CASE WHEN[\s\S]*?END AS price_scope/, "price_list AS price_scope");
        const outcomes = await using(careless, ({ prices }) =>
          prices.readMany([own("C2", "SCREW-1", "TRADE")], call()),
        );
        expect(outcomes[0]).toMatchObject({ kind: "failed", error: { code: "ERP_BAD_ANSWER" } });
        expect(outcomes[0]).toHaveProperty("error.message", expect.stringContaining("one customer's own price"));
      });

      test("a query that forgets whose price it reads answers nobody with somebody else's", async () => {
        const forgetful = `SELECT sku, customer, currency, net FROM price WHERE (customer = 'C2' OR customer = :customer) AND sku ${words[server.engine].inList}`;
        await using(withQuery("prices", forgetful), async ({ prices }) => {
          for (const key of [priceKeyOf({ sku: "SCREW-1" }), own("C1", "SCREW-1")])
            expect(await prices.readMany([key], call())).toMatchObject([
              {
                kind: "failed",
                error: { code: "ERP_BAD_ANSWER", message: expect.stringContaining("another customer") },
              },
            ]);
          expect(await prices.readMany([own("C2", "SCREW-1")], call())).toMatchObject([{ kind: "found" }]);
        });
      });

      test("a query that forgets whose list it reads shows neither the public nor a customer of no scope another's", async () => {
        const forgetful = `SELECT sku, price_list AS price_scope, currency, net FROM price WHERE price_list = 'TRADE' AND minimum_quantity = 1 AND (:price_scope IS NULL OR price_list = :price_scope) AND sku ${words[server.engine].inList}`;
        const typed = forgetful.replaceAll(
          ":price_scope",
          server.engine === "postgresql" ? ":price_scope::text" : ":price_scope",
        );
        await using(withQuery("prices", typed), async ({ prices }) => {
          for (const key of [priceKeyOf({ sku: "SCREW-1" }), own("C2", "SCREW-1")])
            expect(await prices.readMany([key], call())).toMatchObject([
              { kind: "failed", error: { message: expect.stringContaining("another price scope") } },
            ]);
          expect(await prices.readMany([own("C1", "SCREW-1", "TRADE")], call())).toMatchObject([{ kind: "found" }]);
        });
      });

      test("a row without an SKU answers nobody, and spoils no other", async () => {
        const withNull = `SELECT sku, currency, net FROM price WHERE sku ${words[server.engine].inList} AND minimum_quantity = 5 UNION ALL SELECT NULL, 'EUR', 1`;
        const outcomes = await using(withQuery("prices", withNull), ({ prices }) =>
          prices.readMany([priceKeyOf({ sku: "SCREW-2" })], call()),
        );
        expect(outcomes).toMatchObject([{ kind: "found" }]);
      });

      test("an SKU is a value and no SQL, whatever it holds", async () => {
        const evil = ["'); DROP TABLE stock; --", '"', "\\", "$1", "?", ":skus", "%", "é€😀"];
        const outcomes = await pricesOf(...evil.map((sku) => priceKeyOf({ sku })), priceKeyOf({ sku: "SCREW-2" }));
        expect(outcomes.map(({ kind }) => kind)).toEqual([...evil.map(() => "unknown"), "found"]);
        expect(await server.run("SELECT sku FROM stock")).not.toEqual([]);
      });

      test("an SKU of other case, or with blanks behind it, is another SKU, even where the database takes it for the same", async () => {
        const outcomes = await pricesOf(...["screw-1", "SCREW-1 ", "SCREW-1"].map((sku) => priceKeyOf({ sku })));
        expect(outcomes.map(({ kind }) => kind)).toEqual(["unknown", "unknown", "found"]);
      });

      test("a ladder whose rows do not agree, or begin at one quantity twice, fails for its SKU alone", async () => {
        const everyRow = `SELECT sku, currency, minimum_quantity, net, price_list FROM price WHERE sku ${words[server.engine].inList}`;
        const keys = ["SCREW-1", "SCREW-2"].map((sku) => priceKeyOf({ sku }));
        const outcomes = await using(withQuery("prices", everyRow), ({ prices }) => prices.readMany(keys, call()));
        expect(outcomes.map(({ kind }) => kind)).toEqual(["failed", "found"]);
      });

      test("a query that names :quantity answers the asked quantity alone, one quantity a call", async () => {
        const atQuantity = `SELECT sku, currency, MIN(net) AS net FROM price WHERE customer IS NULL AND price_list IS NULL AND minimum_quantity <= :quantity AND sku ${words[server.engine].inList} GROUP BY sku, currency`;
        await using(withQuery("prices", atQuantity), async ({ prices }) => {
          const [one, ten] = ["1", "10"].map((quantity) =>
            priceKeyOf({ sku: "SCREW-1", quantity, exactQuantity: true }),
          ) as [PriceKey, PriceKey];
          expect(prices.groupOf(one)).not.toBe(prices.groupOf(ten));
          expect(await prices.readMany([ten], call())).toMatchObject([
            { answer: { unitPrice: "11.900000", onlyQuantity: "10", tiers: [] } },
          ]);
        });
      });

      test("asked in another currency than the row has, it is a bad answer", async () => {
        const [outcome] = await pricesOf(priceKeyOf({ sku: "SCREW-1", currency: "CHF" }));
        expect(outcome).toMatchObject({ kind: "failed", error: { code: "ERP_BAD_ANSWER" } });
      });
    });

    test("stock by warehouse; a known SKU that lies nowhere is no unknown one", async () => {
      await server.run("INSERT INTO article VALUES ('NOWHERE', 'box', 20.00, 1.000)");
      const keys = ["SCREW-1", "NOWHERE", "NO-SUCH"].map(createStockKey);
      const outcomes = await using(example(), ({ stock }) => stock.readMany(keys, call()));
      expect(outcomes[0]).toMatchObject({
        answer: { warehouses: expect.arrayContaining([{ code: "LYON", available: "40.000" }]) },
      });
      expect(outcomes.slice(1)).toMatchObject([{ kind: "found", answer: { warehouses: [] } }, { kind: "unknown" }]);
    });

    test(":warehouses are those of the settings", async () => {
      const inList = server.engine === "postgresql" ? "= ANY(:warehouses)" : "IN (:warehouses)";
      const paris = `${stockQuery("available")} AND warehouse ${inList}`;
      const read = ({ stock }: Connector) => stock.readMany([createStockKey("SCREW-1")], call());
      expect(await using(withQuery("stock", paris), read, { warehouses: ["PARIS"] })).toMatchObject([
        { answer: { warehouses: [{ code: "PARIS", available: "3.000" }] } },
      ]);
    });

    test("a customer's terms", async () => {
      const keys = ["C1", "C3", "c1"].map((code) => createCustomerKey(verifiedCustomer(code)));
      const outcomes = await using(example(), ({ customers }) => customers.readMany(keys, call()));
      expect(outcomes).toMatchObject([
        {
          answer: {
            ...{ code: "C1", name: "Brico Nord", currency: "EUR", priceScope: "TRADE", paymentTerms: "30 days" },
            ...{ creditLimit: "5000.00", creditAvailable: "3799.50", blocked: false },
          },
        },
        { answer: { blocked: true, creditLimit: null } },
        { kind: "unknown", what: "customer" },
      ]);
    });

    test("all SKUs, page by page", () =>
      using(example(), async ({ products }) => {
        const skus: string[] = [];
        for (let after: string | null = null, pages = 0; pages < 20; pages++) {
          const page: { skus: string[]; next: string | null } = (await products?.readPage(after, 2, call().signal)) ?? {
            skus: [],
            next: null,
          };
          skus.push(...page.skus);
          if (page.next === null) break;
          after = page.next;
        }
        const all = await server.run("SELECT sku FROM article");
        expect(skus.sort()).toEqual(all.map(({ sku }) => sku).sort());
      }));

    test("what changed after a change, none twice and none left out", () =>
      using(example(), async ({ changes }) => {
        const from = await changes?.readChanges(null, 10, call().signal);
        expect(from).toEqual({ changes: [], next: "3", more: false });
        const first = await changes?.readChanges("0", 2, call().signal);
        const second = await changes?.readChanges(first?.next ?? "", 10, call().signal);
        expect([...(first?.changes ?? []), ...(second?.changes ?? [])]).toEqual([
          { kind: "price", sku: "SCREW-1" },
          { kind: "stock", sku: "SCREW-1" },
          { kind: "price", priceScope: "TRADE" },
        ]);
        expect(second).toMatchObject({ next: "3", more: false });
      }));

    describe("load and time", () => {
      const isWorking = async () => {
        const rows = await server.run(
          server.engine === "postgresql"
            ? `SELECT pid FROM pg_stat_activity WHERE usename = '${reader}' AND state = 'active'`
            : `SELECT id FROM information_schema.processlist WHERE user = '${reader}' AND command IN ('Query', 'Execute')`,
        );
        return rows.length > 0;
      };

      test("a call whose time is up stops at the server, and the next one is answered", () =>
        using(withQuery("stock", words[server.engine].slowStock), async ({ stock, customers }) => {
          const leaving = new AbortController();
          const late = stock.readMany([createStockKey("SCREW-1")], { sentAt: Date.now(), signal: leaving.signal });
          const outcome = late.catch((error: unknown) => error);
          await eventually("the server works on it", isWorking);
          leaving.abort();
          expect(await outcome).toBeInstanceOf(ErpTimeout);
          await eventually("the server has stopped", async () => !(await isWorking()));
          const key = createCustomerKey(verifiedCustomer("C1"));
          expect(await customers.readMany([key], call())).toMatchObject([{ kind: "found" }]);
        }));

      test("a call over a network that is gone ends, too, a second after its time is up", async () => {
        const line = await openLine(server.port);
        const slow = withQuery("stock", words[server.engine].slowStock);
        const { connector, close } = await connectSql({ ...server, port: line.port }, slow, { timeoutMs: 1_500 });
        const leaving = new AbortController();
        const late = connector.stock.readMany([createStockKey("SCREW-1")], { sentAt: 0, signal: leaving.signal });
        const outcome = late.catch((error: unknown) => error);
        await eventually("the server works on it", isWorking);
        line.freeze();
        leaving.abort();
        expect(await outcome).toBeInstanceOf(ErpTimeout);
        line.cut();
        await close();
        await eventually("the server has stopped by itself", async () => !(await isWorking()));
      });

      test("the server stops by itself what takes longer than ERP_TIMEOUT_MS", () =>
        using(
          withQuery("stock", words[server.engine].slowStock),
          async ({ stock }) => {
            await expect(stock.readMany([createStockKey("SCREW-1")], call())).rejects.toMatchObject({
              code: "ERP_TIMEOUT",
            });
          },
          { timeoutMs: 200 },
        ));

      test("never more connections than the limit on calls, however many calls come", () =>
        using(example(), async ({ stock }) => {
          await Promise.all(Array.from({ length: 20 }, () => stock.readMany([createStockKey("SCREW-1")], call())));
          const rows = await server.run(
            server.engine === "postgresql"
              ? `SELECT pid FROM pg_stat_activity WHERE usename = '${reader}' AND application_name = 'pricelane'`
              : `SELECT id FROM information_schema.processlist WHERE user = '${reader}'`,
          );
          expect(rows.length).toBeLessThanOrEqual(3);
          expect(rows.length).toBeGreaterThan(0);
        }));

      test("connections that the server has closed meanwhile cost no more than one call", () =>
        using(example(), async ({ stock }) => {
          const ask = () => stock.readMany([createStockKey("SCREW-1")], call());
          await ask();
          if (server.engine === "postgresql") {
            await server.run(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '${reader}'`);
          } else await server.run(`KILL USER ${reader}`);
          await ask().catch((error: unknown) => expect(error).toBeInstanceOf(ErpUnavailable));
          expect(await ask()).toMatchObject([{ kind: "found" }]);
        }));
    });

    describe("what is wrong is named", () => {
      test("the example has no mistake", async () => {
        expect(await setupOf(example())).toEqual([]);
      });

      test("bad SQL, by its query", async () => {
        const misspelt = withQuery("stock", stockQuery("availabel"));
        const [mistake] = await setupOf(misspelt);
        expect(mistake).toMatch(/the query stock .*is refused by the database: .*availabel/);
      });

      test("a syntax error says where it stands", async () => {
        const broken = withQuery("stock", stockQuery("available").replace(" FROM", "\nFRM"));
        const line = broken.split("\n").findIndex((text) => text.startsWith("FRM")) + 1;
        const [mistake] = await setupOf(broken);
        expect(mistake).toContain(`(line ${line} of SQL_QUERIES_FILE)`);
      });

      test("columns that are missing, misspelt or floats, all at once, though no row comes", async () => {
        const query = `SELECT sku, ${words[server.engine].float} AS net, 20 AS taxrate FROM price WHERE sku ${words[server.engine].inList}`;
        const [mistake] = await setupOf(withQuery("prices", query));
        expect(mistake).toContain("the column currency is missing");
        expect(mistake).toContain("the column taxrate means nothing here");
        expect(mistake).toMatch(
          /the column net comes as a float, which is not exact: write CAST\(net AS (NUMERIC|DECIMAL)/,
        );
      });

      test("a query that asks for a customer and does not say whose its rows are", async () => {
        const query = `SELECT sku, currency, net FROM price WHERE customer = :customer AND sku ${words[server.engine].inList}`;
        const [mistake] = await setupOf(withQuery("prices", query));
        expect(mistake).toContain("the column customer is missing");
      });

      test("a query that writes, and nothing is written", async () => {
        const before = await server.run("SELECT sku FROM stock ORDER BY sku, warehouse");
        await using(withQuery("stock", words[server.engine].writingStock), async ({ stock }) => {
          const error = await stock.readMany([createStockKey("SCREW-1")], call()).catch((thrown: unknown) => thrown);
          expect(error).toMatchObject({ code: "ERP_UNAVAILABLE", countsAsFailure: false });
          expect((error as Error).message).toMatch(/the query stock .*read.only/i);
        });
        expect(await server.run("SELECT sku FROM stock ORDER BY sku, warehouse")).toEqual(before);
      });

      test("a table that the user may not read", async () => {
        await server.run("CREATE TABLE secret_stock (sku VARCHAR(40), warehouse VARCHAR(20), available DECIMAL(9, 3))");
        const [mistake] = await setupOf(
          withQuery("stock", stockQuery("available").replace("FROM stock", "FROM secret_stock")),
        );
        expect(mistake).toMatch(/the query stock .*secret_stock/);
      });

      test("a row that cannot be computed fails its call as one that fewer keys may mend", async () => {
        await using(
          withQuery("stock", stockQuery("(SELECT one.available FROM stock one WHERE one.sku = stock.sku)")),
          async ({ stock }) => {
            const error = await stock.readMany([createStockKey("SCREW-1")], call()).catch((thrown: unknown) => thrown);
            if (!(error instanceof ErpBadAnswer || error instanceof ErpUnavailable)) throw new Error("it should fail");
            expect(error.mayBeOneKey).toBe(true);
          },
        );
      });

      test("a wrong password, which is told to nobody, and which no circuit breaker counts", async () => {
        const { connector, close } = await connectSql(server, example(), { password: "not-the-password" });
        const error = await connector.checkHealth(call().signal).catch((thrown: unknown) => thrown);
        await close();
        expect(error).toMatchObject({ code: "ERP_UNAVAILABLE", countsAsFailure: false, retryAfterSeconds: 30 });
        expect(String((error as Error).message)).not.toContain("not-the-password");
      });

      test("a server without TLS, where TLS is asked for", async () => {
        const { connector, close } = await connectSql(server, example(), { tls: "require" });
        const error = await connector.checkHealth(call().signal).catch((thrown: unknown) => thrown);
        await close();
        expect(error).toMatchObject({ code: "ERP_UNAVAILABLE", countsAsFailure: false });
        expect((error as Error).message).toContain("SQL_TLS");
      });

      test("a database that is not there counts as the ERP's failure", async () => {
        const { connector, close } = await connectSql({ ...server, port: 1 }, example());
        const error = await connector.stock.readMany([createStockKey("A")], call()).catch((thrown: unknown) => thrown);
        await close();
        expect(error).toMatchObject({ code: "ERP_UNAVAILABLE", countsAsFailure: true });
        expect(String((error as Error).message)).not.toContain(readerPassword);
      });
    });
  });
}
