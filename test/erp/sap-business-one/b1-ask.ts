import {
  createCustomerKey,
  createStockKey,
  type PriceKey,
  type Scope,
  verifiedCustomer,
} from "../../../src/pricing/keys.js";
import { priceKeyOf } from "../../support/samples.js";
import type { TestB1 } from "../../support/sap-business-one.js";

export function own(code: string): Scope {
  return { kind: "customer", customer: verifiedCustomer(code) };
}

export function callOf({ clock }: TestB1) {
  return { sentAt: clock.now(), signal: AbortSignal.timeout(5000) };
}

export function readPrices(under: TestB1, keys: readonly Partial<PriceKey>[]) {
  return under.connector.prices.readMany(keys.map(priceKeyOf), callOf(under));
}

export function readStock(under: TestB1, ...skus: string[]) {
  return under.connector.stock.readMany(skus.map(createStockKey), callOf(under));
}

export function readCustomers(under: TestB1, ...codes: string[]) {
  const keys = codes.map((code) => createCustomerKey(verifiedCustomer(code)));
  return under.connector.customers.readMany(keys, callOf(under));
}
