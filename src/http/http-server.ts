import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import cors from "cors";
import type { Logger } from "../telemetry/logger.js";
import type { Metrics } from "../telemetry/metrics.js";
import type { LandingPage } from "./page/landing-page.js";

/** Answers one path. @param search the query of the address, with its "?", or "" */
export type Route = (request: IncomingMessage, response: ServerResponse, search: string) => Promise<void> | void;

export interface RoutesOptions {
  readonly graphql: Route;
  /** The public keys of quotes. */
  readonly quoteKeys: Route;
  /** The feeds, by their paths. */
  readonly feeds: Readonly<Record<string, Route>>;
  readonly metrics: Metrics;
  /** Whether `/metrics` stands here too, or has a port of its own. */
  readonly servesMetrics: boolean;
  /** Null in production. */
  readonly page: LandingPage | null;
  readonly corsOrigins: readonly string[];
  /** Whether questions can be taken: true from the start of serving to the start of draining. */
  readonly isReady: () => boolean;
  readonly logger: Logger;
}

/** Wires the paths to a server made by {@link createPlainServer}. */
export function serveRoutes(server: Server, options: RoutesOptions): void {
  const { graphql, metrics, servesMetrics, page, isReady, logger } = options;
  const routes: Record<string, Route> = {
    "/graphql": options.corsOrigins.length === 0 ? graphql : withCors(options.corsOrigins, graphql),
    "/.well-known/jwks.json": options.quoteKeys,
    ...options.feeds,
    "/healthz": (_request, response) => sendText(response, 200, "ok"),
    "/readyz": (_request, response) =>
      isReady() ? sendText(response, 200, "ready") : sendText(response, 503, "not ready"),
    ...(servesMetrics ? { "/metrics": metricsRoute(metrics) } : {}),
  };
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    const { path, search } = splitAddress(request.url ?? "/");
    const route = routes[path] ?? (page?.handles(path) ? pageRoute(page, path) : notFound);
    Promise.resolve(route(request, response, search)).catch((error: unknown) => fail(response, error, logger));
  });
}

/** For `/metrics` on a port of its own. */
export function serveMetrics(server: Server, metrics: Metrics, logger: Logger): void {
  const route = metricsRoute(metrics);
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    const { path, search } = splitAddress(request.url ?? "/");
    Promise.resolve((path === "/metrics" ? route : notFound)(request, response, search)).catch((error: unknown) =>
      fail(response, error, logger),
    );
  });
}

export function createPlainServer(): Server {
  return createServer({
    // Longer than what proxies keep idle connections (60 s), so that it is never us who hangs up on a request under way.
    keepAliveTimeout: 65_000,
    headersTimeout: 10_000,
    requestTimeout: 30_000,
    // Else a second Authorization header vanishes, and a request with two credentials passes for one with the first.
    joinDuplicateHeaders: true,
  });
}

function metricsRoute(metrics: Metrics): Route {
  return async (_request, response) => {
    const text = await metrics.text();
    response.writeHead(200, { "content-type": metrics.contentType, "cache-control": "no-store" });
    response.end(text);
  };
}

function pageRoute(page: LandingPage, path: string): Route {
  return (request, response) => {
    const answer = request.method === "GET" || request.method === "HEAD" ? page.respond(path, request.headers) : null;
    if (answer === null) return notFound(request, response);
    response.writeHead(answer.status, answer.headers);
    response.end(request.method === "HEAD" ? undefined : answer.body);
  };
}

function withCors(origins: readonly string[], route: Route): Route {
  const handle = cors({
    origin: [...origins],
    methods: ["GET", "POST"],
    allowedHeaders: [
      "Authorization",
      "Content-Type",
      "Apollo-Require-Preflight",
      "X-Apollo-Operation-Name",
      "Traceparent",
    ],
    maxAge: 600,
  });
  return (request, response, search) =>
    new Promise((resolve, reject) => {
      response.on("close", resolve); // a preflight ends inside `handle`, which then never calls back
      handle(request, response, (error: unknown) => {
        if (error) reject(error as Error);
        else Promise.resolve(route(request, response, search)).then(resolve, reject);
      });
    });
}

function splitAddress(url: string): { path: string; search: string } {
  const mark = url.indexOf("?");
  return mark < 0 ? { path: url, search: "" } : { path: url.slice(0, mark), search: url.slice(mark) };
}

function notFound(_request: IncomingMessage, response: ServerResponse): void {
  sendText(response, 404, "not found: GraphQL is at /graphql");
}

function sendText(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" });
  response.end(`${text}\n`);
}

function fail(response: ServerResponse, error: unknown, logger: Logger): void {
  // A caller who hung up while sending is no fault of ours.
  const isGone = response.destroyed || (error as { code?: unknown }).code === "ECONNRESET";
  if (!isGone) logger.error({ err: error }, "a request met a bug");
  if (response.headersSent) response.destroy();
  else sendText(response, 500, "something went wrong on our side");
}
