import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { buildSchema, graphql } from "graphql";
import { createLandingPage, type LandingPageOptions } from "../../../src/http/page/landing-page.js";

const schema = buildSchema(`
  type Query { viewer: Viewer! }
  type Viewer { code: String }
  type Mutation { forget: Int! }
`);

/** What the stub of GraphQL was asked, introspection left out. */
export interface Asked {
  readonly authorization: string | undefined;
  readonly query: string;
}

export interface PageServer {
  readonly origin: string;
  readonly asked: readonly Asked[];
  close(): Promise<void>;
}

/** The landing page over plain HTTP, before a stub that answers who asks by its token. */
export async function startPageServer(options: LandingPageOptions): Promise<PageServer> {
  const landingPage = createLandingPage(options);
  const asked: Asked[] = [];

  async function answerGraphql(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { query } = JSON.parse(await text(request)) as { query: string };
    const { authorization } = request.headers;
    if (!query.includes("__schema")) asked.push({ authorization, query });
    const rootValue = { viewer: { code: authorization ?? "nobody" }, forget: 1 };
    const result = await graphql({ schema, source: query, rootValue });
    response.setHeader("content-type", "application/json").end(JSON.stringify(result));
  }

  const server = createServer(async (request, response) => {
    const path = request.url ?? "/";
    if (path === "/graphql") return answerGraphql(request, response);
    const page = landingPage.handles(path) ? landingPage.respond(path, request.headers) : null;
    response.writeHead(page?.status ?? 404, page?.headers).end(page?.body);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    async close() {
      server.closeAllConnections();
      await once(server.close(), "close");
    },
  };
}
