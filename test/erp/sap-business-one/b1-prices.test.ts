import { afterEach, describe, expect, test } from "vitest";
import type { Ladder } from "../../../src/pricing/ladder.js";
import {
  b1Books,
  createTestB1,
  itemRecord,
  partnerRecord,
  periodRecord,
  specialRecord,
  type TestB1,
} from "../../support/sap-business-one.js";
import { b1Error } from "../../support/sap-business-one-fake.js";
import { own, readPrices } from "./b1-ask.js";

let under: TestB1;

async function open(...args: Parameters<typeof createTestB1>): Promise<void> {
  under = await createTestB1(...args);
}

afterEach(async () => {
  await under.connector.close();
  await under.fake.stop();
});

const batches = () => under.fake.asked.filter(({ request }) => request === "POST $batch");

/** Each question for a price, as it was sent. */
const asked = () =>
  batches()
    .flatMap(({ parts }) => parts)
    .filter((part) => part.startsWith("POST CompanyService_GetItemPrice"))
    .map((part) => JSON.parse(part.slice(part.indexOf("{"))).ItemPriceParams as Record<string, unknown>);

async function readOne(...key: Parameters<typeof readPrices>[1]): Promise<Ladder> {
  const [outcome] = await readPrices(under, key);
  if (outcome?.kind !== "found") throw new Error(JSON.stringify(outcome), { cause: outcome });
  return outcome.answer;
}

