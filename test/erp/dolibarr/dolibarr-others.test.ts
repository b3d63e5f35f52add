import { afterEach, describe, expect, test } from "vitest";
import type { DolibarrOptions } from "../../../src/erp/dolibarr/dolibarr-connector.js";
import { createCustomerKey, createStockKey, verifiedCustomer } from "../../../src/pricing/keys.js";
import { createTestConnector, type TestConnector } from "../../support/dolibarr.js";
import { dolibarrBooks, partyRow, productRow } from "../../support/dolibarr-books.js";
import type { DolibarrBooks } from "../../support/dolibarr-fake.js";

let under: TestConnector;

afterEach(async () => {
  await under.connector.close();
  await under.fake.stop();
});

async function open(parts: Partial<DolibarrBooks> = {}, version = "22.0.1", options: Partial<DolibarrOptions> = {}) {
  under = await createTestConnector(dolibarrBooks(version, parts), options);
}

const call = () => ({ sentAt: under.clock.now(), signal: AbortSignal.timeout(5000) });
const readStock = (...skus: string[]) => under.connector.stock.readMany(skus.map(createStockKey), call());
const readCustomers = (...codes: string[]) =>
  under.connector.customers.readMany(
    codes.map((code) => createCustomerKey(verifiedCustomer(code))),
    call(),
  );
const signal = () => AbortSignal.timeout(5000);

describe("stock of Dolibarr", () => {
  test.each(["18.0.6", "22.0.1"])(
    "is told by the refs of the warehouses on %s, where no row is nothing there",
    async (version) => {
      await open({}, version);
      expect(await readStock("A-1", "B.2", "C (50%)")).toMatchObject([
        {
          answer: {
            warehouses: [
              { code: "MAIN", available: "7" },
              { code: "EAST", available: "0" },
            ],
          },
        },
        {
          answer: {
            warehouses: [
              { code: "MAIN", available: "0" },
              { code: "EAST", available: "2.5" },
            ],
          },
        },
        {
          answer: {
            warehouses: [
              { code: "MAIN", available: "0" },
              { code: "EAST", available: "0" },
            ],
          },
        },
      ]);
    },
  );

  test("of many SKUs costs one call, and one for the warehouses every five minutes", async () => {
    await open();
    await readStock("A-1", "B.2");
    await readStock("A-1", "B.2");
    expect(under.fake.asked.filter((path) => path.includes("/warehouses"))).toHaveLength(1);
    expect(under.fake.asked.filter((path) => path.includes("includestockdata=1"))).toHaveLength(2);
  });

  test("leaves out warehouses that are closed or for internal moves", async () => {
    await open({
      warehouses: [
        { id: "2", ref: "EAST", status: "2" },
        { id: "3", ref: "OLD", status: "0" },
      ],
    });
    expect(await readStock("A-1")).toMatchObject([{ answer: { warehouses: [] } }]);
  });

  test("tells two warehouses of one ref apart", async () => {
    await open({
      warehouses: [
        { id: "1", ref: "W", status: "1" },
        { id: "2", ref: "W", status: "1" },
      ],
    });
    expect(await readStock("A-1")).toMatchObject([{ answer: { warehouses: [{ code: "W" }, { code: "W#2" }] } }]);
  });

  test("of a service is not counted: it can always be ordered", async () => {
    await open();
    expect(await readStock("D É/4", "A-1")).toMatchObject([
      { answer: { backorder: true } },
      { answer: { backorder: false } },
    ]);
  });

  test("that the user may not see is no empty stock", async () => {
    const { stock_warehouse: _, ...row } = productRow(1, "A-1", "10");
    await open({ products: [row] });
    await expect(readStock("A-1")).rejects.toMatchObject({
      code: "ERP_UNAVAILABLE",
      message: expect.stringContaining("the right to read stocks"),
    });
  });
});

