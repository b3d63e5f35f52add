import type { RequestContext } from "../../schema/context.js";
import type { Caller } from "../pricing/caller.js";
import type { RequestOutcome } from "../telemetry/metric-names.js";

/** One GraphQL request and what became of it: filled in as it is answered, read when it is done. */
export interface Exchange {
  readonly method: string;
  /** ms since the epoch. */
  readonly arrivedAt: number;
  caller: Caller | null;
  /** Who asks, once that was asked: it may be a refusal. */
  authentication: Promise<Caller> | null;
  outcome: RequestOutcome;
  /** Whether the client is known to have gone before it had its answer. */
  hasLeft: boolean;
  /** The earliest instant at which an answer in the response ceases to be fresh, in ms since the epoch. */
  freshUntil: number;
  /** The coerced variables of the operation, once they are known to be good. */
  variableValues: Readonly<Record<string, unknown>> | null;
  /** Told what graphql-js answered where a page was written beside it for comparison. */
  prove: ((data: unknown) => void) | null;
}

export interface GraphQLContext extends RequestContext {
  readonly exchange: Exchange;
}

export function createExchange(method: string, arrivedAt: number): Exchange {
  // "refused" until the operation ran: what never gets that far was turned away.
  return {
    method,
    arrivedAt,
    caller: null,
    authentication: null,
    outcome: "refused",
    hasLeft: false,
    freshUntil: Number.POSITIVE_INFINITY,
    variableValues: null,
    prove: null,
  };
}

/**
 * Who may keep the response. Only what an anonymous caller got by GET, whole and fresh, may be kept by others, and no
 * longer than its shortest-lived answer.
 * @param now ms since the epoch
 */
export function cacheControl({ method, caller, outcome, freshUntil }: Exchange, status: number, now: number): string {
  // Apollo may refuse the response itself after the operation went well, as for an Accept that it cannot meet.
  const isPublic = method === "GET" && status === 200 && caller?.kind === "anonymous" && outcome === "ok";
  const maxAge = Math.floor((freshUntil - now) / 1000);
  return isPublic && Number.isFinite(maxAge) && maxAge > 0 ? `public, max-age=${maxAge}` : "private, no-store";
}
