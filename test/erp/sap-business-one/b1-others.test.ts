import { afterEach, describe, expect, test } from "vitest";
import { b1Books, createTestB1, itemRecord, partnerRecord, type TestB1 } from "../../support/sap-business-one.js";
import { b1Error } from "../../support/sap-business-one-fake.js";
import { readCustomers, readStock } from "./b1-ask.js";

let under: TestB1;

async function open(...args: Parameters<typeof createTestB1>): Promise<void> {
  under = await createTestB1(...args);
}

afterEach(async () => {
  await under.connector.close();
  await under.fake.stop();
});

describe("stock of SAP Business One", () => {
  test("is what lies in each warehouse less what is committed, exact and never below 0", async () => {
    await open();
    expect(await readStock(under, "A-1", "SERVICE", "GONE", "NO-SUCH")).toMatchObject([
      {
        answer: {
          warehouses: [
            { code: "01", available: "10.2" },
            { code: "02", available: "0" },
          ],
          backorder: false,
        },
      },
      { answer: { warehouses: [], backorder: true } },
      { kind: "unknown", what: "sku" },
      { kind: "unknown", what: "sku" },
    ]);
  });

  test("is told of the warehouses that sell, and 0 where an item was never", async () => {
    await open(b1Books(), { warehouses: ["02", "99", "01"] });
    expect(await readStock(under, "A-1")).toMatchObject([
      {
        answer: {
          warehouses: [
            { code: "02", available: "0" },
            { code: "99", available: "0" },
            { code: "01", available: "10.2" },
          ],
        },
      },
    ]);
    expect(await under.connector.checkSetup?.(AbortSignal.timeout(5000))).toContainEqual(
      "SAPB1_WAREHOUSES names 99, and there is no such warehouse",
    );
  });

  test.each([
    ["v1", true],
    ["v2", true],
    ["v1", false],
    ["v2", false],
  ] as const)(
    "of more items than a page has is read to the end by /b1s/%s, also where pages are its own (%j)",
    async (version, heedsPageSize) => {
      const books = { ...b1Books(), heedsPageSize, pageSize: 7 };
      const skus = Array.from({ length: 40 }, (_, n) => `N-${n}`);
      books.lists["Items"]?.push(...skus.map((sku) => itemRecord(sku, { 1: 1 })));
      await open(books, {}, version);
      const outcomes = await readStock(under, ...skus);
      expect(outcomes.every(({ kind }) => kind === "found")).toBe(true);
    },
  );

  test("that cannot be read is an error, and of one group of items no other's", async () => {
    const books = b1Books();
    const skus = Array.from({ length: 40 }, (_, n) => `N-${n}`);
    books.lists["Items"]?.push(...skus.map((sku) => itemRecord(sku, { 1: 1 })));
    await open(books);
    under.fake.books.fault = (request) => (request.includes("'N-0'") ? b1Error("v2", 400, -1) : null);
    const outcomes = await readStock(under, ...skus);
    expect(outcomes[0]).toMatchObject({ kind: "failed", error: { code: "ERP_BAD_ANSWER" } });
    expect(outcomes[39]).toMatchObject({ kind: "found" });
  });
});

describe("a second page of Service Layer", () => {
  test("that fails is its list's error alone", async () => {
    const books = { ...b1Books(), heedsPageSize: false, pageSize: 7 };
    const skus = Array.from({ length: 40 }, (_, n) => `N-${n}`);
    books.lists["Items"]?.push(...skus.map((sku) => itemRecord(sku, { 1: 1 })));
    await open(books);
    under.fake.books.fault = (request) =>
      request.includes("'N-0'") && request.includes("$skip=7") ? b1Error("v2", 503, -1) : null;
    const outcomes = await readStock(under, ...skus);
    expect(outcomes[0]).toMatchObject({ kind: "failed" });
    expect(outcomes[19]).toMatchObject({ kind: "failed", error: { code: "ERP_OVERLOADED" } });
    expect(outcomes[39]).toMatchObject({ kind: "found" });
  });
});

