import type { Decimal } from "./decimal.js";
import type { CustomerCode, Scope } from "./keys.js";

/** A customer's trading terms, as the ERP keeps them. */
export interface Customer {
  readonly code: string;
  readonly name: string | null;
  /** ISO 4217. */
  readonly currency: string | null;
  /** Customers of one price scope pay the same price for every SKU and quantity; null where its prices are its own. */
  readonly priceScope: string | null;
  readonly paymentTerms: string | null;
  readonly creditLimit: Decimal | null;
  readonly creditAvailable: Decimal | null;
  readonly blocked: boolean;
}

/** For whom this customer's prices hold. Shared only where the ERP states a price scope. */
export function scopeOf(code: CustomerCode, customer: Customer): Scope {
  if (customer.priceScope === null) return { kind: "customer", customer: code };
  return { kind: "price-scope", priceScope: customer.priceScope, customer: code };
}
