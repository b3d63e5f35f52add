import type { PriceKey, Scope } from "../../../src/pricing/keys.js";
import { verifiedCustomer } from "../../../src/pricing/keys.js";
import type { TestBc } from "../../support/business-central.js";
import { priceKeyOf } from "../../support/samples.js";

export function own(code: string): Scope {
  return { kind: "customer", customer: verifiedCustomer(code) };
}

export function callOf({ clock }: TestBc) {
  return { sentAt: clock.now(), signal: AbortSignal.timeout(5000) };
}

export function readPrices(under: TestBc, keys: readonly Partial<PriceKey>[]) {
  return under.connector.prices.readMany(keys.map(priceKeyOf), callOf(under));
}
