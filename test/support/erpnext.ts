import { createErpNextConnector, type ErpNextOptions } from "../../src/erp/erpnext/erpnext-connector.js";
import type { Connector } from "../../src/pricing/connector.js";
import { type ErpNextBooks, type FakeErpNext, startFakeErpNext } from "./erpnext-fake.js";
import type { FakeDoc } from "./erpnext-fake-order.js";
import { VirtualClock } from "./virtual-clock.js";

const written = "2026-11-20 10:00:00.000000";

export function itemDoc(name: string, more: FakeDoc = {}): FakeDoc {
  return {
    ...{ name, stock_uom: "Nos", item_group: "Products", brand: null, is_stock_item: 1, lead_time_days: 0 },
    ...{ disabled: 0, is_sales_item: 1, has_variants: 0, modified: written, ...more },
  };
}

export function itemPriceDoc(sku: string, rate: number, more: FakeDoc = {}): FakeDoc {
  const name = `IP-${sku}-${rate}`;
  return {
    ...{ name, item_code: sku, price_list: "Standard Selling", price_list_rate: rate, selling: 1 },
    ...{ customer: null, modified: written, ...more },
  };
}

export function customerDoc(name: string, more: FakeDoc = {}): FakeDoc {
  return {
    ...{ name, customer_name: `The ${name}`, customer_group: "Commercial", territory: "France" },
    ...{ default_price_list: null, payment_terms: null, disabled: 0, is_frozen: 0, modified: written, ...more },
  };
}

export function ruleDoc(name: string, more: FakeDoc = {}): FakeDoc {
  return {
    name,
    disable: 0,
    selling: 1,
    price_or_product_discount: "Price",
    min_qty: 0,
    max_qty: 0,
    min_amt: 0,
    max_amt: 0,
    is_cumulative: 0,
    modified: written,
    ...more,
  };
}

export function erpNextBooks(version = "15.40.2", docs: ErpNextBooks["docs"] = {}): ErpNextBooks {
  return {
    version,
    token: "the-key:the-secret",
    timeZone: "Asia/Kolkata",
    headers: {},
    fault: () => null,
    docs: {
      Item: [
        itemDoc("A-1"),
        itemDoc('B (50%) "x"'),
        itemDoc("SERVICE", { is_stock_item: 0 }),
        itemDoc("GONE", { disabled: 1 }),
      ],
      "Item Price": [
        ...[
          itemPriceDoc("A-1", 100),
          itemPriceDoc('B (50%) "x"', 19.99),
          itemPriceDoc("SERVICE", 50),
          itemPriceDoc("GONE", 1),
        ],
        ...[itemPriceDoc("A-1", 80, { customer: "CUST-1" }), itemPriceDoc("A-1", 90, { price_list: "Trade" })],
      ],
      "Price List": [
        { name: "Standard Selling", currency: "EUR", enabled: 1, selling: 1 },
        { name: "Trade", currency: "EUR", enabled: 1, selling: 1 },
        { name: "Dollars", currency: "USD", enabled: 1, selling: 1 },
        { name: "Old", currency: "EUR", enabled: 0, selling: 1 },
      ],
      "Customer Group": [
        { name: "Commercial", default_price_list: null, payment_terms: "30 days" },
        { name: "Dealers", default_price_list: "Trade", payment_terms: null },
      ],
      "Pricing Rule": [],
      Customer: [
        customerDoc("CUST-1"),
        customerDoc("CUST-2", { customer_group: "Dealers" }),
        customerDoc("CUST-3", { disabled: 1 }),
      ],
      Warehouse: [
        { name: "Stores - D", company: "Demo", is_group: 0, disabled: 0 },
        { name: "East - D", company: "Demo", is_group: 0, disabled: 0 },
        { name: "All - D", company: "Demo", is_group: 1, disabled: 0 },
        { name: "Stores - X", company: "Other", is_group: 0, disabled: 0 },
      ],
      Bin: [
        {
          name: "b1",
          item_code: "A-1",
          warehouse: "Stores - D",
          actual_qty: 10.3,
          reserved_qty: 0.1,
          modified: written,
        },
        { name: "b2", item_code: "A-1", warehouse: "Stores - X", actual_qty: 99, reserved_qty: 0, modified: written },
        {
          name: "b3",
          item_code: 'B (50%) "x"',
          warehouse: "East - D",
          actual_qty: 2,
          reserved_qty: 5,
          modified: written,
        },
      ],
      ...docs,
    },
  };
}

export interface TestErpNext {
  readonly connector: Connector;
  readonly fake: FakeErpNext;
  readonly clock: VirtualClock;
  readonly said: readonly { readonly level: "info" | "warn"; readonly what: unknown; readonly text: string }[];
}

/** A connector to a fake of these books, whose first reading at the start is done. */
export async function createTestErpNext(
  books: ErpNextBooks,
  options: Partial<ErpNextOptions> = {},
): Promise<TestErpNext> {
  const fake = await startFakeErpNext(books);
  const clock = new VirtualClock();
  const said: { level: "info" | "warn"; what: unknown; text: string }[] = [];
  const note = (level: "info" | "warn") => (what: unknown, text?: string) => {
    said.push({ level, what, text: text ?? "" });
  };
  const connector = createErpNextConnector({
    url: fake.url,
    token: "the-key:the-secret",
    company: "Demo",
    usualList: "Standard Selling",
    customerField: "name",
    warehouses: null,
    taxRate: null,
    digits: 2,
    maxConcurrency: 3,
    timeoutMs: 5000,
    clock,
    log: { info: note("info"), warn: note("warn") },
    ...options,
  });
  // Waits for the reading at the start, and leaves it out of what is counted.
  await connector.customers
    .readMany([], { sentAt: clock.now(), signal: AbortSignal.timeout(5000) })
    .catch(() => undefined);
  fake.asked.length = 0;
  return { connector, fake, clock, said };
}
