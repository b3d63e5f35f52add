import type { Clock } from "../../clock.js";
import { ErpBadAnswer, type ErpError, refusedCredentialSeconds } from "../../errors.js";
import type { Logger } from "../../telemetry/logger.js";
import { type ErpHttpClient, type ErpResponse, parseJson, toStatusError } from "../http-client.js";
import { parseRow, parseText, parseWholeNumber } from "../parse.js";
import { readForAll, waitFor } from "../shared-read.js";
import { refused, saidBy } from "./b1-errors.js";

export interface B1Credential {
  /** The company's database, as the landscape directory names it, such as "SBODEMOFR". */
  readonly companyDb: string;
  readonly user: string;
  readonly password: string;
}

/** One session of Service Layer: one object from its login to its end. */
export interface B1Session {
  /** Such as "1000141". */
  readonly version: string;
  /** For the header `Cookie`, as it is by now. */
  cookie(): string;
}

export interface B1SessionOptions extends B1Credential {
  readonly http: ErpHttpClient;
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly log: Pick<Logger, "info" | "warn">;
}

/** The one session that all calls share: each one more takes a licence's place and memory there until it times out. */
export interface SessionSource {
  /** @throws {ErpError} */
  read(signal: AbortSignal): Promise<B1Session>;
  /** Service Layer answered within this session, which keeps it, and may have moved it to another node. */
  note(session: B1Session, response: ErpResponse): void;
  /** Service Layer has ended this session: the next read logs in. */
  drop(session: B1Session): void;
  /** Logs out. Never fails, and never takes long. */
  close(): Promise<void>;
}

/** A session that was idle this much less than it may is not tried: a refused call costs more than a login. */
const spareMs = 60_000;

/** A refused password is not tried again before: SAP Business One locks a user out after some. */
const refusedSeconds = 300;
const leastHoldMs = 10_000;

const logoutMs = 2000;

interface Opened extends B1Session {
  readonly cookies: Map<string, string>;
  readonly idleMs: number;
  usedAt: number;
}

/** New sessions that were refused before they were ever used: after so many the next login waits. */
const mostStillborn = 2;

interface Kept {
  readonly session: Promise<B1Session>;
  opened: Opened | null;
  refusedUntil: number;
}

export function createSessionSource(options: B1SessionOptions): SessionSource {
  const { http, clock, log } = options;
  let kept: Kept | null = null;
  let version: string | null = null;
  let stillborn = 0;

  function noteVersion(text: string): void {
    if (version === text) return;
    if (version === null) log.info({ version: text }, "this is the SAP Business One that is asked");
    else log.warn({ version: text, before: version }, "SAP Business One's version has changed");
    version = text;
  }

  /** All who wait share one login, and for a while its refusal. */
  function login(): Kept {
    const mine: Kept = {
      opened: null,
      refusedUntil: Number.POSITIVE_INFINITY,
      session: readForAll((signal) => requestLogin(options, signal), options).then(
        (told) => {
          mine.opened = { ...told, cookie: () => toCookie(told.cookies), usedAt: clock.now() };
          noteVersion(told.version);
          return mine.opened;
        },
        (error: ErpError) => {
          // Who was away may be back; a refusal is shared by all until it may be another one.
          const heldMs = error.countsAsFailure ? 0 : Math.max((error.retryAfterSeconds ?? 0) * 1000, leastHoldMs);
          mine.refusedUntil = clock.now() + heldMs;
          throw error;
        },
      ),
    };
    return mine;
  }

  function isOver({ opened, refusedUntil }: Kept): boolean {
    return opened === null ? clock.now() >= refusedUntil : clock.now() >= opened.usedAt + opened.idleMs;
  }

  return {
    read(signal) {
      if (kept === null || isOver(kept)) kept = login();
      return waitFor(kept.session, signal);
    },
    note(session, response) {
      const opened = kept?.opened;
      if (!opened || opened !== session) return;
      opened.usedAt = clock.now();
      stillborn = 0;
      const moved = readCookies(response).get(route);
      if (moved !== undefined) opened.cookies.set(route, moved);
    },
    drop(session) {
      // Of many calls that were refused together, only the first one makes a new login.
      if (kept?.opened !== session) return;
      stillborn += 1;
      // Each login opens a session more there, and none of them would be of use.
      kept = stillborn < mostStillborn ? null : toHeld(clock.now());
    },
    async close() {
      const opened = kept?.opened;
      kept = null;
      if (!opened) return;
      const headers = { cookie: opened.cookie() };
      const logout = (signal: AbortSignal) => http.request({ method: "POST", path: "/Logout", headers, signal });
      await readForAll(logout, { clock, timeoutMs: logoutMs }).catch(() => undefined);
    },
  };
}

function toHeld(now: number): Kept {
  const error = refused(
    "Service Layer refuses each new session: check the user's licence, and that no proxy drops its cookies",
  );
  const session = Promise.reject(error);
  session.catch(() => undefined);
  return { session, opened: null, refusedUntil: now + refusedCredentialSeconds * 1000 };
}

const sessionId = "B1SESSION";
/** The load balancer's: which of its nodes holds the session. */
const route = "ROUTEID";

async function requestLogin({ http, companyDb, user, password, clock }: B1SessionOptions, signal: AbortSignal) {
  const body = { CompanyDB: companyDb, UserName: user, Password: password };
  const response = await http.request({ method: "POST", path: "/Login", body, signal });
  if (response.status !== 200) throw toLoginError(response, clock.now());
  const row = parseRow(parseJson(response.text, "the login's answer is not JSON: check ERP_URL"), "the login's answer");
  const cookies = readCookies(response);
  // Not by `parseText`, whose error would quote it.
  const id = cookies.get(sessionId) ?? row["SessionId"];
  if (typeof id !== "string" || !/^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]+$/.test(id)) {
    throw new ErpBadAnswer("the login's answer names no session");
  }
  const idleMs = parseWholeNumber(row["SessionTimeout"], "the time-out of a session, in minutes") * 60_000;
  return {
    cookies: cookies.set(sessionId, id),
    idleMs: Math.max(idleMs - spareMs, idleMs / 2),
    version: parseText(row["Version"], "the version of SAP Business One"),
  };
}

const mend = "check SAPB1_COMPANY_DB, SAPB1_USER and SAPB1_PASSWORD, whether the user is locked, and its licence";

/** Its message may name the user and the company. */
function toLoginError(response: ErpResponse, now: number): ErpError {
  const said = `the login was refused: ${saidBy(response)}`;
  if (response.status === 401 || response.status === 403) return refused(`${said}: ${mend}`, refusedSeconds);
  if (response.status === 400) return refused(`${said}: ${mend}`);
  if (response.status === 404) return refused(`${said}: no Service Layer answers at ERP_URL`);
  return toStatusError(response, now);
}

/** By hand: the session's has no path, and ends in a semicolon, which libraries of cookies were seen to throw away. */
function readCookies({ headers }: ErpResponse): Map<string, string> {
  const lines = [headers["set-cookie"] ?? []].flat();
  return new Map(
    lines.flatMap((line) => {
      const [, name, value] = /^\s*(B1SESSION|ROUTEID)=([^;\s]+)/.exec(line) ?? [];
      return name === undefined || value === undefined ? [] : [[name, value] as const];
    }),
  );
}

function toCookie(cookies: ReadonlyMap<string, string>): string {
  return [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
}
