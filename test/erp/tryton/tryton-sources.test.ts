import { beforeEach, describe, expect, test } from "vitest";
import { createTrytonCustomers } from "../../../src/erp/tryton/tryton-customers.js";
import { toTrytonError } from "../../../src/erp/tryton/tryton-errors.js";
import type { Ground } from "../../../src/erp/tryton/tryton-ground.js";
import { createTrytonPrices } from "../../../src/erp/tryton/tryton-prices.js";
import type { TrytonSession } from "../../../src/erp/tryton/tryton-session.js";
import { createTrytonStock } from "../../../src/erp/tryton/tryton-stock.js";
import { ErpBadAnswer } from "../../../src/errors.js";
import {
  createCustomerKey,
  createPriceKey,
  createStockKey,
  publicScope,
  type Scope,
  verifiedCustomer,
} from "../../../src/pricing/keys.js";

type Row = Record<string, unknown>;
type Reader = (domain: unknown[], context: Row) => Row[];

const unit = { name: "Unit", factor: 1, rate: 1, rounding: 1, digits: 0 };
const ground: Ground = {
  company: 1,
  currency: "EUR",
  timeZone: "UTC",
  currencies: new Map([["EUR", 1]]),
  priceDigits: 4,
  units: new Map([[1, unit]]),
  warehouses: [{ id: 5, code: "WH" }],
  has: { creditLimit: true, priceLists: true, listParent: false, listDates: false, taxByPlace: false },
  context: { company: 1 },
};

/** What the stub holds, by model; each test changes what it is about. */
let models: Record<string, Reader>;
let reads: { model: string; domain: unknown[]; context: Row }[];

const session: TrytonSession = {
  async call(method, params) {
    const [, model = "", verb] = /^model\.(.*)\.(\w+)$/.exec(method) ?? [];
    const domain = verb === "search_read" ? (params[0] as unknown[]) : [];
    const context = params.at(-1) as Row;
    reads.push({ model, domain, context });
    const reader = models[model];
    if (reader === undefined) throw new Error(`the stub has no ${model}`);
    return reader(domain, context);
  },
  readTime: () => Promise.reject(new Error("no time is asked here")),
  close: async () => undefined,
};

const decimal = (text: string) => ({ __class__: "Decimal", decimal: text });
const product = (id: number, code: string, more: Row = {}): Row => ({
  ...{ id, code, default_uom: 1, sale_uom: 1, account_category: null, type: "goods", consumable: 0, lead_time: null },
  ...{ sale_price_uom: decimal(`${id}.50`), quantity: 3, forecast_quantity: 2, ...more },
});
const idsOf = (domain: unknown[]) => (domain as [string, string, number[]][]).find(([name]) => name === "id")?.[2];
const serve =
  (rows: readonly Row[], check: (asked: readonly Row[]) => void = () => undefined): Reader =>
  (domain) => {
    const ids = idsOf(domain);
    const found = ids === undefined ? rows : rows.filter(({ id }) => ids.includes(id as number));
    if (ids !== undefined) check(found);
    return [...found];
  };

const call = { sentAt: 1000, signal: new AbortController().signal };
const keysFor = (skus: readonly string[], scope: Scope = publicScope, currency: string | null = null) =>
  skus.map((sku) => createPriceKey({ scope, sku, currency, quantity: "1", exactQuantity: false }));
const prices = createTrytonPrices(session, async () => ground);
const stock = createTrytonStock(session, async () => ground);
const customers = createTrytonCustomers(session, async () => ground);

beforeEach(() => {
  reads = [];
  models = {
    "sale.configuration": () => [{ id: 1, sale_price_list: null }],
    "account.configuration": () => [{ id: 1, "default_customer_payment_term.": { id: 1, rec_name: "30 days" } }],
    "product.product": serve([product(1, "A"), product(2, "B"), product(3, "C")]),
  };
});

