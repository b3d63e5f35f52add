import { afterAll, beforeAll, expect, test } from "vitest";
import { systemClock } from "../../../src/clock.js";
import { createDolibarrConnector, dolibarrConcurrency } from "../../../src/erp/dolibarr/dolibarr-connector.js";
import type { Connector } from "../../../src/pricing/connector.js";
import { createStockKey, verifiedCustomer } from "../../../src/pricing/keys.js";
import { unitPriceAt } from "../../../src/pricing/ladder.js";
import { describeReal } from "../../support/real-erp.js";
import { priceKeyOf } from "../../support/samples.js";

const env = (name: string) => process.env[name] ?? "";
type Row = Record<string, unknown>;

// DOLIBARR_URL such as http://127.0.0.1:8080/, DOLIBARR_KEY a user's API key, DOLIBARR_CODES codes of customers (code_client).
describeReal(["DOLIBARR_URL", "DOLIBARR_KEY"], "the connector and a real Dolibarr say the same", () => {
  let connector: Connector;
  let skus: string[];
  let products: Map<string, Row>;

  beforeAll(async () => {
    connector = createDolibarrConnector({
      url: new URL(env("DOLIBARR_URL")),
      apiKey: env("DOLIBARR_KEY"),
      customerField: "code_client",
      currency: "EUR",
      publicLevel: 1,
      maxConcurrency: dolibarrConcurrency,
      timeoutMs: 20_000,
      clock: systemClock,
      log: { info: () => undefined, warn: () => undefined },
    });
    skus = (await connector.products?.readPage(null, 40, AbortSignal.timeout(30_000)))?.skus ?? [];
    expect(skus.length).toBeGreaterThan(0);
    products = new Map();
    for (const sku of skus) {
      const row = await ask(`/products/ref/${encodeURIComponent(sku)}?includestockdata=1`);
      if (row !== null) products.set(sku, row as Row);
    }
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

  async function pricesFor(code: string | null): Promise<Map<string, number>> {
    const scope = code === null ? null : ({ kind: "customer", customer: verifiedCustomer(code) } as const);
    const prices = new Map<string, number>();
    for (const sku of skus) {
      const key = priceKeyOf({ sku, ...(scope === null ? {} : { scope }) });
      const [outcome] = await connector.prices.readMany([key], call());
      if (outcome?.kind === "found") prices.set(sku, Number(unitPriceAt(outcome.answer, "1")));
    }
    return prices;
  }

  /** The amount without or with tax, whichever Dolibarr counts from. */
  function amountOf(row: Row, level: number): number {
    const at = (field: string) => (row[field] as Row | undefined)?.[String(level)];
    if (at("multiprices") == null) return Number(row["price_base_type"] === "TTC" ? row["price_ttc"] : row["price"]);
    return Number(at("multiprices_base_type") === "TTC" ? at("multiprices_ttc") : at("multiprices"));
  }

  test("of public prices", async () => {
    const said = await pricesFor(null);
    for (const [sku, row] of products) expect([sku, said.get(sku)]).toEqual([sku, amountOf(row, 1)]);
  }, 120_000);

  test("of customers' prices", async () => {
    for (const code of env("DOLIBARR_CODES").split(",").filter(Boolean)) {
      const [party] = (await ask(`/thirdparties?sqlfilters=(t.code_client:=:'${code}')`)) as [Row];
      const said = await pricesFor(code);
      for (const [sku, row] of products) {
        const path = `/products/${row["id"]}/selling_multiprices/per_customer?thirdparty_id=${party["id"]}`;
        const [own] = ((await ask(path)) as Row[] | null) ?? [];
        expect([code, sku, said.get(sku)]).toEqual([
          code,
          sku,
          amountOf(own ?? row, Number(party["price_level"]) || 1),
        ]);
      }
    }
  }, 240_000);

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
