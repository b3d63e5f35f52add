import { randomUUID } from "node:crypto";
import type { Clock } from "../../clock.js";
import { ErpBadAnswer, ErpError } from "../../errors.js";
import { type ErpHttpClient, type ErpRequest, type ErpResponse, parseJson } from "../http-client.js";
import { orError } from "../or-error.js";
import { parseList, parseRow, type Row } from "../parse.js";
import { isSessionEnded, toB1Error } from "./b1-errors.js";
import { type BatchAnswer, type BatchPart, parseBatch, serializeBatch } from "./b1-multipart.js";
import type { B1Session, SessionSource } from "./b1-session.js";

/** A request below the version's root, such as "Items?$select=ItemCode". */
export interface B1Request {
  readonly method: "GET" | "POST";
  readonly query: string;
  readonly json?: string;
}

/** Requests that belong together: their answers follow each other, and count only where all are there. */
export type BatchRun = readonly [B1Request, ...B1Request[]];

export interface B1Api {
  /** The rows of one list, page by page. @param most so many at the most; left out, all of them */
  readRows(query: string, signal: AbortSignal, most?: number): Promise<Row[]>;
  /** As {@link readRows}, for several lists in one request. @returns for each its rows, or the error it met */
  readLists(queries: readonly string[], signal: AbortSignal): Promise<(Row[] | ErpError)[]>;
  /**
   * @returns for each run what its requests were answered, or the error that one of them met
   * @throws {ErpError} where no run could be answered
   */
  runBatch(runs: readonly BatchRun[], signal: AbortSignal): Promise<(Row[] | ErpError)[]>;
}

export interface B1ApiOptions {
  /** Speaks to the version's root: `https://…:50000/b1s/v2`. */
  readonly http: ErpHttpClient;
  readonly url: URL;
  readonly sessions: SessionSource;
  readonly clock: Clock;
}

/** Parts of one batch, which are worked off one after another. Ours: no limit of theirs is documented. */
const partsPerBatch = 100;

interface Sent {
  readonly response: ErpResponse;
  readonly session: B1Session;
}

