import { everything, type Invalidation } from "../../src/pricing/invalidation.js";
import type { SeededRandom } from "./seeded-random.js";
import { customerCodes, scopes, skus } from "./simulated-world.js";

const kinds = ["price", "stock", "customer"] as const;

/** Most name a thing or two, as a shop's hooks do; some name much. */
export function drawInvalidation(random: SeededRandom): Invalidation {
  const of = <T>(list: readonly T[]) => new Set([random.pick(list), random.zipf(list)]);
  const some = random.pick([
    () => ({ skus: of(skus) }),
    () => ({ skus: of(skus), kinds: of(kinds) }),
    () => ({ customers: of(customerCodes) }),
    () => ({ customers: of(customerCodes), reachesTheirScopes: false }),
    () => ({ priceScopes: of(scopes) }),
    () => ({ skus: of(skus), priceScopes: of(scopes) }),
    () => ({ kinds: of(kinds) }),
    () => ({}),
  ]);
  return { ...everything, ...some() };
}
