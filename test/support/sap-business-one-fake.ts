import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { answerQuery, type B1Record } from "./sap-business-one-filter.js";
import { answerItemPrice, type PricedBooks } from "./sap-business-one-prices.js";

/** What one company holds, and how its Service Layer is set. */
export interface B1Books extends PricedBooks {
  readonly password: string;
  version: string;
  /** The time-out of an idle session. */
  sessionMinutes: number;
  /** Rows of a page where the request asks for none. */
  pageSize: number;
  /** Whether the request's wish for other pages is heeded. */
  heedsPageSize: boolean;
  /** Whether parts behind one that failed are worked off where the request wishes it. */
  goesOn: boolean;
  ignoresCase: boolean;
  lists: Record<string, B1Record[]>;
  /** Answers in place of the books where it gives something. @param request such as "POST $batch", or of a part "POST CompanyService_GetItemPrice {…}" */
  fault: (request: string) => FakeFault | null;
  /** Logins wait for it. */
  hold: Promise<void> | null;
}

export interface FakeFault {
  readonly status: number;
  readonly text: string;
  readonly headers?: Record<string, string | string[]>;
}

export interface Asked {
  /** Such as "POST $batch". */
  readonly request: string;
  readonly headers: IncomingHttpHeaders;
  /** Of a batch, those parts that were worked off. */
  readonly parts: string[];
}

export interface FakeB1 {
  readonly url: URL;
  readonly books: B1Books;
  readonly asked: Asked[];
  /** By id, the instant of the last use; those taken out have ended. */
  readonly sessions: Map<string, number>;
  logins: number;
  logouts: number;
  stop(): Promise<void>;
}

/**
 * Service Layer as far as the connector asks it, by SAP's "Working with SAP Business One Service Layer" (1.28, 2026-01-07): login, its cookies and its answer (3.1),
 * error 301 (3.1.1), queries and pages of 20 (3.7), batches that end at the first part that fails (3.9); names and types by the published metadata of 10.0.
 * Version 4 of OData, `/b1s/v2`, writes codes as texts, days with a midnight, and its links with an "@"; batches are 200 there, and 202 in `/b1s/v1`.
 * @param now ms since the epoch
 */
