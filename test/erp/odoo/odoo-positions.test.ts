import { afterEach, describe, expect, test } from "vitest";
import type { OdooOptions } from "../../../src/erp/odoo/odoo-connector.js";
import type { FakeOdoo } from "../../support/odoo-fake.js";
import { position } from "../../support/odoo-positions.js";
import type { Values } from "../../support/odoo-records.js";
import { keysOf, ladderIn, listScope, type OdooUnderTest, ownScope, startOdoo } from "./odoo-ask.js";

let under: OdooUnderTest;

afterEach(() => under.stop());

const percent = (id: number, amount: number, more: Values = {}): Values => ({
  ...{ id, name: `${amount} %`, type_tax_use: "sale", amount, amount_type: "percent", company_id: 1, ...more },
});

const ttc = { price_include: true };

/** Of C-TRADE, in Belgium. */
const depot: Values = {
  ...{ id: 90, type: "delivery", parent_id: 20, commercial_partner_id: 20, active: true, country_id: 2 },
};

/** The price of the lamp, 24.93 with 20 % in it, under a position that exchanges these taxes for others. */
async function lampUnder(version: string, map: Record<number, number[]>, taxes: readonly Values[]) {
  under = await startOdoo(version, { priceAction: 77 }, ({ data }) => {
    data["account.tax"]?.push(...taxes);
    data["account.fiscal.position"] = [position(4, "Abroad", map, { auto_apply: true, country_id: 2 })];
    set(data, "C-BELGIUM", { property_product_pricelist: false });
  });
  return ladderIn((await under.prices(keysOf(["LAMP"], ownScope("C-BELGIUM"))))[0]);
}

function set(data: FakeOdoo["data"], ref: string, values: Values): void {
  const row = data["res.partner"]?.find((each) => each["ref"] === ref);
  if (row === undefined) throw new Error(`no contact ${ref}`);
  Object.assign(row, values);
}

async function scopesOf(...codes: string[]): Promise<unknown[]> {
  const outcomes = await under.customers(...codes);
  return outcomes.map((outcome) => (outcome.kind === "found" ? outcome.answer.priceScope : outcome.kind));
}

