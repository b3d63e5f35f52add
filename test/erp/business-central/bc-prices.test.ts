import { afterEach, describe, expect, test } from "vitest";
import { publicScope } from "../../../src/pricing/keys.js";
import { bcBooks, createTestBc, itemRecord, type TestBc } from "../../support/business-central.js";
import { own, readPrices } from "./bc-ask.js";

let under: TestBc;

async function open(...args: Parameters<typeof createTestBc>): Promise<void> {
  under = await createTestBc(...args);
}

afterEach(async () => {
  await under.connector.close();
  await under.fake.stop();
});

function booksWith(...items: ReturnType<typeof itemRecord>[]) {
  const books = bcBooks();
  books.lists["items"]?.push(...items);
  return books;
}

describe("public prices of Business Central", () => {
  test("are those on the items' cards, net and without a rate", async () => {
    await open();
    expect(await readPrices(under, [{ sku: "B 'X' & OR" }])).toMatchObject([
      {
        answer: {
          unitPrice: "19.99",
          currency: "EUR",
          taxBasis: "NET",
          taxRate: null,
          onlyQuantity: null,
          unit: "PCS",
        },
      },
    ]);
  });

  test("that include tax need its rate: else they are an error that names the setting", async () => {
    const books = () => booksWith(itemRecord("GROSS", 120, { priceIncludesTax: true }));
    await open(books());
    expect(await readPrices(under, [{ sku: "GROSS" }, { sku: "A-1" }])).toMatchObject([
      { kind: "failed", error: { message: expect.stringContaining("BC_TAX_RATE") } },
      { kind: "found" },
    ]);
    await under.connector.close();
    await under.fake.stop();
    await open(books(), { taxRate: "20" });
    expect(await readPrices(under, [{ sku: "GROSS" }])).toMatchObject([
      { answer: { unitPrice: "120", taxBasis: "GROSS", taxRate: "20" } },
    ]);
  });

  test("in another currency than the company's are the caller's mistake", async () => {
    await open();
    expect(await readPrices(under, [{ sku: "A-1", currency: "USD" }])).toMatchObject([
      { kind: "failed", error: { code: "BAD_USER_INPUT", message: expect.stringContaining("EUR") } },
    ]);
  });

  test("of blocked items are none", async () => {
    await open();
    expect(await readPrices(under, [{ sku: "GONE" }])).toMatchObject([{ kind: "unknown", what: "sku" }]);
  });

  test("are those of the customer who stands for the public, where one is set", async () => {
    await open(bcBooks(), { publicCustomer: "C1" });
    expect(await readPrices(under, [{ sku: "A-1", scope: publicScope }])).toMatchObject([
      { answer: { unitPrice: "80", taxRate: "20" } },
    ]);
  });

  test.each(["C99", "c1"])(
    "of a customer who does not exist (%s) are the setting's mistake, and no buyer's",
    async (publicCustomer) => {
      await open(bcBooks(), { publicCustomer });
      expect(await readPrices(under, [{ sku: "A-1" }])).toMatchObject([
        { kind: "failed", error: { code: "ERP_BAD_ANSWER", message: expect.stringContaining("BC_PUBLIC_CUSTOMER") } },
      ]);
    },
  );

  test("of a hundred items take one batch of five parts", async () => {
    const items = Array.from({ length: 100 }, (_, n) => itemRecord(`N-${n}`, n + 0.1));
    await open(booksWith(...items));
    await readPrices(under, [{ sku: "A-1" }]);
    under.fake.asked.length = 0;
    const outcomes = await readPrices(
      under,
      items.map(({ number }) => ({ sku: String(number) })),
    );
    expect(outcomes.map((each) => each.kind === "found" && each.answer.unitPrice)).toEqual(
      items.map((_, n) => `${n}.1`),
    );
    expect(under.fake.asked.map(({ parts }) => parts.length)).toEqual([5]);
  });
});

