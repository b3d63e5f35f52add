import type { IncomingMessage, ServerResponse } from "node:http";
import { type ApolloServer, HeaderMap, type HTTPGraphQLResponse } from "@apollo/server";
import type { RequestContext } from "../../schema/context.js";
import type { Clock } from "../clock.js";
import { GatewayError, Unauthenticated } from "../errors.js";
import { anonymousAt, type Caller } from "../pricing/caller.js";
import type { Metrics } from "../telemetry/metrics.js";
import { withRemoteParent, withSpan } from "../telemetry/traces.js";
import type { Authenticator } from "./authentication.js";
import { clientNetwork, type TrustProxy } from "./client-address.js";
import { cacheControl, createExchange, type Exchange, type GraphQLContext } from "./exchange.js";
import { toGraphQLError } from "./format-error.js";
import type { KnownPages } from "./known-pages.js";
import { createLeaveSignal } from "./leave-signal.js";
import { BodyNotJson, BodyTooLarge, maxBodyBytes, readJsonBody } from "./read-body.js";

/** Makes the context of one request. */
export type CreateContext = (request: {
  readonly caller: Caller;
  /** ms since the epoch. */
  readonly arrivedAt: number;
  readonly noteAnswer: (freshUntil: number) => void;
  /** Gives a signal that is aborted when the client goes before it has its answer. */
  readonly leaveSignal: () => AbortSignal;
}) => RequestContext;

export interface GraphQLEndpointOptions {
  readonly apollo: ApolloServer<GraphQLContext>;
  /** Null where Apollo is to see every request. */
  readonly knownPages: KnownPages | null;
  readonly authenticator: Authenticator;
  readonly trustProxy: TrustProxy;
  readonly createContext: CreateContext;
  readonly clock: Clock;
  readonly metrics: Metrics;
}

type Respond = (request: IncomingMessage, response: ServerResponse, search: string) => Promise<void>;

/** `/graphql`: the thinnest layer between node:http and Apollo. @see docs/decisions/0002-thin-http.md */
export function createGraphQLEndpoint(options: GraphQLEndpointOptions): Respond {
  const { apollo, knownPages, clock, metrics } = options;

  async function answer(request: IncomingMessage, response: ServerResponse, search: string, exchange: Exchange) {
    const body = await readJsonBody(request);
    if (await answerFromMemory(request, response, body, exchange, options)) return;
    const leaveSignal = createLeaveSignal(response, exchange);
    const answered = await apollo.executeHTTPGraphQLRequest({
      httpGraphQLRequest: { method: exchange.method, headers: toApolloHeaders(request), search, body },
      context: () => createGraphQLContext(request, exchange, leaveSignal, options),
    });
    const { status = 200, headers } = answered;
    if (status === 200 && exchange.outcome === "ok")
      knownPages?.learnContentType(request.headers.accept, headers.get("content-type"));
    send(response, answered, cacheControl(exchange, status, clock.now()));
  }

  let inFlight = 0;
  metrics.observe("requests_in_flight", () => inFlight);

  return async (request, response, search) => {
    inFlight++;
    const exchange = createExchange(request.method ?? "GET", clock.now());
    try {
      await withRemoteParent(request.headers, () =>
        withSpan("graphql request", {}, () => answer(request, response, search, exchange), { kind: "server" }),
      );
    } catch (error) {
      refuseBody(response, error);
    } finally {
      inFlight--;
    }
    const seconds = (clock.now() - exchange.arrivedAt) / 1000;
    metrics.requestDone(exchange.caller?.lane ?? "storefront", exchange.outcome, seconds);
  };
}

/** Answers a page that Apollo saw before, where memory holds all of it. @returns false where Apollo has to answer */
async function answerFromMemory(
  request: IncomingMessage,
  response: ServerResponse,
  body: unknown,
  exchange: Exchange,
  { authenticator, knownPages, clock }: GraphQLEndpointOptions,
): Promise<boolean> {
  const page = knownPages?.find(exchange.method, request.headers, body) ?? null;
  if (knownPages === null || page === null) return false;
  const caller =
    authenticator.recall(request.headers.authorization, request.socket) ??
    // Who is refused here is told so by Apollo, which is to look at the same promise.
    (await authenticateOnce(request, exchange, authenticator).catch(() => null));
  if (caller === null) return false;
  // Nobody may keep what is answered to a POST, so that nobody need know how long it is fresh.
  const text = knownPages.write(page, { caller, now: () => clock.now(), noteAnswer() {} });
  if (text === null) return false;
  exchange.caller = caller;
  exchange.outcome = "ok";
  sendText(response, 200, [["content-type", page.contentType]], cacheControl(exchange, 200, 0), text);
  return true;
}