describe("prices of SAP Business One", () => {
  test("are the public price list's, net with the item's tax and inventory unit", async () => {
    await open();
    expect(await readOne({ sku: "A-1" })).toEqual({
      ...{ sku: "A-1", currency: "EUR", taxBasis: "NET", taxRate: "20", unit: "pc" },
      ...{ priceUnit: "1", minimumQuantity: "1", quantityIncrement: "1", priceList: null },
      ...{ unitPrice: "100", tiers: [], onlyQuantity: null, validUntil: null },
    });
    expect(asked()).toEqual([{ ItemCode: "A-1", PriceList: 1, Date: "2026-11-24", InventoryQuantity: 1 }]);
  });

  test("are a public customer's where one is set, and another list's where that is", async () => {
    await open(b1Books(), { publicCustomer: "C2" });
    expect((await readOne({ sku: "A-1" })).unitPrice).toBe("90");
    await under.connector.close();
    await under.fake.stop();
    await open(b1Books(), { publicPriceList: 2 });
    expect((await readOne({ sku: "A-1" })).unitPrice).toBe("90");
  });

  test("of a customer have the breaks of his special prices, and those of the list for all", async () => {
    const books = b1Books();
    books.lists["SpecialPrices"]?.push(
      specialRecord("A-1", "*2", 90, {
        SpecialPriceDataAreas: [periodRecord("2026-01-01", null, { 5: 85, 50: 80.5 }, 90)],
      }),
    );
    await open(books);
    const first = await readOne({ sku: "A-1", scope: own("C1"), quantity: "3" });
    expect(first).toMatchObject({ unitPrice: "80", onlyQuantity: null });
    expect(first.tiers).toEqual([
      { from: "1", unitPrice: "80" },
      { from: "10", unitPrice: "70" },
    ]);
    expect((await readOne({ sku: "A-1", scope: own("C2") })).tiers).toEqual([
      { from: "1", unitPrice: "90" },
      { from: "5", unitPrice: "85" },
      { from: "50", unitPrice: "80.5" },
    ]);
  });

  test("of many customers and the public share a call, each in its own name", async () => {
    await open();
    const keys = [own("C2"), own("C1"), own("C3")].map((scope) => ({ sku: "A-1", scope }));
    const outcomes = await readPrices(under, [...keys, { sku: "A-1" }]);
    const prices = outcomes.map((outcome) => outcome.kind === "found" && outcome.answer.unitPrice);
    expect(prices).toEqual(["90", "80", "100", "100"]);
    // The ground data, what is known of items and customers, and the prices.
    expect(batches()).toHaveLength(3);
  });

  test("end where a special price, one of its periods or the price list begins or is over, by the day there", async () => {
    const books = b1Books();
    const areas = [
      periodRecord("2026-01-01", "2026-11-30", { 10: 70 }, 80),
      periodRecord("2026-12-24", null, { 3: 60 }, 75),
    ];
    books.lists["SpecialPrices"] = [
      specialRecord("A-1", "C1", 80, { SpecialPriceDataAreas: areas, ValidTo: "2027-06-30" }),
      specialRecord("A-1", "C3", 80, { ValidTo: "9999-12-31" }),
    ];
    books.lists["PriceLists"]?.splice(1, 1, {
      PriceListNo: 2,
      IsGrossPrice: "tNO",
      ValidFrom: "2020-01-01",
      ValidTo: "2026-12-31",
    });
    await open(books);
    const [first, second, third] = await readPrices(
      under,
      ["C1", "C2", "C3"].map((code) => ({ sku: "A-1", scope: own(code) })),
    );
    expect(first).toMatchObject({ answer: { validUntil: Date.parse("2026-11-30T23:00:00Z") } });
    // What is over, or has not begun, breaks nothing yet.
    expect(asked().map(({ InventoryQuantity }) => InventoryQuantity)).toEqual([1, 10, 1, 1]);
    expect(second).toMatchObject({ answer: { validUntil: Date.parse("2026-12-31T23:00:00Z") } });
    expect(third).toMatchObject({ answer: { validUntil: null } });
  });

  test("of a break in another unit than the inventory's are told for the quantity asked alone, and so are more than twenty breaks", async () => {
    const books = b1Books();
    const inBoxes = periodRecord("2026-01-01", null, { 10: 70 }, 80);
    const [step] = inBoxes["SpecialPriceQuantityAreas"] as object[];
    const many = Object.fromEntries(Array.from({ length: 21 }, (_, n) => [String(n + 2), 90 - n]));
    books.lists["SpecialPrices"] = [
      specialRecord("A-1", "C1", 80, {
        SpecialPriceDataAreas: [{ ...inBoxes, SpecialPriceQuantityAreas: [{ ...step, UoMEntry: 7 }] }],
      }),
      specialRecord("SERVICE", "*1", 50, { SpecialPriceDataAreas: [periodRecord("2026-01-01", null, many, 50)] }),
    ];
    await open(books);
    expect(await readOne({ sku: "A-1", scope: own("C1"), quantity: "12" })).toMatchObject({
      unitPrice: "70",
      tiers: [],
      onlyQuantity: "12",
    });
    expect(await readOne({ sku: "SERVICE", quantity: "4" })).toMatchObject({
      unitPrice: "88",
      tiers: [],
      onlyQuantity: "4",
    });
  });

  test("are told for the quantity asked alone where special prices may not be read", async () => {
    await open();
    under.fake.books.fault = (request) => (request.startsWith("GET SpecialPrices") ? b1Error("v2", 403, -1) : null);
    expect(await readOne({ sku: "A-1", scope: own("C1"), quantity: "10" })).toMatchObject({
      unitPrice: "70",
      onlyQuantity: "10",
    });
    expect(await under.connector.checkSetup?.(AbortSignal.timeout(5000))).toEqual([
      expect.stringMatching(/special prices.*SAPB1_DISCOUNT/),
    ]);
  });

  test("of an item with units of its own are asked in its inventory unit, digit for digit", async () => {
    const books = b1Books();
    books.lists["Items"]?.push(
      itemRecord("KG", { 1: 3.5 }, { UoMGroupEntry: 4, InventoryUoMEntry: 9, InventoryUOM: "kg" }),
    );
    books.lists["SpecialPrices"] = [];
    await open(books);
    under.fake.books.fault = (request) => (request.startsWith("GET SpecialPrices") ? b1Error("v2", 400, -1) : null);
    await readOne({ sku: "KG", quantity: "100000000000.123456" });
    const part = batches().at(-1)?.parts.at(-1);
    expect(part).toContain(
      '"UoMEntry":9,"Date":"2026-11-24","InventoryQuantity":100000000000.123456,"UoMQuantity":100000000000.123456}',
    );
  });

  test("go by the day in SAPB1_TIME_ZONE", async () => {
    await open(b1Books(), { timeZone: "Pacific/Auckland" });
    await under.clock.advance(2 * 3_600_000);
    await readOne({ sku: "A-1" });
    expect(asked()[0]).toMatchObject({ Date: "2026-11-25" });
  });
});

