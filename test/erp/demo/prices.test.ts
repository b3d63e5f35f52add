import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Books, type BooksOptions, createBooks } from "../../../src/erp/demo/books.js";
import { customerCount } from "../../../src/erp/demo/customer-book.js";
import type { PriceAnswer } from "../../../src/erp/demo/price-book.js";
import { priceLists } from "../../../src/erp/demo/tariffs.js";
import { compareDecimals } from "../../../src/pricing/decimal.js";
import { ManualClock } from "./manual-clock.js";
import { wrongInCustomer, wrongInPriceLine } from "./port-shapes.js";

const skus = 5_000;

function booksOf(options: Partial<BooksOptions> = {}): Books {
  const clock = new ManualClock();
  return createBooks({
    seed: 1,
    skus,
    clock,
    stepMs: 5_000,
    backlogSteps: 720,
    pricesMove: false,
    singleQuantityOneIn: 0,
    ...options,
  });
}

const books = booksOf();
const codes = Array.from({ length: customerCount }, (_, at) => `C${String(at + 1).padStart(4, "0")}`);
const anySku = fc.nat(skus - 1).map((index) => books.catalogue.skuAt(index));
const anyQuantity = fc.oneof(
  fc.integer({ min: 1, max: 30_000 }).map(String),
  fc.integer({ min: 1, max: 999_999 }).map((millionths) => `0.${String(millionths).padStart(6, "0")}`),
);

type Priced = Extract<PriceAnswer, { status: "priced" }>;

function priceFor(customer: string | null, sku: string, quantity = "1", from: Books = books): Priced {
  const answer = from.prices.answer({ ref: "r", customer, sku, quantity });
  if (answer.status !== "priced") throw new Error(`${sku} has no price for ${customer}: ${answer.message}`);
  return answer;
}

/** What the customer pays, without who it is. */
function paid({ customer: _, ...rest }: Priced) {
  return rest;
}

