import type { Customer } from "./customer.js";
import { askedCustomer, type CustomerKey, type PriceKey, type StockKey } from "./keys.js";
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
  if (invalidation.customers === null && invalidation.priceScopes === null) return { scopes, customers };
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

export function touchesKind({ kinds }: Invalidation, kind: AnswerKind): boolean {
  return kinds === null || kinds.has(kind);
}

function names(list: Names | null, name: string): boolean {
  return list === null || list.has(name);
}

/** What an answer is about, and in whose name it was asked. */
export interface KeyNames {
  readonly sku?: string;
  readonly customer?: string;
  readonly priceScope?: string;
}

export type NamedLists = { readonly [Dimension in keyof KeyNames]?: Names };

/** Where what an invalidation touches may be: under some names, or, where none is named, all of it is touched. */
export type Whereabouts = NamedLists | "everything";

export function namesOfPrice({ scope, sku }: PriceKey): KeyNames {
  const customer = askedCustomer(scope);
  if (customer === null) return { sku };
  return scope.kind === "price-scope" ? { sku, customer, priceScope: scope.priceScope } : { sku, customer };
}

/** Every key that is touched has a name of these lists; of those that have one, not every one is touched. */
export function whereToLook({ skus, customers, priceScopes }: Invalidation, reach: Reach): Whereabouts {
  if (skus !== null) return { sku: skus };
  if (customers === null && priceScopes === null) return "everything";
  return {
    customer: new Set([...(customers ?? []), ...reach.customers]),
    priceScope: new Set([...(priceScopes ?? []), ...reach.scopes]),
  };
}
