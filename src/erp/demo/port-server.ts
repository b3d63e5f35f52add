import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { CallRunner } from "./call-runner.js";
import type { CallStats } from "./call-stats.js";
import type { Endpoint } from "./endpoints.js";
import { type FaultSwitch, strikesAll } from "./fault.js";
import { callerLeft, checkToken, jsonReply, problemReply, type Reply, readJson, send } from "./http-exchange.js";
import { badRequest, notFound, PortProblem, shown } from "./problem.js";

export interface PortServerOptions {
  readonly token: string | null;
  readonly endpoints: readonly Endpoint[];
  /** Pages outside the port, by path, that cost no worker. @throws {PortProblem} */
  readonly pages: Readonly<Record<string, (query: URLSearchParams) => unknown>>;
  readonly runner: CallRunner;
  readonly stats: CallStats;
  readonly faults: FaultSwitch;
}

/** Speaks HTTP for the demonstration ERP. */
export function createPortServer(options: PortServerOptions): Server {
  const isDown = () => options.faults.current?.kind === "down" && strikesAll(options.faults.current);
  const server = createServer((request, response) => {
    void exchange(options, request, response);
  });
  // Longer than clients keep an idle connection, so that none is closed under a request.
  server.keepAliveTimeout = 60_000;
  server.on("connection", (socket) => {
    if (isDown()) socket.destroy();
  });
  return server;
}

async function exchange(options: PortServerOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const reply = await answer(options, request).catch(toReply);
  if (reply === null) request.socket.destroy();
  else if (!request.socket.destroyed) send(response, reply);
}

function toReply(error: unknown): Reply | null {
  if (error === callerLeft) return null;
  if (error instanceof PortProblem) return problemReply(error);
  return problemReply(new PortProblem(500, "Internal error", `a bug of the demonstration ERP: ${error}`));
}

async function answer(options: PortServerOptions, request: IncomingMessage): Promise<Reply | null> {
  checkToken(request, options.token);
  const { pathname, searchParams } = parseTarget(request.url ?? "/");
  const page = Object.hasOwn(options.pages, pathname) ? options.pages[pathname] : undefined;
  if (page !== undefined) return jsonReply(page(searchParams));

  const { endpoint, code } = findEndpoint(options.endpoints, pathname);
  const leave = options.stats.arrive(endpoint.path);
  try {
    checkMethod(request, endpoint);
    const body = endpoint.method === "POST" ? await readJson(request) : undefined;
    const prepared = endpoint.prepare({ code, query: searchParams, body });
    return await options.runner.run(endpoint.path, prepared, () => request.socket.destroyed);
  } finally {
    leave();
  }
}

function parseTarget(target: string): URL {
  try {
    // Not relative to a base: a path that begins with two slashes would be read as a host.
    return new URL(`http://demo${target}`);
  } catch {
    throw badRequest(`the path cannot be read; got ${shown(target)}`);
  }
}

function findEndpoint(endpoints: readonly Endpoint[], pathname: string): { endpoint: Endpoint; code: string } {
  const [, encoded] = /^\/v1\/customers\/([^/]+)$/.exec(pathname) ?? [];
  const path = encoded === undefined ? pathname : "/v1/customers/{code}";
  const endpoint = endpoints.find((candidate) => candidate.path === path);
  if (endpoint === undefined) throw notFound(`the ERP port has no ${shown(pathname)}`);
  return { endpoint, code: encoded === undefined ? "" : decode(encoded) };
}

function decode(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    throw badRequest(`the customer code cannot be decoded; got ${shown(encoded)}`);
  }
}

function checkMethod({ method }: IncomingMessage, endpoint: Endpoint): void {
  if (method === endpoint.method) return;
  const detail = `${endpoint.path} takes ${endpoint.method}; got ${method}`;
  throw new PortProblem(405, "Method not allowed", detail, { allow: endpoint.method });
}
