import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { answerQuery, type BcRecord, parseFilter } from "./business-central-filter.js";
import { answerPriceLines, type FakePrice } from "./business-central-prices.js";

/** What one environment with one company holds. */
export interface BcBooks {
  readonly secret: string;
  /** Seconds that a token lives. */
  tokenSeconds: number;
  hasExtension: boolean;
  companies: BcRecord[];
  /** Lists of Microsoft's API. */
  lists: Record<string, BcRecord[]>;
  /** Lists of the extension but for the prices. */
  ownLists: Record<string, BcRecord[]>;
  prices: FakePrice[];
  /** Answers in place of the books where it gives something. @param url below the host, or of one part of a batch */
  fault: (url: string) => FakeFault | null;
}

export interface FakeFault {
  readonly status: number;
  readonly text: string;
  readonly headers?: Record<string, string>;
}

export interface Asked {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** Of a batch, its parts. */
  readonly parts: readonly string[];
}

export interface FakeBc {
  readonly url: URL;
  readonly books: BcBooks;
  readonly asked: Asked[];
  /** Tokens that were given out; those taken out are refused from then on. */
  readonly tokens: string[];
  tokensGiven: number;
  stop(): Promise<void>;
}

export const companyId = "11111111-2222-3333-4444-555555555555";
const root = "/v2.0/contoso.example/production";

/**
 * Business Central online as far as the connector asks it, from Microsoft's published pages: client credentials
 * (learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow), JSON batches with their two levels of statuses
 * (…/dev-itpro/webservices/use-odata-batch), errors as `{error: {code, message}}` (…/dev-itpro/webservices/dynamics-error-codes),
 * limits (…/dev-itpro/administration/operational-limits-online), fields by the published source of "APIV2 - Items" and others.
 */
export async function startFakeBc(books: BcBooks): Promise<FakeBc> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { status, text, headers } = answer(
      fake,
      request.url ?? "",
      request.headers,
      Buffer.concat(chunks).toString(),
    );
    response.writeHead(status, { "content-type": "application/json", ...headers }).end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const fake: FakeBc = {
    url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`),
    books,
    asked: [],
    tokens: [],
    tokensGiven: 0,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return fake;
}

function answer(fake: FakeBc, url: string, headers: IncomingHttpHeaders, body: string): FakeFault {
  if (url.endsWith("/oauth2/v2.0/token")) return answerToken(fake, url, body);
  const requests = url.endsWith("$batch") ? (JSON.parse(body) as { requests: Part[] }).requests : [];
  fake.asked.push({ url, headers, parts: requests.map((part) => decodeURIComponent(part.url)) });
  const token = (headers.authorization ?? "").replace("Bearer ", "");
  if (!fake.tokens.includes(token)) return bcError(401, "Authentication_InvalidCredentials");
  const fault = fake.books.fault(decodeURIComponent(url));
  if (fault !== null) return fault;
  return url.endsWith("$batch") ? answerBatch(fake.books, url, requests, headers) : answerPart(fake.books, url);
}

interface Part {
  readonly id: string;
  readonly method: string;
  readonly url: string;
}

function answerToken(fake: FakeBc, url: string, body: string): FakeFault {
  const form = new URLSearchParams(body);
  const fault = fake.books.fault(url);
  if (fault !== null) return fault;
  const isRight = form.get("client_secret") === fake.books.secret && form.get("grant_type") === "client_credentials";
  if (!isRight || !url.startsWith("/contoso.example/") || form.get("scope") !== `${fake.url.origin}/.default`) {
    const said = {
      error: "invalid_client",
      error_description: `AADSTS7000215: Invalid client secret '${form.get("client_secret")}'.`,
    };
    return { status: 401, text: JSON.stringify(said) };
  }
  fake.tokensGiven += 1;
  const token = `token-${fake.tokensGiven}`;
  fake.tokens.push(token);
  return ok({ token_type: "Bearer", expires_in: fake.books.tokenSeconds, access_token: token });
}

function answerBatch(books: BcBooks, url: string, parts: readonly Part[], headers: IncomingHttpHeaders): FakeFault {
  if (parts.length > 100) return bcError(400, "Unknown");
  const responses: unknown[] = [];
  for (const part of parts) {
    const partUrl = `${url.replace("$batch", "")}${part.url}`;
    const { status, text, headers: own } = books.fault(decodeURIComponent(part.url)) ?? answerPart(books, partUrl);
    responses.push({ id: part.id, status, headers: own ?? {}, body: JSON.parse(text) });
    // Without being told to go on, it stops at the first part that fails.
    if (status >= 400 && headers["prefer"] !== "odata.continue-on-error") break;
  }
  return ok({ responses });
}

function answerPart(books: BcBooks, url: string): FakeFault {
  const { pathname, searchParams } = new URL(url, "http://host");
  const isOwn = pathname.startsWith(`${root}/api/pricelane/shop/v1.0/`);
  if (!isOwn && !pathname.startsWith(`${root}/api/v2.0/`)) return bcError(404, "BadRequest_NotFound");
  const path = pathname.slice(`${root}${isOwn ? "/api/pricelane/shop/v1.0/" : "/api/v2.0/"}`.length);
  if (path === "companies") return ok({ value: answerQuery(books.companies, searchParams) });
  const list = path.replace(`companies(${companyId})/`, "");
  try {
    if (isOwn && books.hasExtension && list === "priceLines") {
      return ok({ value: answerPriceLines(books, parseFilter(searchParams.get("$filter") ?? "").conditions) });
    }
    const records = isOwn ? (books.hasExtension ? books.ownLists[list] : undefined) : books.lists[list];
    if (records === undefined) return bcError(404, "BadRequest_NotFound");
    return ok({ "@odata.context": "…", value: answerQuery(records, searchParams) });
  } catch (error) {
    return bcError(400, "BadRequest", (error as Error).message);
  }
}

function ok(body: unknown): FakeFault {
  return { status: 200, text: JSON.stringify(body) };
}

/** Its message quotes what must not get out. */
export function bcError(status: number, code: string, message = "The record of Jane Doe, SECRET"): FakeFault {
  return { status, text: JSON.stringify({ error: { code, message: `${message}  CorrelationId:  1f.` } }) };
}
