import type { Customer } from "./customer.js";
import type { CustomerKey, PriceKey, StockKey } from "./keys.js";
import type { AnswerKind } from "./source.js";

type Names = ReadonlySet<string>;

/** What is no longer to be believed: the answers that every list names. A list that is null names them all. */
export interface Invalidation {
  readonly kinds: ReadonlySet<AnswerKind> | null;
  readonly skus: Names | null;
  readonly customers: Names | null;
  readonly priceScopes: Names | null;
  /** Whether a named customer's prices are also those of the price scope that its record names. */
  readonly reachesTheirScopes: boolean;
}

export const everything: Invalidation = {
  kinds: null,
  skus: null,
  customers: null,
  priceScopes: null,
  reachesTheirScopes: true,
};

/** What the kept records say of the customers and scopes that an invalidation names. */
export interface Reach {
  /** The price scopes of its customers. */
  readonly scopes: Names;
  /** The customers of its price scopes: what was asked in such a one's own name may stand in for the scope's price. */
  readonly customers: Names;
}

/** @param records the records that are kept, before any of them is forgotten */
export function reachOf(invalidation: Invalidation, records: Iterable<Customer>): Reach {
  const scopes = new Set<string>();
  const customers = new Set<string>();
  for (const { code, priceScope } of records) {
    if (priceScope === null) continue;
    if (invalidation.reachesTheirScopes && invalidation.customers?.has(code)) scopes.add(priceScope);
    if (invalidation.priceScopes?.has(priceScope)) customers.add(code);
  }
  return { scopes, customers };
}

export function touchesPrice(invalidation: Invalidation, reach: Reach, { scope, sku }: PriceKey): boolean {
  const { customers, priceScopes, reachesTheirScopes } = invalidation;
  if (!touchesKind(invalidation, "price") || !names(invalidation.skus, sku)) return false;
  switch (scope.kind) {
    case "public":
      return customers === null && priceScopes === null;
    case "customer":
      return names(customers, scope.customer) && (priceScopes === null || reach.customers.has(scope.customer));
    case "price-scope": {
      // Where its record is kept no longer, that the ERP was asked in a customer's name still tells its scope.
      const isTheirs = customers?.has(scope.customer) === true || reach.scopes.has(scope.priceScope);
      return names(priceScopes, scope.priceScope) && (customers === null || (reachesTheirScopes && isTheirs));
    }
  }
}

/** A stock is nobody's own, so where customers or price scopes are named it is not meant. */
export function touchesStock(invalidation: Invalidation, { sku }: StockKey): boolean {
  const { skus, customers, priceScopes } = invalidation;
  return touchesKind(invalidation, "stock") && names(skus, sku) && customers === null && priceScopes === null;
}

/** A record is of no SKU, and says the same whatever its price scope's prices are. */
export function touchesRecord(invalidation: Invalidation, { customer }: CustomerKey): boolean {
  const { skus, customers, priceScopes } = invalidation;
  return touchesKind(invalidation, "customer") && names(customers, customer) && skus === null && priceScopes === null;
}

function touchesKind({ kinds }: Invalidation, kind: AnswerKind): boolean {
  return kinds === null || kinds.has(kind);
}

function names(list: Names | null, name: string): boolean {
  return list === null || list.has(name);
}
