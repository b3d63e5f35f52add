import { afterEach, describe, expect, test, vi } from "vitest";
import type { OdooOptions } from "../../../src/erp/odoo/odoo-connector.js";
import type { FakeOdoo } from "../../support/odoo-fake.js";
import { keysOf, ladderIn, listScope, type OdooUnderTest, ownScope, startOdoo } from "./odoo-ask.js";

let under: OdooUnderTest;

afterEach(() => under.stop());

describe.each([
  ["16.0", null],
  ["18.0", 77],
  ["19.0", null],
  ["19.0", 77],
] as const)("prices of Odoo %s, price action %s", (version, priceAction) => {
  const start = async (options: Partial<OdooOptions> = {}, prepare?: (odoo: FakeOdoo) => void) => {
    under = await startOdoo(version, { priceAction, ...options }, prepare);
  };

  test("without a list are the products' own, with their unit and tax", async () => {
    await start();
    const outcomes = await under.prices(keysOf(["CABLE", "NO-SUCH", "CHAIR"]));
    expect(outcomes).toMatchObject([
      {
        kind: "found",
        answer: {
          ...{ sku: "CABLE", unitPrice: "1.25", tiers: [], currency: "EUR", taxBasis: "NET", taxRate: "0", unit: "m" },
          ...{ minimumQuantity: "0.01", quantityIncrement: "0.01", priceList: null, validUntil: null },
        },
        freshness: { computedAt: under.clock.now() },
      },
      { kind: "unknown", what: "sku" },
      {
        kind: "found",
        answer: { sku: "CHAIR", unitPrice: "74.8", taxRate: "20", unit: "Units", minimumQuantity: "1" },
      },
    ]);
  });

  test("of a list come out of Odoo's floats as its orders show them", async () => {
    await start();
    const [outcome] = await under.prices(keysOf(["CHAIR"], ownScope("C-TRADE")));
    // 74.80 less 70 % is 22.439999999999998 there.
    expect(ladderIn(outcome)).toMatchObject({ unitPrice: "22.44", currency: "EUR", priceList: "Trade", tiers: [] });
  });

  test("break at the quantities that the list's rules name, those of the lists below it included", async () => {
    await start();
    const [own] = await under.prices(keysOf(["CHAIR"], ownScope("C-QUANTITY")));
    expect(ladderIn(own).tiers).toEqual([
      { from: "1", unitPrice: "74.8" },
      { from: "10", unitPrice: "70" },
      { from: "100", unitPrice: "60" },
    ]);
    const [onTrade] = await under.prices(keysOf(["CHAIR"], ownScope("C-ON-TRADE")));
    expect(ladderIn(onTrade).tiers.map(({ unitPrice }) => unitPrice)).toEqual(["67.32", "63", "54"]);
  });

  test("end when a rule of the list begins, or is over", async () => {
    await start();
    const keys = keysOf(["DESK"], ownScope("C-QUANTITY"));
    expect(ladderIn((await under.prices(keys))[0]).validUntil).toBe(Date.UTC(2026, 11, 1));
    under.odoo.now = Date.UTC(2026, 11, 15);
    await under.clock.advance(under.odoo.now - under.clock.now());
    const during = ladderIn((await under.prices(keys))[0]);
    expect(during).toMatchObject({ unitPrice: "427.5", validUntil: Date.UTC(2026, 11, 31, 23) });
  });

  test("are in the list's currency, and in no other", async () => {
    await start();
    const [dollars] = await under.prices(keysOf(["CHAIR"], ownScope("C-DOLLARS"), "USD"));
    expect(ladderIn(dollars)).toMatchObject({ currency: "USD", unitPrice: "99" });
    const [euros] = await under.prices(keysOf(["CHAIR"], ownScope("C-DOLLARS"), "EUR"));
    expect(euros).toMatchObject({
      kind: "failed",
      error: { code: "BAD_USER_INPUT", message: expect.stringContaining("USD") },
    });
    const [yen] = await under.prices(keysOf(["CHAIR"], undefined, "JPY"));
    expect(yen).toMatchObject({ kind: "failed", error: { code: "BAD_USER_INPUT" } });
    const shared = [ownScope("C-DOLLARS"), ownScope("C-NOBODY")].flatMap((scope) => keysOf(["CHAIR"], scope, "JPY"));
    expect(await under.prices(shared)).toMatchObject([{ kind: "failed" }, { kind: "unknown", what: "customer" }]);
  });

  test("of a reference that two products carry are refused by their ids, the neighbours answered", async () => {
    await start();
    const [twin, neighbour] = await under.prices(keysOf(["TWIN", "CHAIR"]));
    expect(twin).toMatchObject({
      kind: "failed",
      error: { code: "ERP_BAD_ANSWER", message: expect.stringContaining('"TWIN" (ids 9, 10)') },
    });
    expect(neighbour).toMatchObject({ kind: "found" });
  });

  test("of what is archived or not sold are unknown", async () => {
    await start();
    expect(await under.prices(keysOf(["GONE", "PART"]))).toMatchObject([{ kind: "unknown" }, { kind: "unknown" }]);
  });

  test("of one product that Odoo cannot price fail alone", async () => {
    await start({}, ({ data }) => {
      const row = data["product.product"]?.find(({ id }) => id === 2);
      if (row !== undefined) row["broken"] = true;
    });
    const [broken, neighbour] = await under.prices(keysOf(["DESK", "CHAIR"], ownScope("C-TRADE")));
    expect(broken).toMatchObject({
      kind: "failed",
      error: { code: "ERP_BAD_ANSWER", message: expect.stringContaining('"DESK"') },
    });
    expect(neighbour).toMatchObject({ kind: "found" });
  });

  test("of a list that Odoo does not show are never another list's", async () => {
    await start({}, ({ data }) => {
      data["product.pricelist"] = (data["product.pricelist"] ?? []).filter(({ id }) => id !== 1);
    });
    const error = await under.prices(keysOf(["CHAIR"], ownScope("C-TRADE"))).catch((failure: unknown) => failure);
    expect(error).toMatchObject({ code: "ERP_BAD_ANSWER", message: expect.stringContaining("price list 1") });
  });

  test("of a list made a moment ago are told", async () => {
    await start();
    await under.customers("C-TRADE");
    under.odoo.data["product.pricelist"]?.push({ id: 9, name: "New", currency_id: 1, active: true });
    under.odoo.data["product.pricelist.item"]?.push({
      id: 90,
      pricelist_id: 9,
      min_quantity: 0,
      compute_price: "fixed",
      fixed_price: 1,
    });
    const partner = under.odoo.data["res.partner"]?.find(({ ref }) => ref === "C-TRADE");
    if (partner !== undefined) partner["property_product_pricelist"] = 9;
    expect(ladderIn((await under.prices(keysOf(["CHAIR"], ownScope("C-TRADE"))))[0])).toMatchObject({
      unitPrice: "1",
      priceList: "New",
    });
  });

  test("of the public are a list's where one is named", async () => {
    await start({ publicList: "By quantity" });
    expect(ladderIn((await under.prices(keysOf(["CHAIR"])))[0])).toMatchObject({ priceList: "By quantity" });
  });
});