function authenticateOnce(
  { headers, socket }: IncomingMessage,
  exchange: Exchange,
  authenticator: Authenticator,
): Promise<Caller> {
  exchange.authentication ??= authenticator.authenticate(headers.authorization, socket);
  return exchange.authentication;
}

async function createGraphQLContext(
  request: IncomingMessage,
  exchange: Exchange,
  leaveSignal: () => AbortSignal,
  { authenticator, trustProxy, createContext, metrics }: GraphQLEndpointOptions,
): Promise<GraphQLContext> {
  try {
    const known = await authenticateOnce(request, exchange, authenticator);
    const caller = known.kind === "anonymous" ? anonymousAt(clientNetwork(request, trustProxy)) : known;
    exchange.caller = caller;
    const noteAnswer = (freshUntil: number) => {
      exchange.freshUntil = Math.min(exchange.freshUntil, freshUntil);
    };
    return { ...createContext({ caller, arrivedAt: exchange.arrivedAt, noteAnswer, leaveSignal }), exchange };
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    metrics.errorSent(error.code);
    throw toGraphQLError(error, httpOf(error));
  }
}

function httpOf(error: GatewayError): { status: number; headers?: HeaderMap } {
  if (!(error instanceof Unauthenticated)) return { status: 200 };
  return { status: 401, headers: new HeaderMap([["www-authenticate", 'Bearer realm="pricelane"']]) };
}

/** @see docs/decisions/0005-plain-get.md for the preflight that a GET without a token is taken to have had */
function toApolloHeaders({ method, headers }: IncomingMessage): HeaderMap {
  const map = new HeaderMap();
  if (method === "GET" && headers.authorization === undefined) map.set("apollo-require-preflight", "none needed");
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) map.set(name, Array.isArray(value) ? value.join(", ") : value);
  }
  return map;
}

function send(
  response: ServerResponse,
  { status = 200, headers, body }: HTTPGraphQLResponse,
  cacheControlValue: string,
): void {
  if (body.kind === "chunked") throw new Error("this schema has nothing that is delivered in parts");
  sendText(response, status, headers, cacheControlValue, body.string);
}

function sendText(
  response: ServerResponse,
  status: number,
  headers: Iterable<readonly [name: string, value: string]>,
  cacheControlValue: string,
  text: string,
): void {
  const head: string[] = [];
  let keepsOwn = false;
  for (const [name, value] of headers) {
    head.push(name, value);
    // Apollo's own word on persisted queries that were not found stands.
    keepsOwn ||= name === "cache-control";
  }
  if (!keepsOwn) head.push("cache-control", cacheControlValue);
  const bytes = Buffer.byteLength(text);
  head.push("vary", varied(response), "content-length", String(bytes));
  // All at once: each header that is set by itself is checked and copied by itself.
  response.writeHead(status, head);
  // Where each character is one byte nothing is to be encoded.
  response.end(text, bytes === text.length ? "latin1" : "utf8");
}

/** With what the CORS headers vary by. */
function varied(response: ServerResponse): string {
  const before = response.getHeader("vary");
  return before === undefined ? "Authorization, Accept" : `${String(before)}, Authorization, Accept`;
}

/** A body that cannot be read never reaches Apollo, and is refused in the same shape. @throws whatever else it was */
function refuseBody(response: ServerResponse, error: unknown): void {
  if (error instanceof BodyTooLarge) {
    // What is left of the body is not read, so the connection cannot be used again.
    response.setHeader("connection", "close");
    refuse(response, 413, "BAD_USER_INPUT", `The body is larger than ${maxBodyBytes} bytes: ask in several requests.`);
  } else if (error instanceof BodyNotJson) {
    refuse(response, 400, "BAD_REQUEST", "Invalid JSON: the body could not be parsed.");
  } else {
    throw error;
  }
}

function refuse(response: ServerResponse, status: number, code: string, message: string): void {
  response.writeHead(status, {
    "content-type": "application/json; charset=utf-8",
    "cache-control": "private, no-store",
  });
  response.end(JSON.stringify({ errors: [{ message, extensions: { code } }] }));
}