describe("prices of Tryton", () => {
  test("come in the order of their keys, each with the instant of the call", async () => {
    const outcomes = await prices.readMany(keysFor(["C", "NO-SUCH", "A"]), call);
    expect(outcomes).toMatchObject([
      { kind: "found", answer: { sku: "C", unitPrice: "3.5", tiers: [] }, freshness: { computedAt: 1000 } },
      { kind: "unknown", what: "sku", freshness: { computedAt: 1000 } },
      { kind: "found", answer: { sku: "A", unitPrice: "1.5" } },
    ]);
  });

  test("of a code that two products carry are refused by its name, its neighbours answered", async () => {
    models["product.product"] = serve([product(1, "A"), product(2, "A"), product(3, "C")]);
    const [twin, neighbour] = await prices.readMany(keysFor(["A", "C"]), call);
    expect(twin).toMatchObject({ kind: "failed", error: { message: 'Tryton has 2 products of code "A"' } });
    expect(neighbour).toMatchObject({ kind: "found" });
  });

  test("spoilt by one product of many are found in few calls, and it alone fails", async () => {
    const rows = Array.from({ length: 50 }, (_, n) => product(n + 1, `SKU-${n + 1}`));
    models["product.product"] = serve(rows, (asked) => {
      if (asked.some(({ id }) => id === 37)) throw toTrytonError(["[<class 'decimal.DivisionByZero'>]", "secret"]);
    });
    const outcomes = await prices.readMany(keysFor(rows.map(({ code }) => String(code))), call);
    expect(outcomes.filter(({ kind }) => kind === "found")).toHaveLength(49);
    expect(outcomes[36]).toMatchObject({ kind: "failed", error: { code: "ERP_BAD_ANSWER" } });
    expect(outcomes[36]).toMatchObject({ error: { message: expect.stringMatching(/"SKU-37".*DivisionByZero/) } });
    const asked = reads.filter(({ model, domain }) => model === "product.product" && idsOf(domain) !== undefined);
    expect(asked.length - 1).toBeLessThanOrEqual(2 * Math.log2(50) + 2);
  });

  test("that cannot be read, or are left out, fail alone", async () => {
    const rows = [product(1, "A", { sale_price_uom: 1.5 }), product(2, "B"), product(3, "C", { sale_uom: 99 })];
    models["product.product"] = (domain, context) => serve(rows)(domain, context);
    expect(await prices.readMany(keysFor(["A", "B", "C"]), call)).toMatchObject([
      { kind: "failed", error: { code: "ERP_BAD_ANSWER" } },
      { kind: "found" },
      { kind: "failed", error: { code: "ERP_BAD_ANSWER" } },
    ]);
    models["product.product"] = (domain) => (idsOf(domain) === undefined ? rows : [product(2, "B")]);
    const [left] = await prices.readMany(keysFor(["A"]), call);
    expect(left).toMatchObject({ kind: "failed", error: { code: "ERP_BAD_ANSWER" } });
  });

  test("a failure that is no word on the products, such as a lost ERP, fails the call as a whole", async () => {
    models["product.product"] = serve([product(1, "A")], () => {
      throw toTrytonError(["database is locked", ""]);
    });
    await expect(prices.readMany(keysFor(["A"]), call)).rejects.toMatchObject({ code: "ERP_OVERLOADED" });
  });

  test("name the list to Tryton, which would answer the public price without", async () => {
    models["party.party"] = () => [{ id: 9, code: "C1", sale_price_list: 4, customer_tax_rule: null }];
    models["product.price_list"] = () => [{ id: 4, name: "Trade", tax_included: 0, unit: "product_default" }];
    models["product.price_list.line"] = () => [{ id: 1, price_list: 4, product: null, quantity: 10 }];
    const scope: Scope = { kind: "price-scope", priceScope: "list-4", customer: verifiedCustomer("C1") };
    await prices.readMany(keysFor(["A"], scope), call);
    const contexts = reads.map(({ context }) => context).filter(({ quantity }) => quantity !== undefined);
    expect(contexts).toMatchObject([
      { customer: 9, price_list: 4, quantity: 1, company: 1 },
      { customer: 9, price_list: 4, quantity: 10, company: 1 },
    ]);
  });

  test("share a call within a price scope and a currency, and never beyond", () => {
    const scope = (priceScope: string, customer: string): Scope => ({
      ...{ kind: "price-scope", priceScope, customer: verifiedCustomer(customer) },
    });
    const group = (of: Scope, currency: string | null = null) => prices.groupOf(keysFor(["A"], of, currency)[0]!);
    const own = (customer: string): Scope => ({ kind: "customer", customer: verifiedCustomer(customer) });
    expect(group(scope("list-1", "C1"))).toBe(group(scope("list-1", "C2")));
    const groups = [publicScope, scope("list-1", "C1"), scope("list-2", "C1"), own("C1"), own("C2"), own("list-1")];
    expect(new Set([...groups.map((of) => group(of)), group(publicScope, "USD")]).size).toBe(groups.length + 1);
  });
});

