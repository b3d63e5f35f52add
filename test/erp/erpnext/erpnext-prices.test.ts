import { afterEach, describe, expect, test } from "vitest";
import type { ErpNextOptions } from "../../../src/erp/erpnext/erpnext-connector.js";
import { createCustomerKey, publicScope, type Scope, verifiedCustomer } from "../../../src/pricing/keys.js";
import {
  createTestErpNext,
  customerDoc,
  erpNextBooks,
  itemDoc,
  itemPriceDoc,
  ruleDoc,
  type TestErpNext,
} from "../../support/erpnext.js";
import type { ErpNextBooks } from "../../support/erpnext-fake.js";
import { priceKeyOf } from "../../support/samples.js";

let under: TestErpNext;

afterEach(async () => {
  await under.connector.close();
  await under.fake.stop();
});

async function open(docs: ErpNextBooks["docs"] = {}, options: Partial<ErpNextOptions> = {}, version = "15.40.2") {
  under = await createTestErpNext(erpNextBooks(version, docs), options);
}

const own = (code: string): Scope => ({ kind: "customer", customer: verifiedCustomer(code) });
const call = () => ({ sentAt: under.clock.now(), signal: AbortSignal.timeout(5000) });
const read = (skus: readonly string[], scope: Scope = publicScope, quantity = "1") =>
  under.connector.prices.readMany(
    skus.map((sku) => priceKeyOf({ sku, scope, quantity })),
    call(),
  );
const scopeFor = async (code: string) => {
  const [outcome] = await under.connector.customers.readMany([createCustomerKey(verifiedCustomer(code))], call());
  return outcome?.kind === "found" ? outcome.answer.priceScope : undefined;
};

