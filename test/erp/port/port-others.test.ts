import { describe, expect, test } from "vitest";
import { PortChanges, PortProducts } from "../../../src/erp/port/port-catalogue.js";
import { PortCustomers } from "../../../src/erp/port/port-customers.js";
import { PortStock } from "../../../src/erp/port/port-stock.js";
import { ErpBadAnswer, ErpCursorLost, ErpKeepsNoChanges } from "../../../src/errors.js";
import { createCustomerKey, createStockKey, verifiedCustomer } from "../../../src/pricing/keys.js";
import type { Outcome } from "../../../src/pricing/source.js";
import type { Stock } from "../../../src/pricing/stock.js";
import { anyCall, FakePortClient } from "./fake-port-client.js";

const { signal } = anyCall;

describe("stock over the port", () => {
  function read(items: unknown, ...skus: string[]): Promise<Outcome<Stock>[]> {
    return new PortStock(new FakePortClient({ items })).readMany(skus.map(createStockKey), anyCall);
  }

  async function readOne(parts: Record<string, unknown>): Promise<Outcome<Stock>> {
    return (await read([{ sku: "A", status: "found", ...parts }], "A"))[0] as Outcome<Stock>;
  }

  test("all warehouses are asked for, so that one answer serves every choice of them", async () => {
    const client = new FakePortClient({ items: [] });
    await new PortStock(client).readMany(["A", "B"].map(createStockKey), anyCall);
    expect(client.asked).toEqual([{ path: "/v1/stock", body: { skus: ["A", "B"] } }]);
  });

  test("items are matched by SKU; one missing, doubled, in error or nameless fails its own key alone", async () => {
    const found = { status: "found", warehouses: [{ code: "W1", available: "3" }] };
    const items = [
      { sku: "D", status: "unknown" },
      { sku: "E", status: "error", message: "warehouse 2 is dead" },
      { sku: "B", ...found },
      { sku: "B", ...found },
      { sku: "A", ...found },
      found,
      null,
    ];
    const outcomes = await read(items, "A", "B", "C", "D", "E");
    expect(outcomes.map(({ kind }) => kind)).toEqual(["found", "failed", "failed", "unknown", "failed"]);
    expect(outcomes.flatMap((outcome) => (outcome.kind === "failed" ? outcome.error.message : []))).toEqual([
      'the item for SKU "B" came more than once',
      'the item for SKU "C" is missing',
      'the ERP could not tell the stock of SKU "E": warehouse 2 is dead',
    ]);
  });

  test("what is left out has its plain meaning", async () => {
    expect(await readOne({})).toMatchObject({
      answer: { sku: "A", warehouses: [], backorder: false, restockDate: null, leadTimeDays: null },
      freshness: { source: "ERP", computedAt: 1_000 },
    });
  });

  test("what is told is kept as written, negative stock included", async () => {
    const told = {
      warehouses: [{ code: "W1", available: "-2.50" }],
      backorder: true,
      restockDate: "2026-12-01",
      leadTimeDays: 0,
    };
    expect(await readOne(told)).toMatchObject({ answer: { sku: "A", ...told } });
  });

  test.each([
    ["a quantity that is a number", { warehouses: [{ code: "W1", available: 3 }] }],
    ["a warehouse without a code", { warehouses: [{ available: "3" }] }],
    [
      "a warehouse listed twice",
      {
        warehouses: [
          { code: "W1", available: "3" },
          { code: "W1", available: "4" },
        ],
      },
    ],
    ["a backorder that is no yes or no", { backorder: "yes" }],
    ["a day that is none", { restockDate: "soon" }],
    ["a day that no month has", { restockDate: "2026-02-30" }],
    ["half a day of lead", { leadTimeDays: 0.5 }],
    ["a lead time in the past", { leadTimeDays: -1 }],
    ["a status that is none", { status: "some" }],
  ])("%s is refused", async (_what, parts) => {
    expect(await readOne(parts)).toMatchObject({ kind: "failed", error: { code: "ERP_BAD_ANSWER" } });
  });
});