describe.each(["16.0", "18.0", "19.0"])("a fiscal position of Odoo %s, told by the price action,", (version) => {
  test("puts its taxes in the place of the products', in a customer's list and in the products' own prices", async () => {
    under = await startOdoo(version, { priceAction: 77 });
    const ofList = await under.prices(keysOf(["CHAIR", "LAMP", "CABLE"], ownScope("C-BELGIUM")));
    expect(ofList.map(ladderIn)).toMatchObject([
      { taxBasis: "NET", taxRate: "0", unitPrice: "22.44" },
      // 7.479 with 20 % in it, which are taken out.
      { taxBasis: "NET", taxRate: "0", unitPrice: version === "19.0" ? "6.2325" : "6.23" },
      { taxBasis: "NET", taxRate: "0", unitPrice: version === "19.0" ? "0.375" : "0.38" },
    ]);
    set(under.odoo.data, "C-BELGIUM", { property_product_pricelist: false });
    const own = await under.prices(keysOf(["CHAIR", "DESK"], ownScope("C-BELGIUM")));
    expect(own.map(ladderIn)).toMatchObject([
      { taxRate: "0", unitPrice: "74.8", priceList: null },
      {
        taxRate: "1",
        taxes: [
          { id: "5", rate: "0" },
          { id: "2", rate: "1" },
        ],
      },
    ]);
  });

  test("that exchanges a tax in the price for another one in it leaves a gross price, to the decimals of an order", async () => {
    const ladder = await lampUnder(version, { 3: [8] }, [percent(8, 5.5, ttc)]);
    const unitPrice = version === "19.0" ? "21.917625" : "21.92";
    expect(ladder).toMatchObject({ taxBasis: "GROSS", taxRate: "5.5", unitPrice });
  });

  test("that exchanges it for one beside the price leaves the net price", async () => {
    const ladder = await lampUnder(version, { 3: [8] }, [percent(8, 10)]);
    expect(ladder).toMatchObject({
      taxBasis: "NET",
      taxRate: "10",
      unitPrice: version === "19.0" ? "20.775" : "20.78",
    });
  });

  test("that takes it away without another leaves the net price, exempt", async () => {
    const ladder = await lampUnder(version, { 3: [], 1: [5] }, []);
    expect(ladder).toMatchObject({ taxBasis: "NET", taxRate: "0", unitPrice: version === "19.0" ? "20.775" : "20.78" });
  });

  test("that exchanges other taxes leaves the price as it is, with its tax", async () => {
    const ladder = await lampUnder(version, { 1: [5] }, []);
    expect(ladder).toMatchObject({ taxBasis: "GROSS", taxRate: "20", unitPrice: "24.93" });
  });

  test("that puts a tax into a price that held none leaves the amount, and makes it gross", async () => {
    const map = { 1: [8] };
    await lampUnder(version, map, [percent(8, 17, ttc)]);
    const [chair] = await under.prices(keysOf(["CHAIR"], ownScope("C-BELGIUM")));
    expect(ladderIn(chair)).toMatchObject({ taxBasis: "GROSS", taxRate: "17", unitPrice: "74.8" });
  });

  test("that puts in an archived tax has its rate all the same", async () => {
    const ladder = await lampUnder(version, { 3: [8] }, [percent(8, 10, { active: false })]);
    expect(ladder.taxRate).toBe("10");
  });

  test("that puts in an amount for each unit leaves no rate, and one that cannot be taken out fails that product alone", async () => {
    const fixed = { amount_type: "fixed" };
    const ladder = await lampUnder(version, { 3: [8], 1: [9] }, [
      percent(8, 1, fixed),
      percent(9, 1, { ...fixed, ...ttc }),
    ]);
    expect(ladder).toMatchObject({ taxBasis: "NET", taxRate: null });
    const [chair, cable] = await under.prices(keysOf(["CHAIR", "CABLE"], ownScope("C-BELGIUM")));
    expect(chair).toMatchObject({
      kind: "failed",
      error: { message: expect.stringContaining('"CHAIR": its price includes') },
    });
    expect(cable).toMatchObject({ kind: "found" });
  });

  test("that puts in a tax that Odoo does not show fails, rather than lose it", async () => {
    under = await startOdoo(version, { priceAction: 77 }, ({ data }) => {
      data["account.fiscal.position"] = [position(4, "Abroad", { 1: [99] }, { auto_apply: true, country_id: 2 })];
    });
    const [chair] = await under.prices(keysOf(["CHAIR"], ownScope("C-BELGIUM")));
    expect(chair).toMatchObject({ kind: "failed", error: { message: expect.stringContaining("the tax 99") } });
  });

  test("is the customer's price scope: nobody under another one shares a price with it", async () => {
    under = await startOdoo(version, { priceAction: 77 }, ({ data }) => {
      data["account.fiscal.position"]?.push(position(2, "By hand", { 1: [] }));
      set(data, "C-CREDIT", { property_account_position_id: 2 });
    });
    const codes = ["C-BELGIUM", "C-CREDIT", "C-TRADE", "C-NOLIST"];
    expect(await scopesOf(...codes)).toEqual(["list-1/position-1", "list-1/position-2", "list-1", "no-list"]);
    const inScope = (code: string, sku: string) => keysOf([sku], listScope("list-1/position-1", code));
    const outcomes = await under.prices([
      ...inScope("C-BELGIUM", "CHAIR"),
      ...inScope("C-CREDIT", "DESK"),
      ...inScope("C-TRADE", "LAMP"),
    ]);
    expect(outcomes).toMatchObject([
      { kind: "found", answer: { taxRate: "0" } },
      { kind: "unknown", what: "customer" },
      { kind: "unknown", what: "customer" },
    ]);
  });

  test("is found by the delivery address that an order proposes, and by a VAT number", async () => {
    under = await startOdoo(version, { priceAction: 77 }, ({ data }) => {
      data["account.fiscal.position"]?.push(
        position(2, "Intra-EU", { 1: [5] }, { auto_apply: true, vat_required: true, country_group_id: 1 }),
      );
      data["res.partner"]?.push(depot);
      set(data, "C-QUANTITY", { vat: "FR40303265045" });
    });
    expect(await scopesOf("C-TRADE", "C-QUANTITY", "C-DOLLARS")).toEqual([
      "list-1/position-1",
      "list-2/position-2",
      "list-4",
    ]);
  });

  test("that Odoo cannot tell for a contact fails that customer alone, with Odoo's words", async () => {
    under = await startOdoo(version, { priceAction: 77 }, ({ data }) => set(data, "C-BELGIUM", { broken: true }));
    const [broken, neighbour] = await under.customers("C-BELGIUM", "C-TRADE");
    const message = expect.stringContaining("the fiscal position of contact 24: Expected singleton");
    expect(broken).toMatchObject({ kind: "failed", error: { code: "ERP_BAD_ANSWER", message } });
    expect(neighbour).toMatchObject({ kind: "found" });
    expect((await under.prices(keysOf(["CHAIR"], ownScope("C-BELGIUM"))))[0]).toMatchObject({ kind: "failed" });
  });
});

test("a fiscal position that maps nothing takes all taxes away on 19, and none before", async () => {
  for (const [version, taxRate] of [
    ["18.0", "20"],
    ["19.0", "0"],
  ] as const) {
    await under?.stop();
    expect((await lampUnder(version, {}, [])).taxRate).toBe(taxRate);
  }
});