describe("tax of SAP Business One", () => {
  test.each([
    ["the item's group, of today", {}, "20"],
    ["the customer's own group before the item's", { VatGroup: "C2" }, "5.5"],
    ["nothing for who is exempt", { VatLiable: "vExempted", VatGroup: "C2" }, "0"],
    ["untold for who is in the EU without a group", { VatLiable: "vEC" }, null],
    ["the own group of who is in the EU", { VatLiable: "vEC", VatGroup: "C2" }, "5.5"],
  ])("is %s", async (_, more, taxRate) => {
    const books = b1Books();
    books.lists["BusinessPartners"]?.push(partnerRecord("C9", more));
    await open(books);
    expect((await readOne({ sku: "A-1", scope: own("C9") })).taxRate).toBe(taxRate);
  });

  test.each([400, 403])("is untold where the item has no group, or groups cannot be read (HTTP %d)", async (status) => {
    const books = b1Books();
    books.lists["Items"]?.push(itemRecord("US", { 1: 5 }, { SalesVATGroup: null }));
    await open(books);
    expect((await readOne({ sku: "US" })).taxRate).toBe(null);
    await under.clock.advance(11 * 60_000);
    under.fake.books.fault = (request) => (request.startsWith("GET VatGroups") ? b1Error("v2", status, -1) : null);
    expect((await readOne({ sku: "A-1" })).taxRate).toBe(null);
  });

  test("is not left out because the ERP had too much to do when its groups were read", async () => {
    await open();
    under.fake.books.fault = (request) => (request.startsWith("GET VatGroups") ? b1Error("v2", 503, -1) : null);
    await expect(readPrices(under, [{ sku: "A-1" }])).rejects.toMatchObject({ code: "ERP_OVERLOADED" });
    under.fake.books.fault = () => null;
    expect((await readOne({ sku: "A-1" })).taxRate).toBe("20");
  });

  test("is included in the prices of a gross list, and an error where its rate is not known", async () => {
    const books = b1Books();
    books.lists["Items"]?.push(itemRecord("G", { 3: 12 }), itemRecord("G0", { 3: 12 }, { SalesVATGroup: null }));
    await open(books, { publicPriceList: 3 });
    expect(await readOne({ sku: "G" })).toMatchObject({ taxBasis: "GROSS", taxRate: "20", unitPrice: "12" });
    expect(await readPrices(under, [{ sku: "G0" }])).toMatchObject([
      { kind: "failed", error: { code: "ERP_BAD_ANSWER" } },
    ]);
  });

  test("is an error where a special price of today is made from a gross list, and the customer's own is net", async () => {
    const books = b1Books();
    const over = { ...periodRecord("2026-01-01", "2026-11-23", {}, 80), PriceListNo: 3 };
    books.lists["SpecialPrices"] = [
      specialRecord("A-1", "C1", 80, { PriceListNum: 3 }),
      specialRecord("A-1", "C2", 80, { SpecialPriceDataAreas: [over] }),
      specialRecord("A-1", "C3", 80, { PriceListNum: 3, ValidTo: "2026-11-23" }),
    ];
    await open(books);
    const outcomes = await readPrices(
      under,
      ["C1", "C2", "C3"].map((code) => ({ sku: "A-1", scope: own(code) })),
    );
    expect(outcomes).toMatchObject([
      { kind: "failed", error: { code: "ERP_BAD_ANSWER" } },
      { kind: "found" },
      { kind: "found" },
    ]);
  });
});

describe("currencies of SAP Business One", () => {
  test("are told by their international codes, and asked by the company's own", async () => {
    const books = b1Books();
    const ItemPrices = [{ PriceList: 1, Price: 10, Currency: "$", AdditionalPrice1: 9, AdditionalCurrency1: "EUR" }];
    books.lists["Items"]?.push(itemRecord("M", {}, { ItemPrices }));
    await open(books);
    expect(await readOne({ sku: "M" })).toMatchObject({ currency: "USD", unitPrice: "10" });
    expect(await readOne({ sku: "M", currency: "EUR" })).toMatchObject({ currency: "EUR", unitPrice: "9" });
    expect(await readOne({ sku: "M", currency: "USD" })).toMatchObject({ currency: "USD", unitPrice: "10" });
    expect(asked().map(({ Currency }) => Currency)).toEqual([undefined, "EUR", "$"]);
  });

  test("are told by their international codes also where the company's own look like another one's", async () => {
    const books = b1Books();
    books.lists["Currencies"]?.push({ Code: "CAN", DocumentsCode: "CAD" });
    books.lists["Items"]?.push(itemRecord("M", {}, { ItemPrices: [{ PriceList: 1, Price: 10, Currency: "CAN" }] }));
    await open(books);
    expect(await readOne({ sku: "M" })).toMatchObject({ currency: "CAD" });
  });

  test("that were asked and not told are an error, never another one's amount", async () => {
    await open();
    expect(await readPrices(under, [{ sku: "A-1", currency: "USD" }])).toMatchObject([
      { kind: "failed", error: { code: "ERP_BAD_ANSWER", message: expect.stringContaining("in USD") } },
    ]);
  });

  test("that the company has not are the caller's mistake", async () => {
    await open();
    expect(await readPrices(under, [{ sku: "A-1", currency: "GBP" }, { sku: "SERVICE" }])).toMatchObject([
      { kind: "failed", error: { code: "BAD_USER_INPUT" } },
      { kind: "found" },
    ]);
  });

  test("without an international code are an error", async () => {
    const books = b1Books();
    books.lists["Currencies"]?.push({ Code: "£", DocumentsCode: "" });
    books.lists["Items"]?.push(itemRecord("P", {}, { ItemPrices: [{ PriceList: 1, Price: 1, Currency: "£" }] }));
    await open(books);
    expect(await readPrices(under, [{ sku: "P" }])).toMatchObject([
      { kind: "failed", error: { code: "ERP_BAD_ANSWER" } },
    ]);
  });
});

