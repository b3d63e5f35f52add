import { describe, expect, test } from "vitest";
import { ErpBadAnswer, ErpTimeout, ErpUnavailable } from "../../../src/errors.js";
import { type CartReading, type LastKnownRule, usualCharges } from "../../../src/pricing/cart/cart.js";
import { judgeCart } from "../../../src/pricing/cart/judge-cart.js";
import type { QuoteCheck } from "../../../src/pricing/quotes.js";
import { failed } from "../../../src/pricing/source.js";
import { customerOf, foundAt, ladderOf, stockOf, unknownAt } from "../../support/samples.js";
import { cartOf, honoured, now, readingOf } from "./cart-samples.js";

const down = failed(new ErpUnavailable("gone"));
const judge = (reading: CartReading, lastKnown: LastKnownRule | null = null) =>
  judgeCart(reading, { charges: usualCharges, lastKnown });
const judgeOne = (parts: Parameters<typeof readingOf>[0], cart: Partial<CartReading> = {}) => {
  const judged = judge(cartOf([readingOf(parts)], cart));
  const line = judged.lines[0]!;
  return { ...judged, price: line.price, stock: line.stock, lineNet: line.lineNet };
};
const priced = (parts: Parameters<typeof ladderOf>[0]) => foundAt(ladderOf(parts), now);
const stocked = (available: string, parts: Parameters<typeof stockOf>[0] = {}) =>
  foundAt(stockOf({ warehouses: [{ code: "W", available }], ...parts }), now);

describe("the price of a line", () => {
  test.each([
    [null, "10.00", "UNCHANGED", "ACCEPT", []],
    ["10", "10.000000", "UNCHANGED", "ACCEPT", []],
    ["10.000001", "10", "DROPPED", "ACCEPT", ["PRICE_DROPPED"]],
    ["9.999999", "10", "RAISED", "NEEDS_CONSENT", ["PRICE_RAISED"]],
    ["0", "0.00", "UNCHANGED", "ACCEPT", []],
  ])("shown %s, now %s, is %s", (shownNet, unitPrice, verdict, cartVerdict, reasons) => {
    const judged = judgeOne({ line: { shownNet }, price: priced({ unitPrice }) });
    expect([judged.price.verdict, judged.price.reasons, judged.verdict]).toEqual([verdict, reasons, cartVerdict]);
    expect(judged.price.charge?.net).toBe(unitPrice);
  });

  test.each([
    ["1", "2", "1", "QUANTITY_BELOW_MINIMUM"],
    ["5", "2", "2", "QUANTITY_OFF_INCREMENT"],
    ["0.3", "0.1", "0.1", null],
    ["0.35", "0.1", "0.1", "QUANTITY_OFF_INCREMENT"],
    ["3", "1", "0", null],
    ["999999999999999.999999", "1", "0.000001", null],
  ])("%s units, at least %s in steps of %s: %s", (quantity, minimumQuantity, quantityIncrement, reason) => {
    const stock = stocked("999999999999999.999999");
    const judged = judgeOne({ line: { quantity }, stock, price: priced({ minimumQuantity, quantityIncrement }) });
    expect(judged.price.verdict).toBe(reason === null ? "UNCHANGED" : "QUANTITY_NOT_ALLOWED");
    expect(judged.price.reasons).toEqual(reason === null ? [] : [reason]);
    expect(judged.verdict).toBe(reason === null ? "ACCEPT" : "REJECT");
  });

  test("an SKU that the ERP does not know is rejected, whatever was quoted", () => {
    const judged = judgeOne({ price: unknownAt(now), stock: unknownAt(now), quote: honoured() });
    expect(judged.price).toMatchObject({ verdict: "UNKNOWN_SKU", charge: null, reasons: ["SKU_UNKNOWN"] });
    expect([judged.stock.verdict, judged.verdict, judged.netTotal]).toEqual(["UNKNOWN_SKU", "REJECT", null]);
  });

  test.each([down, failed(new ErpTimeout("late")), failed(new ErpBadAnswer("garbage"))])(
    "a price that could not be read is unverified, and the cart has no total",
    (price) => {
      const judged = judgeOne({ price, line: { shownNet: "10" } });
      expect(judged.price).toMatchObject({ verdict: "UNVERIFIED", charge: null, reasons: ["PRICE_UNVERIFIED"] });
      expect([judged.verdict, judged.stock.verdict, judged.netTotal]).toEqual(["UNVERIFIED", "AVAILABLE", null]);
    },
  );

  test("lines in another currency than the cart's are unverified: nothing is converted, nor added up", () => {
    const lines = [
      readingOf({ price: priced({ currency: "EUR" }) }),
      readingOf({ line: { key: "2", sku: "B" }, price: priced({ sku: "B", currency: "USD" }) }),
    ];
    const judged = judge(cartOf(lines));
    expect(judged.lines.map(({ price }) => price.verdict)).toEqual(["UNCHANGED", "UNVERIFIED"]);
    expect(judged.lines[1]?.price.reasons).toEqual(["CURRENCY_MISMATCH"]);
    expect([judged.currency, judged.netTotal]).toEqual(["EUR", null]);
  });
});

