import { Pool } from "undici";
import {
  ErpBadAnswer,
  type ErpError,
  ErpOverloaded,
  ErpTimeout,
  ErpUnavailable,
  refusedCredentialSeconds,
} from "../errors.js";
import { oneTurn, type Turns } from "../pricing/turns.js";
import { traceHeaders } from "../telemetry/traces.js";

/** What a connector sends to its ERP. */
export interface ErpRequest {
  readonly method: "GET" | "POST";
  /** Path and query, below the path of the base address. Starts with "/". */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent in place of `body`, in the encoding of a web form: how OAuth asks for a token. */
  readonly form?: Readonly<Record<string, string>>;
  /** Sent in place of `body`, as it stands; its type is among the headers. */
  readonly text?: string;
  readonly signal: AbortSignal;
}

export interface ErpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** Speaks HTTP to one ERP: a pool of as many connections as calls may be in flight, and errors in our own words. */
export interface ErpHttpClient {
  /**
   * @returns the response, whatever its status
   * @throws {ErpTimeout} when `signal` was aborted, by then the socket is destroyed
   * @throws {ErpUnavailable} when the ERP could not be reached or hung up
   * @throws {ErpBadAnswer} when the answer is larger than {@link maxResponseBytes}
   */
  request(request: ErpRequest): Promise<ErpResponse>;
  close(): Promise<void>;
}

/** The largest answer that is read. 500 price lines with their ladders take about 0.5 MB. */
export const maxResponseBytes = 32 * 1024 * 1024;

export interface ErpHttpOptions {
  /** The ERP's address; a path in it is kept as a prefix. */
  readonly url: URL;
  /** Most sockets open at once. */
  readonly connections: number;
  /** How long connecting, and any wait for the next byte, may take. The call as a whole is bounded by its signal. */
  readonly timeoutMs: number;
  /** In which long answers are handed on; left out, as they come. */
  readonly turns?: Turns | undefined;
}

/** An answer of so many characters is a feed's or another one of hundreds of lines, which take a turn to be read. */
const longAnswer = 64 * 1024;

export function createErpHttpClient({ url, connections, timeoutMs, turns = oneTurn }: ErpHttpOptions): ErpHttpClient {
  const pool = new Pool(url.origin, {
    connections,
    pipelining: 1, // one slow answer must not hold up another one behind it
    connect: { timeout: timeoutMs },
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    keepAliveTimeout: 10_000,
    maxResponseSize: maxResponseBytes,
  });
  const prefix = url.pathname.replace(/\/+$/, "");

  return {
    async request({ method, path, headers, body, form, text: sent, signal }) {
      try {
        const response = await pool.request({
          method,
          path: prefix + path,
          headers: {
            accept: "application/json",
            ...(form !== undefined ? formType : body === undefined ? {} : jsonType),
            ...traceHeaders(),
            ...headers,
          },
          body: sent ?? (form === undefined ? toJson(body) : new URLSearchParams(form).toString()),
          signal,
        });
        const text = await response.body.text();
        if (text.length > longAnswer) await turns.next();
        return { status: response.statusCode, headers: response.headers, text };
      } catch (error) {
        throw toErpError(error, signal);
      }
    },
    // Not `close`, which would wait for an ERP that hangs.
    close: () => pool.destroy(),
  };
}

function toJson(body: unknown): string | null {
  return body === undefined ? null : JSON.stringify(body);
}

const formType = { "content-type": "application/x-www-form-urlencoded" };
const jsonType = { "content-type": "application/json" };

function toErpError(error: unknown, signal: AbortSignal): ErpError {
  const code = (error as { code?: unknown }).code;
  if (signal.aborted) return new ErpTimeout("the call took longer than it may", error);
  switch (code) {
    case "UND_ERR_HEADERS_TIMEOUT":
    case "UND_ERR_BODY_TIMEOUT":
    case "UND_ERR_CONNECT_TIMEOUT":
      return new ErpTimeout("the ERP kept silent for too long", error);
    case "UND_ERR_RES_EXCEEDED_MAX_SIZE":
      return new ErpBadAnswer(`the answer is larger than ${maxResponseBytes} bytes`, error);
    default:
      return new ErpUnavailable("the ERP could not be reached", { cause: error });
  }
}

/**
 * What a status that is not 2xx means.
 * @param now ms since the epoch, for a Retry-After that names an instant
 */
export function toStatusError(response: ErpResponse, now: number): ErpError {
  const { status } = response;
  const said = `the ERP answered HTTP ${status}`;
  const retryAfterSeconds = readRetryAfter(response, now);
  if (status === 401 || status === 403) {
    return new ErpUnavailable(`${said}: check the ERP's credential`, {
      countsAsFailure: false,
      retryAfterSeconds: refusedCredentialSeconds,
    });
  }
  if (status === 429) return new ErpOverloaded(said, { countsAsFailure: false, retryAfterSeconds });
  if (status === 503) return new ErpOverloaded(said, { countsAsFailure: true, retryAfterSeconds });
  // A server that meets one row it cannot bear says 500 as well as one that is broken altogether.
  if (status >= 500) return new ErpUnavailable(said, { mayBeOneKey: status === 500 });
  return new ErpBadAnswer(said, undefined, { mayBeOneKey: status === 400 || status === 422, status });
}

/** Retry-After in whole seconds, from 0 to an hour; null where it is absent or cannot be read. */
function readRetryAfter({ headers }: ErpResponse, now: number): number | null {
  const value = headers["retry-after"];
  if (typeof value !== "string") return null;
  const seconds = /^\d+$/.test(value.trim()) ? Number(value) : Math.ceil((Date.parse(value) - now) / 1000);
  return Number.isNaN(seconds) ? null : Math.min(Math.max(seconds, 0), 3600);
}

/**
 * @param said what is wrong where the text is no JSON
 * @throws {ErpBadAnswer} without the parser's error as its cause: that one quotes the text, in which an ERP may have put anything
 */
export function parseJson(text: string, said = "the answer is not JSON"): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ErpBadAnswer(said);
  }
}
