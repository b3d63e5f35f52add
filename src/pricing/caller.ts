import type { CustomerCode } from "./keys.js";
import type { Lane } from "./source.js";

/** Who is asking, from a verified token; an anonymous caller has no customer and no scopes. */
export interface Caller {
  readonly kind: "anonymous" | "customer" | "machine";
  /** Set where `kind` is "customer". */
  readonly customer: CustomerCode | null;
  readonly lane: Lane;
  /** The scopes of the token, such as "storefront" or "ops". */
  readonly scopes: ReadonlySet<string>;
  /** Whose budget of ERP keys pays for this caller; null where nobody counts, as in the lanes checkout and feed. */
  readonly budgetId: string | null;
}

export const anonymous: Caller = {
  kind: "anonymous",
  customer: null,
  lane: "storefront",
  scopes: new Set(),
  budgetId: null,
};

/** @param network as `networkOf` writes it: what the anonymous callers of one budget have in common */
export function anonymousAt(network: string): Caller {
  return { ...anonymous, budgetId: `address:${network}` };
}

/** Characters of an issuer that count. Tokens may carry thousands, and budgets by the ten thousand are remembered by their ids. */
const countedIssuerLength = 200;

/**
 * The budget of a caller with a token. Each kind of id begins with a word of its own, so a customer may well be called
 * like an address; an issuer stands behind its length, so none can be chosen to look like another issuer and key.
 * @param issuer the token's `iss`, "" where it has none
 * @param kid the name of the key that signed the token
 */
export function budgetIdOf(
  { customer, lane }: Pick<Caller, "customer" | "lane">,
  issuer: string,
  kid: string,
): string | null {
  if (lane !== "storefront") return null;
  if (customer !== null) return `customer:${customer}`;
  const counted = issuer.slice(0, countedIssuerLength);
  return `machine:${counted.length}:${counted}${kid}`;
}
