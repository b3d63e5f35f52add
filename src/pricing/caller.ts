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
}

export const anonymous: Caller = { kind: "anonymous", customer: null, lane: "storefront", scopes: new Set() };