describe("a quote", () => {
  test.each([
    ["9.00", "10.00", "9.00"],
    ["10.00", "9.00", "9.00"],
    ["10", "10.00", "10.00"],
  ])("of %s while the price is %s charges %s", (quoted, live, charged) => {
    const judged = judgeOne({
      line: { shownNet: "8" },
      quote: honoured({ net: quoted }),
      price: priced({ unitPrice: live }),
    });
    expect(judged.price).toMatchObject({ verdict: "QUOTED", quoteStatus: "HONOURED", reasons: [] });
    expect([judged.price.charge?.net, judged.verdict]).toEqual([charged, "ACCEPT"]);
  });

  test("for a hundred units is compared by the unit", () => {
    const quote = honoured({ net: "900", priceUnit: "100" });
    const judged = judgeOne({ quote, line: { quantity: "3" }, price: priced({ unitPrice: "10" }) });
    expect(judged.price.charge).toMatchObject({ net: "900", priceUnit: "100", gross: "1080" });
    expect(judged.lineNet).toBe("27.00");
  });

  test("holds while the price cannot be read; the stock stays what it is", () => {
    const judged = judgeOne({ price: down, stock: down, quote: honoured({ net: "9.5" }) });
    expect(judged.price).toMatchObject({ verdict: "QUOTED", quoteStatus: "HONOURED" });
    expect([judged.stock.verdict, judged.verdict, judged.netTotal]).toEqual(["UNVERIFIED", "UNVERIFIED", "9.50"]);
    expect(judgeOne({ price: down, quote: honoured() }).verdict).toBe("ACCEPT");
  });

  test("promises the price before tax: the tax is the one that holds now", () => {
    const judged = judgeOne({ quote: honoured({ net: "5", taxRate: "20" }), price: priced({ taxRate: "10" }) });
    expect(judged.grossTotal).toBe("5.50");
  });

  test.each(["EXPIRED", "FOREIGN", "INVALID", "OTHER_LINE"] as const)(
    "that is %s changes nothing, and says so",
    (status) => {
      const judged = judgeOne({ quote: { status }, line: { shownNet: "9" } });
      expect(judged.price).toMatchObject({ verdict: "RAISED", quoteStatus: status });
      expect(judged.price.reasons).toEqual([`QUOTE_${status}`, "PRICE_RAISED"]);
    },
  );

  test.each<[string, QuoteCheck]>([
    ["another unit of measure", honoured({ unit: "box" })],
    ["another currency", honoured({}, "USD")],
  ])("for %s is another line's", (_, quote) => {
    expect(judgeOne({ quote }).price).toMatchObject({ verdict: "UNCHANGED", quoteStatus: "OTHER_LINE" });
  });

  test("does not make a quantity allowed that the ERP does not sell", () => {
    const judged = judgeOne({ quote: honoured(), price: priced({ minimumQuantity: "2" }) });
    expect([judged.price.verdict, judged.verdict]).toEqual(["QUANTITY_NOT_ALLOWED", "REJECT"]);
  });
});

