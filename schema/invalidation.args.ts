import { BadUserInput } from "../src/errors.js";
import type { Invalidation } from "../src/pricing/invalidation.js";
import type { InvalidateInput } from "./invalidation.type.js";
import { checkName } from "./product.args.js";

/** Most names in one list: a catalogue's nightly changes in a few requests, and no list that takes seconds to read. */
export const maxNames = 10_000;

/** @throws {BadUserInput} where nothing is named, or a list is empty, too long, or holds what can be no name */
export function toInvalidation({ skus, customers, priceScopes, kinds, all }: InvalidateInput): Invalidation {
  const invalidation = {
    skus: toNames("skus", "SKU", skus),
    customers: toNames("customers", "customer", customers),
    priceScopes: toNames("priceScopes", "price scope", priceScopes),
    kinds: toList("kinds", kinds),
    reachesTheirScopes: true,
  };
  const isNothingNamed = [skus, customers, priceScopes, kinds].every((list) => list == null);
  if (isNothingNamed && all !== true) {
    throw new BadUserInput(
      "Nothing is named: give `skus`, `customers`, `priceScopes` or `kinds`, or `all: true` to forget everything.",
    );
  }
  return invalidation;
}

function toNames(field: string, what: string, names: readonly string[] | null | undefined): ReadonlySet<string> | null {
  for (const name of names ?? []) checkName(name, what);
  return toList(field, names);
}

function toList<Name extends string>(
  field: string,
  names: readonly Name[] | null | undefined,
): ReadonlySet<Name> | null {
  if (names == null) return null;
  if (names.length === 0) throw new BadUserInput(`\`${field}\` is empty: name at least one, or leave it out for all.`);
  if (names.length > maxNames) {
    throw new BadUserInput(
      `\`${field}\` holds ${names.length} names, and at most ${maxNames} are taken at once: send several requests.`,
    );
  }
  return new Set(names);
}
