import type { DocumentTypeDecoration } from "@graphql-typed-document-node/core";
import type { Init } from "../timed-fetch.js";
import { type Result, toResult } from "./result.js";

export interface ClientOptions {
  /** The gateway's /graphql. */
  readonly url: string;
  /** Who asks; asked for at every question. Null or absent for public answers. What it throws, `ask` throws. */
  readonly token?: () => string | null | Promise<string | null>;
  /** In place of the global one, as to add a framework's own caching. */
  readonly fetch?: (url: string, init: Init) => Promise<Response>;
  /** How long one question may take; 12,000 unless set: the gateway itself gives none more than 10 s. */
  readonly timeoutMs?: number;
  /** `print` of graphql; only for documents that do not hold the text that they were parsed from. */
  readonly print?: (document: never) => string;
}

export interface AskOptions {
  /** Aborted when nobody wants the answer any more. */
  readonly signal?: AbortSignal;
  /** In place of the client's own: null asks publicly. */
  readonly token?: string | null;
}

/** Variables may be left out where all of them may. */
export type Rest<Variables> =
  Record<string, never> extends Variables
    ? [variables?: Variables, options?: AskOptions]
    : [variables: Variables, options?: AskOptions];

export interface Client {
  /**
   * Asks the gateway once.
   * @param document one of this package's, or any typed one: a syntax tree or its text
   * @throws {TypeError} for a document that has neither a text nor, by `print`, a way to get one
   */
  ask<Data, Variables>(
    document: DocumentTypeDecoration<Data, Variables>,
    ...rest: Rest<Variables>
  ): Promise<Result<Data>>;
}

const usualTimeoutMs = 12_000;

/** @throws {TypeError} for a `url` that is none */
export function createClient(options: ClientOptions): Client {
  if (!URL.canParse(options.url)) {
    throw new TypeError(
      `"${options.url}" is no URL: give the gateway's address, such as https://gateway.example/graphql`,
    );
  }
  return {
    async ask(document, ...[variables, { signal, token } = {}]) {
      const query = textOf(document, options);
      const shownToken = token !== undefined ? token : ((await options.token?.()) ?? null);
      return send(options, toRequest(query, variables ?? {}, shownToken), signal);
    },
  };
}

function toRequest(query: string, variables: unknown, token: string | null): Init {
  const headers: Record<string, string> = { "content-type": "application/json" };
  if (token !== null) headers["authorization"] = `Bearer ${token}`;
  // No cookie ever goes to the gateway, and no answer to a token into a cache that others read.
  const secrecy: Init = token === null ? { credentials: "omit" } : { credentials: "omit", cache: "no-store" };
  return { ...secrecy, method: "POST", headers, body: JSON.stringify({ query, variables }) };
}

async function send<Data>(
  { url, fetch = globalThis.fetch, timeoutMs = usualTimeoutMs }: ClientOptions,
  init: Init,
  signal: AbortSignal | undefined,
): Promise<Result<Data>> {
  if (signal?.aborted) return { kind: "aborted" };
  const stop = new AbortController();
  const abort = () => stop.abort();
  signal?.addEventListener("abort", abort, { signal: stop.signal });
  const timer = setTimeout(abort, timeoutMs);
  try {
    const response = await fetch(url, { ...init, signal: stop.signal });
    return toResult<Data>(response.status, response.headers.get("retry-after"), await response.text());
  } catch {
    return signal?.aborted ? { kind: "aborted" } : { kind: "unavailable", retryAfterSeconds: null, errors: [] };
  } finally {
    clearTimeout(timer);
    // Lets go of the caller's signal, which may live longer.
    abort();
  }
}

function textOf(document: unknown, { print }: ClientOptions): string {
  // The generator's other kind of typed document is a text.
  if (typeof document === "string" || document instanceof String) return String(document);
  const { body } = (document as { loc?: { source?: { body?: unknown } } }).loc?.source ?? {};
  if (typeof body === "string") return body;
  if (print === undefined) throw new TypeError("the document has no text: give createClient `print` of graphql");
  return print(document as never);
}