describe("customers' prices of Business Central", () => {
  test("are whole ladders, the discount of a line taken off exactly", async () => {
    await open();
    expect(await readPrices(under, [{ sku: "A-1", scope: own("C1") }])).toMatchObject([
      {
        answer: {
          ...{ unitPrice: "80", taxBasis: "NET", taxRate: "20", onlyQuantity: null },
          tiers: [{ unitPrice: "80" }, { from: "10", unitPrice: "70" }],
        },
      },
    ]);
  });

  test("of several customers share one batch, and none gets another's", async () => {
    await open();
    await readPrices(under, [{ sku: "A-1" }]);
    under.fake.asked.length = 0;
    const keys = [
      { sku: "A-1", scope: own("C1") },
      { sku: "A-1", scope: own("C2") },
      { sku: "A-1", scope: own("C3") },
    ];
    expect(await readPrices(under, keys)).toMatchObject([
      { answer: { unitPrice: "80", currency: "EUR" } },
      { answer: { unitPrice: "90", currency: "USD" } },
      { answer: { unitPrice: "100", currency: "EUR" } },
    ]);
    expect(under.fake.asked).toHaveLength(1);
  });

  test("are asked for letter by letter: c1 is not C1, a-1 not A-1, and what is too long is asked for at all", async () => {
    await open();
    const long = "X".repeat(21);
    const keys = [
      { sku: "A-1", scope: own("c1") },
      { sku: "a-1", scope: own("C1") },
      { sku: long, scope: own("C1") },
      { sku: "A-1", scope: own(" C1") },
    ];
    expect(await readPrices(under, keys)).toMatchObject([
      { kind: "unknown", what: "customer" },
      { kind: "unknown", what: "sku" },
      { kind: "unknown", what: "sku" },
      { kind: "unknown", what: "customer" },
    ]);
    expect(under.fake.asked.flatMap(({ parts }) => parts).filter((part) => part.includes("priceLines"))).toEqual([]);
  });

  test.each([
    ["customer", { customerNumber: "C2" }],
    ["item", { itemNumber: "B-1" }],
    ["currency", { currencyCode: "EUR" }],
  ])("told of another %s than the one asked are no answer", async (_, other) => {
    await open();
    const row = {
      ...{ outcome: "price", itemNumber: "A-1", customerNumber: "C1", currencyCode: "USD", quantity: 1 },
      ...{ unitPrice: 80, lineDiscountPercent: 0, priceIncludesTax: false, taxPercent: 20, taxIsKnown: true },
      ...{ unitOfMeasureCode: "PCS", isWholeLadder: true },
    };
    const read = async (told: object) => {
      under.fake.books.fault = (url) =>
        url.includes("priceLines") ? { status: 200, text: JSON.stringify({ value: [told] }) } : null;
      return readPrices(under, [{ sku: "A-1", scope: own("C1"), currency: "USD" }]);
    };
    expect(await read(row)).toMatchObject([{ kind: "found", answer: { unitPrice: "80", currency: "USD" } }]);
    expect(await read({ ...row, ...other })).toMatchObject([
      { kind: "failed", error: { code: "ERP_BAD_ANSWER", message: expect.stringContaining("Business Central told") } },
    ]);
  });

  test("in another currency are Business Central's own, and one that it has not is the caller's mistake", async () => {
    await open();
    const scope = own("C1");
    const keys = [
      { sku: "A-1", scope, currency: "USD" },
      { sku: "A-1", scope, currency: "CHF" },
    ];
    expect(await readPrices(under, keys)).toMatchObject([
      { answer: { currency: "USD" } },
      { kind: "failed", error: { code: "BAD_USER_INPUT", message: expect.stringContaining('"CHF"') } },
    ]);
  });

  test("are for the quantity asked alone where old price tables are in use", async () => {
    await open(booksWith(itemRecord("OLD", 5, { hasOldPrices: true })));
    expect(await readPrices(under, [{ sku: "OLD", scope: own("C1"), quantity: "7" }])).toMatchObject([
      { answer: { unitPrice: "5", tiers: [], onlyQuantity: "7" } },
    ]);
  });

  test("end with the day before which a line of a list ends, where the company is", async () => {
    await open();
    under.fake.books.prices.push({ item: "A-1", customer: null, from: 5, unitPrice: 75, until: "2026-12-24" });
    await under.clock.advance(Date.parse("2026-12-24T22:30:00Z") - under.clock.now());
    expect(await readPrices(under, [{ sku: "A-1", scope: own("C1") }])).toMatchObject([
      { answer: { validUntil: Date.parse("2026-12-24T23:00:00Z") } },
    ]);
    await under.clock.advance(3_600_000); // past midnight in Paris
    expect(await readPrices(under, [{ sku: "A-1", scope: own("C1") }])).toMatchObject([
      { answer: { validUntil: null } },
    ]);
  });

  test("that cannot be worked out are that SKU's error, and say nothing of the others", async () => {
    await open(booksWith(itemRecord("BROKEN", 1, { isBroken: true })));
    const scope = own("C1");
    expect(
      await readPrices(under, [
        { sku: "BROKEN", scope },
        { sku: "A-1", scope },
      ]),
    ).toMatchObject([
      { kind: "failed", error: { code: "ERP_BAD_ANSWER", message: expect.stringContaining("BROKEN") } },
      { kind: "found" },
    ]);
  });

  test("of a hundred keys take one batch of a hundred parts", async () => {
    const items = Array.from({ length: 100 }, (_, n) => itemRecord(`N-${n}`, n + 1));
    await open(booksWith(...items));
    await readPrices(
      under,
      items.map(({ number }) => ({ sku: String(number), scope: own("C3") })),
    );
    expect(under.fake.asked.at(-1)?.parts).toHaveLength(100);
  });
});