describe("prices of ERPNext", () => {
  test.each(["15.40.2", "16.2.0"])("are asked by one order on %s, whatever the number of SKUs", async (version) => {
    await open({}, {}, version);
    expect(await read(["A-1", 'B (50%) "x"', "NO-SUCH", "GONE"])).toMatchObject([
      {
        answer: {
          sku: "A-1",
          unitPrice: "100",
          currency: "EUR",
          unit: "Nos",
          priceList: "Standard Selling",
          taxBasis: "NET",
          taxRate: null,
        },
      },
      { answer: { unitPrice: "19.99", onlyQuantity: null, tiers: [] } },
      { kind: "unknown", what: "sku" },
      { kind: "unknown", what: "sku" },
    ]);
    expect(under.fake.asked.map(({ method }) => method.split(".").at(-1))).toEqual(["get_list", "apply_price_list"]);
  });

  test("are a customer's own where it has one, else of its list, else of its group's, else the usual one's", async () => {
    await open({
      Customer: [
        customerDoc("CUST-1"),
        customerDoc("CUST-2", { customer_group: "Dealers" }),
        customerDoc("L", { default_price_list: "Trade" }),
      ],
    });
    expect(await read(["A-1"], own("CUST-1"))).toMatchObject([{ answer: { unitPrice: "80" } }]);
    expect(await read(["A-1"], own("CUST-2"))).toMatchObject([{ answer: { unitPrice: "90", priceList: "Trade" } }]);
    expect(await read(["A-1"], own("L"))).toMatchObject([{ answer: { unitPrice: "90" } }]);
  });

  test("are a ladder where rules break, at the first whole quantity", async () => {
    await open({
      "Pricing Rule": [
        ruleDoc("ten", { min_qty: 9.5, max_qty: 99, discount_percentage: 10 }),
        ruleDoc("hundred", { min_qty: 100, discount_amount: 12.345 }),
      ],
    });
    expect(await read(["A-1"])).toMatchObject([
      {
        answer: {
          unitPrice: "100",
          onlyQuantity: null,
          tiers: [
            { from: "1", unitPrice: "100" },
            { from: "10", unitPrice: "90" },
            { from: "100", unitPrice: "87.66" },
          ],
        },
      },
    ]);
    expect(under.fake.asked.filter(({ method }) => method.endsWith("apply_price_list"))).toHaveLength(1);
  });

  test("fall back to the list's beyond a rule's last quantity", async () => {
    await open({ "Pricing Rule": [ruleDoc("few", { max_qty: 5, discount_percentage: 50 })] });
    expect(await read(["A-1"])).toMatchObject([
      {
        answer: {
          tiers: [
            { from: "1", unitPrice: "50" },
            { from: "6", unitPrice: "100" },
          ],
        },
      },
    ]);
  });

  test.each([
    [{ rate: 70 }, "70"],
    [{ margin_type: "Percentage", margin_rate_or_amount: 10 }, "110"],
    [{ margin_type: "Amount", margin_rate_or_amount: 2.5, discount_percentage: 10 }, "92.25"],
    [{ discount_percentage: 100 }, "0"],
    [{ discount_percentage: 0.125 }, "99.88"],
    [{ discount_percentage: 0.115 }, "99.88"],
  ])("under a rule with %j are %s, half to even at two decimals", async (rule, price) => {
    await open({ "Pricing Rule": [ruleDoc("rule", rule)] });
    expect(await read(["A-1"])).toMatchObject([{ answer: { unitPrice: price } }]);
  });

  test("are for the quantity asked alone where a rule looks at the line's amount", async () => {
    await open({ "Pricing Rule": [ruleDoc("big", { min_amt: 500, discount_percentage: 10 })] });
    expect(await read(["A-1"], publicScope, "4")).toMatchObject([{ answer: { unitPrice: "100", onlyQuantity: "4" } }]);
    expect(await read(["A-1"], publicScope, "5")).toMatchObject([{ answer: { unitPrice: "90", onlyQuantity: "5" } }]);
  });

  test("are for the quantity asked alone where rules break at more quantities than are worth asking", async () => {
    await open({
      "Pricing Rule": Array.from({ length: 9 }, (_, n) => ruleDoc(`r${n}`, { min_qty: n + 2, discount_percentage: n })),
    });
    expect(await read(["A-1"], publicScope, "7")).toMatchObject([{ answer: { unitPrice: "95", onlyQuantity: "7" } }]);
  });

  test("end with the day on which a rule that may hold begins or is over, where the site is", async () => {
    await open({
      "Pricing Rule": [
        ruleDoc("later", { valid_from: "2026-12-02" }),
        ruleDoc("ends", { valid_from: "2026-11-20", valid_upto: "2026-11-24", discount_percentage: 10 }),
        ruleDoc("over", { valid_upto: "2026-11-22" }),
        ruleDoc("other", { valid_from: "2026-11-24", customer: "CUST-2" }),
      ],
    });
    const midnight = (day: string) => Date.parse(`${day}T00:00:00+05:30`);
    expect(await read(["A-1"])).toMatchObject([{ answer: { unitPrice: "90", validUntil: midnight("2026-11-25") } }]);
    await under.clock.advance(86_400_000);
    expect(await read(["A-1"])).toMatchObject([{ answer: { unitPrice: "100", validUntil: midnight("2026-12-02") } }]);
    await under.clock.advance(20 * 86_400_000);
    expect(await read(["A-1"])).toMatchObject([{ answer: { validUntil: null } }]);
  });

  test("break only where a rule can hold: not those of another customer, list or day, nor for gifts", async () => {
    await open({
      "Pricing Rule": [
        ruleDoc("other", { min_qty: 3, customer: "CUST-2" }),
        ruleDoc("list", { min_qty: 4, for_price_list: "Trade" }),
        ruleDoc("past", { min_qty: 5, valid_upto: "2026-11-23" }),
        ruleDoc("coming", { min_qty: 6, valid_from: "2026-11-25" }),
        ruleDoc("gift", { min_qty: 7, price_or_product_discount: "Product" }),
      ],
    });
    await read(["A-1"], own("CUST-1"));
    const order = JSON.parse(String(under.fake.asked.at(-1)?.params["args"])) as { items: { qty: number }[] };
    expect(order.items.map(({ qty }) => qty)).toEqual([1]);
  });

  test("are of the site's own day, not ours", async () => {
    await open({
      "Item Price": [
        itemPriceDoc("A-1", 7, { valid_from: "2026-11-25" }),
        itemPriceDoc("A-1", 5, { valid_upto: "2026-11-24" }),
      ],
    });
    expect(await read(["A-1"])).toMatchObject([{ answer: { unitPrice: "5" } }]);
    await under.clock.advance(Date.parse("2026-11-24T18:30:00Z") - under.clock.now()); // midnight in Kolkata
    expect(await read(["A-1"])).toMatchObject([{ answer: { unitPrice: "7" } }]);
  });

  test("that are in no list fail for their SKU alone, which is named", async () => {
    await open({ Item: [itemDoc("A-1"), itemDoc("BARE")] });
    expect(await read(["BARE", "A-1"])).toMatchObject([
      {
        kind: "failed",
        error: { code: "ERP_BAD_ANSWER", message: 'BARE has no price in the list "Standard Selling"' },
      },
      { kind: "found" },
    ]);
  });

  test("are in the list's currency: another one is the caller's mistake", async () => {
    await open({
      Customer: [customerDoc("USA", { default_price_list: "Dollars" })],
      "Item Price": [itemPriceDoc("A-1", 110, { price_list: "Dollars" })],
    });
    expect(await read(["A-1"], own("USA"))).toMatchObject([{ answer: { unitPrice: "110", currency: "USD" } }]);
    const key = priceKeyOf({ sku: "A-1", scope: own("USA"), currency: "EUR" });
    expect(await under.connector.prices.readMany([key], call())).toMatchObject([
      { kind: "failed", error: { code: "BAD_USER_INPUT", message: expect.stringContaining("USD") } },
    ]);
  });

  test("of a list that is disabled are refused by its name", async () => {
    await open({ Customer: [customerDoc("C", { default_price_list: "Old" })] });
    expect(await read(["A-1"], own("C"))).toMatchObject([
      { kind: "failed", error: { message: expect.stringContaining('"Old"') } },
    ]);
  });

  test("carry the tax rate that is set", async () => {
    await open({}, { taxRate: "20" });
    expect(await read(["A-1"])).toMatchObject([{ answer: { taxRate: "20" } }]);
  });

  test("left out by ERPNext, or told twice, are no price of a neighbour", async () => {
    await open();
    under.fake.books.fault = (method) => {
      const children = [
        { name: "0", price_list_rate: 1 },
        { name: "0", price_list_rate: 2 },
      ];
      return method.endsWith("apply_price_list")
        ? { status: 200, text: JSON.stringify({ message: { children } }) }
        : null;
    };
    expect(await read(["A-1", "SERVICE"])).toMatchObject([
      { kind: "failed", error: { code: "ERP_BAD_ANSWER" } },
      { kind: "failed", error: { code: "ERP_BAD_ANSWER" } },
    ]);
  });
});

