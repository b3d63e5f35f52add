import { afterEach, describe, expect, test } from "vitest";
import type { ErpNextOptions } from "../../../src/erp/erpnext/erpnext-connector.js";
import { createCustomerKey, createStockKey, verifiedCustomer } from "../../../src/pricing/keys.js";
import { createTestErpNext, customerDoc, erpNextBooks, itemDoc, type TestErpNext } from "../../support/erpnext.js";
import { type ErpNextBooks, frappeError, traceback } from "../../support/erpnext-fake.js";
import { priceKeyOf } from "../../support/samples.js";

let under: TestErpNext;

afterEach(async () => {
  await under.connector.close();
  await under.fake.stop();
});

async function open(docs: ErpNextBooks["docs"] = {}, options: Partial<ErpNextOptions> = {}) {
  under = await createTestErpNext(erpNextBooks("15.40.2", docs), options);
}

const call = () => ({ sentAt: under.clock.now(), signal: AbortSignal.timeout(5000) });
const signal = () => AbortSignal.timeout(5000);
const readStock = (...skus: string[]) => under.connector.stock.readMany(skus.map(createStockKey), call());
const readCustomers = (...codes: string[]) =>
  under.connector.customers.readMany(
    codes.map((code) => createCustomerKey(verifiedCustomer(code))),
    call(),
  );

describe("stock of ERPNext", () => {
  test("is what is there less what is reserved, by the company's warehouses", async () => {
    await open();
    expect(await readStock("A-1", 'B (50%) "x"', "NO-SUCH")).toMatchObject([
      {
        answer: {
          backorder: false,
          warehouses: [
            { code: "East - D", available: "0" },
            { code: "Stores - D", available: "10.2" },
          ],
        },
      },
      {
        answer: {
          warehouses: [
            { code: "East - D", available: "0" },
            { code: "Stores - D", available: "0" },
          ],
        },
      },
      { kind: "unknown", what: "sku" },
    ]);
  });

  test("of all SKUs costs two calls, and one for the warehouses every five minutes", async () => {
    await open();
    await readStock("A-1", "SERVICE");
    await readStock("A-1", "SERVICE");
    expect(under.fake.asked.map(({ params }) => params["doctype"])).toEqual([
      "Warehouse",
      "Item",
      "Bin",
      "Item",
      "Bin",
    ]);
    expect(under.fake.mostAtOnce).toBe(1);
  });

  test("is of the warehouses that are set, in their order", async () => {
    await open({}, { warehouses: ["Stores - D"] });
    expect(await readStock("A-1")).toMatchObject([
      { answer: { warehouses: [{ code: "Stores - D", available: "10.2" }] } },
    ]);
  });

  test("a warehouse that is set and none of the company's is named", async () => {
    await open({}, { warehouses: ["Stores - X"] });
    await expect(readStock("A-1")).rejects.toMatchObject({
      message: expect.stringContaining('"Stores - X" of ERPNEXT_WAREHOUSES'),
    });
  });

  test("of what nobody counts can always be ordered; lead times are told", async () => {
    await open({ Item: [itemDoc("A-1", { lead_time_days: 3 }), itemDoc("SERVICE", { is_stock_item: 0 })] });
    expect(await readStock("SERVICE", "A-1")).toMatchObject([
      { answer: { backorder: true, leadTimeDays: null } },
      { answer: { backorder: false, leadTimeDays: 3 } },
    ]);
  });
});

