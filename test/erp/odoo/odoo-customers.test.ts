import { afterEach, describe, expect, test } from "vitest";
import { keysOf, type OdooUnderTest, ownScope, startOdoo } from "./odoo-ask.js";

let under: OdooUnderTest;

afterEach(() => under.stop());

describe.each(["16.0", "18.0", "19.0"])("customers of Odoo %s", (version) => {
  test("come with their list as scope, its currency, and their terms", async () => {
    under = await startOdoo(version);
    const outcomes = await under.customers("C-DOLLARS", "C-TRADE", "C-NOLIST", "C-BELGIUM", "C-NOBODY", "C-GONE");
    expect(outcomes).toMatchObject([
      { answer: { code: "C-DOLLARS", currency: "USD", priceScope: "list-4", paymentTerms: null, blocked: false } },
      {
        answer: {
          code: "C-TRADE",
          name: "Customer C-TRADE",
          currency: "EUR",
          priceScope: "list-1",
          paymentTerms: "30 days",
        },
      },
      { answer: { currency: "EUR", priceScope: "no-list", creditLimit: null } },
      { answer: { priceScope: "list-1/other-taxes" } },
      { kind: "unknown", what: "customer" },
      { kind: "unknown", what: "customer" },
    ]);
  });

  test("of one reference are refused by their ids, the neighbours answered", async () => {
    under = await startOdoo(version);
    expect(await under.customers("C-TWIN", "C-TRADE")).toMatchObject([
      { kind: "failed", error: { message: expect.stringContaining('"C-TWIN" (ids 26, 27)') } },
      { kind: "found" },
    ]);
  });

  test("have a limit where the user may see it: the company's, less what is owed and not invoiced", async () => {
    under = await startOdoo(version, {}, (odoo) => {
      odoo.mayReadInvoicing = true;
    });
    expect(await under.customers("C-CREDIT", "C-TRADE")).toMatchObject([
      { answer: { creditLimit: "1000", creditAvailable: "700" } },
      { answer: { creditLimit: null, creditAvailable: null } },
    ]);
    const company = under.odoo.data["res.partner"]?.find(({ id }) => id === 29);
    if (company !== undefined) company["show_credit_limit"] = false;
    expect(await under.customers("C-CREDIT")).toMatchObject([{ answer: { creditLimit: null } }]);
  });

  test("who buy in another currency than accounts are kept in have none: nothing is converted", async () => {
    under = await startOdoo(version, {}, (odoo) => {
      odoo.mayReadInvoicing = true;
      const buyer = odoo.data["res.partner"]?.find(({ ref }) => ref === "C-CREDIT");
      if (buyer !== undefined) buyer["property_product_pricelist"] = 4;
    });
    expect(await under.customers("C-CREDIT")).toMatchObject([{ answer: { currency: "USD", creditLimit: null } }]);
  });

  test("are answered without their limits where the rights are missing, or are taken away later", async () => {
    under = await startOdoo(version);
    expect(await under.customers("C-CREDIT")).toMatchObject([{ kind: "found", answer: { creditLimit: null } }]);
    await under.stop();
    under = await startOdoo(version, {}, (odoo) => {
      odoo.mayReadInvoicing = true;
    });
    await under.customers("C-CREDIT");
    under.odoo.mayReadInvoicing = false;
    expect(await under.customers("C-CREDIT")).toMatchObject([
      { kind: "found", answer: { name: "Customer C-CREDIT", creditLimit: null } },
    ]);
  });
});

test("a contact to whom Odoo blocks sales is blocked", async () => {
  under = await startOdoo("18.0");
  expect(await under.customers("C-BLOCKED")).toMatchObject([{ answer: { blocked: true } }]);
});

describe("settings that name nothing in Odoo", () => {
  test.each([
    [{ company: "Nobody Ltd" }, /ODOO_COMPANY.*1 "Dupont SA"/],
    [{ publicList: "Gold" }, /ODOO_PUBLIC_PRICELIST is "Gold", and 0 .*1 "Trade"/],
  ])("%j is said with what there is", async (options, said) => {
    under = await startOdoo("18.0", options);
    const error = await under.customers("C-TRADE").catch((failure: unknown) => failure);
    expect(error).toMatchObject({
      code: "ERP_UNAVAILABLE",
      countsAsFailure: false,
      message: expect.stringMatching(said),
    });
  });

  test("a company by its name or id is sent with every call", async () => {
    for (const company of ["Dupont SA", "1"]) {
      under = await startOdoo("18.0", { company });
      await under.customers("C-TRADE");
      expect(under.odoo.calls.at(-1)?.context).toEqual({ lang: "fr_FR", allowed_company_ids: [1] });
      if (company !== "1") await under.stop();
    }
  });
});

describe("a right that is missing for one kind of answer", () => {
  test.each([
    ["stock.warehouse", ["found", "ERP_UNAVAILABLE", "found"]],
    ["stock.quant", ["found", "ERP_UNAVAILABLE", "found"]],
    ["account.tax", ["ERP_UNAVAILABLE", "found", "found"]],
    ["product.pricelist.item", ["ERP_UNAVAILABLE", "found", "found"]],
    ["product.pricelist", ["ERP_UNAVAILABLE", "found", "ERP_UNAVAILABLE"]],
    ["res.partner", ["ERP_UNAVAILABLE", "found", "ERP_UNAVAILABLE"]],
    ["product.product", ["ERP_UNAVAILABLE", "ERP_UNAVAILABLE", "found"]],
  ])("(%s) keeps nobody from the others", async (model, expected) => {
    under = await startOdoo("18.0", { priceAction: 77 }, ({ forbidden }) => forbidden.add(model));
    const kindOf = (asked: Promise<readonly { kind: string }[]>) =>
      asked.then(
        ([outcome]) => outcome?.kind,
        (error: { code: string; message: string }) => {
          expect(error.message).toContain(`read access on ${model}`);
          return error.code;
        },
      );
    const kinds = [
      await kindOf(under.prices(keysOf(["CHAIR"], ownScope("C-TRADE")))),
      await kindOf(under.stock("CHAIR")),
      await kindOf(under.customers("C-TRADE")),
    ];
    expect(kinds).toEqual(expected);
  });
});
