import type { FakePrice, PortFake } from "../support/port-fake.js";

/**
 * What the scenarios' ERP knows: SKU-1 to SKU-60 with public prices, C1 to C40 with prices of their own for each of them
 * and nothing in common, G1 and G2 that share the price scope GOLD, and U1 without any price of its own.
 */
export function fillBook(erp: PortFake): void {
  for (let sku = 1; sku <= 60; sku += 1) {
    erp.prices.set(`|SKU-${sku}`, ladderAt(`${1000 + sku}.00`));
    erp.prices.set(`GOLD|SKU-${sku}`, ladderAt(`${700 + sku}.50`));
    for (let customer = 1; customer <= 40; customer += 1) {
      erp.prices.set(`C${customer}|SKU-${sku}`, ladderAt(ownPrice(customer, sku)));
    }
    erp.stock.set(`SKU-${sku}`, { warehouses: { LYON: String(10 + sku), PARIS: "7.5" } });
  }
  for (let customer = 1; customer <= 40; customer += 1) erp.customers.set(`C${customer}`, {});
  erp.customers.set("G1", { priceScope: "GOLD" });
  erp.customers.set("G2", { priceScope: "GOLD" });
  erp.customers.set("U1", {});
}

/** Unlike for every pair of customer and SKU. */
export function ownPrice(customer: number, sku: number): string {
  return `${customer}${String(sku).padStart(2, "0")}.${customer % 10}5`;
}

function ladderAt(unitPrice: string): FakePrice {
  return { unitPrice, taxRate: "20", tiers: [] };
}

export function skus(count: number, from = 1): string[] {
  return Array.from({ length: count }, (_, index) => `SKU-${from + index}`);
}