describe("prices of the demonstration ERP", () => {
  test("customers that name one price scope pay the same for every SKU and quantity", () => {
    const groups = groupByScope();
    const anyPair = fc
      .constantFrom(...groups.values())
      .chain((group) => fc.tuple(fc.constantFrom(...group), fc.constantFrom(...group)));
    fc.assert(
      fc.property(anyPair, anySku, anyQuantity, ([one, other], sku, quantity) => {
        expect(paid(priceFor(one, sku, quantity))).toEqual(paid(priceFor(other, sku, quantity)));
      }),
    );
  });

  test("twelve scopes are shared, and a fifth of the customers has prices of its own that differ from each other's", () => {
    const groups = groupByScope();
    expect([...groups.keys()].sort()).toEqual(priceLists.map(({ code }) => code).sort());
    expect(Math.min(...[...groups.values()].map((group) => group.length))).toBeGreaterThan(1);
    const own = codes.filter((code) => books.customers.find(code)?.priceScope === undefined);
    expect(own).toHaveLength(60);
    const sample = books.catalogue.skusFrom(0, 100);
    const paidByEach = own.map((code) => JSON.stringify(sample.map((sku) => priceFor(code, sku).unitPrice)));
    expect(new Set(paidByEach).size).toBe(60);
  });

  test("the price at the asked quantity is what the ladder says, and a ladder falls from its lowest quantity on", () => {
    fc.assert(
      fc.property(fc.constantFrom(null, ...codes), anySku, anyQuantity, (customer, sku, quantity) => {
        const { unitPrice, tiers = [], minimumQuantity } = priceFor(customer, sku, quantity);
        const reached = tiers.filter(({ from }) => compareDecimals(from, quantity) <= 0).at(-1) ?? tiers[0];
        expect(unitPrice).toBe(reached?.unitPrice ?? unitPrice);
        expect(tiers[0]?.from ?? minimumQuantity).toBe(minimumQuantity);
        for (const [at, tier] of tiers.slice(1).entries()) {
          expect(compareDecimals(tier.from, tiers[at]!.from)).toBe(1);
          expect(compareDecimals(tier.unitPrice, tiers[at]!.unitPrice)).toBeLessThanOrEqual(0);
        }
      }),
    );
  });

  test("every answer keeps to the port's description and is above 0", () => {
    fc.assert(
      fc.property(fc.constantFrom(null, ...codes), anySku, anyQuantity, (customer, sku, quantity) => {
        const answer = priceFor(customer, sku, quantity);
        expect(wrongInPriceLine(answer)).toEqual([]);
        for (const { unitPrice } of [answer, ...(answer.tiers ?? [])]) expect(compareDecimals(unitPrice, "0")).toBe(1);
      }),
    );
  });

  test("the same seed says the same, another seed something else", () => {
    const ask = (from: Books) => from.catalogue.skusFrom(0, 200).map((sku) => priceFor("C0005", sku, "7", from));
    expect(ask(booksOf())).toEqual(ask(books));
    expect(ask(booksOf({ seed: 2 }))).not.toEqual(ask(books));
  });

  test.each([
    // INSTALLATEUR: 22 % off electricity, 25 % off plumbing, 20.75 % off heating.
    ["C0001", "ELEC-00001", "1", "9.368805", "7.307668"], // × 0.78 = 7.3076679
    ["C0001", "PLOM-00001", "1", "10.11", "7.5825"],
    ["C0001", "CHAU-00001", "1", "286.84", "227.3207"],
    // INDUSTRIE: 20 % off, and 9 % more from 100 times the minimum of 10 m.
    ["C0004", "PLOM-00001", "1000", "10.11", "7.3601"], // × 0.8 × 0.91 = 7.36008
    // COMPTOIR: 3 % off, told with 20 % tax.
    ["C0009", "PLOM-00001", "1", "10.11", "11.7680"], // × 0.97 × 1.2 = 11.76804
    // A contract of its own: 25.5 % off plumbing.
    ["C0010", "PLOM-00001", "1", "10.11", "7.5320"], // × 0.745 = 7.53195, half up
    // EXPORT-GB, in pounds at 0.8542 a euro: 11 % off.
    ["C0011", "PLOM-00001", "1", "10.11", "7.6860"], // × 0.8542 × 0.89 = 7.68600618
  ])(
    "%s pays for %s, %s units, the public %s less its percentages, once rounded: %s",
    (customer, sku, quantity, listed, expected) => {
      expect(priceFor(null, sku).unitPrice).toBe(listed);
      expect(priceFor(customer, sku, quantity).unitPrice).toBe(expected);
    },
  );

  test("quantity breaks count in the product's own quantities", () => {
    const { tiers = [] } = priceFor("C0004", "QUIN-00001", "500");
    expect(tiers.map(({ from }) => from)).toEqual(["100", "500", "2000", "10000"]);
  });

  test("prices are in the customer's currency unless the line asks for another one that the ERP keeps", () => {
    expect(priceFor("C0025", "CAFE-00001").currency).toBe("CHF");
    const ask = (currency: string) =>
      books.prices.answer({ ref: "r", customer: "C0025", sku: "CAFE-00001", quantity: "1", currency });
    expect(ask("EUR")).toMatchObject({ status: "priced", currency: "EUR" });
    expect(ask("JPY")).toMatchObject({ status: "error", message: expect.stringContaining("JPY") });
  });

  test("one price list has fixed net prices, without breaks, for some SKUs alone", () => {
    const ratios = books.catalogue.skusFrom(0, 600).map((sku) => {
      const [listed, own] = [priceFor(null, sku).unitPrice, priceFor("C0007", sku).unitPrice].map(Number);
      return Math.round((100 * own!) / listed!);
    });
    // TARIF-NET: 5 % off, or 36.5 % as a net price for one in three.
    const netPriced = ratios.filter((ratio) => ratio < 70).length;
    expect(netPriced).toBeGreaterThan(150);
    expect(netPriced).toBeLessThan(250);
    expect(ratios.filter((ratio) => ratio >= 70 && (ratio < 94 || ratio > 96))).toEqual([]);
  });

  test("a contract is named after its customer, and its net prices alone have no breaks", () => {
    const answers = books.catalogue.skusFrom(0, 300).map((sku) => priceFor("C0010", sku));
    expect(new Set(answers.map(({ priceList }) => priceList))).toEqual(new Set(["CONTRAT-C0010"]));
    const flat = answers.filter(({ tiers }) => tiers?.length === 0);
    expect(flat.length).toBeGreaterThan(10);
    expect(flat.length).toBeLessThan(50); // one in twelve of 300, give or take
    const ratios = flat.map(({ sku, unitPrice }) => Number(unitPrice) / Number(priceFor(null, sku).unitPrice));
    expect(ratios.every((ratio) => Math.abs(ratio - 0.635) < 0.001)).toBe(true);
  });

  test("one list ends at midnight and says so, and goes on at the same prices", () => {
    const clock = new ManualClock(Date.UTC(2026, 10, 24, 23, 59, 59));
    const night = booksOf({ clock });
    const before = priceFor("C0008", "CAFE-00001", "1", night);
    expect(before.validUntil).toBe("2026-11-25T00:00:00.000Z");
    expect(priceFor("C0004", "CAFE-00001", "1", night).validUntil).toBeUndefined();
    void clock.advance(1_000);
    const after = priceFor("C0008", "CAFE-00001", "1", night);
    expect(after).toMatchObject({ validUntil: "2026-11-26T00:00:00.000Z", unitPrice: before.unitPrice });
  });

  test("an unknown customer, an unknown SKU and a quantity of nothing are each told, with the line's echo", () => {
    const ask = (customer: string | null, sku: string, quantity: string) =>
      books.prices.answer({ ref: "r7", customer, sku, quantity });
    expect(ask("C0301", "ELEC-00001", "1")).toMatchObject({ ref: "r7", customer: "C0301", status: "unknown-customer" });
    expect(ask("", "ELEC-00001", "1").status).toBe("unknown-customer");
    expect(ask("C0001", "ELEC-99999", "1")).toMatchObject({ ref: "r7", sku: "ELEC-99999", status: "unknown" });
    expect(ask(null, "ELEC-00001", "0")).toMatchObject({ status: "error", message: expect.stringContaining("0") });
    expect(ask(null, "ELEC-00001", "-1").status).toBe("error");
  });

  test("where some SKUs tell a single quantity, these have no tiers, and the others still do", () => {
    const mixed = booksOf({ singleQuantityOneIn: 2 });
    const told = mixed.catalogue.skusFrom(0, 4).map((sku) => priceFor("C0004", sku, "1", mixed).tiers !== undefined);
    expect(told).toEqual([false, true, false, true]);
    expect(books.catalogue.skusFrom(0, 300).filter((sku) => priceFor(null, sku).tiers === undefined)).toEqual([]);
  });

  test("prices stand still unless they are let move, and then stay near the list price", async () => {
    const clock = new ManualClock();
    const [still, moving] = [booksOf({ clock }), booksOf({ clock, pricesMove: true })];
    const sample = still.catalogue.skusFrom(0, 50);
    const ask = (from: Books) => sample.map((sku) => Number(priceFor(null, sku, "1", from).unitPrice));
    const [stillBefore, movingBefore] = [ask(still), ask(moving)];
    await clock.advance(3 * 3_600_000);
    expect(ask(still)).toEqual(stillBefore);
    expect(ask(moving)).not.toEqual(movingBefore);
    const farthest = ask(moving).map((price, at) => Math.abs(price / stillBefore[at]! - 1));
    expect(Math.max(...farthest)).toBeLessThan(0.0301);
  });
});

