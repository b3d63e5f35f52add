import { afterEach, describe, expect, test } from "vitest";
import type { OdooOptions } from "../../../src/erp/odoo/odoo-connector.js";
import type { Change } from "../../../src/pricing/connector.js";
import { stampOf } from "../../support/odoo-fake.js";
import { type OdooUnderTest, startOdoo } from "./odoo-ask.js";

let under: OdooUnderTest;

afterEach(() => under.stop());

const second = 1000;
const signal = () => AbortSignal.timeout(10_000);

async function cursorNow(): Promise<string> {
  return (await readPage(null, 100)).next;
}

function readPage(since: string | null, limit: number) {
  const { changes } = under.connector;
  if (changes === undefined) throw new Error("Odoo's changes are followed");
  return changes.readChanges(since, limit, signal());
}

async function readAll(since: string, limit = 1000): Promise<{ changes: Change[]; next: string }> {
  const all: Change[] = [];
  let cursor = since;
  for (let pages = 1; pages < 100; pages++) {
    const page = await readPage(cursor, limit);
    all.push(...page.changes);
    cursor = page.next;
    if (!page.more) return { changes: all, next: cursor };
  }
  throw new Error("the pages never end");
}

/** Writes on records as Odoo would, `after` ms from now. */
function write(model: string, ids: readonly number[], values: object, after = second): void {
  const at = stampOf(under.odoo.now + after);
  for (const row of under.odoo.data[model] ?? []) {
    if (ids.includes(row["id"] as number)) Object.assign(row, values, { write_date: at });
  }
}