describe("customers over the port", () => {
  const key = createCustomerKey(verifiedCustomer("C/1 ?#"));
  const read = async (says: unknown) => {
    const client = new FakePortClient(says);
    return { client, outcome: () => new PortCustomers(client).readMany([key], anyCall) };
  };

  test("a record is read by its code, whatever characters that has", async () => {
    const { client, outcome } = await read(null);
    expect(await outcome()).toMatchObject([{ kind: "unknown", what: "customer" }]);
    expect(client.asked).toEqual([{ path: "/v1/customers/C%2F1%20%3F%23" }]);
  });

  test("what is told is kept, what is left out is null, and who is not called blocked is not", async () => {
    const { outcome } = await read({ code: "C/1 ?#", priceScope: "GOLD", currency: "CHF", creditLimit: "500.00" });
    expect(await outcome()).toMatchObject([
      {
        answer: {
          code: "C/1 ?#",
          name: null,
          currency: "CHF",
          priceScope: "GOLD",
          paymentTerms: null,
          creditLimit: "500.00",
          creditAvailable: null,
          blocked: false,
        },
      },
    ]);
  });

  test.each([
    ["another code", { code: "C2", priceScope: "GOLD" }],
    ["no code", { priceScope: "GOLD" }],
    ["an empty price scope", { code: "C/1 ?#", priceScope: "" }],
    ["a price scope with a control character", { code: "C/1 ?#", priceScope: "GOLD\n" }],
    ["a currency that is none", { code: "C/1 ?#", currency: "eur" }],
    ["a block that is no yes or no", { code: "C/1 ?#", blocked: 1 }],
    ["a credit in a float", { code: "C/1 ?#", creditAvailable: 12.5 }],
    ["a list instead of a record", []],
  ])("a record with %s is refused", async (_what, says) => {
    const { outcome } = await read(says);
    await expect(outcome()).rejects.toMatchObject({ code: "ERP_BAD_ANSWER" });
  });
});

describe("products and changes over the port", () => {
  test("a page of products goes on from the cursor of the one before", async () => {
    const client = new FakePortClient({ skus: ["A", "B"], next: "B&" });
    expect(await new PortProducts(client).readPage(null, 2, signal)).toEqual({ skus: ["A", "B"], next: "B&" });
    client.says = { skus: [], next: null };
    expect(await new PortProducts(client).readPage("B&", 2, signal)).toEqual({ skus: [], next: null });
    expect(client.asked.map(({ path }) => path)).toEqual(["/v1/products?limit=2", "/v1/products?limit=2&after=B%26"]);
  });

  test("changes keep their order, and only the fields that were told", async () => {
    const client = new FakePortClient({
      changes: [{ kind: "price", sku: "A", customer: null }, { kind: "customer", customer: "C1" }, { kind: "stock" }],
      next: "42",
      more: true,
    });
    expect(await new PortChanges(client).readChanges("41", 3, signal)).toEqual({
      changes: [{ kind: "price", sku: "A" }, { kind: "customer", customer: "C1" }, { kind: "stock" }],
      next: "42",
      more: true,
    });
    expect(client.asked[0]?.path).toBe("/v1/changes?limit=3&since=41");
  });

  test("an ERP that keeps no changes, and one that lost the cursor, are told from one that fails", async () => {
    const read = (says: unknown) => new PortChanges(new FakePortClient(says)).readChanges("1", 1, signal);
    await expect(read(null)).rejects.toBeInstanceOf(ErpKeepsNoChanges);
    await expect(read(new ErpBadAnswer("HTTP 410", undefined, { status: 410 }))).rejects.toBeInstanceOf(ErpCursorLost);
    const bad = new ErpBadAnswer("HTTP 400", undefined, { status: 400 });
    await expect(read(bad)).rejects.toBe(bad);
  });

  test("a change of what can be no SKU is passed on as it stands: the changes behind it would wait for good", async () => {
    const says = {
      changes: [
        { kind: "price", sku: "B\n" },
        { kind: "price", sku: "A" },
      ],
      next: "2",
      more: false,
    };
    expect(await new PortChanges(new FakePortClient(says)).readChanges("1", 9, signal)).toEqual(says);
  });

  test.each([
    ["no changes kept", null],
    ["a change of an SKU that is a number", { changes: [{ kind: "price", sku: 7 }], next: "1", more: false }],
    ["a change of no kind", { changes: [{ kind: "weather" }], next: "1", more: false }],
    ["no cursor", { changes: [], more: false }],
    ["no word on more", { changes: [], next: "1" }],
  ])("%s is refused", async (_what, says) => {
    const changes = new PortChanges(new FakePortClient(says));
    await expect(changes.readChanges(null, 1, signal)).rejects.toMatchObject({ code: "ERP_BAD_ANSWER" });
  });

  test.each([
    ["no list", { next: null }],
    ["an SKU that is a number", { skus: [7], next: null }],
    ["an SKU that is nothing", { skus: ["A", null], next: null }],
  ])("a page with %s is refused", async (_what, says) => {
    const products = new PortProducts(new FakePortClient(says));
    await expect(products.readPage(null, 1, signal)).rejects.toMatchObject({ code: "ERP_BAD_ANSWER" });
  });

  test("a text that can be no SKU is passed on as it stands, for whoever reads the page to say so of that one", async () => {
    const products = new PortProducts(new FakePortClient({ skus: ["A", "", "B\n"], next: null }));
    expect(await products.readPage(null, 3, signal)).toEqual({ skus: ["A", "", "B\n"], next: null });
  });

  test("an ERP without the list says so, and not that it answered badly", async () => {
    const products = new PortProducts(new FakePortClient(null));
    await expect(products.readPage(null, 1, signal)).rejects.toMatchObject({ reason: "PRODUCTS_NOT_LISTED" });
  });
});
