import { type Answers, readAnswers } from "./answer.js";
import { type Group, toBody } from "./query.js";
import { type Init, type Transport, timedFetch } from "./timed-fetch.js";

export interface GatewayOptions extends Transport {
  /** The gateway's /graphql. */
  readonly url: string;
}

/** How one request ended, as far as another try depends on it. */
export type Reply =
  | { readonly kind: "answered"; readonly answers: Answers }
  /** The token is no longer good. */
  | { readonly kind: "unknown-token" }
  | { readonly kind: "later"; readonly retryAfterMs: number }
  /** The same again would end in the same way. */
  | { readonly kind: "refused" };

/** Proxies in front of the gateway may refuse longer ones. */
const maxAddress = 6_000;

/** @param token null asks for public prices. @param signal the answer is no longer wanted */
export async function askGateway(
  options: GatewayOptions,
  groups: readonly Group[],
  token: string | null,
  signal: AbortSignal,
): Promise<Reply> {
  try {
    return await timedFetch(options, ...toRequest(options.url, groups, token), signal, async (response) => {
      const { status } = response;
      if (status === 401) return { kind: "unknown-token" };
      if (status === 429 || status >= 500) {
        return { kind: "later", retryAfterMs: toRetryAfterMs(response.headers.get("retry-after")) };
      }
      if (status >= 400) return { kind: "refused" };
      const answers = readAnswers(await response.json(), groups, token === null ? "PUBLIC" : "CUSTOMER");
      return { kind: "answered", answers };
    });
  } catch {
    return { kind: "later", retryAfterMs: 0 };
  }
}

/** What is public by plain GET where the address is short enough: shared caches may keep it, and it needs no preflight. */
function toRequest(url: string, groups: readonly Group[], token: string | null): [string, Init] {
  const { query, variables } = toBody(groups);
  // No cookie ever goes to the gateway.
  const credentials = "omit";
  const address = `${url}?${new URLSearchParams({ query, variables: JSON.stringify(variables) })}`;
  if (token === null && address.length < maxAddress) return [address, { credentials }];
  const headers = { "content-type": "application/json", ...(token !== null && { authorization: `Bearer ${token}` }) };
  const body = JSON.stringify({ query, variables });
  return [url, { credentials, method: "POST", cache: "no-store", headers, body }];
}

/** A date in it is passed over: the clocks differ. */
function toRetryAfterMs(header: string | null): number {
  return /^\d{1,6}$/.test(header ?? "") ? Number(header) * 1000 : 0;
}