describe("decimals of Odoo's prices", () => {
  const third = ({ data }: OdooUnderTest["odoo"]) => {
    for (const rule of data["product.pricelist.item"] ?? []) if (rule["id"] === 1) rule["percent_price"] = 33.3333;
  };

  test.each([
    ["18.0", "49.87"], // the order's line keeps two
    ["19.0", "49.866692"], // it keeps them all
  ])("of %s are those that an order's line keeps", async (version, unitPrice) => {
    under = await startOdoo(version, {}, third);
    expect(ladderIn((await under.prices(keysOf(["CHAIR"], ownScope("C-TRADE"))))[0]).unitPrice).toBe(unitPrice);
  });

  test.each([
    ["16.0", "89589.93"],
    ["18.0", "89589.94"],
  ])("of %s go up at a half with the grace of that version", async (version, unitPrice) => {
    under = await startOdoo(version, {}, ({ data }) => {
      const rule = data["product.pricelist.item"]?.find(({ id }) => id === 1);
      // Three of a float's steps below the half.
      Object.assign(rule ?? {}, { compute_price: "fixed", fixed_price: 89589.935 - 3 * 2 ** -36 });
    });
    expect(ladderIn((await under.prices(keysOf(["CHAIR"], ownScope("C-TRADE"))))[0]).unitPrice).toBe(unitPrice);
  });

  test("are the products' own where there are no orders", async () => {
    under = await startOdoo("19.0", {}, (odoo) => {
      third(odoo);
      odoo.intercept = (call) =>
        call?.model === "sale.order.line"
          ? {
              status: 404,
              body: { name: "werkzeug.exceptions.NotFound", message: "the model 'sale.order.line' does not exist" },
            }
          : undefined;
    });
    expect(ladderIn((await under.prices(keysOf(["CHAIR"], ownScope("C-TRADE"))))[0]).unitPrice).toBe("49.87");
  });
});