describe("discounts of SAP Business One", () => {
  const withGroup = (discount: "included" | "apart") => {
    const books = { ...b1Books(), discount, groupDiscounts: { C2: 12.5 } };
    books.lists["SpecialPrices"]?.push(specialRecord("SERVICE", "C1", 45, { DiscountPercent: 10 }));
    return books;
  };

  test.each(["included", "apart"] as const)("are understood by a special price where they are %s", async (discount) => {
    await open(withGroup(discount));
    expect((await readOne({ sku: "A-1", scope: own("C2") })).unitPrice).toBe("78.75");
    expect((await readOne({ sku: "SERVICE", scope: own("C1") })).unitPrice).toBe("45");
    expect(await under.connector.checkSetup?.(AbortSignal.timeout(5000))).toEqual([]);
  });

  test.each(["included", "apart"] as const)("are taken as SAPB1_DISCOUNT=%s says", async (discount) => {
    const books = withGroup(discount);
    books.lists["SpecialPrices"] = [];
    await open(books, { discount });
    expect((await readOne({ sku: "A-1", scope: own("C2") })).unitPrice).toBe("78.75");
    expect(await under.connector.checkSetup?.(AbortSignal.timeout(5000))).toEqual([]);
  });

  test("that nothing explains are an error that names the setting, and prices without one stand", async () => {
    const books = withGroup("included");
    books.lists["SpecialPrices"] = [];
    await open(books);
    expect(
      await readPrices(under, [
        { sku: "A-1", scope: own("C2") },
        { sku: "A-1", scope: own("C1") },
      ]),
    ).toMatchObject([
      { kind: "failed", error: { code: "ERP_BAD_ANSWER", message: expect.stringContaining("SAPB1_DISCOUNT") } },
      { kind: "found", answer: { unitPrice: "100" } },
    ]);
    expect(await under.connector.checkSetup?.(AbortSignal.timeout(5000))).toEqual([
      expect.stringContaining("SAPB1_DISCOUNT"),
    ]);
  });

  test.each([
    [403, "ERP_BAD_ANSWER", "SAPB1_DISCOUNT"],
    [503, "ERP_OVERLOADED", "503"],
  ])("that cannot be found out (HTTP %d) are an error, and prices without one stand", async (status, code, said) => {
    await open(withGroup("included"));
    under.fake.books.fault = (request) => (request.startsWith("GET SpecialPrices") ? b1Error("v2", status, -1) : null);
    const keys = [own("C2"), own("C3")].map((scope) => ({ sku: "A-1", scope }));
    expect(await readPrices(under, keys)).toMatchObject([
      { kind: "failed", error: { code, message: expect.stringContaining(said) } },
      { kind: "found", answer: { unitPrice: "100" } },
    ]);
  });

  test("are found out as soon as a login is let in again", async () => {
    await open(withGroup("included"));
    let isLocked = true;
    under.fake.books.fault = (request) => {
      if (!isLocked) return null;
      if (request.startsWith("GET SpecialPrices?$filter=Discount")) under.fake.sessions.clear();
      return request === "POST Login" && under.fake.logins > 0 ? b1Error("v2", 401, -1) : null;
    };
    const key = { sku: "A-1", scope: own("C2") };
    expect(await readPrices(under, [key])).toMatchObject([{ kind: "failed", error: { code: "ERP_UNAVAILABLE" } }]);
    isLocked = false;
    await under.clock.advance(300_000);
    expect((await readOne(key)).unitPrice).toBe("78.75");
  });

  test("are not explained by a special price that another rule overrules", async () => {
    const books = withGroup("included");
    // Its period says otherwise, so the price that is told is not this one: by chance it is as if the discount were apart.
    books.lists["SpecialPrices"] = [
      specialRecord("SERVICE", "C1", 45, {
        DiscountPercent: 10,
        SpecialPriceDataAreas: [{ ...periodRecord("2026-01-01", null, {}, 50), Discount: 10 }],
      }),
      specialRecord("A-1", "C3", 60, { DiscountPercent: 40, ValidTo: "2026-11-23" }),
    ];
    await open(books);
    expect(await readPrices(under, [{ sku: "A-1", scope: own("C2") }])).toMatchObject([{ kind: "failed" }]);
  });

  test("that are set otherwise than a special price says are said at the start", async () => {
    await open(withGroup("apart"), { discount: "included" });
    expect(await under.connector.checkSetup?.(AbortSignal.timeout(5000))).toEqual([
      expect.stringContaining("set it to apart"),
    ]);
  });
});