export async function startFakeB1(books: B1Books, now: () => number = Date.now): Promise<FakeB1> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    if (request.url?.endsWith("/Login")) await books.hold;
    const exchange = { method: request.method ?? "", url: request.url ?? "", headers: request.headers, body };
    const { status, text, headers } = answer(fake, exchange, now);
    response.writeHead(status, { "content-type": "application/json", ...headers }).end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const fake: FakeB1 = {
    url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`),
    ...{ books, asked: [], sessions: new Map(), logins: 0, logouts: 0 },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return fake;
}

interface Exchange {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

function answer(fake: FakeB1, { method, url, headers, body }: Exchange, now: () => number): FakeFault {
  const [, version = "", query] = /^\/b1s\/(v[12])\/(.*)$/.exec(url) ?? [];
  if (query === undefined) return { status: 404, text: "<html>Not Found</html>" };
  const request = `${method} ${decodeURIComponent(query)}`;
  const asked: Asked = { request, headers, parts: [] };
  fake.asked.push(asked);
  const fault = fake.books.fault(request);
  if (fault !== null) return fault;
  if (request === "POST Login") return answerLogin(fake, version, body, now());
  const id = /B1SESSION=([^;]+)/.exec(headers.cookie ?? "")?.[1] ?? "";
  const usedAt = fake.sessions.get(id);
  const isOver = usedAt === undefined || now() - usedAt >= fake.books.sessionMinutes * 60_000;
  if (isOver) return b1Error(version, 401, 301, "Invalid session or session already timeout.");
  fake.sessions.set(id, now());
  if (request === "POST Logout") {
    fake.logouts += 1;
    fake.sessions.delete(id);
    return { status: 204, text: "" };
  }
  if (request === "POST $batch") return answerBatch(fake, version, headers, body, asked, id);
  return answerPart(fake.books, version, method, query, body, headers["prefer"]);
}

function answerLogin(fake: FakeB1, version: string, body: string, now: number): FakeFault {
  const { CompanyDB, UserName, Password } = JSON.parse(body) as Record<string, unknown>;
  const isRight = CompanyDB === "SBODEMOFR" && UserName === "pricelane" && Password === fake.books.password;
  if (!isRight) return b1Error(version, 401, 100000027, `User ${UserName} or password ${Password} is incorrect`);
  fake.logins += 1;
  const id = `session-${fake.logins}-secret`;
  fake.sessions.set(id, now);
  const told = { SessionId: id, Version: fake.books.version, SessionTimeout: fake.books.sessionMinutes };
  return {
    status: 200,
    text: JSON.stringify({ "odata.metadata": "…/$metadata#B1Sessions/@Element", ...told }),
    headers: { "set-cookie": [`B1SESSION=${id};HttpOnly;`, "ROUTEID=.node1; path=/b1s"] },
  };
}

/** Its parts in their order, up to the first that fails. */
function answerBatch(
  fake: FakeB1,
  version: string,
  headers: IncomingHttpHeaders,
  body: string,
  asked: Asked,
  id: string,
): FakeFault {
  const boundary = /^multipart\/mixed;boundary=([\w-]+)$/.exec(headers["content-type"] ?? "")?.[1];
  const incomplete = b1Error(version, 400, -1000, "Incomplete Batch Request Body!");
  if (boundary === undefined || !body.endsWith(`--${boundary}--\r\n`)) return incomplete;
  const told: string[] = [];
  for (const part of body.split(`--${boundary}\r\n`).slice(1)) {
    const match =
      /^Content-Type: application\/http\r\nContent-Transfer-Encoding: binary\r\n\r\n(GET|POST) \/b1s\/v[12]\/(\S+) HTTP\/1\.1\r\n((?:[\w-]+: [^\r\n]*\r\n)*)\r\n([\s\S]*?)\r\n(?:--|$)/.exec(
        part,
      );
    if (match === null) return incomplete;
    const [, method = "", query = "", head = "", json = ""] = match;
    const request = `${method} ${decodeURIComponent(query)}${json === "" ? "" : ` ${json}`}`;
    asked.parts.push(request);
    const prefer = /^Prefer: (.*)\r$/m.exec(head)?.[1];
    const isOver = !fake.sessions.has(id);
    const ended = isOver ? b1Error(version, 401, 301, "Invalid session or session already timeout.") : null;
    const { status, text } =
      ended ?? fake.books.fault(request) ?? answerPart(fake.books, version, method, query, json, prefer);
    told.push(
      `--batchresponse_1\r\nContent-Type:application/http\r\nContent-Transfer-Encoding:binary\r\n\r\nHTTP/1.1 ${status} Said\r\nContent-Type:application/json;charset=utf-8\r\nContent-Length:${Buffer.byteLength(text)}\r\n\r\n${text}\r\n`,
    );
    const goesOn = fake.books.goesOn && String(headers["prefer"]).includes("odata.continue-on-error");
    if (status >= 400 && !goesOn) break;
  }
  return {
    status: version === "v1" ? 202 : 200,
    text: `${told.join("")}--batchresponse_1--\r\n`,
    headers: { "content-type": "multipart/mixed;boundary=batchresponse_1" },
  };
}

function answerPart(
  books: B1Books,
  version: string,
  method: string,
  query: string,
  body: string,
  prefer: string | string[] | undefined,
): FakeFault {
  const { pathname, searchParams } = new URL(query, "http://host/");
  const path = decodeURIComponent(pathname.slice(1));
  try {
    if (method === "POST" && path === "CompanyService_GetItemPrice") {
      const price = answerItemPrice(books, (JSON.parse(body) as { ItemPriceParams: B1Record }).ItemPriceParams);
      return price === null ? noRecord(version) : ok(version, price);
    }
    const records = books.lists[path];
    if (records === undefined || method !== "GET") return b1Error(version, 404, -1000, "Unrecognized resource path.");
    return answerList(books, version, answerQuery(records, searchParams, books.ignoresCase), query, prefer);
  } catch (error) {
    return b1Error(version, 400, -1000, (error as Error).message);
  }
}

function answerList(
  books: B1Books,
  version: string,
  rows: readonly B1Record[],
  query: string,
  prefer: string | string[] | undefined,
): FakeFault {
  const [, wanted] = books.heedsPageSize ? (/odata\.maxpagesize=(\d+)/.exec(String(prefer)) ?? []) : [];
  const size = Number(wanted ?? books.pageSize) || rows.length;
  const skip = Number(new URL(query, "http://host/").searchParams.get("$skip") ?? 0);
  const bare = query.replace(/[?&]\$skip=\d+/, "");
  const link = `${bare}${bare.includes("?") ? "&" : "?"}$skip=${skip + size}`;
  const more = size < rows.length ? { [version === "v1" ? "odata.nextLink" : "@odata.nextLink"]: link } : {};
  return ok(version, { value: rows.slice(0, size), ...more });
}

/** As SAP writes it: over many lines. */
function ok(version: string, body: unknown): FakeFault {
  const text = JSON.stringify(body, null, 3);
  const dated = version === "v1" ? text : text.replace(/"(\d{4}-\d\d-\d\d)"/g, '"$1T00:00:00Z"');
  return { status: 200, text: dated };
}

function noRecord(version: string): FakeFault {
  return b1Error(version, 404, -2028, "No matching records found (ODBC -2028)");
}

/** Its message quotes what must not get out. */
export function b1Error(version: string, status: number, code: number, message = "The record of Jane Doe"): FakeFault {
  const error =
    version === "v1" ? { code, message: { lang: "en-us", value: message } } : { code: String(code), message };
  return { status, text: JSON.stringify({ error }, null, 3) };
}