describe("a price list of Tryton", () => {
  const scope: Scope = { kind: "price-scope", priceScope: "list-4", customer: verifiedCustomer("C1") };
  const day = (date: string) => {
    const [year, month, dayOfMonth] = date.split("-").map(Number);
    return { __class__: "date", year, month, day: dayOfMonth };
  };

  beforeEach(() => {
    models["party.party"] = () => [{ id: 9, code: "C1", sale_price_list: 4, customer_tax_rule: null }];
    models["product.price_list"] = () => [{ id: 4, name: "Trade", tax_included: 0, unit: "product_default" }];
  });

  async function validUntil(...lines: readonly Row[]): Promise<string | null> {
    models["product.price_list.line"] = () =>
      lines.map((line, n) => ({ id: n, price_list: 4, quantity: null, ...line }));
    const dated = { ...ground, has: { ...ground.has, listDates: true } };
    const source = createTrytonPrices(session, async () => dated);
    const sentAt = Date.UTC(2026, 10, 24, 12);
    const [outcome] = await source.readMany(keysFor(["A"], scope), { ...call, sentAt });
    if (outcome?.kind !== "found") throw new Error(JSON.stringify(outcome));
    return outcome.answer.validUntil === null ? null : new Date(outcome.answer.validUntil).toISOString();
  }

  test("holds a price to the end of a line's last day, or to the first of the next", async () => {
    expect(await validUntil({ product: null, end_date: day("2026-11-30") })).toBe("2026-12-01T00:00:00.000Z");
    expect(await validUntil({ product: null, end_date: day("2026-11-24") })).toBe("2026-11-25T00:00:00.000Z");
    expect(await validUntil({ product: 1, start_date: day("2026-11-26") })).toBe("2026-11-26T00:00:00.000Z");
    const next = [
      { product: 1, start_date: day("2027-01-01") },
      { product: null, end_date: day("2026-12-24") },
    ];
    expect(await validUntil(...next)).toBe("2026-12-25T00:00:00.000Z");
  });

  test("of which one break was left out makes no ladder: the price below it would seem to go on", async () => {
    models["product.price_list.line"] = () => [{ id: 1, price_list: 4, product: null, quantity: 10 }];
    models["product.product"] = (domain, context) =>
      context["quantity"] === 10 ? [] : serve([product(1, "A")])(domain, {});
    const [outcome] = await prices.readMany(keysFor(["A"], scope), call);
    expect(outcome).toMatchObject({ kind: "failed", error: { code: "ERP_BAD_ANSWER" } });
  });

  test("whose lines are over, began long ago, or are for another product, ends no price", async () => {
    expect(await validUntil({ product: null, end_date: day("2026-11-23") })).toBeNull();
    expect(await validUntil({ product: null, start_date: day("2026-11-24") })).toBeNull();
    expect(await validUntil({ product: 2, end_date: day("2026-11-30") })).toBeNull();
    expect(await validUntil()).toBeNull();
  });

  test("is asked once a quantity for products of all taxes, unless its prices include them", async () => {
    const taxed = (id: number, tax: number) => ({
      ...{ account_category: id, "account_category.": { id, "customer_taxes_used.": [{ id: tax, type: "none" }] } },
    });
    models["product.product"] = serve([product(1, "A", taxed(1, 11)), product(2, "B", taxed(2, 12))]);
    models["product.price_list.line"] = () => [{ id: 1, price_list: 4, product: null, quantity: 10 }];
    const asked = async () => {
      reads = [];
      await prices.readMany(keysFor(["A", "B"], scope), call);
      return reads.filter(({ context }) => context["quantity"] !== undefined).map(({ context }) => context["taxes"]);
    };
    expect(await asked()).toEqual([[], []]);
    models["product.price_list"] = () => [{ id: 4, name: "Trade", tax_included: true, unit: "product_default" }];
    expect(await asked()).toEqual([[11], [12], [11], [12]]);
  });
});

describe("taxes of a price", () => {
  const tax = (id: number, more: Row = {}): Row => ({
    ...{ id, type: "percentage", rate: decimal("0.2"), update_unit_price: false, start_date: null, end_date: null },
    ...{ childs: [], "childs.": [], ...more },
  });
  const day = (year: number) => ({ __class__: "date", year, month: 1, day: 1 });
  const today = { __class__: "date", year: 2026, month: 11, day: 24 };
  const rateOf = async (taxes: readonly Row[]) => {
    const category = { account_category: 3, "account_category.": { id: 3, "customer_taxes_used.": taxes } };
    models["product.product"] = serve([product(1, "A", category)]);
    const sentAt = Date.UTC(2026, 10, 24);
    const [outcome] = await prices.readMany(keysFor(["A"]), { ...call, sentAt });
    return outcome?.kind === "found" ? outcome.answer.taxRate : outcome;
  };

  test("is the sum of what holds today", async () => {
    expect(await rateOf([])).toBe("0");
    expect(await rateOf([tax(1)])).toBe("20");
    expect(await rateOf([tax(1), tax(2, { rate: decimal("0.055") })])).toBe("25.5");
    expect(await rateOf([tax(1, { end_date: day(2020) }), tax(2, { rate: decimal("0.1") })])).toBe("10");
    expect(await rateOf([tax(1, { start_date: day(2090) })])).toBe("0");
    expect(await rateOf([tax(1, { start_date: today, end_date: today })])).toBe("20");
    expect(await rateOf([tax(1, { type: "none", rate: null, childs: [2], "childs.": [tax(2)] })])).toBe("20");
  });

  test("is not told where one rate would be wrong", async () => {
    expect(await rateOf([tax(1), tax(2, { type: "fixed", rate: null })])).toBeNull();
    expect(await rateOf([tax(1, { update_unit_price: true })])).toBeNull();
    expect(await rateOf([tax(1, { childs: [2], "childs.": [tax(2, { childs: [3] })] })])).toBeNull();
  });
});

