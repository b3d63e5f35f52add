import { afterEach, describe, expect, test } from "vitest";
import type { DolibarrOptions } from "../../../src/erp/dolibarr/dolibarr-connector.js";
import { createCustomerKey, publicScope, type Scope, verifiedCustomer } from "../../../src/pricing/keys.js";
import { createTestConnector, type TestConnector } from "../../support/dolibarr.js";
import { customerPriceRow, dolibarrBooks, partyRow, productRow } from "../../support/dolibarr-books.js";
import type { DolibarrBooks } from "../../support/dolibarr-fake.js";
import { priceKeyOf } from "../../support/samples.js";

let under: TestConnector;

afterEach(async () => {
  await under.connector.close();
  await under.fake.stop();
});

async function open(parts: Partial<DolibarrBooks> = {}, version = "22.0.1", options: Partial<DolibarrOptions> = {}) {
  under = await createTestConnector(dolibarrBooks(version, parts), options);
}

const call = () => ({ sentAt: under.clock.now(), signal: AbortSignal.timeout(5000) });
const own = (code: string): Scope => ({ kind: "customer", customer: verifiedCustomer(code) });
const shared = (priceScope: string, code: string): Scope => ({
  ...{ kind: "price-scope", priceScope },
  customer: verifiedCustomer(code),
});
const read = (skus: readonly string[], scope: Scope = publicScope, signal = AbortSignal.timeout(5000)) =>
  under.connector.prices.readMany(
    skus.map((sku) => priceKeyOf({ sku, scope })),
    { sentAt: under.clock.now(), signal },
  );

const levels = {
  multiprices: { "1": "11.00000000", "2": "12.00000000", "3": null },
  multiprices_ttc: { "1": "13.20000000", "2": "14.40000000", "3": null },
  multiprices_base_type: { "1": "HT", "2": "TTC", "3": null },
};
const withLevels = { customerPrices: null, products: [productRow(1, "A-1", "99", levels), productRow(2, "B.2", "20")] };

