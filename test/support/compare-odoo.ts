import { systemClock } from "../../src/clock.js";
import { createErpHttpClient } from "../../src/erp/http-client.js";
import { createOdooConnector, type OdooOptions } from "../../src/erp/odoo/odoo-connector.js";
import { createOdooSession, type OdooSession } from "../../src/erp/odoo/odoo-session.js";
import type { Customer } from "../../src/pricing/customer.js";
import { compareDecimals } from "../../src/pricing/decimal.js";
import {
  type CustomerKey,
  createCustomerKey,
  createStockKey,
  type PriceKey,
  publicScope,
  type Scope,
  verifiedCustomer,
} from "../../src/pricing/keys.js";
import type { Ladder } from "../../src/pricing/ladder.js";
import { unitPriceAt } from "../../src/pricing/ladder.js";
import type { ErpSource, Key, Outcome } from "../../src/pricing/source.js";
import { priceKeyOf } from "./samples.js";

/** What was compared with Odoo's own word, and where the two differ. */
export interface Comparison {
  readonly prices: number;
  readonly stocks: number;
  readonly differences: readonly string[];
}

interface Row {
  readonly id: number;
  readonly [field: string]: unknown;
}

const mostSkus = 30;
const mostCustomers = 12;
const signal = () => AbortSignal.timeout(120_000);

/**
 * Reads prices and stock through the connector, and of Odoo itself one by one: `get_contextual_price` at every break and just
 * below it, and `free_qty` of each warehouse.
 */
export async function compareWithOdoo(options: Omit<OdooOptions, "clock">): Promise<Comparison> {
  const connector = createOdooConnector({ ...options, clock: systemClock });
  const http = createErpHttpClient({ url: options.url, connections: 1, timeoutMs: 60_000 });
  const session = createOdooSession({ ...options, http, clock: systemClock, timeoutMs: 60_000 });
  try {
    const page = await connector.products?.readPage(null, mostSkus, signal());
    const skus = page?.skus ?? [];
    const customers = await readCustomers(session, connector.customers);
    const differences: string[] = [];
    let prices = 0;
    for (const customer of [null, ...customers]) {
      const scope: Scope =
        customer === null ? publicScope : { kind: "customer", customer: verifiedCustomer(String(customer["ref"])) };
      const outcomes = await readAll(
        connector.prices,
        skus.map((sku) => priceKeyOf({ scope, sku })),
      );
      for (const [index, outcome] of outcomes.entries()) {
        if (outcome.kind !== "found") continue;
        const found = await comparePrice(session, skus[index] ?? "", customer, outcome.answer);
        prices += found.compared;
        differences.push(...found.differences);
      }
    }
    const stocks = await compareStock(session, await readAll(connector.stock, skus.map(createStockKey)));
    return { prices, stocks: stocks.compared, differences: [...differences, ...stocks.differences] };
  } finally {
    await connector.close();
    await http.close();
  }
}

/** One of each price scope among the first hundred, half of them under fiscal positions where there are as many. */
async function readCustomers(session: OdooSession, source: ErpSource<CustomerKey, Customer>): Promise<Row[]> {
  const rows = await readRows(session, "res.partner", [["ref", "!=", false]], ["ref", "property_product_pricelist"]);
  const keys = rows.map(({ ref }) => createCustomerKey(verifiedCustomer(String(ref))));
  const outcomes = await readAll(source, keys);
  const rowByScope = new Map<string | null, Row>();
  for (const [index, outcome] of outcomes.entries()) {
    const row = rows[index];
    if (outcome.kind !== "found" || row === undefined || rowByScope.has(outcome.answer.priceScope)) continue;
    rowByScope.set(outcome.answer.priceScope, row);
  }
  const isUnderPosition = (scope: string | null) => scope?.includes("/") === true;
  const under = [...rowByScope].filter(([scope]) => isUnderPosition(scope)).slice(0, mostCustomers / 2);
  const others = [...rowByScope].filter(([scope]) => !isUnderPosition(scope)).slice(0, mostCustomers - under.length);
  return [...under, ...others].map(([, row]) => row);
}

