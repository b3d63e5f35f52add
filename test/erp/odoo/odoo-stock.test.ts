import { afterEach, describe, expect, test } from "vitest";
import { type OdooUnderTest, startOdoo } from "./odoo-ask.js";

let under: OdooUnderTest;

afterEach(() => under.stop());

describe.each(["16.0", "18.0", "19.0"])("stock of Odoo %s", (version) => {
  const start = async (prepare?: (odoo: OdooUnderTest["odoo"]) => void) => {
    under = await startOdoo(version, {}, prepare);
  };

  test("is what lies in each warehouse and its places, less what is reserved", async () => {
    await start();
    expect(await under.stock("CHAIR", "NO-SUCH")).toMatchObject([
      {
        kind: "found",
        answer: {
          sku: "CHAIR",
          warehouses: [
            { code: "WH", available: "13" },
            { code: "NO", available: "0" },
          ],
          ...{ backorder: false, leadTimeDays: 2 },
        },
        freshness: { computedAt: under.clock.now() },
      },
      { kind: "unknown", what: "sku" },
    ]);
  });

  test("counts whole steps of the unit, and no debt", async () => {
    await start();
    const outcomes = await under.stock("DESK", "CABLE", "LAMP");
    const counts = outcomes.map(
      (outcome) => outcome.kind === "found" && outcome.answer.warehouses.map(({ available }) => available),
    );
    expect(counts).toEqual([
      ["0", "0"], // 0.3 of a desk
      ["10.34", "0"],
      ["0", "0"], // -4
    ]);
  });

  test("of several warehouses is one call, whatever their number", async () => {
    await start();
    expect(await under.callsOf(() => under.stock("CHAIR", "DESK", "CABLE"))).toEqual([
      "product.product.search_read",
      "stock.quant.read_group",
    ]);
  });

  test("of a kit is asked of Odoo a warehouse a call, by the key that its version heeds", async () => {
    await start();
    const calls = await under.callsOf(async () => {
      expect(await under.stock("KIT")).toMatchObject([
        { answer: { warehouses: [{ available: "4" }, { available: "0" }] } },
      ]);
    });
    expect(calls).toHaveLength(3);
    const asked = under.odoo.calls.filter(({ params }) => String(params["fields"]) === "free_qty");
    expect(asked.map(({ context }) => context)).toMatchObject([{ warehouse_id: 1 }, { warehouse_id: 2 }]);
  });

  test("of a single warehouse comes the same way", async () => {
    await start(({ data }) => {
      data["stock.warehouse"]?.pop();
    });
    const calls = await under.callsOf(async () => {
      expect(await under.stock("CHAIR")).toMatchObject([{ answer: { warehouses: [{ code: "WH", available: "13" }] } }]);
    });
    expect(calls).toEqual(["product.product.search_read", "stock.quant.read_group"]);
  });

  test("of a kit alone needs the right on moves of goods, which is said", async () => {
    await start(({ forbidden }) => forbidden.add("stock.move"));
    const named = { code: "ERP_UNAVAILABLE", message: expect.stringContaining("read access on stock.move") };
    expect(await under.stock("CHAIR", "KIT")).toMatchObject([{ kind: "found" }, { kind: "failed", error: named }]);
    expect(await under.stock("KIT").catch((failure: unknown) => failure)).toMatchObject(named);
  });

  test("needs the right on bills of materials where there are kits: Odoo names what is missing, and so do we", async () => {
    await start(({ forbidden }) => forbidden.add("mrp.bom"));
    const error = await under.stock("CHAIR").catch((failure: unknown) => failure);
    expect(error).toMatchObject({
      code: "ERP_UNAVAILABLE",
      message: expect.stringContaining("give its group the read access on mrp.bom"),
    });
  });

  test("of what Odoo does not count can be ordered beyond it", async () => {
    await start();
    expect(await under.stock("SETUP", "TWIN", "GONE")).toMatchObject([
      { kind: "found", answer: { backorder: true, warehouses: [{ available: "0" }, { available: "0" }] } },
      { kind: "failed", error: { code: "ERP_BAD_ANSWER" } },
      { kind: "unknown" },
    ]);
  });
});

describe("an Odoo without an inventory", () => {
  test("has no warehouse, and takes every order", async () => {
    under = await startOdoo("18.0", {}, (odoo) => {
      odoo.intercept = (call) =>
        call?.method === "fields_get" && call.model === "product.product"
          ? { status: 200, body: { jsonrpc: "2.0", id: 1, result: { type: {}, taxes_id: {} } } }
          : undefined;
    });
    expect(await under.stock("CHAIR")).toMatchObject([{ kind: "found", answer: { warehouses: [], backorder: true } }]);
    expect(under.odoo.calls.map(({ model }) => model)).not.toContain("stock.warehouse");
  });
});
