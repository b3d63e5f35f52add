import { describe, expect, test } from "vitest";
import { systemClock } from "../../../src/clock.js";
import type { DemoErp } from "../../../src/erp/demo/demo-erp.js";
import { createPortConnector } from "../../../src/erp/port/port-connector.js";
import type { Connector } from "../../../src/pricing/connector.js";
import {
  createCustomerKey,
  createPriceKey,
  createStockKey,
  type Scope,
  verifiedCustomer,
} from "../../../src/pricing/keys.js";
import { unitPriceAt } from "../../../src/pricing/ladder.js";
import { ask, withErp } from "./ask.js";

async function withConnector(use: (connector: Connector, erp: DemoErp) => Promise<void>): Promise<void> {
  await withErp({ token: "s3cret" }, async (erp) => {
    const options = {
      name: "demo",
      url: erp.url,
      token: "s3cret",
      maxConcurrency: 4,
      timeoutMs: 2_000,
      clock: systemClock,
    };
    const connector = createPortConnector(options);
    try {
      await use(connector, erp);
    } finally {
      await connector.close();
    }
  });
}

const call = () => ({ sentAt: Date.now(), signal: AbortSignal.timeout(5_000) });

describe("the demonstration ERP, read through the port connector", () => {
  test("a ladder got once tells the price at any quantity as the ERP itself would", async () => {
    await withConnector(async ({ prices }, erp) => {
      const customer = verifiedCustomer("C0004");
      const scope: Scope = { kind: "price-scope", priceScope: "INDUSTRIE", customer };
      const parts = { scope, currency: null, quantity: "1", exactQuantity: false };
      const outcomes = await prices.readMany(
        erp.sampleSkus.map((sku) => createPriceKey({ ...parts, sku })),
        call(),
      );
      for (const quantity of ["0.5", "1", "49", "50", "2000", "99999"]) {
        const lines = erp.sampleSkus.map((sku, at) => ({ ref: String(at), customer, sku, quantity }));
        const headers = { authorization: "Bearer s3cret" };
        const { body } = await ask(erp, "/v1/prices", { lines }, { headers });
        const told = body["lines"] as { sku: string; unitPrice: string }[];
        const read = outcomes.map((outcome) => {
          if (outcome.kind !== "found") throw new Error(`one SKU was ${outcome.kind}`);
          return [outcome.answer.sku, unitPriceAt(outcome.answer, quantity)];
        });
        expect(Object.fromEntries(read)).toEqual(
          Object.fromEntries(told.map(({ sku, unitPrice }) => [sku, unitPrice])),
        );
      }
    });
  });

  test("stock, customers, products, changes and health are all read without complaint", async () => {
    await withConnector(async ({ stock, customers, products, changes, checkHealth }, erp) => {
      const { signal } = call();
      const stocks = await stock.readMany(
        [...erp.sampleSkus, "NO-SUCH"].map((sku) => createStockKey(sku)),
        call(),
      );
      expect(stocks.map(({ kind }) => kind)).toEqual([...erp.sampleSkus.map(() => "found"), "unknown"]);
      const codes = ["C0001", "C0005", "C0301"].map((code) => createCustomerKey(verifiedCustomer(code)));
      const records = [];
      for (const code of codes) records.push(...(await customers.readMany([code], call())));
      expect(records.map(({ kind }) => kind)).toEqual(["found", "found", "unknown"]);
      expect((await products?.readPage(null, 24, signal))?.skus).toEqual(erp.sampleSkus);
      expect(await changes?.readChanges(null, 10, signal)).toMatchObject({ changes: [], more: false });
      await checkHealth(signal);
    });
  });
});