describe("the stock of a line", () => {
  test.each([
    ["3", "3", false, "AVAILABLE", "ACCEPT"],
    ["3", "2.999999", false, "PARTIAL", "NEEDS_CONSENT"],
    ["3", "0", false, "OUT_OF_STOCK", "REJECT"],
    ["3", "-1", false, "OUT_OF_STOCK", "REJECT"],
    ["3", "2", true, "BACKORDER", "ACCEPT"],
    ["3", "0", true, "BACKORDER", "ACCEPT"],
    ["3", "3", true, "AVAILABLE", "ACCEPT"],
  ])("%s wanted, %s there, beyond it %s: %s", (quantity, available, backorder, verdict, cartVerdict) => {
    const stock = stocked(available, { backorder, restockDate: "2026-12-01" });
    const judged = judgeOne({ line: { quantity }, stock });
    expect([judged.stock.verdict, judged.verdict]).toEqual([verdict, cartVerdict]);
    expect(judged.stock.available).toBe(available === "-1" ? "0" : available);
    expect(judged.stock.restockDate).toBe(verdict === "AVAILABLE" ? null : "2026-12-01");
  });

  const two = foundAt(
    stockOf({
      warehouses: [
        { code: "LYON", available: "4" },
        { code: "PARIS", available: "3" },
      ],
    }),
    now,
  );
  const share = (...lines: [quantity: string, warehouse: string | null][]) =>
    judge(
      cartOf(
        lines.map(([quantity, warehouse], n) => readingOf({ line: { key: `${n}`, quantity, warehouse }, stock: two })),
      ),
    ).lines.map(({ stock }) => [stock.verdict, stock.available]);

  test("is shared by the lines of one SKU, in their order", () => {
    expect(share(["5", null], ["3", null], ["1", null])).toEqual([
      ["AVAILABLE", "7"],
      ["PARTIAL", "2"],
      ["OUT_OF_STOCK", "0"],
    ]);
  });

  test("is the warehouse's that the line names, and no more than the lines before left over all", () => {
    expect(share(["3", "PARIS"], ["1", "PARIS"], ["4", "LYON"])).toEqual([
      ["AVAILABLE", "3"],
      ["OUT_OF_STOCK", "0"],
      ["AVAILABLE", "4"],
    ]);
    expect(share(["6", null], ["4", "LYON"])).toEqual([
      ["AVAILABLE", "7"],
      ["PARTIAL", "1"],
    ]);
    expect(share(["4", "LYON"], ["5", null])).toEqual([
      ["AVAILABLE", "4"],
      ["PARTIAL", "3"],
    ]);
  });

  test("that one warehouse owes is no debt of a line that names another one", () => {
    const owing = foundAt(
      stockOf({
        warehouses: [
          { code: "LYON", available: "-5" },
          { code: "PARIS", available: "3" },
          { code: "LILLE", available: "4" },
        ],
      }),
      now,
    );
    const shareOwing = (...lines: [quantity: string, warehouse: string | null][]) =>
      judge(
        cartOf(
          lines.map(([quantity, warehouse], n) =>
            readingOf({ line: { key: `${n}`, quantity, warehouse }, stock: owing }),
          ),
        ),
      ).lines.map(({ stock }) => [stock.verdict, stock.available]);
    expect(shareOwing(["3", "PARIS"], ["4", "LILLE"], ["1", null])).toEqual([
      ["AVAILABLE", "3"],
      ["AVAILABLE", "4"],
      ["OUT_OF_STOCK", "0"],
    ]);
    expect(shareOwing(["1", "LYON"], ["2", null], ["1", null], ["4", "LILLE"], ["3", "PARIS"])).toEqual([
      ["OUT_OF_STOCK", "0"],
      ["AVAILABLE", "2"],
      ["OUT_OF_STOCK", "0"],
      ["AVAILABLE", "4"],
      ["PARTIAL", "1"],
    ]);
  });

  test("of a warehouse that the ERP tells nothing of is none, and takes none from the others", () => {
    const judged = judge(
      cartOf([
        readingOf({ line: { quantity: "1", warehouse: "MARS" }, stock: two }),
        readingOf({ line: { key: "2", quantity: "7" }, stock: two }),
      ]),
    );
    expect(judged.lines.map(({ stock }) => [stock.verdict, stock.reasons])).toEqual([
      ["OUT_OF_STOCK", ["WAREHOUSE_UNKNOWN"]],
      ["AVAILABLE", []],
    ]);
  });
});

