import type { Clock } from "../../clock.js";
import { ErpBadAnswer, type ErpError } from "../../errors.js";
import { type ErpHttpClient, type ErpRequest, type ErpResponse, parseJson } from "../http-client.js";
import { orError } from "../or-error.js";
import { parseList, parseRow, type Row } from "../parse.js";
import { toBcError } from "./bc-errors.js";
import type { TokenSource } from "./bc-token.js";

/** Which API is asked: Microsoft's own, or that of the extension in deploy/business-central. */
export type BcRoute = "standard" | "pricelane";

const paths: Readonly<Record<BcRoute, string>> = {
  standard: "/api/v2.0",
  pricelane: "/api/pricelane/shop/v1.0",
};

/** Most parts of one batch: more are refused as too many. Source: demiliani.com, 12 January 2021. */
export const partsPerBatch = 100;

export interface BcApi {
  /** The rows of one list. @param query path and query below the route, such as "companies" */
  readRows(route: BcRoute, query: string, signal: AbortSignal): Promise<Row[]>;
  /**
   * The rows of several lists in one request and one session.
   * @param queries 1 to {@link partsPerBatch}
   * @returns one entry a query, in their order: its rows, or the error it met
   * @throws {ErpError} where the batch as a whole failed
   */
  readMany(route: BcRoute, queries: readonly string[], signal: AbortSignal): Promise<(Row[] | ErpError)[]>;
}

/** @param http speaks to the environment: `…/v2.0/<tenant>/<environment>` */
export function createBcApi(http: ErpHttpClient, tokens: TokenSource, clock: Clock): BcApi {
  /** A token may be revoked before its end: a refused one is renewed, once. */
  async function send(request: Omit<ErpRequest, "headers">, headers: Record<string, string>): Promise<unknown> {
    const first = await tokens.read(request.signal);
    let response = await http.request({ ...request, headers: withToken(headers, first) });
    if (response.status === 401) {
      tokens.drop(first);
      const second = await tokens.read(request.signal);
      response = await http.request({ ...request, headers: withToken(headers, second) });
    }
    if (response.status !== 200) throw toBcError(response, clock.now());
    return parseJson(response.text);
  }

  return {
    async readRows(route, query, signal) {
      return parseRows(await send({ method: "GET", path: `${paths[route]}/${query}`, signal }, intent(route)));
    },
    async readMany(route, queries, signal) {
      const requests = queries.map((url, index) => ({ method: "GET", id: String(index), url }));
      const headers = { ...batchHeaders, ...intent(route) };
      const path = `${paths[route]}/$batch`;
      const answer = await send({ method: "POST", path, body: { requests }, signal }, headers);
      return toAnswers(answer, queries.length, clock.now());
    },
  };
}

// One session, and one state of the database, for all parts; a part that fails does not end the others.
// https://learn.microsoft.com/dynamics365/business-central/dev-itpro/webservices/use-odata-batch
const batchHeaders = { isolation: "snapshot", prefer: "odata.continue-on-error" };

// From the read-only replica, which spares the people at work. Not for prices: what other extensions do while a price is
// worked out is not ours to know, and on the replica nothing may write.
function intent(route: BcRoute): Record<string, string> {
  return route === "standard" ? { "data-access-intent": "ReadOnly" } : {};
}

function withToken(headers: Record<string, string>, token: string): Record<string, string> {
  return { ...headers, authorization: `Bearer ${token}` };
}

function toAnswers(answer: unknown, count: number, now: number): (Row[] | ErpError)[] {
  const responses = parseList(parseRow(answer, "the batch's answer")["responses"], "the batch's responses");
  const byId = new Map(responses.map((each) => parseRow(each, "a response")).map((row) => [String(row["id"]), row]));
  return Array.from({ length: count }, (_, index) => toAnswer(byId.get(String(index)), now));
}

function toAnswer(part: Row | undefined, now: number): Row[] | ErpError {
  if (part === undefined) return new ErpBadAnswer("Business Central left a part of the batch without an answer");
  const { status, body } = part;
  if (status !== 200) return toBcError(toResponse(part), now);
  return orError(() => parseRows(body));
}

function toResponse({ status, headers, body }: Row): ErpResponse {
  const lowered = Object.entries(typeof headers === "object" && headers !== null ? headers : {}).map(
    ([name, value]) => [name.toLowerCase(), String(value)] as const,
  );
  return {
    status: typeof status === "number" ? status : 500,
    headers: Object.fromEntries(lowered),
    text: JSON.stringify(body ?? null),
  };
}

function parseRows(answer: unknown): Row[] {
  const row = parseRow(answer, "Business Central's answer");
  // All lists here are bounded by what they ask for, so a second page would be rows that nobody reckoned with.
  if (row["@odata.nextLink"] !== undefined) throw new ErpBadAnswer("Business Central sent one page of several");
  return parseList(row["value"], "the rows").map((each) => parseRow(each, "a row"));
}