describe("a price action of an older release", () => {
  const start = async () => {
    const said: string[] = [];
    const note = (_: unknown, text: string) => said.push(text);
    const log = { info: note, warn: note } as unknown as OdooOptions["log"];
    under = await startOdoo("18.0", { priceAction: 77, log }, (odoo) => {
      odoo.action = "older";
    });
    return said;
  };

  test("prices as before, says so at the start and once, and leaves untold what a position may exchange", async () => {
    const said = await start();
    const [home] = await under.prices(keysOf(["CHAIR"], ownScope("C-TRADE")));
    expect(ladderIn(home)).toMatchObject({ unitPrice: "22.44", taxRate: "20" });
    const [abroad] = await under.prices(keysOf(["CHAIR"], ownScope("C-BELGIUM")));
    expect(ladderIn(abroad)).toMatchObject({ unitPrice: "22.44", taxRate: null });
    expect(await scopesOf("C-BELGIUM", "C-TRADE")).toEqual(["list-1/other-taxes", "list-1"]);
    expect(said.filter((text) => text.includes("is an older one"))).toHaveLength(1);
  });

  test("is not asked for positions each time, and a new one put in its place is noticed", async () => {
    const said = await start();
    await scopesOf("C-BELGIUM");
    expect(await under.callsOf(() => scopesOf("C-BELGIUM"))).toEqual([
      "res.partner.search_read",
      "res.partner.search_read",
    ]);
    under.odoo.action = "installed";
    await under.clock.advance(300_000);
    expect(await scopesOf("C-BELGIUM")).toEqual(["list-1/position-1"]);
    expect(said).toContain("the price action tells fiscal positions now");
  });

  test("put back under a price that was asked with a position fails it, rather than price without", async () => {
    under = await startOdoo("18.0", { priceAction: 77 });
    await scopesOf("C-BELGIUM");
    let runs = 0;
    under.odoo.intercept = (call) => {
      if (call?.method === "run" && ++runs === 2) under.odoo.action = "older";
      return undefined;
    };
    const error = await under.prices(keysOf(["CHAIR"], ownScope("C-BELGIUM"))).catch((failure: unknown) => failure);
    expect(error).toMatchObject({
      code: "ERP_BAD_ANSWER",
      message: expect.stringContaining("no fiscal positions any more: put the text"),
    });
  });
});

describe.each(["16.0", "18.0", "19.0"])(
  "without the action, customers in the company's country on Odoo %s",
  (version) => {
    const start = async (...positions: Values[]) => {
      under = await startOdoo(version, {}, ({ data }) => {
        data["account.fiscal.position"] = positions;
        set(data, "C-QUANTITY", { vat: "FR40303265045" });
      });
      return scopesOf("C-TRADE", "C-QUANTITY");
    };
    const auto = (more: Values) => ({ auto_apply: true, ...more });

    test("are told no tax where a position may exchange it by itself: of their country, of a group it is in, of all", async () => {
      const untold = ["list-1/other-taxes", "list-2/other-taxes"];
      expect(await start(position(1, "Overseas", { 1: [5] }, auto({ country_id: 1 })))).toEqual(untold);
      await under.stop();
      expect(await start(position(1, "Europe", { 1: [5] }, auto({ country_group_id: 1 })))).toEqual(untold);
      await under.stop();
      expect(await start(position(1, "All", { 1: [5] }, auto({})))).toEqual(untold);
    });

    test("are told none where a delivery address of theirs is in another country", async () => {
      under = await startOdoo(version, {}, ({ data }) => {
        data["res.partner"]?.push(depot);
      });
      expect(await scopesOf("C-TRADE", "C-QUANTITY")).toEqual(["list-1/other-taxes", "list-2"]);
    });

    test("are told it where such a position wants a VAT number that they do not have", async () => {
      const scopes = await start(position(1, "Europe", { 1: [5] }, auto({ country_group_id: 1, vat_required: true })));
      expect(scopes).toEqual(["list-1", "list-2/other-taxes"]);
    });

    test("are told it where positions are for others, are chosen by hand, or were archived", async () => {
      const scopes = await start(
        position(1, "Belgium", { 1: [5] }, auto({ country_id: 2 })),
        position(2, "By hand", { 1: [5] }, { country_id: 1 }),
        position(3, "Old", { 1: [5] }, auto({ country_id: 1, active: false })),
      );
      expect(scopes).toEqual(["list-1", "list-2"]);
    });
  },
);

test("without the action, a position of one's own country that maps nothing leaves the taxes told, but on 19", async () => {
  for (const [version, scope] of [
    ["18.0", "list-1"],
    ["19.0", "list-1/other-taxes"],
  ] as const) {
    await under?.stop();
    under = await startOdoo(version, {}, ({ data }) => {
      data["account.fiscal.position"] = [position(1, "Domestic", {}, { auto_apply: true, country_id: 1 })];
    });
    expect(await scopesOf("C-TRADE")).toEqual([scope]);
  }
});

test("positions that Odoo does not show to its user may be anybody's", async () => {
  under = await startOdoo("18.0", {}, ({ forbidden }) => forbidden.add("account.fiscal.position"));
  expect(await scopesOf("C-TRADE")).toEqual(["list-1/other-taxes"]);
});
