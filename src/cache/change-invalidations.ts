import type { Change } from "../pricing/connector.js";
import { everything, type Invalidation } from "../pricing/invalidation.js";
import type { AnswerKind } from "../pricing/source.js";

/** Each invalidation is one walk over all that is kept; past this many they are made fewer and wider. */
const mostInvalidations = 16;

/** What one change touches; an absent name stands for all. */
interface Touched {
  readonly kinds: readonly AnswerKind[];
  readonly sku?: string | undefined;
  readonly customer?: string | undefined;
  readonly priceScope?: string | undefined;
  readonly reachesTheirScopes: boolean;
}

/** @returns what to invalidate for a page of changes: as few as name it exactly, or where those were many, wider ones */
export function toInvalidations(changes: readonly Change[]): Invalidation[] {
  const touched = changes.flatMap(toTouched);
  const exact = gather(touched);
  return exact.length <= mostInvalidations ? exact : gather(touched.map(widen));
}

function toTouched({ kind, sku, customer, priceScope }: Change): Touched[] {
  switch (kind) {
    case "price":
      return [{ kinds: ["price"], sku, customer, priceScope, reachesTheirScopes: true }];
    case "stock":
      return [{ kinds: ["stock"], sku, reachesTheirScopes: true }];
    case "removed":
      return [{ kinds: ["price", "stock"], sku, reachesTheirScopes: true }];
    case "customer":
      // Its own prices may follow from its terms. Its price scope's do not: a record is written with every order, and a change
      // of scope changes what is asked. Where no customer is named, nobody can tell whose prices those would be.
      return [{ kinds: ["customer", "price"], customer, reachesTheirScopes: false }];
  }
}

/** By SKU alone, or else by scope alone. */
function widen(touched: Touched): Touched {
  const { sku, customer, priceScope } = touched;
  if (sku !== undefined) return { ...touched, customer: undefined, priceScope: undefined };
  return priceScope === undefined || customer === undefined ? touched : { ...touched, customer: undefined };
}

/** Changes that name one thing each, of one sort, are one invalidation; those that name several join where only the SKU differs. */
function gather(touched: readonly Touched[]): Invalidation[] {
  const groups = new Map<string, Touched[]>();
  for (const each of touched) {
    const { kinds, sku, customer, priceScope, reachesTheirScopes } = each;
    const isPure = [sku, customer, priceScope].filter((name) => name !== undefined).length <= 1;
    const names = isPure
      ? [sku, customer, priceScope].map((name) => name !== undefined)
      : [sku !== undefined, customer, priceScope];
    const group = JSON.stringify([kinds, reachesTheirScopes, isPure, ...names.map((name) => name ?? null)]);
    const gathered = groups.get(group);
    if (gathered === undefined) groups.set(group, [each]);
    else gathered.push(each);
  }
  return [...groups.values()].map(toInvalidation);
}

function toInvalidation(group: readonly Touched[]): Invalidation {
  const [{ kinds, reachesTheirScopes }] = group as [Touched];
  const namesOf = (name: "sku" | "customer" | "priceScope") => {
    const names = new Set(group.flatMap((each) => each[name] ?? []));
    return names.size === 0 ? null : names;
  };
  return {
    ...everything,
    kinds: new Set(kinds),
    skus: namesOf("sku"),
    customers: namesOf("customer"),
    priceScopes: namesOf("priceScope"),
    reachesTheirScopes,
  };
}