describe("customers of ERPNext", () => {
  test("are told with the currency of their list and their terms, or their group's", async () => {
    await open({
      Customer: [customerDoc("A"), customerDoc("B", { default_price_list: "Dollars", payment_terms: "60 days" })],
    });
    expect(await readCustomers("A", "B", "NOBODY")).toMatchObject([
      { answer: { name: "The A", currency: "EUR", paymentTerms: "30 days", blocked: false, creditLimit: null } },
      { answer: { currency: "USD", paymentTerms: "60 days" } },
      { kind: "unknown", what: "customer" },
    ]);
  });

  test("that are disabled or frozen are blocked", async () => {
    await open({ Customer: [customerDoc("D", { disabled: 1 }), customerDoc("F", { is_frozen: 1 })] });
    expect(await readCustomers("D", "F")).toMatchObject([{ answer: { blocked: true } }, { answer: { blocked: true } }]);
  });

  test("are found by the field that is set, letter by letter, and never two for one", async () => {
    const docs = [
      customerDoc("A", { custom_code: "x1" }),
      customerDoc("B", { custom_code: "X1" }),
      ...["C", "D"].map((name) => customerDoc(name, { custom_code: "twice" })),
    ];
    await open({ Customer: docs }, { customerField: "custom_code" });
    expect(await readCustomers("x1", "twice", "A")).toMatchObject([
      { answer: { name: "The A" } },
      { kind: "failed", error: { message: 'ERPNext has 2 customers whose custom_code is "twice"' } },
      { kind: "unknown" },
    ]);
  });
});

describe("the catalogue of ERPNext", () => {
  test("is what is for sale, page by page", async () => {
    await open();
    expect(await under.connector.products?.readPage(null, 2, signal())).toEqual({
      skus: ["A-1", 'B (50%) "x"'],
      next: 'B (50%) "x"',
    });
    expect(await under.connector.products?.readPage('B (50%) "x"', 2, signal())).toEqual({
      skus: ["SERVICE"],
      next: null,
    });
  });
});

describe("changes of ERPNext", () => {
  const changes = (since: string | null, limit = 100) => under.connector.changes?.readChanges(since, limit, signal());
  const touch = (doctype: string, n: number, modified: string, more = {}) =>
    Object.assign(under.fake.books.docs[doctype]?.[n] as object, { modified, ...more });

  test("begin with nothing, and go on with what was written since, oldest first", async () => {
    await open();
    const start = await changes(null);
    expect(start).toMatchObject({ changes: [], more: false });
    touch("Bin", 0, "2026-11-24 10:00:00.000002");
    touch("Item", 0, "2026-11-24 10:00:00.000001");
    touch("Item", 1, "2026-11-24 10:00:01.5", { disabled: 1 });
    touch("Customer", 0, "2026-11-24 10:00:02");
    const page = await changes(start?.next ?? "");
    expect(page).toMatchObject({
      changes: [
        { kind: "price", sku: "A-1" },
        { kind: "stock", sku: "A-1" },
        { kind: "removed", sku: 'B (50%) "x"' },
        { kind: "customer", customer: "CUST-1" },
      ],
      more: false,
    });
    expect(await changes(page?.next ?? "")).toMatchObject({ changes: [], next: page?.next });
  });

  test("of a pricing rule are of every price", async () => {
    await open();
    const start = await changes(null);
    under.fake.books.docs["Pricing Rule"]?.push({ name: "new", modified: "2026-11-24 10:00:00.000000" });
    expect((await changes(start?.next ?? ""))?.changes).toEqual([{ kind: "price" }]);
  });

  test("that are more than a page come page by page, each once", async () => {
    await open({ Item: Array.from({ length: 20 }, (_, n) => itemDoc(`I-${n}`)) });
    const start = await changes(null);
    for (let n = 0; n < 20; n++) touch("Item", n, `2026-11-24 10:00:${String(n).padStart(2, "0")}.000000`);
    const told: string[] = [];
    let since = start?.next ?? "";
    for (let more = true; more; ) {
      const page = await changes(since, 5);
      told.push(...(page?.changes ?? []).filter(({ kind }) => kind === "price").map(({ sku }) => sku as string));
      since = page?.next ?? "";
      more = page?.more ?? false;
    }
    expect(told).toEqual(Array.from({ length: 20 }, (_, n) => `I-${n}`));
  });

  test("of more rows than are worth naming are a change of everything", async () => {
    await open({ Item: Array.from({ length: 1100 }, (_, n) => itemDoc(`I-${n}`)) });
    const start = await changes(null);
    for (let n = 0; n < 1100; n++) touch("Item", n, "2026-11-24 10:00:00.000000");
    const page = await changes(start?.next ?? "");
    expect(page?.changes).toEqual([{ kind: "price" }, { kind: "stock" }, { kind: "customer" }]);
    expect((await changes(page?.next ?? ""))?.changes).toEqual([]);
  });

  test.each(["dolibarr-1.5.6", "erpnext-1_x", "erpnext-1_2026-11-24T10:00:00"])(
    "are not gone on with from %s",
    async (cursor) => {
      await open();
      await expect(changes(cursor)).rejects.toMatchObject({ code: "BAD_USER_INPUT" });
    },
  );
});