describe("prices of Dolibarr", () => {
  test("are the product's own, net where it says HT and gross where it says TTC, with its tax", async () => {
    await open({
      products: [
        productRow(1, "A-1", "10", { tva_tx: "5.5000" }),
        productRow(2, "B.2", "20", { price_base_type: "TTC", price_ttc: "24.00000000" }),
      ],
    });
    expect(await read(["A-1", "B.2"])).toMatchObject([
      { answer: { taxBasis: "NET", unitPrice: "10", taxRate: "5.5", currency: "EUR", onlyQuantity: null } },
      { answer: { taxBasis: "GROSS", unitPrice: "24", taxRate: "20" } },
    ]);
  });

  test.each(["18.0.6", "22.0.1"])("come in one list call on %s, whatever the number of SKUs", async (version) => {
    await open({ customerPrices: null }, version);
    await read(["A-1", "B.2", "NO-SUCH"]);
    expect(under.fake.asked).toHaveLength(1);
    expect(under.fake.asked[0]).toContain("sqlfilters=(t.ref:");
    expect(under.connector.prices.keysPerCall).toBe(50);
  });

  test("of a customer are his own where he has one, else the product's, one call a product", async () => {
    await open();
    expect(await read(["A-1", "B.2"], own("CU-1"))).toMatchObject([
      { answer: { unitPrice: "8.5", priceList: "customer" } },
      { answer: { unitPrice: "20", priceList: null } },
    ]);
    const singles = under.fake.asked.filter((path) => path.includes("per_customer"));
    expect(singles).toEqual([
      "/api/index.php/products/1/selling_multiprices/per_customer?thirdparty_id=1",
      "/api/index.php/products/2/selling_multiprices/per_customer?thirdparty_id=1",
    ]);
    expect(under.connector.prices.keysPerCall).toBe(8);
  });

  test("are asked one after another, so that a slot is one connection", async () => {
    await open();
    await read(["A-1", "B.2", "C (50%)", "D É/4"], own("CU-1"));
    expect(under.fake.mostAtOnce).toBe(1);
  });

  test("of a customer with a level are that level's, and of one without the first's", async () => {
    await open(withLevels);
    expect(await read(["A-1"], own("CU-1"))).toMatchObject([
      { answer: { unitPrice: "14.4", taxBasis: "GROSS", priceList: "level 2" } },
    ]);
    expect(await read(["A-1"], own("CU-2"))).toMatchObject([{ answer: { unitPrice: "11", taxBasis: "NET" } }]);
  });

  test("of the public are the first level's, or the one set: the product's own is the level written last", async () => {
    await open(withLevels);
    expect(await read(["A-1"])).toMatchObject([{ answer: { unitPrice: "11", priceList: "level 1" } }]);
    await under.connector.close();
    await under.fake.stop();
    await open(withLevels, "22.0.1", { publicLevel: 2 });
    expect(await read(["A-1"])).toMatchObject([{ answer: { unitPrice: "14.4" } }]);
  });

  test("at a level without a price are the product's own, as the form of an order fills it in", async () => {
    await open({ ...withLevels, thirdParties: [partyRow(1, "CU-1", { price_level: "3" })] });
    expect(await read(["A-1", "B.2"], own("CU-1"))).toMatchObject([
      { answer: { unitPrice: "99", priceList: null } },
      { answer: { unitPrice: "20" } },
    ]);
  });

  test.each([
    // 18, by quantity and level, tells such a level so.
    [
      { "1": "10.00000000", "2": 0 },
      { "1": "HT", "2": "" },
    ],
    [
      { "1": null, "2": "" },
      { "1": null, "2": "" },
    ],
  ])("at a level that is there without a price, too", async (multiprices, bases) => {
    const row = productRow(1, "A-1", "10", { multiprices, multiprices_base_type: bases });
    await open({ customerPrices: null, products: [row] });
    expect(await read(["A-1"], own("CU-1"))).toMatchObject([{ answer: { unitPrice: "10" } }]);
  });

  test("where levels and customers' prices are both kept, the customer's goes first", async () => {
    await open({ products: withLevels.products });
    expect(await read(["A-1"], own("CU-1"))).toMatchObject([{ answer: { unitPrice: "8.5" } }]);
    expect(await read(["B.2"], own("CU-1"))).toMatchObject([{ answer: { unitPrice: "20" } }]);
  });

  test("of a price scope are one for all its customers, and none for who has left it", async () => {
    await open({ ...withLevels, thirdParties: [partyRow(1, "CU-1", { price_level: "2" }), partyRow(2, "CU-2")] });
    expect(await read(["A-1"], shared("level-2", "CU-1"))).toMatchObject([{ answer: { unitPrice: "14.4" } }]);
    expect(await read(["A-1"], shared("level-2", "CU-2"))).toMatchObject([{ kind: "unknown", what: "customer" }]);
  });

  const breaks = [
    { rowid: "2", quantity: "50", unitprice: "8.00000000", remise_percent: "0", price_base_type: "HT" },
    { rowid: "1", quantity: "10", unitprice: "9.00000000", remise_percent: "5", price_base_type: "HT" },
  ];

  test("by quantity are a ladder that begins with the product's own price, discounts taken off, in the one call", async () => {
    await open({
      customerPrices: null,
      products: [
        productRow(1, "A-1", "10", { prices_by_qty: ["1"], prices_by_qty_list: [breaks] }),
        productRow(2, "B.2", "20", { prices_by_qty: ["0"] }),
      ],
    });
    const [tiered, plain] = await read(["A-1", "B.2"]);
    expect(tiered).toMatchObject({
      answer: {
        unitPrice: "10",
        tiers: [
          { from: "1", unitPrice: "10" },
          { from: "10", unitPrice: "8.55" },
          { from: "50", unitPrice: "8" },
        ],
      },
    });
    expect(plain).toMatchObject({ answer: { tiers: [] } });
    expect(under.fake.asked).toHaveLength(1);
  });

  test("by quantity of a product priced with tax are with tax, though Dolibarr's page enters them without", async () => {
    const row = productRow(1, "A-1", "10", {
      ...{ price_base_type: "TTC", price_ttc: "12.00000000", prices_by_qty: ["1"], prices_by_qty_list: [breaks] },
    });
    await open({ customerPrices: null, products: [row] });
    expect(await read(["A-1"])).toMatchObject([
      { answer: { taxBasis: "GROSS", tiers: [{ unitPrice: "12" }, { unitPrice: "10.26" }, { unitPrice: "9.6" }] } },
    ]);
  });

  test("by quantity and level are the level's own ladder", async () => {
    const row = productRow(1, "A-1", "99", {
      ...{ ...levels, prices_by_qty: { "1": "1", "2": 0 }, prices_by_qty_list: { "1": breaks } },
    });
    await open({ customerPrices: null, levelsAlone: false, products: [row] });
    expect(await read(["A-1"], own("CU-2"))).toMatchObject([
      { answer: { tiers: [{ unitPrice: "11" }, { from: "10", unitPrice: "8.55" }, { from: "50", unitPrice: "8" }] } },
    ]);
    expect(await read(["A-1"], own("CU-1"))).toMatchObject([{ answer: { unitPrice: "14.4", tiers: [] } }]);
  });

  test("have the third party's relative discount taken off, or a break's where that is larger", async () => {
    await open({
      customerPrices: null,
      thirdParties: [partyRow(1, "CU-1", { remise_percent: "4" }), partyRow(2, "CU-2", { remise_percent: 10 })],
      products: [productRow(1, "A-1", "10", { prices_by_qty: ["1"], prices_by_qty_list: [breaks] })],
    });
    expect(await read(["A-1"], own("CU-1"))).toMatchObject([
      { answer: { unitPrice: "9.6", tiers: [{ unitPrice: "9.6" }, { unitPrice: "8.55" }, { unitPrice: "7.68" }] } },
    ]);
    expect(await read(["A-1"], own("CU-2"))).toMatchObject([
      { answer: { unitPrice: "9", tiers: [{ unitPrice: "9" }, { unitPrice: "8.1" }, { unitPrice: "7.2" }] } },
    ]);
    expect(await read(["A-1"])).toMatchObject([{ answer: { unitPrice: "10" } }]);
    expect(await read(["A-1"], shared("no-level-less-10", "CU-1"))).toMatchObject([{ kind: "unknown" }]);
    expect(await read(["A-1"], shared("no-level-less-10", "CU-2"))).toMatchObject([{ answer: { unitPrice: "9" } }]);
  });

  test("of a customer have a discount of their own in the place of the third party's", async () => {
    await open({
      thirdParties: [partyRow(1, "CU-1", { remise_percent: "10" })],
      customerPrices: new Map([
        ["1/1", [customerPriceRow(1, 1, "8.00", { discount_percent: "25" })]],
        ["2/1", [customerPriceRow(2, 1, "8.00", { discount_percent: "0" })]],
      ]),
    });
    expect(await read(["A-1", "B.2"], own("CU-1"))).toMatchObject([
      { answer: { unitPrice: "6" } },
      { answer: { unitPrice: "7.2" } },
    ]);
  });

  test("of customers that the API keeps to itself are refused with the mend, the public's are told", async () => {
    const hidden = { ...withLevels, levelsAlone: false };
    await open(hidden);
    const mend = expect.stringContaining("set the constant PRODUIT_CUSTOMER_PRICES to 1");
    expect(await read(["A-1"], own("CU-1"))).toMatchObject([
      { kind: "failed", error: { code: "ERP_BAD_ANSWER", message: mend } },
    ]);
    expect(await read(["A-1"])).toMatchObject([{ answer: { unitPrice: "11" } }]);
    expect(under.said).toMatchObject([{ level: "info" }, { level: "warn", what: mend }]);
    expect(
      await under.connector.customers?.readMany([createCustomerKey(verifiedCustomer("CU-1"))], call()),
    ).toMatchObject([{ answer: { priceScope: null } }]);
  });

  test("with second taxes have no one rate, and are refused where they hold tax", async () => {
    const spain = { localtax1_tx: "5.2000" };
    await open({
      products: [
        productRow(1, "A-1", "10", spain),
        productRow(2, "B.2", "20", { ...spain, price_base_type: "TTC", price_ttc: "24" }),
      ],
    });
    expect(await read(["A-1", "B.2"])).toMatchObject([
      { answer: { taxRate: null } },
      { kind: "failed", error: { message: expect.stringContaining("price it without tax (HT)") } },
    ]);
  });

  test("what is not for sale is unknown", async () => {
    await open();
    expect(await read(["GONE", "A-1"])).toMatchObject([{ kind: "unknown", what: "sku" }, { kind: "found" }]);
  });

  test("an SKU that differs in case or accents alone is another one", async () => {
    await open();
    expect(await read(["a-1", "D E/4"])).toMatchObject([{ kind: "unknown" }, { kind: "unknown" }]);
  });

  test("of a ref that two products carry are refused by its name, its neighbours answered", async () => {
    await open({ products: [productRow(1, "A-1", "10"), productRow(2, "A-1", "11"), productRow(3, "B.2", "20")] });
    expect(await read(["A-1", "B.2"])).toMatchObject([
      { kind: "failed", error: { message: 'Dolibarr has 2 products of ref "A-1"' } },
      { kind: "found" },
    ]);
  });

  test("an odd SKU shares no call, so that it makes nobody wait", async () => {
    await open();
    const groups = ["A-1", "B.2", 'x"', "y("].map((sku) => under.connector.prices.groupOf(priceKeyOf({ sku })));
    expect(new Set(groups).size).toBe(3);
  });

  test("in another currency than the company's are refused without asking", async () => {
    await open();
    const call = { sentAt: 0, signal: AbortSignal.timeout(5000) };
    const outcomes = await under.connector.prices.readMany([priceKeyOf({ sku: "A-1", currency: "USD" })], call);
    expect(outcomes).toMatchObject([{ kind: "failed", error: { code: "BAD_USER_INPUT" } }]);
    expect(under.fake.asked).toEqual([]);
  });

  test("a customer's price that is another product's or customer's is never told", async () => {
    await open({ customerPrices: new Map([["1/1", [customerPriceRow(1, 2, "1.00")]]]) });
    expect(await read(["A-1"], own("CU-1"))).toMatchObject([{ kind: "failed", error: { code: "ERP_BAD_ANSWER" } }]);
  });

  test("a customer's price with dates holds on its days, and says when it ends", async () => {
    // Midnight in Paris, as 22 tells a day, is an hour before that of UTC, by which Dolibarr compares.
    const day = (iso: string) => String(Date.parse(`${iso}T00:00:00+01:00`) / 1000);
    await open({
      customerPrices: new Map([
        [
          "1/1",
          [
            customerPriceRow(1, 1, "7.00", { date_begin: day("2026-12-01"), date_end: "" }),
            customerPriceRow(1, 1, "8.00", { date_begin: "", date_end: day("2026-12-01") }),
          ],
        ],
      ]),
    });
    const end = Date.parse("2026-12-01T00:00:00Z");
    expect(await read(["A-1"], own("CU-1"))).toMatchObject([{ answer: { unitPrice: "8", validUntil: end } }]);
    await under.clock.advance(end - under.clock.now());
    expect(await read(["A-1"], own("CU-1"))).toMatchObject([{ answer: { unitPrice: "7", validUntil: null } }]);
  });

  test("two third parties of one code get no price at all", async () => {
    await open({ thirdParties: [partyRow(1, "CU-1"), partyRow(2, "CU-1")] });
    expect(await read(["A-1"], own("CU-1"))).toMatchObject([
      { kind: "failed", error: { message: 'Dolibarr has 2 third parties of code_client "CU-1"' } },
    ]);
  });

  test("a supplier is no customer", async () => {
    await open();
    expect(await read(["A-1"], own("SUPPLIER"))).toMatchObject([{ kind: "unknown", what: "customer" }]);
  });

  test("what the database leaks along with a customer's price is in no answer", async () => {
    await open();
    const [outcome] = await read(["A-1"], own("CU-1"));
    expect(JSON.stringify(outcome)).not.toMatch(/db\.internal|s3cr3t|llx_/);
  });

  test("modes that are switched over are seen within five minutes", async () => {
    await open();
    under.fake.books.customerPrices = null;
    expect(await read(["A-1"], own("CU-1"))).toMatchObject([{ answer: { unitPrice: "10" } }]);
    await under.clock.advance(300_000);
    await read(["A-1"], own("CU-1"));
    await expect.poll(() => under.connector.prices.keysPerCall).toBe(50);
  });
});