describe("what SAP Business One does not sell", () => {
  test.each([
    ["is not there", "NO-SUCH"],
    ["is inactive", "GONE"],
    ["differs in a letter's case", "a-1"],
    ["is longer than a code can be", "A".repeat(51)],
    ["is empty", ""],
    ["looks like more of a filter", "A-1' or '1' eq '1"],
    ["looks like more of a path", "A-1')/../Orders?$top=1#"],
    ["looks like more of a batch", "A-1\r\n--batch\r\nGET /b1s/v2/Orders HTTP/1.1\r\n\r\n"],
  ])("what %s is unknown, and spoils no neighbour", async (_, sku) => {
    await open({ ...b1Books(), ignoresCase: true });
    expect(await readPrices(under, [{ sku }, { sku: "A-1" }])).toMatchObject([
      { kind: "unknown", what: "sku" },
      { kind: "found" },
    ]);
    const lists = batches().flatMap(({ parts }) => parts.map((part) => part.split(/[ ?(]/)[1]));
    expect(lists).not.toContain("Orders");
    expect(JSON.stringify(batches())).not.toContain("A".repeat(51));
  });

  test.each([
    ["from tomorrow on", { Frozen: "tYES", FrozenFrom: "2026-11-25", FrozenTo: null }, "found"],
    ["from today on", { Frozen: "tYES", FrozenFrom: "2026-11-24", FrozenTo: null }, "unknown"],
    ["until yesterday", { Frozen: "tYES", FrozenFrom: null, FrozenTo: "2026-11-23" }, "found"],
  ])("what is inactive %s is %s", async (_, more, kind) => {
    const books = b1Books();
    books.lists["Items"]?.push(itemRecord("T", { 1: 5 }, more));
    await open(books);
    expect(await readPrices(under, [{ sku: "T" }])).toMatchObject([{ kind }]);
  });

  test.each([
    ["is not sold", { SalesItem: "tNO" }],
    ["is active from tomorrow on", { ValidFrom: "2026-11-25" }],
    ["was active until yesterday", { ValidTo: "2026-11-23" }],
  ])("what %s is unknown", async (_, more) => {
    const books = b1Books();
    books.lists["Items"]?.push(itemRecord("T", { 1: 5 }, more));
    await open(books);
    expect(await readPrices(under, [{ sku: "T" }])).toMatchObject([{ kind: "unknown", what: "sku" }]);
  });

  test("what has no price is an error, not free", async () => {
    const books = b1Books();
    books.lists["Items"]?.push(itemRecord("NONE", {}));
    await open(books);
    expect(await readPrices(under, [{ sku: "NONE" }, { sku: "A-1" }])).toMatchObject([
      { kind: "failed", error: { code: "ERP_BAD_ANSWER" } },
      { kind: "found" },
    ]);
  });

  test("to whom nobody sells is unknown: no customer, a supplier, another one's case", async () => {
    await open({ ...b1Books(), ignoresCase: true });
    const keys = ["NOBODY", "S1", "c1"].map((code) => ({ sku: "A-1", scope: own(code) }));
    for (const outcome of await readPrices(under, keys))
      expect(outcome).toMatchObject({ kind: "unknown", what: "customer" });
  });

  test("a public customer or list that is not there is said, and is nobody's unknown customer", async () => {
    await open(b1Books(), { publicCustomer: "NOBODY" });
    expect(await readPrices(under, [{ sku: "A-1" }])).toMatchObject([
      { kind: "failed", error: { message: expect.stringContaining("SAPB1_PUBLIC_CUSTOMER") } },
    ]);
    await under.connector.close();
    await under.fake.stop();
    await open(b1Books(), { publicPriceList: 9 });
    expect(await readPrices(under, [{ sku: "A-1" }])).toMatchObject([{ kind: "failed" }]);
    expect(await under.connector.checkSetup?.(AbortSignal.timeout(5000))).toContainEqual(
      expect.stringContaining("SAPB1_PUBLIC_PRICE_LIST is 9, and the price lists are: 1, 2, 3"),
    );
  });
});
