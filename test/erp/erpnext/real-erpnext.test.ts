import { afterAll, beforeAll, expect, test } from "vitest";
import { systemClock } from "../../../src/clock.js";
import { createErpNextConnector, erpNextConcurrency } from "../../../src/erp/erpnext/erpnext-connector.js";
import type { Connector } from "../../../src/pricing/connector.js";
import { createStockKey } from "../../../src/pricing/keys.js";
import { unitPriceAt } from "../../../src/pricing/ladder.js";
import { describeReal } from "../../support/real-erp.js";
import { priceKeyOf } from "../../support/samples.js";

const env = (name: string) => process.env[name] ?? "";
type Row = Record<string, unknown>;

// ERPNEXT_URL such as http://127.0.0.1:8000/, ERPNEXT_TOKEN as key:secret of a user, ERPNEXT_COMPANY as ERPNext names it.
describeReal(
  ["ERPNEXT_URL", "ERPNEXT_TOKEN", "ERPNEXT_COMPANY"],
  "the connector and a real ERPNext say the same",
  () => {
    let connector: Connector;
    let skus: string[];

    beforeAll(async () => {
      connector = createErpNextConnector({
        url: new URL(env("ERPNEXT_URL")),
        token: env("ERPNEXT_TOKEN"),
        company: env("ERPNEXT_COMPANY"),
        usualList: "Standard Selling",
        customerField: "name",
        warehouses: null,
        taxRate: null,
        digits: 2,
        maxConcurrency: erpNextConcurrency,
        timeoutMs: 20_000,
        clock: systemClock,
        log: { info: () => undefined, warn: () => undefined },
      });
      skus = (await connector.products?.readPage(null, 20, AbortSignal.timeout(30_000)))?.skus ?? [];
      expect(skus.length).toBeGreaterThan(0);
    }, 120_000);

    afterAll(() => connector?.close());

    /** Straight from ERPNext, by none of the connector's code. */
    async function ask(method: string, params: Row): Promise<unknown> {
      const address = `${env("ERPNEXT_URL").replace(/\/+$/, "")}/api/method/${method}`;
      const headers = { authorization: `token ${env("ERPNEXT_TOKEN")}`, "content-type": "application/json" };
      const response = await fetch(address, { method: "POST", headers, body: JSON.stringify(params) });
      expect(response.status).toBe(200);
      return ((await response.json()) as Row)["message"];
    }

    const call = () => ({ sentAt: Date.now(), signal: AbortSignal.timeout(60_000) });

    test("of public prices, as a line of a new order is priced", async () => {
      for (const sku of skus) {
        const args = {
          ...{ item_code: sku, doctype: "Sales Order", company: env("ERPNEXT_COMPANY"), qty: 1, conversion_rate: 1 },
          ...{ selling_price_list: "Standard Selling", plc_conversion_rate: 1, order_type: "Sales" },
          ...{ transaction_date: new Date().toISOString().slice(0, 10) },
        };
        const details = (await ask("erpnext.stock.get_item_details.get_item_details", {
          args: JSON.stringify(args),
        })) as Row;
        const [outcome] = await connector.prices.readMany([priceKeyOf({ sku })], call());
        const said = outcome?.kind === "found" ? Number(unitPriceAt(outcome.answer, "1")) : 0;
        const listed = Number(details["price_list_rate"]) * (1 - Number(details["discount_percentage"] ?? 0) / 100);
        expect([sku, said]).toEqual([sku, Number(listed.toFixed(2))]);
      }
    }, 240_000);

    test("of stock", async () => {
      const outcomes = await connector.stock.readMany(skus.map(createStockKey), call());
      for (const [n, outcome] of outcomes.entries()) {
        if (outcome.kind !== "found") throw new Error(`no stock of ${skus[n]}`);
        for (const { code, available } of outcome.answer.warehouses) {
          const bin = (await ask("erpnext.stock.get_item_details.get_bin_details", {
            item_code: skus[n],
            warehouse: code,
          })) as Row;
          const left = Number(bin["actual_qty"]) - Number(bin["reserved_qty"]);
          expect([skus[n], code, Number(available)]).toEqual([skus[n], code, Math.max(0, Number(left.toFixed(6)))]);
        }
      }
    }, 240_000);
  },
);