describe("customers of SAP Business One", () => {
  test("have their terms, currency and block, and no price scope", async () => {
    await open();
    expect(await readCustomers(under, "C1", "C2", "C3", "S1", "c1", "NOBODY")).toMatchObject([
      {
        answer: {
          code: "C1",
          name: "The C1",
          currency: "EUR",
          paymentTerms: "30 days",
          priceScope: null,
          blocked: false,
        },
      },
      { answer: { code: "C2", currency: "USD" } },
      { answer: { code: "C3", currency: null, blocked: true } },
      { kind: "unknown", what: "customer" },
      { kind: "unknown", what: "customer" },
      { kind: "unknown", what: "customer" },
    ]);
  });

  test("have their credit in the company's currency alone, and where that is set", async () => {
    const books = b1Books();
    books.lists["BusinessPartners"]?.push(
      partnerRecord("C4"),
      partnerRecord("C5", { Currency: "$", CreditLimit: 500 }),
    );
    await open(books, { localCurrency: "EUR" });
    expect(await readCustomers(under, "C1", "C4", "C5")).toMatchObject([
      { answer: { creditLimit: "1000", creditAvailable: "599.5" } },
      { answer: { creditLimit: null, creditAvailable: null } },
      { answer: { creditLimit: null, creditAvailable: null } },
    ]);
    await under.connector.close();
    await under.fake.stop();
    await open();
    expect(await readCustomers(under, "C1")).toMatchObject([{ answer: { creditLimit: null, creditAvailable: null } }]);
  });

  test("whose currency has no international code fail alone", async () => {
    const books = b1Books();
    books.lists["BusinessPartners"]?.push(partnerRecord("C6", { Currency: "XX" }));
    await open(books);
    expect(await readCustomers(under, "C6", "C1")).toMatchObject([
      { kind: "failed", error: { code: "ERP_BAD_ANSWER", message: expect.stringContaining("XX") } },
      { kind: "found" },
    ]);
  });

  test("are asked for by the fields that are needed, and no address", async () => {
    await open();
    await readCustomers(under, "C1");
    expect(under.fake.asked.at(-1)?.parts[0]).toMatch(
      /&\$select=CardCode,CardType,CardName,Currency,PayTermsGrpCode,[^&]*FrozenTo$/,
    );
  });
});

describe("the catalogue of SAP Business One", () => {
  test("lists what is for sale, page by page, each once", async () => {
    const books = { ...b1Books(), heedsPageSize: false, pageSize: 1 };
    books.lists["Items"]?.push(itemRecord("Z'1", { 1: 1 }), itemRecord("BUY", {}, { SalesItem: "tNO" }));
    await open(books);
    const skus: string[] = [];
    let after: string | null = null;
    do {
      const page: { skus: string[]; next: string | null } | undefined = await under.connector.products?.readPage(
        after,
        2,
        AbortSignal.timeout(5000),
      );
      expect(page?.skus.length).toBeLessThanOrEqual(2);
      skus.push(...(page?.skus ?? []));
      after = page?.next ?? null;
    } while (after !== null);
    expect(skus).toEqual(["A-1", "B 'X' & OR/%", "SERVICE", "Z'1"]);
  });
});

describe("the setup of SAP Business One", () => {
  test("is not said to be wrong where Service Layer has too much to do", async () => {
    await open();
    under.fake.books.fault = (request) => (request.startsWith("GET SpecialPrices") ? b1Error("v2", 503, -1) : null);
    const said = under.connector.checkSetup?.(AbortSignal.timeout(5000));
    await expect(said).rejects.toMatchObject({ code: "ERP_OVERLOADED" });
  });

  test("of another version than 10.0 is said", async () => {
    await open({ ...b1Books(), version: "930230" });
    expect(await under.connector.checkSetup?.(AbortSignal.timeout(5000))).toContainEqual(
      expect.stringContaining("930230"),
    );
  });

  test.each([
    ["/", "/b1s/v2/Login"],
    ["/b1s/v1/", "/b1s/v1/Login"],
    ["/sap/b1s/v2", "/sap/b1s/v2/Login"],
    ["/sap/", "/sap/b1s/v2/Login"],
  ])("with ERP_URL %s asks below it", async (path, login) => {
    await open();
    const { createServer } = await import("node:http");
    const urls: string[] = [];
    const server = createServer((request, response) => {
      urls.push(request.url ?? "");
      response.writeHead(502).end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    const other = await createTestB1(b1Books(), { url: new URL(path, `http://127.0.0.1:${port}`) });
    await other.connector.checkHealth(AbortSignal.timeout(5000)).catch(() => undefined);
    expect(urls).toEqual([login]);
    await other.connector.close();
    await other.fake.stop();
    await new Promise((resolve) => server.close(resolve));
  });

  test("is read anew every five minutes while calls go on, and waited for where it is ten minutes old", async () => {
    await open();
    await readCustomers(under, "C1");
    under.fake.books.lists["PaymentTermsTypes"] = [{ GroupNumber: -1, PaymentTermsGroupName: "cash" }];
    await under.clock.advance(10 * 60_000);
    expect(await readCustomers(under, "C1")).toMatchObject([{ answer: { paymentTerms: "cash" } }]);
  });
});