describe("customers of Dolibarr", () => {
  test("are told with their terms, their limit and what is left of it", async () => {
    await open();
    expect(await readCustomers("CU-1", "CU-2", "NOBODY")).toMatchObject([
      {
        answer: {
          name: "The CU-1",
          currency: "EUR",
          paymentTerms: "30 days",
          creditLimit: "1000",
          creditAvailable: "749.5",
        },
      },
      { answer: { creditLimit: null, creditAvailable: null, blocked: false } },
      { kind: "unknown", what: "customer" },
    ]);
    expect(under.fake.asked.filter((path) => path.includes("outstandinginvoices"))).toHaveLength(1);
  });

  test("are found by the field that is set", async () => {
    await open({}, "22.0.1", { customerField: "ref_ext" });
    expect(await readCustomers("EXT-CU-1", "CU-1")).toMatchObject([
      { answer: { code: "EXT-CU-1" } },
      { kind: "unknown" },
    ]);
  });

  test("that are closed are blocked", async () => {
    await open();
    expect(await readCustomers("CU-3")).toMatchObject([{ answer: { blocked: true } }]);
  });

  test("have prices of their own while prices by customer are on, and share their level's while they are off", async () => {
    await open();
    expect(await readCustomers("CU-1", "CU-2")).toMatchObject([
      { answer: { priceScope: null } },
      { answer: { priceScope: null } },
    ]);
    await under.connector.close();
    await under.fake.stop();
    await open({ customerPrices: null });
    expect(await readCustomers("CU-1", "CU-2")).toMatchObject([
      { answer: { priceScope: "level-2" } },
      { answer: { priceScope: "no-level" } },
    ]);
  });

  test("are answered without terms where these may not be read", async () => {
    await open({
      fault: ({ pathname }) =>
        pathname.endsWith("/payment_terms")
          ? { status: 403, text: '{"error":{"code":403,"message":"Forbidden"}}' }
          : null,
    });
    expect(await readCustomers("CU-1")).toMatchObject([{ kind: "found", answer: { paymentTerms: null } }]);
  });
});

describe("the catalogue of Dolibarr", () => {
  test.each(["18.0.6", "22.0.1"])("is what is for sale, page by page, on %s", async (version) => {
    await open({}, version);
    const first = await under.connector.products?.readPage(null, 3, signal());
    expect(first).toEqual({ skus: ["A-1", "B.2", "C (50%)"], next: "3" });
    expect(await under.connector.products?.readPage("3", 3, signal())).toEqual({ skus: ["D É/4"], next: null });
    expect(await under.connector.products?.readPage("4", 3, signal())).toEqual({ skus: [], next: null });
    // Another connector's cursor, of a feed that was begun before the ERP was changed.
    await expect(under.connector.products?.readPage("A-1", 3, signal())).rejects.toMatchObject({
      code: "BAD_USER_INPUT",
      message: expect.stringContaining("begin anew"),
    });
  });
});

