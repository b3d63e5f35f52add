import { afterEach, describe, expect, test } from "vitest";
import { createCustomerKey, createStockKey, verifiedCustomer } from "../../../src/pricing/keys.js";
import { bcBooks, createTestBc, itemRecord, type TestBc } from "../../support/business-central.js";
import { callOf } from "./bc-ask.js";

let under: TestBc;

async function open(...args: Parameters<typeof createTestBc>): Promise<void> {
  under = await createTestBc(...args);
}

afterEach(async () => {
  await under.connector.close();
  await under.fake.stop();
});

const readStock = (...skus: string[]) => under.connector.stock.readMany(skus.map(createStockKey), callOf(under));

describe("stock of Business Central", () => {
  test("is the item's total where no locations are set; what nobody counts can be ordered", async () => {
    await open();
    expect(await readStock("A-1", "SERVICE", "GONE")).toMatchObject([
      { answer: { warehouses: [{ code: "ALL", available: "12.5" }], backorder: false } },
      { answer: { warehouses: [{ code: "ALL", available: "0" }], backorder: true } },
      { kind: "unknown", what: "sku" },
    ]);
  });

  test("at locations is what lies there less what orders wait for, exact and never below 0", async () => {
    await open(bcBooks(), { locations: ["EAST", "WEST", "NORTH"] });
    expect(await readStock("A-1")).toMatchObject([
      {
        answer: {
          warehouses: [
            { code: "EAST", available: "10.2" },
            { code: "WEST", available: "0" },
            { code: "NORTH", available: "0" },
          ],
        },
      },
    ]);
  });

  test("at locations that cannot be read fails, and is not told as nothing there", async () => {
    await open({ ...bcBooks(), hasExtension: false }, { locations: ["EAST"] });
    expect(await readStock("A-1")).toMatchObject([{ kind: "failed", error: { code: "ERP_BAD_ANSWER" } }]);
  });
});

describe("customers of Business Central", () => {
  test("have their terms, currency and block, and no price scope", async () => {
    await open();
    const keys = ["C1", "C2", "C3", "c1"].map((code) => createCustomerKey(verifiedCustomer(code)));
    expect(await under.connector.customers.readMany(keys, callOf(under))).toMatchObject([
      { answer: { code: "C1", paymentTerms: "30 DAYS", currency: "EUR", blocked: false, priceScope: null } },
      { answer: { code: "C2", paymentTerms: null, currency: "USD" } },
      { answer: { code: "C3", blocked: true } },
      { kind: "unknown", what: "customer" },
    ]);
  });

  test("are asked for by the fields that are needed, and no address", async () => {
    await open();
    await under.connector.customers.readMany([createCustomerKey(verifiedCustomer("C1"))], callOf(under));
    expect(under.fake.asked.at(-1)?.parts[0]).toMatch(
      /\$select=number,displayName,currencyCode,paymentTermsId,blocked$/,
    );
  });
});

describe("the catalogue of Business Central", () => {
  test("lists what is not blocked, page by page, each once", async () => {
    await open();
    const signal = AbortSignal.timeout(5000);
    const skus: string[] = [];
    let after: string | null = null;
    do {
      const page: { skus: string[]; next: string | null } | undefined = await under.connector.products?.readPage(
        after,
        2,
        signal,
      );
      skus.push(...(page?.skus ?? []));
      after = page?.next ?? null;
    } while (after !== null);
    expect(skus).toEqual(["A-1", "B 'X' & OR", "SERVICE"]);
  });
});

describe("changes of Business Central", () => {
  const read = async (since: string | null, limit = 100) => {
    const page = await under.connector.changes?.readChanges(since, limit, AbortSignal.timeout(5000));
    if (page === undefined) throw new Error("it keeps changes");
    return page;
  };

  test("begin with the newest instant, and tell nothing twice", async () => {
    await open();
    const first = await read(null);
    expect(first).toMatchObject({ changes: [], more: false });
    expect(await read(first.next)).toEqual({ changes: [], next: first.next, more: false });
  });

  test("tell items, customers, postings and lines of price lists, oldest first", async () => {
    await open();
    const { next } = await read(null);
    const { lists, ownLists } = under.fake.books;
    const at = (seconds: number) => `2026-11-24T10:00:0${seconds}.12${seconds}Z`;
    lists["items"]?.push(itemRecord("NEW", 1, { lastModifiedDateTime: at(4) }));
    lists["items"]?.push(itemRecord("OUT", 1, { blocked: true, lastModifiedDateTime: at(1) }));
    lists["itemLedgerEntries"]?.push({ itemNumber: "A-1", lastModifiedDateTime: at(2) });
    lists["customers"]?.push({ number: "C9", lastModifiedDateTime: at(5) });
    ownLists["priceListLines"]?.push({ assetType: "Item", assetNumber: "A-1", lastModifiedDateTime: at(3) });
    ownLists["priceListLines"]?.push({
      assetType: "Item Discount Group",
      assetNumber: "D",
      lastModifiedDateTime: at(6),
    });
    const page = await read(next);
    expect(page.changes).toEqual([
      { kind: "removed", sku: "OUT" },
      { kind: "stock", sku: "A-1" },
      { kind: "price", sku: "A-1" },
      { kind: "price", sku: "NEW" },
      { kind: "stock", sku: "NEW" },
      { kind: "customer", customer: "C9" },
      { kind: "price" },
    ]);
    expect((await read(page.next)).changes).toEqual([]);
    const short = await read(next, 2);
    expect(short).toMatchObject({ changes: [{ kind: "removed" }, { kind: "stock" }], more: true });
    expect((await read(short.next)).changes).toEqual(page.changes.slice(2));
  });

  test("of more records than an import would be read for are a change of everything", async () => {
    await open();
    const { next } = await read(null);
    const lastModifiedDateTime = "2026-11-24T10:00:00Z";
    const items = Array.from({ length: 1001 }, (_, n) => itemRecord(`N-${n}`, n, { lastModifiedDateTime }));
    under.fake.books.lists["items"]?.push(...items);
    const page = await read(next);
    expect(page.changes).toEqual([{ kind: "price" }, { kind: "stock" }, { kind: "customer" }]);
    expect((await read(page.next)).changes).toEqual([]);
  });

  test("go without price lists where the extension is not installed", async () => {
    await open({ ...bcBooks(), hasExtension: false });
    const { next } = await read(null);
    under.fake.books.lists["customers"]?.push({ number: "C9", lastModifiedDateTime: "2026-11-24T10:00:00Z" });
    expect((await read(next)).changes).toEqual([{ kind: "customer", customer: "C9" }]);
  });

  test("refuse a cursor that is none of theirs", async () => {
    await open();
    await expect(read("erpnext-1_x")).rejects.toMatchObject({ code: "BAD_USER_INPUT" });
  });
});
