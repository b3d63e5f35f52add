import { afterAll, beforeAll, expect, test } from "vitest";
import { systemClock } from "../../../src/clock.js";
import { createDolibarrConnector, dolibarrConcurrency } from "../../../src/erp/dolibarr/dolibarr-connector.js";
import type { Connector } from "../../../src/pricing/connector.js";
import { createStockKey, publicScope, verifiedCustomer } from "../../../src/pricing/keys.js";
import { type Ladder, unitPriceAt } from "../../../src/pricing/ladder.js";
import { describeReal } from "../../support/real-erp.js";
import { priceKeyOf } from "../../support/samples.js";

const env = (name: string) => process.env[name] ?? "";
type Row = Record<string, unknown>;

// DOLIBARR_URL such as http://127.0.0.1:8080/, DOLIBARR_KEY a user's API key, DOLIBARR_CODES codes of customers (code_client).
describeReal(["DOLIBARR_URL", "DOLIBARR_KEY"], "the connector and a real Dolibarr say the same", () => {
  let connector: Connector;
  let skus: string[];
  let products: Map<string, Row>;

  const open = (apiKey: string) =>
    createDolibarrConnector({
      url: new URL(env("DOLIBARR_URL")),
      apiKey,
      customerField: "code_client",
      currency: "EUR",
      publicLevel: 1,
      maxConcurrency: dolibarrConcurrency,
      timeoutMs: 20_000,
      clock: systemClock,
      log: { info: () => undefined, warn: () => undefined },
    });

  beforeAll(async () => {
    connector = open(env("DOLIBARR_KEY"));
    skus = (await connector.products?.readPage(null, 100, AbortSignal.timeout(30_000)))?.skus ?? [];
    expect(skus.length).toBeGreaterThan(0);
    // As a list, since no path can carry every ref.
    const rows = (await ask("/products?sortfield=t.rowid&limit=100&includestockdata=1")) as Row[];
    products = new Map(rows.filter(({ status }) => status === "1").map((row) => [String(row["ref"]), row]));
    skus = skus.filter((sku) => products.has(sku));
    for (const sku of products.keys()) if (!skus.includes(sku)) products.delete(sku);
    expect(skus.length).toBeGreaterThan(0);
  }, 120_000);

  afterAll(() => connector?.close());

  /** Straight from Dolibarr, by none of the connector's code; null for 404 and for a mode that is off. */
  async function ask(path: string): Promise<unknown> {
    const address = `${env("DOLIBARR_URL").replace(/\/+$/, "")}/api/index.php${path}`;
    const response = await fetch(address, { headers: { DOLAPIKEY: env("DOLIBARR_KEY") } });
    if (response.status === 404 || response.status === 400) return null;
    expect(response.status).toBe(200);
    return response.json();
  }

  const call = () => ({ sentAt: Date.now(), signal: AbortSignal.timeout(60_000) });

  async function laddersFor(code: string | null): Promise<Map<string, Ladder>> {
    const scope = code === null ? publicScope : ({ kind: "customer", customer: verifiedCustomer(code) } as const);
    const ladders = new Map<string, Ladder>();
    for (const sku of skus) {
      const [outcome] = await connector.prices.readMany([priceKeyOf({ sku, scope })], call());
      if (outcome?.kind === "found") ladders.set(sku, outcome.answer);
    }
    return ladders;
  }

  /** The amount without or with tax, whichever Dolibarr counts from, less the discount. At a level without a price it is the own one. */
  function amountOf(row: Row, level: number, discount: number): number {
    const at = (field: string) => (row[field] as Row | undefined)?.[String(level)];
    const isAtLevel = Boolean(at("multiprices_base_type"));
    const base = isAtLevel ? at("multiprices_base_type") : row["price_base_type"];
    const kind = isAtLevel ? "multiprices" : "price";
    const amount = Number((isAtLevel ? at : (field: string) => row[field])(base === "TTC" ? `${kind}_ttc` : kind));
    return (amount * (100 - discount)) / 100;
  }

  const priceOf = (ladder: Ladder | undefined) => Number(ladder === undefined ? Number.NaN : unitPriceAt(ladder, "1"));

  /** Whether the product's breaks begin at one, so that no order is made at its own price. */
  const beginsWithBreak = (row: Row) =>
    Object.values((row["prices_by_qty_list"] ?? {}) as Record<string, Row[]>)
      .flat()
      .some(({ quantity }) => Number(quantity) <= 1);

  test("of public prices", async () => {
    const said = await laddersFor(null);
    for (const [sku, row] of products) {
      if (!beginsWithBreak(row)) expect([sku, priceOf(said.get(sku))]).toEqual([sku, amountOf(row, 1, 0)]);
    }
  }, 120_000);

  test("of customers' prices", async () => {
    for (const code of env("DOLIBARR_CODES").split(",").filter(Boolean)) {
      const [party] = (await ask(`/thirdparties?sqlfilters=(t.code_client:=:'${code}')`)) as [Row];
      const said = await laddersFor(code);
      for (const [sku, row] of products) {
        if (beginsWithBreak(row)) continue;
        const path = `/products/${row["id"]}/selling_multiprices/per_customer?thirdparty_id=${party["id"]}`;
        const [own] = ((await ask(path)) as Row[] | null) ?? [];
        const discount = Number(own?.["discount_percent"]) || Number(party["remise_percent"]);
        const wanted = amountOf(own ?? row, Number(party["price_level"]) || 1, discount);
        expect(priceOf(said.get(sku)), `${sku} for ${code}`).toBeCloseTo(wanted, 6);
      }
    }
  }, 240_000);

  test("of prices by quantity, before discounts", async () => {
    const said = await laddersFor(null);
    for (const [sku, row] of products) {
      const answer = (await ask(`/products/${row["id"]}/selling_multiprices/per_quantity`)) as Row | null;
      const list = Object.values((answer?.["prices_by_qty_list"] ?? []) as Row[]);
      for (const { quantity, unitprice, remise_percent: percent } of row["price_base_type"] === "HT" ? list : []) {
        const price = Number(unitPriceAt(said.get(sku) as Ladder, String(quantity)));
        expect(price, `${sku} from ${quantity}`).toBeCloseTo((Number(unitprice) * (100 - Number(percent))) / 100, 6);
      }
    }
  }, 120_000);

  test("of a wrong key", async () => {
    const stranger = open("no-such-key");
    try {
      const asked = stranger.prices.readMany([priceKeyOf({ sku: skus[0] as string })], call());
      await expect(asked).rejects.toMatchObject({ code: "ERP_UNAVAILABLE", countsAsFailure: false });
    } finally {
      await stranger.close();
    }
  }, 60_000);

  test("of unknown products and customers", async () => {
    const scope = { kind: "customer", customer: verifiedCustomer("no-such-customer") } as const;
    const nobody = [priceKeyOf({ sku: skus[0] as string, scope })];
    expect(await connector.prices.readMany(nobody, call())).toMatchObject([{ kind: "unknown", what: "customer" }]);
    const nothing = [priceKeyOf({ sku: "no-such-product" })];
    expect(await connector.prices.readMany(nothing, call())).toMatchObject([{ kind: "unknown", what: "sku" }]);
  }, 60_000);

  test("of changes", async () => {
    const start = await connector.changes?.readChanges(null, 100, AbortSignal.timeout(30_000));
    expect(start).toMatchObject({ changes: [], more: false });
    const next = await connector.changes?.readChanges(start?.next ?? "", 100, AbortSignal.timeout(30_000));
    expect(next).toMatchObject({ more: false });
  }, 60_000);

  test("of stock", async () => {
    const names = new Map(
      ((await ask("/warehouses?limit=500")) as Row[]).map((row) => [String(row["id"]), row["ref"]]),
    );
    for (const [sku, row] of products) {
      const [outcome] = await connector.stock.readMany([createStockKey(sku)], call());
      if (outcome?.kind !== "found") throw new Error(`no stock of ${sku}`);
      for (const { code, available } of outcome.answer.warehouses) {
        const id = [...names].find(([, ref]) => ref === code)?.[0] ?? "";
        const real = Number(((row["stock_warehouse"] as Row)[id] as Row | undefined)?.["real"] ?? 0);
        expect([sku, code, Number(available)]).toEqual([sku, code, Math.max(0, real)]);
      }
    }
  }, 120_000);
});