describe("changes of Dolibarr", () => {
  const changes = (since: string | null, limit = 100) => under.connector.changes?.readChanges(since, limit, signal());
  const touch = (id: number, at: number, more = {}) => {
    const row = under.fake.books.products.find((product) => product["id"] === String(id));
    Object.assign(row as object, { date_modification: at, ...more });
  };
  const later = 1_800_000_000;

  test.each(["18.0.6", "22.0.1"])(
    "begin with nothing, and go on with what was written since, on %s",
    async (version) => {
      await open({}, version);
      const start = await changes(null);
      expect(start).toMatchObject({ changes: [], more: false });
      touch(2, later);
      touch(1, later + 1, { status: "0" });
      Object.assign(under.fake.books.thirdParties[0] as object, { date_modification: later + 2 });
      const page = await changes(start?.next ?? "");
      expect(page).toMatchObject({
        changes: [
          { kind: "price", sku: "B.2" },
          { kind: "stock", sku: "B.2" },
          { kind: "removed", sku: "A-1" },
          { kind: "customer", customer: "CU-1" },
        ],
        more: false,
      });
      expect(await changes(page?.next ?? "")).toEqual({ changes: [], next: page?.next, more: false });
    },
  );

  test("cost two calls of ten rows where nothing changed", async () => {
    await open();
    const start = await changes(null);
    under.fake.asked.length = 0;
    await changes(start?.next ?? "");
    expect(under.fake.asked.map((path) => /limit=(\d+)/.exec(path)?.[1])).toEqual(["10", "10"]);
  });

  test("of the second that was told last are told, too, but none of them twice", async () => {
    await open();
    touch(1, later);
    const start = await changes(null);
    touch(2, later);
    const page = await changes(start?.next ?? "");
    expect(page?.changes).toEqual([
      { kind: "price", sku: "B.2" },
      { kind: "stock", sku: "B.2" },
    ]);
    expect((await changes(page?.next ?? ""))?.changes).toEqual([]);
  });

  test("that are more than a page come page by page, each once", async () => {
    await open({ products: Array.from({ length: 40 }, (_, n) => productRow(n + 1, `P-${n + 1}`, "1")) });
    const start = await changes(null);
    for (let id = 1; id <= 30; id++) touch(id, later + id);
    const told: string[] = [];
    let since = start?.next ?? "";
    for (let more = true; more; ) {
      const page = await changes(since, 7);
      told.push(...(page?.changes ?? []).filter(({ kind }) => kind === "price").map(({ sku }) => sku as string));
      since = page?.next ?? "";
      more = page?.more ?? false;
    }
    expect(told).toEqual(Array.from({ length: 30 }, (_, n) => `P-${n + 1}`));
  });

  test("of one second are told together, however many there are", async () => {
    await open({ products: Array.from({ length: 40 }, (_, n) => productRow(n + 1, `P-${n + 1}`, "1")) });
    const start = await changes(null);
    for (let id = 1; id <= 30; id++) touch(id, later);
    const page = await changes(start?.next ?? "", 7);
    expect(page?.changes).toHaveLength(60);
    expect(await changes(page?.next ?? "")).toMatchObject({ changes: [] });
  });

  test("of more rows than are worth naming are a change of everything", async () => {
    await open({ products: Array.from({ length: 1200 }, (_, n) => productRow(n + 1, `P-${n + 1}`, "1")) });
    const start = await changes(null);
    for (let id = 1; id <= 1200; id++) touch(id, later + id);
    const page = await changes(start?.next ?? "");
    expect(page?.changes).toEqual([{ kind: "price" }, { kind: "stock" }, { kind: "customer" }]);
    expect((await changes(page?.next ?? ""))?.changes).toEqual([]);
  });

  test("begin in a Dolibarr without third parties, too", async () => {
    await open({ thirdParties: [] }, "18.0.6");
    const start = await changes(null);
    under.fake.books.thirdParties.push(partyRow(9, "NEW", { date_modification: later }));
    expect((await changes(start?.next ?? ""))?.changes).toEqual([{ kind: "customer", customer: "NEW" }]);
  });

  test("are not gone on with from a cursor that is none of theirs", async () => {
    await open();
    await expect(changes("tryton-1.5.6.7")).rejects.toMatchObject({ code: "BAD_USER_INPUT" });
  });
});

describe("a Dolibarr that is met", () => {
  test("says its version at the start, and a warning where nobody tried that one", async () => {
    await open({}, "22.0.1");
    expect(under.said).toEqual([{ level: "info", what: { version: "22.0.1" }, text: "Dolibarr answers" }]);
    await under.connector.close();
    await under.fake.stop();
    await open({}, "24.1.0");
    expect(under.said.map(({ level }) => level)).toEqual(["info", "warn"]);
  });

  test("says when its version changed, and is asked as the new one", async () => {
    await open({}, "18.0.6");
    under.fake.books.version = "22.0.1";
    await under.clock.advance(300_000);
    await readStock("A-1");
    await expect
      .poll(() => under.said.at(-1))
      .toMatchObject({
        level: "warn",
        what: { before: "18.0.6", now: "22.0.1" },
        text: "Dolibarr's version changed",
      });
    const lastList = async () => {
      await readStock("A-1");
      return under.fake.asked.findLast((path) => path.includes("includestockdata"));
    };
    await expect.poll(lastList).toContain(":in:");
  });
});
