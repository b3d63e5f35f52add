import { beforeEach, describe, expect, test } from "vitest";
import { createTrytonChanges } from "../../../src/erp/tryton/tryton-changes.js";
import type { Ground } from "../../../src/erp/tryton/tryton-ground.js";
import type { TrytonSession } from "../../../src/erp/tryton/tryton-session.js";
import { toStamp } from "../../../src/erp/tryton/tryton-values.js";
import type { Change } from "../../../src/pricing/connector.js";

type Row = Record<string, unknown>;

const second = 1_000_000;
const start = Date.UTC(2026, 10, 24, 9, 30) * 1000;
const ground: Ground = {
  ...{ company: 1, currency: "EUR", timeZone: "UTC", currencies: new Map([["EUR", 1]]), priceDigits: 4 },
  ...{ units: new Map(), warehouses: [], context: { company: 1 } },
  has: { creditLimit: false, priceLists: true, listParent: true, listDates: false, taxByPlace: false },
};

/** The server's time, in microseconds since the epoch. */
let now: number;
let rows: Record<string, Row[]>;

const session: TrytonSession = {
  async call(method, params) {
    const [, model = "", verb] = /^model\.(.*)\.(\w+)$/.exec(method) ?? [];
    if (verb === "read") return [{ id: 1, sale_price_list: 8, write_date: null, create_date: toStamp(0) }];
    const limit = (params[2] as number | null) ?? Number.POSITIVE_INFINITY;
    return (rows[model] ?? []).slice(0, limit);
  },
  readTime: async () => Math.floor(now / second) * 1000,
  close: async () => undefined,
};
const changes = createTrytonChanges(session, async () => ground);
const signal = new AbortController().signal;

const written = (id: number, at: number | null, more: Row = {}): Row => ({
  ...{ id, write_date: at === null ? null : toStamp(at), create_date: toStamp(start - 86_400 * second), ...more },
});
const product = (id: number, at: number | null, templateAt: number | null = null, more: Row = {}): Row =>
  written(id, at, { ...{ code: `SKU-${id}`, active: 1, salable: 1, "template.": written(id, templateAt) }, ...more });
const move = (id: number, at: number, sku: string): Row => written(id, at, { "product.": { id: 1, code: sku } });

async function cursorNow(): Promise<string> {
  return (await changes.readChanges(null, 100, signal)).next;
}

async function readAll(since: string, limit = 1000): Promise<{ changes: Change[]; next: string; pages: number }> {
  const all: Change[] = [];
  let cursor = since;
  for (let pages = 1; pages < 100; pages++) {
    const page = await changes.readChanges(cursor, limit, signal);
    all.push(...page.changes);
    cursor = page.next;
    if (!page.more) return { changes: all, next: cursor, pages };
  }
  throw new Error("the pages never end");
}

beforeEach(() => {
  now = start;
  rows = {};
});

describe("changes of Tryton", () => {
  test("a first question reads none, only where to go on from", async () => {
    rows["product.product"] = [product(1, start - 60 * second)];
    expect(await changes.readChanges(null, 100, signal)).toMatchObject({ changes: [], more: false });
  });

  test("are told once each, oldest first, whatever the size of the pages", async () => {
    const since = await cursorNow();
    const at = start + second;
    rows["product.product"] = [product(3, at), product(1, at), product(2, null, at + 1), product(4, null)];
    rows["stock.move"] = [move(1, at, "SKU-9"), move(2, at - 1, "SKU-8")];
    now = start + 10 * second;
    const told = [
      { kind: "stock", sku: "SKU-8" },
      { kind: "price", sku: "SKU-1" },
      { kind: "price", sku: "SKU-3" },
      { kind: "stock", sku: "SKU-9" },
      { kind: "price", sku: "SKU-2" },
    ];
    for (const limit of [1, 2, 3, 1000]) {
      const read = await readAll(since, limit);
      expect(read.changes).toEqual(told);
      expect((await readAll(read.next, limit)).changes).toEqual([]);
    }
  });

  test("of a transaction that may still be open are told when it is over, so that none of its instant is passed by", async () => {
    const since = await cursorNow();
    const at = start + second + 500_000;
    rows["stock.move"] = [move(2, at, "SKU-2")];
    now = at + second;
    const early = await readAll(since);
    expect(early.changes).toEqual([]);
    rows["stock.move"].unshift(move(1, at, "SKU-1"));
    now = at + 4 * second;
    const late = await readAll(early.next);
    expect(late.changes.map(({ sku }) => sku)).toEqual(["SKU-1", "SKU-2"]);
    expect((await readAll(late.next)).changes).toEqual([]);
  });

  test("a product that is no longer for sale is removed", async () => {
    const since = await cursorNow();
    const at = start + second;
    rows["product.product"] = [product(1, at, null, { active: 0 }), product(2, at, null, { salable: false })];
    now = start + 10 * second;
    expect((await readAll(since)).changes.map(({ kind }) => kind)).toEqual(["removed", "removed"]);
  });

  test("of a price list touch its price scopes and its children's, the default one all prices", async () => {
    const since = await cursorNow();
    rows["product.price_list"] = [written(4, start + second, { parent: null }), written(5, null, { parent: 4 })];
    rows["account.tax.rule"] = [written(2, null)];
    now = start + 10 * second;
    expect((await readAll(since)).changes).toEqual([
      { kind: "price", priceScope: "list-4" },
      { kind: "price", priceScope: "list-4/tax-rule-2" },
      { kind: "price", priceScope: "list-5" },
      { kind: "price", priceScope: "list-5/tax-rule-2" },
    ]);
    rows["product.price_list"] = [written(8, start + second, { parent: null })];
    expect((await readAll(since)).changes).toEqual([{ kind: "price" }]);
  });

  test("too many to name are told as all", async () => {
    const since = await cursorNow();
    rows["stock.move"] = Array.from({ length: 5001 }, (_, n) => move(n + 1, start + second, `SKU-${n}`));
    now = start + 10 * second;
    const read = await readAll(since, 10);
    expect(read.changes).toEqual([{ kind: "price" }, { kind: "stock" }, { kind: "customer" }]);
    expect((await readAll(read.next)).changes).toEqual([]);
  });

  test("a server's clock set back loses nothing", async () => {
    const since = await cursorNow();
    now = start - 60 * second;
    expect(await changes.readChanges(since, 10, signal)).toEqual({ changes: [], next: since, more: false });
  });

  test.each(["", "tryton-1.x.0.0", "eyJhIjoxfQ", "tryton-1.1.1"])(
    "a cursor that is none, %j, is refused",
    async (cursor) => {
      await expect(changes.readChanges(cursor, 10, signal)).rejects.toMatchObject({ code: "BAD_USER_INPUT" });
    },
  );
});
