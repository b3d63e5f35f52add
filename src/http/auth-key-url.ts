import type { Clock } from "../clock.js";
import {
  type AuthLog,
  type KeyLookup,
  maxKeySetBytes,
  type PublicKeySet,
  type PublicKeys,
  parseKeySet,
} from "./verification-keys.js";

export type Fetch = (url: URL, init: RequestInit) => Promise<Response>;

export interface KeyUrlOptions {
  readonly url: URL;
  readonly clock: Clock;
  readonly fetch: Fetch;
  readonly log: AuthLog;
}

/** Age, in ms, from which the keys are read again. So long a withdrawn key may go on while the URL answers. */
const maxAgeMs = 10 * 60_000;
/** Age, in ms, from which keys verify nothing more. So long a provider may be down before its tokens are refused. */
const hardMaxAgeMs = 24 * 3_600_000;
/** Least time, in ms, from one reading to the next, whatever kids are asked for. */
const cooldownMs = 30_000;
/** The same after a reading that failed. */
const retryAfterMs = 5_000;
const timeoutMs = 3_000;

/**
 * Public keys from a JWKS URL: read when first needed, kept, read again when old or when a kid is not among them.
 * jose's createRemoteJWKSet does not fit: it reads the system's clock, its cooldown counts successes alone, so a URL
 * that is down is asked for every unknown kid, and it drops the keys it has when they are old and the URL is down.
 */
export class KeyUrl implements PublicKeys {
  readonly #options: KeyUrlOptions;
  #keys: PublicKeySet = new Map();
  #readAt = Number.NEGATIVE_INFINITY;
  #triedAt = Number.NEGATIVE_INFINITY;
  #lastTryFailed = false;
  #reading: Promise<void> | null = null;

  /** @throws {Error} when the URL is not one that keys can be read from */
  constructor(options: KeyUrlOptions) {
    const { url, log } = options;
    if (url.protocol !== "https:" && url.protocol !== "http:") {
      throw new Error(`AUTH_JWKS_URL must begin with https: or http:, not ${url.protocol}`);
    }
    if (url.username !== "" || url.password !== "") {
      throw new Error("AUTH_JWKS_URL must not carry a user or password: public keys need none");
    }
    if (url.protocol === "http:" && !isLoopback(url)) {
      log.warn({ url: nameOf(url) }, "AUTH_JWKS_URL is plain http: whoever can change the answer can sign tokens");
    }
    this.#options = options;
  }

  async find(kid: string): Promise<KeyLookup> {
    // While the URL is down the keys in hand answer at once; each request waiting for the time-out would help nobody.
    if (!this.#usableKeys().has(kid) || (this.#isOlderThan(maxAgeMs) && !this.#lastTryFailed)) await this.#read();
    else if (this.#isOlderThan(maxAgeMs)) void this.#read();
    const key = this.#usableKeys().get(kid);
    if (key !== undefined) return { kind: "found", key };
    return { kind: this.#lastTryFailed ? "unreadable" : "unknown" };
  }

  #usableKeys(): PublicKeySet {
    return this.#isOlderThan(hardMaxAgeMs) ? new Map() : this.#keys;
  }

  #isOlderThan(ms: number): boolean {
    return this.#since(this.#readAt) >= ms;
  }

  // The distance, not the difference: a clock that was set back must neither keep keys for ever nor stop the reading.
  #since(instant: number): number {
    return Math.abs(this.#options.clock.now() - instant);
  }

  /** Joins the reading under way, or starts one unless the last was just now. */
  async #read(): Promise<void> {
    if (this.#reading === null) {
      if (this.#since(this.#triedAt) < (this.#lastTryFailed ? retryAfterMs : cooldownMs)) return;
      this.#triedAt = this.#options.clock.now();
      this.#reading = this.#tryRead(this.#triedAt).finally(() => {
        this.#reading = null;
      });
    }
    await this.#reading;
  }

  async #tryRead(startedAt: number): Promise<void> {
    const { url, log } = this.#options;
    try {
      const { keys, complaints } = parseKeySet(await readKeySet(this.#options));
      this.#keys = keys;
      this.#readAt = startedAt;
      this.#lastTryFailed = false;
      if (complaints.length > 0) log.warn({ url: nameOf(url), complaints }, "AUTH_JWKS_URL has unusable keys");
    } catch (error) {
      this.#lastTryFailed = true;
      this.#logFailure(error);
    }
  }

  #logFailure(error: unknown): void {
    const { url, log } = this.#options;
    const details = { url: nameOf(url), reason: describe(error) };
    if (this.#usableKeys().size > 0)
      log.warn(details, "AUTH_JWKS_URL cannot be read; the keys read before stay in use");
    else log.error(details, "AUTH_JWKS_URL cannot be read and no keys are at hand: its tokens are refused");
  }
}

/** @throws {Error} when the URL does not answer 200 with a body of bearable size in time */
async function readKeySet({ url, fetch, clock }: KeyUrlOptions): Promise<string> {
  const abort = new AbortController();
  const cancel = clock.after(timeoutMs, () => abort.abort(new Error(`no answer within ${timeoutMs} ms`)));
  try {
    // A redirect could lead to a host that nobody configured.
    const init: RequestInit = { headers: { accept: "application/json" }, redirect: "error", signal: abort.signal };
    const response = await fetch(url, init);
    if (response.status !== 200) {
      await response.body?.cancel();
      throw new Error(`it answered HTTP ${response.status}`);
    }
    return await readText(response);
  } finally {
    cancel();
  }
}

async function readText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  // Leaving the loop by an error cancels the body, and with it the connection.
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength;
    if (bytes > maxKeySetBytes) throw new Error(`the answer is larger than ${maxKeySetBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function isLoopback({ hostname }: URL): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

/** Without the query, which may carry a secret. */
function nameOf({ origin, pathname }: URL): string {
  return origin + pathname;
}

/** `fetch` says only "fetch failed"; the cause says why. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
