import type { JWTPayload } from "jose";
import { budgetIdOf, type Caller } from "../pricing/caller.js";
import { type CustomerCode, verifiedCustomer } from "../pricing/keys.js";
import { type Lane, lanes } from "../pricing/source.js";
import { refuse, refuseCompany } from "./auth-refusals.js";

/** The words of a token's scope that mean something here. Others are carried along and open nothing. */
export const knownScopes = ["storefront", "checkout", "feed", "invalidate", "ops"] as const;

/** Longest customer code, in UTF-16 units. Far above what any ERP allows, and short enough for a cache key. */
const maxSubjectLength = 200;

/**
 * Reads who is asking from the claims of a token whose signature, times and audience were verified.
 * @param kid the name of the key that signed it
 * @param company the ERP company this server serves; null where it names none
 * @throws {Unauthenticated} when `sub` or `scope` has the wrong shape
 * @throws {Forbidden} when the token is for another company
 */
export function toCaller(claims: JWTPayload, kid: string, company: string | null): Caller {
  if (claims["company"] !== undefined && (company === null || claims["company"] !== company)) throw refuseCompany();
  const scopes = parseScopes(claims["scope"]);
  const lane = laneOf(scopes);
  const customer = parseCustomer(claims.sub, lane);
  const issuer = typeof claims.iss === "string" ? claims.iss : "";
  const budgetId = budgetIdOf({ customer, lane }, issuer, kid);
  return { kind: customer === null ? "machine" : "customer", customer, lane, scopes, budgetId };
}

/** Null for a machine. */
function parseCustomer(subject: unknown, lane: Lane): CustomerCode | null {
  if (subject === undefined) return null;
  // A `sub` of the wrong shape is refused, not dropped: dropping it would turn a customer into a machine.
  if (!isCustomerCode(subject)) throw refuse("subject");
  // What a feed reads goes to a marketplace, so a customer's own prices must not get into it.
  return lane === "feed" ? null : verifiedCustomer(subject);
}

/** Whether a text may stand as `sub`: neither empty nor blank, not too long, no control characters, no broken pairs. */
export function isCustomerCode(subject: unknown): subject is string {
  if (typeof subject !== "string" || subject.length > maxSubjectLength) return false;
  return subject.trim() !== "" && !/[\p{Cc}\p{Cs}]/u.test(subject);
}

function parseScopes(scope: unknown): ReadonlySet<string> {
  if (scope === undefined) return new Set();
  if (typeof scope !== "string") throw refuse("scope");
  return new Set(scope.split(" ").filter((word) => word !== ""));
}

function laneOf(scopes: ReadonlySet<string>): Lane {
  return lanes.find((lane) => scopes.has(lane)) ?? "storefront";
}