describe("customers of one price list", () => {
  test("share a call, and one who was moved to another list since is asked for itself", async () => {
    under = await startOdoo("18.0", { priceAction: 77 });
    const keys = [
      ...keysOf(["CHAIR"], listScope("list-1", "C-TRADE")),
      ...keysOf(["DESK"], listScope("list-1", "C-CREDIT")),
      ...keysOf(["LAMP"], listScope("list-1", "C-QUANTITY")),
    ];
    expect(new Set(keys.map((key) => under.connector.prices.groupOf(key))).size).toBe(1);
    expect(await under.prices(keys)).toMatchObject([
      { kind: "found", answer: { unitPrice: "22.44" } },
      { kind: "found", answer: { unitPrice: "135" } },
      { kind: "unknown", what: "customer" },
    ]);
  });

  test("of two that carry one reference neither is taken", async () => {
    under = await startOdoo();
    const [outcome] = await under.prices(keysOf(["CHAIR"], ownScope("C-TWIN")));
    expect(outcome).toMatchObject({
      kind: "failed",
      error: { message: expect.stringContaining('"C-TWIN" (ids 26, 27)') },
    });
  });
});

describe("calls that prices cost", () => {
  test("with the action: the customer, the products, the rules of each list below, and one for all prices", async () => {
    under = await startOdoo("18.0", { priceAction: 77 }, ({ data }) => {
      data["account.fiscal.position"] = [];
    });
    const skus = ["CHAIR", "DESK", "LAMP", "CABLE"];
    expect(await under.callsOf(() => under.prices(keysOf(skus, ownScope("C-QUANTITY"))))).toEqual([
      "res.partner.search_read",
      "product.product.search_read",
      "product.pricelist.item.search_read",
      "ir.actions.server.run",
    ]);
  });

  test("with the action: one more for the customers' fiscal positions, where Odoo has any", async () => {
    under = await startOdoo("18.0", { priceAction: 77 });
    const calls = await under.callsOf(() => under.prices(keysOf(["CHAIR", "DESK"], ownScope("C-BELGIUM"))));
    expect(calls).toEqual([
      "res.partner.search_read",
      "ir.actions.server.run",
      "product.product.search_read",
      "product.pricelist.item.search_read",
      "ir.actions.server.run",
    ]);
    expect(await under.callsOf(() => under.prices(keysOf(["CHAIR"])))).toEqual(["product.product.search_read"]);
  });

  test("without it: one for each product and quantity, one after another", async () => {
    under = await startOdoo();
    let most = 0;
    let open = 0;
    under.odoo.intercept = async () => {
      open += 1;
      most = Math.max(most, open);
      await Promise.resolve();
      open -= 1;
      return undefined;
    };
    const calls = await under.callsOf(() => under.prices(keysOf(["CHAIR", "DESK"], ownScope("C-QUANTITY"))));
    expect(calls.filter((call) => call.endsWith("get_contextual_price"))).toHaveLength(4);
    expect(most).toBe(1);
  });

  test("of the products' own: one", async () => {
    under = await startOdoo();
    expect(await under.callsOf(() => under.prices(keysOf(["CHAIR", "DESK"])))).toEqual(["product.product.search_read"]);
  });
});

describe("a price action that does not fit", () => {
  test.each([
    ["none", "ODOO_PRICE_ACTION is 77, and Odoo has no server action of that id"],
    [
      "forbidden",
      "ODOO_PRICE_ACTION is 77, which Odoo's user may not run: put its group in the action's Allowed Groups",
    ],
    [
      "no group",
      "ODOO_PRICE_ACTION is 77, which Odoo's user may not run: put its group in the action's Allowed Groups",
    ],
    ["other code", "what ODOO_PRICE_ACTION names answers something else"],
  ] as const)("(%s) is said at the start and with each price, and no price is told", async (action, named) => {
    const warned: string[] = [];
    const warn = ({ err }: { err: Error }) => warned.push(err.message);
    const log = { info: () => undefined, warn } as unknown as OdooOptions["log"];
    under = await startOdoo("18.0", { priceAction: 77, log }, (odoo) => {
      odoo.action = action;
    });
    const error = await under.prices(keysOf(["CHAIR"], ownScope("C-TRADE"))).catch((failure: unknown) => failure);
    expect(error).toMatchObject({
      code: "ERP_UNAVAILABLE",
      countsAsFailure: false,
      message: expect.stringContaining(named),
    });
    await vi.waitFor(() => expect(warned).toEqual([expect.stringContaining(named)]));
    // All else is answered.
    expect(await under.prices(keysOf(["CHAIR"]))).toMatchObject([{ kind: "found" }]);
  });

  test("(no group) is run by anybody on 19", async () => {
    under = await startOdoo("19.0", { priceAction: 77 }, (odoo) => {
      odoo.action = "no group";
    });
    expect(await under.prices(keysOf(["CHAIR"], ownScope("C-TRADE")))).toMatchObject([{ kind: "found" }]);
  });
});