describe("stock of Tryton", () => {
  const stockOf = async (more: Row) => {
    models["product.product"] = serve([product(1, "A", more)]);
    const [outcome] = await stock.readMany([createStockKey("A")], call);
    return outcome?.kind === "found" ? outcome.answer : outcome;
  };

  test("is what is there or what planned moves leave, whichever is less, and never below zero", async () => {
    const available = async (quantity: number, forecast: number) =>
      (await stockOf({ quantity, forecast_quantity: forecast })) as unknown;
    expect(await available(10, 4)).toMatchObject({ warehouses: [{ code: "WH", available: "4" }] });
    expect(await available(10, 40)).toMatchObject({ warehouses: [{ code: "WH", available: "10" }] });
    expect(await available(2, -3)).toMatchObject({ warehouses: [{ code: "WH", available: "0" }] });
  });

  test("does not bind services and consumables", async () => {
    expect(await stockOf({ type: "service" })).toMatchObject({ backorder: true });
    expect(await stockOf({ consumable: true })).toMatchObject({ backorder: true });
    expect(await stockOf({})).toMatchObject({ backorder: false });
  });

  test("that cannot be read fails alone", async () => {
    models["product.product"] = serve([product(1, "A", { quantity: "3" }), product(2, "B")]);
    expect(await stock.readMany([createStockKey("A"), createStockKey("B")], call)).toMatchObject([
      { kind: "failed", error: { code: "ERP_BAD_ANSWER" } },
      { kind: "found", answer: { leadTimeDays: null } },
    ]);
  });

  test("tells the lead time in days, begun ones counted", async () => {
    expect(await stockOf({ lead_time: { __class__: "timedelta", seconds: 90_000 } })).toMatchObject({
      leadTimeDays: 2,
    });
  });
});

describe("customers of Tryton", () => {
  const party = (id: number, code: string, more: Row = {}): Row => ({
    ...{ id, code, name: code, sale_price_list: null, customer_tax_rule: null, "customer_payment_term.": null },
    ...{ credit_limit_amount: null, credit_amount: decimal("0"), ...more },
  });
  const readCustomers = (...codes: string[]) =>
    customers.readMany(
      codes.map((code) => createCustomerKey(verifiedCustomer(code))),
      call,
    );

  test("come with what the credit has left, even when it is overdrawn", async () => {
    const limit = { credit_limit_amount: decimal("100.00") };
    models["party.party"] = () => [
      party(1, "C1", { ...limit, credit_amount: decimal("30.55") }),
      party(2, "C2", { ...limit, credit_amount: decimal("130.5") }),
      party(3, "C3", { ...limit, credit_amount: decimal("-20") }),
    ];
    expect(await readCustomers("C1", "C2", "C3", "C4")).toMatchObject([
      { answer: { creditLimit: "100", creditAvailable: "69.45", paymentTerms: "30 days", priceScope: "no-list" } },
      { answer: { creditAvailable: "-30.5" } },
      { answer: { creditAvailable: "120" } },
      { kind: "unknown", what: "customer" },
    ]);
  });

  test("one whose record cannot be read fails alone", async () => {
    models["party.party"] = () => [party(1, "C1", { credit_limit_amount: 100 }), party(2, "C2")];
    const [bad, good] = await readCustomers("C1", "C2");
    expect(bad?.kind === "failed" && bad.error).toBeInstanceOf(ErpBadAnswer);
    expect(good).toMatchObject({ kind: "found" });
  });

  test("share no prices where the tax rule looks at the address", async () => {
    const byPlace = { ...ground, has: { ...ground.has, taxByPlace: true } };
    const strict = createTrytonCustomers(session, async () => byPlace);
    models["party.party"] = () => [party(1, "C1", { customer_tax_rule: 2 }), party(2, "C2")];
    const keys = ["C1", "C2"].map((code) => createCustomerKey(verifiedCustomer(code)));
    expect(await strict.readMany(keys, call)).toMatchObject([
      { answer: { priceScope: null } },
      { answer: { priceScope: "no-list" } },
    ]);
  });
});