describe("the price scope of a customer of ERPNext", () => {
  test("is its list, group and territory", async () => {
    await open();
    expect(await scopeFor("CUST-2")).toBe('["Trade","Dealers","France"]');
  });

  test("is none where it has item prices or rules of its own, or a rule counts what was bought", async () => {
    await open({ "Pricing Rule": [ruleDoc("own", { customer: "CUST-2" })] });
    expect([await scopeFor("CUST-1"), await scopeFor("CUST-2")]).toEqual([null, null]);
    expect(await scopeFor("CUST-3")).not.toBeNull();
    await under.connector.close();
    await under.fake.stop();
    await open({ "Pricing Rule": [ruleDoc("cumulative", { is_cumulative: 1 })] });
    expect(await scopeFor("CUST-3")).toBeNull();
  });

  test("is asked in nobody's name, so that a customer's own new price gets into no other's answer", async () => {
    await open();
    const priceScope = (await scopeFor("CUST-3")) as string;
    under.fake.books.docs["Item Price"]?.push(itemPriceDoc("A-1", 1, { customer: "CUST-3" }));
    const scope: Scope = { kind: "price-scope", priceScope, customer: verifiedCustomer("CUST-3") };
    expect(await read(["A-1"], scope)).toMatchObject([{ answer: { unitPrice: "100" } }]);
  });

  test("that is none of ERPNext's is no scope of the customer's", async () => {
    await open();
    const scope: Scope = { kind: "price-scope", priceScope: "level-2", customer: verifiedCustomer("CUST-3") };
    expect(await read(["A-1"], scope)).toMatchObject([{ kind: "unknown", what: "customer" }]);
  });
});