export function createB1Api({ http, url, sessions, clock }: B1ApiOptions): B1Api {
  const root = url.pathname.replace(/\/+$/, "");

  /** A session may end before its time: it is renewed, once. */
  async function send(request: Omit<ErpRequest, "headers">, headers: Record<string, string>): Promise<Sent> {
    const first = await sendOnce(request, headers);
    return isSessionEnded(first.response) ? sendOnce(request, headers) : first;
  }

  async function sendOnce(request: Omit<ErpRequest, "headers">, headers: Record<string, string>): Promise<Sent> {
    const session = await sessions.read(request.signal);
    const response = await http.request({ ...request, headers: { ...headers, cookie: session.cookie() } });
    if (isSessionEnded(response)) sessions.drop(session);
    else sessions.note(session, response);
    return { response, session };
  }

  async function readPage(query: string, options: readonly string[], signal: AbortSignal): Promise<Page> {
    const path = `/${query}${options.map((option, n) => `${n > 0 || query.includes("?") ? "&" : "?"}${option}`).join("")}`;
    const { response } = await send({ method: "GET", path, signal }, { prefer: allRows });
    if (response.status !== 200) throw toB1Error(response, query, clock.now());
    return parsePage(parseJson(response.text));
  }

  /** What the pages before left out. `$skip` goes before `$top` there. */
  async function readRest(first: Page, query: string, most: number | null, signal: AbortSignal): Promise<Row[]> {
    const rows = [...first.rows];
    for (let page = first; page.hasMore && (most === null || rows.length < most); rows.push(...page.rows)) {
      const top = most === null ? [] : [`$top=${most - rows.length}`];
      page = await readPage(query, [...top, `$skip=${rows.length}`], signal);
      if (page.rows.length === 0 && page.hasMore) throw new ErpBadAnswer("Service Layer's pages do not end");
    }
    return rows;
  }

  async function sendBatch(parts: readonly BatchPart[], signal: AbortSignal) {
    const boundary = `batch_${randomUUID()}`;
    const headers = { accept: "*/*", "content-type": `multipart/mixed;boundary=${boundary}`, prefer: goOn };
    const text = serializeBatch(parts, boundary, url.host);
    const { response, session } = await send({ method: "POST", path: "/$batch", text, signal }, headers);
    // 202 by /b1s/v1, 200 by /b1s/v2.
    if (response.status !== 200 && response.status !== 202) throw toB1Error(response, "$batch", clock.now());
    const answers = parseBatch(response.text, response.headers["content-type"]);
    if (answers.length === 0 || answers.length > parts.length) {
      throw new ErpBadAnswer(`Service Layer told ${answers.length} answers to ${parts.length} parts of a batch`);
    }
    return { answers, session };
  }

  /** One batch of whole runs. @returns of as many runs as it came to */
  async function runOnce(runs: readonly BatchRun[], signal: AbortSignal): Promise<(Row[] | ErpError)[]> {
    const { answers, session } = await sendBatch(runs.flat().map(toPart), signal);
    const told: (Row[] | ErpError)[] = [];
    let at = 0;
    for (const run of runs) {
      const own = answers.slice(at, at + run.length);
      const place = own.findIndex(({ status }) => status !== 200);
      const [bad, asked] = [own[place], run[place]];
      // That it ended in between is no fault of this run.
      if (bad !== undefined && isSessionEnded(bad)) sessions.drop(session);
      if (bad === undefined ? own.length < run.length : isSessionEnded(bad)) break;
      told.push(
        bad === undefined
          ? orError(() => own.map(parseAnswer))
          : toB1Error({ ...bad, headers: {} }, asked?.query ?? "", clock.now()),
      );
      at += run.length;
    }
    return told;
  }

  /**
   * A batch ends at its first part that fails (SAP's manual, 3.9: "Batch Response"), whose neighbours did nothing wrong: those behind it
   * are asked in another one. All of it reads, so asking twice does no harm.
   */
  async function runBatch(runs: readonly BatchRun[], signal: AbortSignal): Promise<(Row[] | ErpError)[]> {
    const told: (Row[] | ErpError)[] = [];
    const fillUp = (error: ErpError) => told.push(...runs.slice(told.length).map(() => error));
    let fruitless = 0;
    while (told.length < runs.length) {
      const next = runs.slice(told.length, told.length + runsPerBatch(runs));
      const more = await runOnce(next, signal).catch((error: unknown) => orThrow(error, told.length > 0));
      told.push(...more);
      const error = more.at(-1);
      if (error instanceof Error && isOfAll(error)) fillUp(error);
      fruitless = more.length === 0 ? fruitless + 1 : 0;
      if (fruitless > 1) orThrow(neverAnswered(), told.length > 0).forEach(fillUp);
    }
    return told;
  }

  function toPart({ method, query, json }: B1Request): BatchPart {
    const path = `${root}/${query}`;
    return json === undefined ? { method, path, headers: { Prefer: allRows } } : { method, path, json };
  }

  return {
    async readRows(query, signal, most?: number) {
      const first = await readPage(query, most === undefined ? [] : [`$top=${most}`], signal);
      return readRest(first, query, most ?? null, signal);
    },
    async readLists(queries, signal) {
      const told = await runBatch(
        queries.map((query) => [{ method: "GET", query }] as const),
        signal,
      );
      const lists: (Row[] | ErpError)[] = [];
      for (const [n, answer] of told.entries()) {
        const page = answer instanceof Error ? answer : orError(() => parsePage(answer[0]));
        const rest = page instanceof Error ? page : readRest(page, queries[n] as string, null, signal).catch(asAnswer);
        lists.push(await rest);
      }
      return lists;
    },
    runBatch,
  };
}

/** Service Layer tells 20 rows a page unless asked otherwise; 0 is no pages. Source: SAP's manual, 3.7.6. */
const allRows = "odata.maxpagesize=0";

/** OData's own word for what Service Layer does not say that it does: parts behind one that failed. Where it is heeded it saves requests. */
const goOn = "odata.continue-on-error";

interface Page {
  readonly rows: Row[];
  readonly hasMore: boolean;
}

function parsePage(answer: unknown): Page {
  const row = parseRow(answer, "Service Layer's answer");
  const rows = parseList(row["value"], "the rows").map((each) => parseRow(each, "a row"));
  // The link itself is not followed: what it leads to is known, and is asked at our own address.
  return { rows, hasMore: (row["@odata.nextLink"] ?? row["odata.nextLink"] ?? null) !== null };
}

/** A run is never cut. */
function runsPerBatch(runs: readonly BatchRun[]): number {
  const longest = Math.max(1, ...runs.map((run) => run.length));
  return Math.max(1, Math.floor(partsPerBatch / longest));
}

function neverAnswered(): ErpBadAnswer {
  return new ErpBadAnswer("Service Layer ends its sessions, or its batches, unanswered");
}

/** @throws what is no error of the ERP: that is a bug */
export function asAnswer(error: unknown): ErpError {
  if (error instanceof ErpError) return error;
  throw error;
}

/** What was answered before stays answered. */
function orThrow(error: unknown, wasAnswered: boolean): ErpError[] {
  if (wasAnswered && error instanceof ErpError) return [error];
  throw error;
}

/** Whether it says how Service Layer is, and nothing of what was asked. */
function isOfAll(error: ErpError): boolean {
  return !error.mayBeOneKey && !(error instanceof ErpBadAnswer);
}

function parseAnswer({ text }: BatchAnswer): Row {
  return parseRow(parseJson(text), "an answer");
}