describe("customers of the demonstration ERP", () => {
  test("all 300 keep to the port's description, some blocked, some without a credit limit, most in euros", () => {
    const records = codes.map((code) => books.customers.find(code));
    expect(records.flatMap(wrongInCustomer)).toEqual([]);
    expect(records.filter((record) => record?.blocked).map((record) => record?.code)).toHaveLength(6);
    expect(records.some((record) => record?.creditLimit === undefined)).toBe(true);
    expect(records.filter((record) => record?.currency === "EUR").length).toBeGreaterThan(200);
    expect(new Set(records.map((record) => record?.currency))).toEqual(new Set(["EUR", "CHF", "GBP"]));
  });

  test("no customer has more credit left than its limit", () => {
    for (const code of codes) {
      const { creditLimit = "0", creditAvailable = "0" } = books.customers.find(code) ?? {};
      expect(compareDecimals(creditAvailable, creditLimit)).toBeLessThanOrEqual(0);
    }
  });

  test.each(["C0000", "C0301", "C001", "c0001", "C00001", "", "C0001 "])("there is no customer %j", (code) => {
    expect(books.customers.find(code)).toBeNull();
  });
});

function groupByScope(): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const code of codes) {
    const scope = books.customers.find(code)?.priceScope;
    if (scope !== undefined) groups.set(scope, [...(groups.get(scope) ?? []), code]);
  }
  return groups;
}
