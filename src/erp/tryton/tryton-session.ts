import type { Clock } from "../../clock.js";
import { ErpBadAnswer, type ErpError, ErpUnavailable, refusedCredentialSeconds } from "../../errors.js";
import { type ErpHttpClient, type ErpResponse, parseJson, toStatusError } from "../http-client.js";
import { parseList, parseRow, parseText, parseWholeNumber } from "../parse.js";
import { readForAll, waitFor } from "../shared-read.js";
import { TrytonRefused, toTrytonError } from "./tryton-errors.js";

export interface TrytonSession {
  /**
   * Calls one method, logging in before the first call, and again once where Tryton ended the session.
   * @param params the method's own, its context last
   * @throws {TrytonRefused} when Tryton ran the call and said no
   * @throws {ErpError} for all else
   */
  call(method: string, params: readonly unknown[], signal: AbortSignal): Promise<unknown>;
  /** The server's clock, in whole seconds, as ms since the epoch: its dates are compared with it and not with ours. */
  readTime(signal: AbortSignal): Promise<number>;
  /** Ends the session in Tryton, where it can be reached. */
  close(): Promise<void>;
}

export interface TrytonSessionOptions {
  readonly http: ErpHttpClient;
  readonly database: string;
  readonly user: string;
  readonly password: string;
  readonly timeoutMs: number;
  readonly clock: Clock;
}

/** How long a refused password is not tried again: Tryton locks out a user who fails too often. */
const refusedForMs = 10_000;

type Login =
  | { readonly kind: "none" }
  | { readonly kind: "under way" | "open"; readonly header: Promise<string> }
  | { readonly kind: "refused"; readonly error: ErpError; readonly until: number };

export function createTrytonSession(options: TrytonSessionOptions): TrytonSession {
  const { http, database, user, password, clock } = options;
  const path = `/${encodeURIComponent(database)}/`;
  let login: Login = { kind: "none" };

  function post(method: string, params: readonly unknown[], signal: AbortSignal, authorization?: string) {
    const headers = authorization === undefined ? {} : { authorization };
    return http.request({ method: "POST", path, headers, body: { id: 1, method, params }, signal });
  }

  async function logIn(signal: AbortSignal): Promise<string> {
    const response = await post("common.db.login", [user, { password }], signal);
    if (response.status === 401 || response.status === 403)
      throw refusal("the user", "TRYTON_USER and TRYTON_PASSWORD");
    if (response.status === 404) throw refusal("the database", "TRYTON_DATABASE");
    const [id, key] = parseList(parseLogin(response, clock.now()), "the login's answer");
    return toHeader(user, parseWholeNumber(id, "the user's id"), parseText(key, "the session's key"));
  }

  // All calls share one login: a hundred calls that find the session ended log in once.
  function authorize(ended?: Promise<string>): Promise<string> {
    if (login.kind === "refused" && clock.now() < login.until) return Promise.reject(login.error);
    if ((login.kind === "under way" || login.kind === "open") && login.header !== ended) return login.header;
    const header = readForAll(logIn, options);
    login = { kind: "under way", header };
    header.then(
      () => settle(header, { kind: "open", header }),
      (error: ErpError) => settle(header, isRefusal(error) ? toRefused(error) : { kind: "none" }),
    );
    return header;
  }

  function settle(header: Promise<string>, next: Login): void {
    if ("header" in login && login.header === header) login = next;
  }

  function toRefused(error: ErpError): Login {
    return { kind: "refused", error, until: clock.now() + refusedForMs };
  }

  return {
    async call(method, params, signal) {
      const first = authorize();
      const answer = await post(method, params, signal, await waitFor(first, signal));
      if (answer.status !== 401) return parseResult(answer, clock.now());
      const second = authorize(first);
      return parseResult(await post(method, params, signal, await waitFor(second, signal)), clock.now());
    },
    async readTime(signal) {
      const body = { id: 1, method: "common.server.version", params: [] };
      // Whatever the status: a proxy that shuts this path off tells the time as well.
      const { headers } = await http.request({ method: "POST", path: "/", body, signal });
      const time = Date.parse(String(headers["date"]));
      return Number.isNaN(time) ? clock.now() : time;
    },
    async close() {
      if (login.kind !== "open") return;
      const header = await login.header;
      login = { kind: "none" };
      await readForAll((signal) => post("common.db.logout", [], signal, header), { clock, timeoutMs: 500 }).catch(
        () => undefined, // the session ends by itself, too
      );
    },
  };
}

function isRefusal(error: ErpError): boolean {
  return error instanceof ErpUnavailable && !error.countsAsFailure;
}

function refusal(what: string, settings: string, cause?: unknown): ErpUnavailable {
  return new ErpUnavailable(`Tryton refuses ${what}: check ${settings}`, {
    cause,
    countsAsFailure: false,
    retryAfterSeconds: refusedCredentialSeconds,
  });
}

/** On SQLite a database that does not exist is an error of the call, on PostgreSQL a 404. */
function parseLogin(response: ErpResponse, now: number): unknown {
  try {
    return parseResult(response, now);
  } catch (error) {
    throw error instanceof TrytonRefused ? refusal("the login", "TRYTON_DATABASE", error) : error;
  }
}

function toHeader(user: string, id: number, key: string): string {
  return `Session ${Buffer.from(`${user}:${id}:${key}`).toString("base64")}`;
}

/** @param now ms since the epoch */
function parseResult(response: ErpResponse, now: number): unknown {
  if (response.status !== 200) throw toStatusError(response, now);
  const row = parseRow(parseJson(response.text), "Tryton's answer");
  if (row["error"] !== undefined && row["error"] !== null) throw toTrytonError(row["error"]);
  if (!("result" in row)) throw new ErpBadAnswer("Tryton's answer holds neither a result nor an error");
  return row["result"];
}