describe("an ERPNext that is met", () => {
  const readPrice = () => under.connector.prices.readMany([priceKeyOf({ sku: "A-1" })], call());
  async function failing(fault: ReturnType<ErpNextBooks["fault"]>) {
    await open();
    under.fake.books.fault = () => fault;
    return readPrice().then(
      () => new Error("it was answered"),
      (error: Error) => error,
    );
  }

  test.each([
    [401, "AuthenticationError", { code: "ERP_UNAVAILABLE", countsAsFailure: false, retryAfterSeconds: 30 }],
    [403, "PermissionError", { code: "ERP_UNAVAILABLE", countsAsFailure: false }],
    [404, "DoesNotExistError", { code: "ERP_BAD_ANSWER", mayBeOneKey: true }],
    [417, "ValidationError", { code: "ERP_BAD_ANSWER", mayBeOneKey: true, countsAsFailure: false }],
    [500, "QueryDeadlockError", { code: "ERP_OVERLOADED" }],
    [500, "TypeError", { code: "ERP_UNAVAILABLE", mayBeOneKey: true }],
    [503, "SessionBootFailed", { code: "ERP_OVERLOADED" }],
  ])("%d %s is told by its name, and without its traceback", async (status, type, expected) => {
    const error = await failing(frappeError(status, type));
    expect(error).toMatchObject(expected);
    expect(error.message).toContain(type);
    expect(`${error.message} ${JSON.stringify(error)} ${String(error.cause)}`).not.toMatch(
      /Traceback|tabUser|apps\/frappe/,
    );
  });

  test("429 keeps away for as long as it says", async () => {
    const error = await failing({ status: 429, text: "Too Many Requests", headers: { "retry-after": "17" } });
    expect(error).toMatchObject({ code: "ERP_OVERLOADED", countsAsFailure: false, holdSeconds: 17 });
  });

  test.each([
    [404, "<html>Site not found</html>"],
    [200, `<html>${traceback}</html>`],
  ])("%d with a page is a wrong address", async (status, text) => {
    const error = await failing({ status, text });
    expect(error).toMatchObject({ code: "ERP_BAD_ANSWER" });
    expect(`${error.message} ${String(error.cause)}`).not.toContain("Traceback");
  });

  test("slows the gateway down before its processing time is used up", async () => {
    await open();
    const headers = {
      "x-ratelimit-limit": "600000000",
      "x-ratelimit-remaining": "6000000",
      "x-ratelimit-reset": "120",
    };
    Object.assign(under.fake.books.headers, headers);
    await expect(readPrice().then(readPrice)).rejects.toMatchObject({
      code: "ERP_OVERLOADED",
      countsAsFailure: false,
      holdSeconds: 120,
    });
    expect(under.fake.asked.length).toBeLessThanOrEqual(2);
  });

  test("says its version at the start, and when it changed", async () => {
    await open();
    expect(under.said).toEqual([{ level: "info", what: { version: "15.40.2" }, text: "ERPNext answers" }]);
    under.fake.books.version = "17.0.0";
    await under.clock.advance(300_000);
    await readCustomers("CUST-1");
    await expect
      .poll(() => under.said.slice(1))
      .toMatchObject([
        { level: "warn", what: { before: "15.40.2", now: "17.0.0" } },
        { level: "warn", what: { version: "17.0.0" } },
      ]);
    await expect.poll(() => readPrice().catch(() => [])).toMatchObject([{ kind: "found" }]);
  });

  test("says at the start that the token is refused", async () => {
    await open({}, { token: "wrong:token" });
    expect(under.said).toMatchObject([{ level: "warn", text: "ERPNext could not be asked at the start" }]);
    await expect(under.connector.checkHealth(signal())).rejects.toMatchObject({ code: "ERP_UNAVAILABLE" });
  });
});