async function comparePrice(session: OdooSession, sku: string, customer: Row | null, ladder: Ladder) {
  const [product] = await readRows(
    session,
    "product.product",
    [
      ["default_code", "=", sku],
      ["sale_ok", "=", true],
    ],
    ["lst_price", "taxes_id"],
  );
  const list = customer === null ? null : customer["property_product_pricelist"];
  const differences: string[] = [];
  const quantities = ladder.tiers.length === 0 ? ["1"] : ladder.tiers.flatMap(({ from }) => [from, justBelow(from)]);
  if (product === undefined) return { compared: 0, differences };
  const exchange = await readExchange(session, product, ladder);
  for (const quantity of quantities.filter((each) => compareDecimals(each, ladder.minimumQuantity) >= 0)) {
    const ofList = Array.isArray(list)
      ? await session.call(
          {
            model: "product.product",
            method: "get_contextual_price",
            ids: [product.id],
            context: { pricelist: list[0], quantity: Number(quantity) },
          },
          signal(),
        )
      : product["lst_price"];
    const own = exchange(Number(ofList));
    const told = unitPriceAt(ladder, quantity);
    // Half a cent, and what a float may be off: which of the two the order's line takes is the rounding's own tests' matter.
    if (Math.abs(own - Number(told)) > 0.005_000_1) {
      differences.push(
        `${sku} × ${quantity} for ${String(customer?.["ref"] ?? "the public")}: told ${told}, Odoo says ${String(own)}`,
      );
    }
  }
  return { compared: quantities.length, differences };
}

/**
 * What an order makes of a price whose taxes are exchanged, or that is told without them: where all of them are in it, they go
 * out, and those that are told to be in it go in. Where none are exchanged it comes to the price itself.
 */
async function readExchange(session: OdooSession, product: Row, ladder: Ladder): Promise<(price: number) => number> {
  const taxes = await readRows(
    session,
    "account.tax",
    [["id", "in", product["taxes_id"]]],
    ["amount", "amount_type", "price_include"],
  );
  if (taxes.some((tax) => tax["price_include"] !== true || tax["amount_type"] !== "percent")) return (price) => price;
  const before = taxes.reduce((sum, tax) => sum + Number(tax["amount"]), 0);
  const after = ladder.taxBasis === "GROSS" ? Number(ladder.taxRate) : 0;
  return (price) => (price * (100 + after)) / (100 + before);
}

function justBelow(quantity: string): string {
  return String(Math.max(1, Number(quantity) - 1));
}

async function compareStock(
  session: OdooSession,
  outcomes: readonly Outcome<{
    sku: string;
    warehouses: readonly { code: string; available: string }[];
    backorder: boolean;
  }>[],
) {
  const differences: string[] = [];
  let compared = 0;
  const warehouses = await readRows(session, "stock.warehouse", [], ["code"]);
  for (const outcome of outcomes) {
    if (outcome.kind !== "found" || outcome.answer.backorder) continue;
    for (const { code, available } of outcome.answer.warehouses) {
      const warehouse = warehouses.find((each) => each["code"] === code)?.id;
      const context = { warehouse, warehouse_id: warehouse };
      const domain = [
        ["default_code", "=", outcome.answer.sku],
        ["sale_ok", "=", true],
      ];
      const [row] = await readRows(session, "product.product", domain, ["free_qty"], 1, context);
      const own = Math.max(0, Number(row?.["free_qty"]));
      compared += 1;
      // What is told is in whole steps of the unit.
      if (Number(available) > own + 1e-6 || Number(available) < own - 1) {
        differences.push(`${outcome.answer.sku} in ${code}: told ${available}, Odoo says ${own}`);
      }
    }
  }
  return { compared, differences };
}

async function readRows(
  session: OdooSession,
  model: string,
  domain: unknown[],
  fields: string[],
  limit = 100,
  context: object = {},
) {
  const params = { domain, fields, limit };
  return (await session.call({ model, method: "search_read", params, context: { ...context } }, signal())) as Row[];
}

async function readAll<K extends Key | PriceKey, A>(
  source: ErpSource<K, A>,
  keys: readonly K[],
): Promise<Outcome<A>[]> {
  const outcomes: Outcome<A>[] = [];
  for (let start = 0; start < keys.length; start += source.keysPerCall) {
    const batch = keys.slice(start, start + source.keysPerCall);
    outcomes.push(...(await source.readMany(batch, { sentAt: Date.now(), signal: signal() })));
  }
  return outcomes;
}
