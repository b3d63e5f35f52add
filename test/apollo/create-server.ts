import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { ApolloServer, type ApolloServerOptions, type BaseContext, type ContextThunk } from "@apollo/server";
import type { RequestContext } from "../../schema/context.js";
import { systemClock } from "../../src/clock.js";
import type { Authenticator } from "../../src/http/authentication.js";
import type { GraphQLContext } from "../../src/http/exchange.js";
import { type CreateContext, createGraphQLEndpoint } from "../../src/http/graphql-endpoint.js";
import { createPlainServer, serveRoutes } from "../../src/http/http-server.js";
import { anonymous, type Caller } from "../../src/pricing/caller.js";
import { createLogger } from "../../src/telemetry/logger.js";
import { createMetrics } from "../../src/telemetry/metrics.js";

interface RunningServer {
  readonly server: ApolloServer<BaseContext>;
  readonly url: string;
  extraCleanup(): Promise<void>;
}

/** Serves the suite's own Apollo Server by the HTTP layer of the gateway: all of it but the schema and the tokens. */
export async function createServer(
  config: ApolloServerOptions<BaseContext>,
  { context = async () => ({}) }: { context?: ContextThunk } = {},
): Promise<RunningServer> {
  const server = new ApolloServer<BaseContext>(config);
  await server.start();
  const metrics = createMetrics({ processMetrics: false });
  const httpServer = createPlainServer();
  const graphql = createGraphQLEndpoint({
    // The suite's contexts are objects of any kind; what the gateway puts beside them does not disturb.
    apollo: server as unknown as ApolloServer<GraphQLContext>,
    knownPages: null,
    ...contextsBy(context),
    trustProxy: 0,
    clock: systemClock,
    metrics,
  });
  serveRoutes(httpServer, {
    graphql,
    quoteKeys: () => undefined,
    feeds: {},
    metrics,
    servesMetrics: false,
    page: null,
    corsOrigins: [],
    isReady: () => true,
    logger: createLogger({ level: "silent" }),
  });
  // The suite asks at any path, and here with a token: a GET without one needs no preflight (docs/decisions/0005-plain-get.md).
  httpServer.prependListener("request", (request: IncomingMessage) => {
    request.url = (request.url ?? "").replace(/^[^?]*/, "/graphql");
    request.headers.authorization ??= "Bearer suite";
  });
  httpServer.listen(0, "127.0.0.1");
  await once(httpServer, "listening");
  const { port } = httpServer.address() as AddressInfo;
  return {
    server,
    url: `http://127.0.0.1:${port}`,
    async extraCleanup() {
      httpServer.closeAllConnections();
      httpServer.close();
      await once(httpServer, "close");
    },
  };
}

/** Makes the suite's context where the gateway learns who asks, the one place before the context where it waits. */
function contextsBy(context: ContextThunk): { authenticator: Authenticator; createContext: CreateContext } {
  const contexts = new WeakMap<Caller, object>();
  return {
    authenticator: {
      recall: () => null,
      async authenticate() {
        const caller: Caller = { ...anonymous, kind: "machine" };
        contexts.set(caller, await context());
        return caller;
      },
    },
    createContext: ({ caller }) => contexts.get(caller) as RequestContext,
  };
}