describe("the verdict on the cart", () => {
  const raised = readingOf({ line: { key: "raised", shownNet: "1" } });
  const dead = readingOf({ line: { key: "dead" }, price: down });
  const gone = readingOf({ line: { key: "gone", sku: "G" }, stock: stocked("0") });

  test("is REJECT before UNVERIFIED before NEEDS_CONSENT before ACCEPT", () => {
    expect(judge(cartOf([raised, dead, gone])).verdict).toBe("REJECT");
    expect(judge(cartOf([raised, dead])).verdict).toBe("UNVERIFIED");
    expect(judge(cartOf([raised, readingOf()])).verdict).toBe("NEEDS_CONSENT");
    expect(judge(cartOf([readingOf()])).verdict).toBe("ACCEPT");
    expect(judge(cartOf([raised, dead, gone])).reasons).toEqual([
      "LINES_REJECTED",
      "LINES_UNVERIFIED",
      "LINES_NEED_CONSENT",
    ]);
  });

  test("is REJECT for a customer that is blocked, even where no price could be read", () => {
    const customer = foundAt(customerOf({ blocked: true }), now);
    expect(judge(cartOf([dead], { customer }))).toMatchObject({ verdict: "REJECT" });
    expect(judge(cartOf([readingOf()], { customer })).reasons).toEqual(["CUSTOMER_BLOCKED"]);
  });

  test("is UNVERIFIED where the customer's record could not be read", () => {
    const judged = judge(cartOf([readingOf()], { customer: down }));
    expect([judged.verdict, judged.reasons]).toEqual(["UNVERIFIED", ["CUSTOMER_UNVERIFIED"]]);
  });

  test.each([
    ["12.00", "EUR", "EUR", false, "20", "ACCEPT"],
    ["11.99", "EUR", "EUR", false, "20", "REJECT"],
    ["11.99", "EUR", "EUR", true, "20", "REJECT"],
    ["10.00", "EUR", "EUR", false, null, "ACCEPT"],
    ["9.99", "EUR", "EUR", false, null, "REJECT"],
    ["-1", "EUR", "EUR", false, "20", "REJECT"],
    ["1", "USD", "EUR", true, "20", "ACCEPT"],
    ["1", null, "EUR", false, "20", "REJECT"],
    ["1", null, "EUR", true, "20", "REJECT"],
    [null, "EUR", "EUR", false, "20", "ACCEPT"],
  ])(
    "credit of %s %s, a cart in %s (named: %s) taxed %s: %s",
    (creditAvailable, own, currency, isCurrencyNamed, taxRate, verdict) => {
      const customer = foundAt(customerOf({ currency: own, creditAvailable }), now);
      const line = readingOf({ price: priced({ unitPrice: "10", taxRate, currency }) });
      const judged = judge(cartOf([line], { customer, currency: isCurrencyNamed ? currency : own }));
      expect(judged.verdict).toBe(verdict);
      if (verdict === "REJECT") expect(judged.reasons).toEqual(["CREDIT_EXCEEDED"]);
    },
  );
});

describe("last known prices", () => {
  const rule: LastKnownRule = { maxAgeMs: 600_000, maxTotals: new Map([["EUR", "12"]]) };
  const keptFor = (ageMs: number, parts: Parameters<typeof ladderOf>[0] = {}) => {
    const known = foundAt(ladderOf(parts), now - ageMs);
    return { ...known, freshness: { ...known.freshness, source: "LAST_KNOWN" as const } };
  };
  const deadLine = (ageMs: number, parts: Parameters<typeof ladderOf>[0] = {}) =>
    readingOf({ price: down, lastKnown: keptFor(ageMs, parts), line: { shownNet: "10" } });

  test("are told and not charged, unless a rule lets them through", () => {
    const judged = judge(cartOf([deadLine(1)]));
    expect(judged.verdict).toBe("UNVERIFIED");
    expect(judged.lines[0]?.price).toMatchObject({ verdict: "UNVERIFIED", charge: { net: "10.00" } });
    expect(judged.lines[0]?.lineNet).toBe("10.00");
    expect(judged.netTotal).toBeNull();
  });

  test("are charged within age and total, and marked", () => {
    const judged = judge(cartOf([deadLine(600_000, { validUntil: now + 1 })]), rule);
    expect([judged.verdict, judged.grossTotal]).toEqual(["ACCEPT", "12.00"]);
    expect(judged.lines[0]?.price).toMatchObject({
      verdict: "UNCHANGED",
      reasons: ["PRICE_LAST_KNOWN"],
      freshness: { source: "LAST_KNOWN" },
    });
  });

  test("still need the buyer's consent where they rose", () => {
    const judged = judge(cartOf([deadLine(1, { unitPrice: "10.000001" })]), {
      ...rule,
      maxTotals: new Map([["EUR", "100"]]),
    });
    expect(judged.verdict).toBe("NEEDS_CONSENT");
    expect(judged.lines[0]?.price.reasons).toEqual(["PRICE_LAST_KNOWN", "PRICE_RAISED"]);
  });

  test.each([
    ["too old", cartOf([deadLine(600_001)])],
    ["ended by the ERP's own word", cartOf([deadLine(1, { validUntil: now })])],
    ["too dear a cart", cartOf([deadLine(1), readingOf({ line: { key: "2", sku: "B" } })])],
    ["in a currency without a bound", cartOf([deadLine(1, { currency: "USD" })])],
    ["beside stock that is not known", cartOf([{ ...deadLine(1), stock: down }])],
    ["beside a record that is not known", cartOf([deadLine(1)], { customer: down })],
    ["beside a line of which nothing is kept", cartOf([deadLine(1), readingOf({ price: down })])],
  ])("are not enough: %s", (_, reading) => {
    // Nothing is charged that is not let through, and the line says so.
    expect(judge(reading, rule)).toEqual(judge(reading));
    expect(judge(reading, rule).verdict).toBe("UNVERIFIED");
  });
});