describe.each(["16.0", "18.0", "19.0"])("changes of Odoo %s", (version) => {
  const start = async (options?: Partial<OdooOptions>, prepare?: Parameters<typeof startOdoo>[2]) => {
    under = await startOdoo(version, options, prepare);
  };

  test("a first question reads none, only where to go on from", async () => {
    await start();
    write("product.product", [1], {}, -60 * second);
    expect(await readPage(null, 100)).toMatchObject({ changes: [], more: false });
  });

  test("are told once each, oldest first, whatever the size of the pages", async () => {
    await start();
    const since = await cursorNow();
    write("stock.quant", [1, 2, 5], {}, 2 * second);
    write("product.template", [103], {}, 3 * second);
    write("product.product", [1], {}, 3 * second);
    write("res.partner", [20, 29], {}, 4 * second);
    under.odoo.now += 60 * second;
    const told = [
      { kind: "stock", sku: "CHAIR" },
      { kind: "stock", sku: "DESK" },
      { kind: "price", sku: "CHAIR" },
      { kind: "price", sku: "LAMP" },
      { kind: "customer", customer: "C-TRADE" },
    ];
    for (const limit of [2, 3, 1000]) {
      const { changes, next } = await readAll(since, limit);
      expect(changes).toEqual(told);
      expect((await readAll(next, limit)).changes).toEqual([]);
    }
  });

  test("of a second that is not over are told when it is, so that none of it is passed by", async () => {
    await start();
    const since = await cursorNow();
    const at = under.odoo.now + second;
    write("stock.quant", [1], {});
    under.odoo.now = at + 3 * second;
    const early = await readAll(since);
    expect(early.changes).toEqual([]);
    write("stock.quant", [5], {}, at - under.odoo.now);
    under.odoo.now = at + 30 * second;
    const late = await readAll(early.next);
    expect(late.changes.map(({ sku }) => sku)).toEqual(["CHAIR", "DESK"]);
  });

  test("a product that is archived or no longer sold is removed, one without a reference is nothing", async () => {
    await start();
    const since = await cursorNow();
    write("product.product", [1], { active: false });
    write("product.product", [2], { sale_ok: false });
    write("product.product", [11], {});
    under.odoo.now += 60 * second;
    expect((await readAll(since)).changes).toEqual([
      { kind: "removed", sku: "CHAIR" },
      { kind: "removed", sku: "DESK" },
    ]);
  });

  test("of a rule are those of its product, or of its list and the lists built on it, under any fiscal position", async () => {
    await start();
    const since = await cursorNow();
    write("product.pricelist.item", [2], {});
    write("product.pricelist.item", [4], {}, 2 * second);
    under.odoo.now += 60 * second;
    expect((await readAll(since)).changes).toEqual([
      { kind: "price", sku: "CHAIR" },
      ...["list-2", "list-3"].flatMap((list) =>
        ["", "/other-taxes", "/position-1"].map((position) => ({ kind: "price", priceScope: list + position })),
      ),
    ]);
  });

  test("of a rule are everybody's where the user may not read fiscal positions: the scopes under them have no names", async () => {
    await start({}, ({ forbidden }) => forbidden.add("account.fiscal.position"));
    const since = await cursorNow();
    write("product.pricelist.item", [4], {});
    under.odoo.now += 60 * second;
    expect((await readAll(since)).changes).toEqual([{ kind: "price" }]);
  });

  test("of a fiscal position are every price's and every customer's, since it may bear on anybody now", async () => {
    await start();
    const since = await cursorNow();
    write("account.fiscal.position", [1], {});
    under.odoo.now += 60 * second;
    expect((await readAll(since)).changes).toEqual([{ kind: "price" }, { kind: "customer" }]);
  });

  test("of what an attribute's value costs more are those of its product", async () => {
    await start();
    under.odoo.data["product.template.attribute.value"] = [{ id: 1, product_tmpl_id: 103 }];
    const since = await cursorNow();
    write("product.template.attribute.value", [1], {}, second);
    under.odoo.now += 60 * second;
    expect((await readAll(since)).changes).toEqual([{ kind: "price", sku: "LAMP" }]);
  });

  test("of the public's list are everybody's, as are those of taxes", async () => {
    await start({ publicList: "On trade" });
    const since = await cursorNow();
    write("product.pricelist", [2], {});
    write("account.tax", [1], {}, 2 * second);
    under.odoo.now += 60 * second;
    expect((await readAll(since)).changes).toEqual([{ kind: "price" }]);
  });

  test("of an import are a change of everything", async () => {
    await start();
    const since = await cursorNow();
    const at = stampOf(under.odoo.now + second);
    for (let id = 1000; id <= 6000; id++) {
      under.odoo.data["stock.quant"]?.push({
        id,
        product_id: 1,
        location_id: 51,
        quantity: 1,
        reserved_quantity: 0,
        write_date: at,
      });
    }
    under.odoo.now += 60 * second;
    const page = await readPage(since, 100);
    expect(page.changes).toEqual([{ kind: "price" }, { kind: "stock" }, { kind: "customer" }]);
    expect((await readAll(page.next)).changes).toEqual([]);
  });

  test("of what the user may not read are not followed, which is said once; those of the rest are", async () => {
    const said: unknown[] = [];
    const warn = (fields: { err: Error }, message: string) => said.push([message, fields.err.message]);
    await start({ log: { info: () => undefined, warn } as unknown as OdooOptions["log"] });
    const since = await cursorNow();
    under.odoo.forbidden.add("stock.quant");
    write("stock.quant", [1], {});
    write("product.product", [1], {});
    under.odoo.now += 60 * second;
    for (const _ of [1, 2]) expect((await readAll(since)).changes).toEqual([{ kind: "price", sku: "CHAIR" }]);
    expect(said).toEqual([["changes of this model are not followed", expect.stringContaining("stock.quant")]]);
  });

  test("a cursor of another ERP is refused by its name", async () => {
    await start();
    for (const cursor of ["tryton-1.1.0.0", "", "odoo-1.x.0.0"]) {
      await expect(readPage(cursor, 10)).rejects.toMatchObject({ code: "BAD_USER_INPUT" });
    }
  });
});

describe("the catalogue of Odoo", () => {
  test("is what is sold and has a reference, page by page, each SKU of a page once", async () => {
    under = await startOdoo();
    const { products } = under.connector;
    const pages: string[][] = [];
    let after: string | null = null;
    do {
      const page: { skus: string[]; next: string | null } | undefined = await products?.readPage(after, 4, signal());
      pages.push(page?.skus ?? []);
      after = page?.next ?? null;
    } while (after !== null);
    expect(pages).toEqual([
      ["CHAIR", "DESK", "LAMP", "CABLE"],
      ["SETUP", "KIT", "TWIN"],
      ['L\'ÉTÉ 1/2 "x" %', "LEVY"],
    ]);
    await expect(products?.readPage("CHAIR", 4, signal())).rejects.toMatchObject({ code: "BAD_USER_INPUT" });
  });
});
