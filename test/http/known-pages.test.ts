import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { ApolloServer } from "@apollo/server";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { limitDocument } from "../../schema/document-limits.js";
import { refuseOperation } from "../../schema/operation-limits.js";
import { createApolloServer } from "../../src/http/apollo.js";
import { createAuthenticator } from "../../src/http/authentication.js";
import type { GraphQLContext } from "../../src/http/exchange.js";
import { createGraphQLEndpoint } from "../../src/http/graphql-endpoint.js";
import { createPlainServer, serveRoutes } from "../../src/http/http-server.js";
import { KnownPages } from "../../src/http/known-pages.js";
import { createLogger } from "../../src/telemetry/logger.js";
import { createMetrics, type Metrics } from "../../src/telemetry/metrics.js";
import { createFreshWorld } from "../schema/fresh-world.js";
import { schema } from "../schema/request.js";
import { buyer, mintToken, shopKey } from "../support/graphql-client.js";
import { VirtualClock } from "../support/virtual-clock.js";

const query =
  "query Page($skus: [ID!]!) { products(skus: $skus) { sku price { net { amount } freshness { ageSeconds } } } }";
const variables = { skus: ["A", "BB"] };

const world = createFreshWorld();
const wallClock = new VirtualClock(Date.now());
const logger = createLogger({ level: "silent" });
let apollo: ApolloServer<GraphQLContext>;
let metrics: Metrics;
const servers: Server[] = [];
/** Requests that went through Apollo. */
let throughApollo = 0;
/** Where known pages are answered from memory, and where Apollo answers everything. */
let urls: { readonly known: string; readonly apollo: string };

async function listen(knownPages: KnownPages | null, corsOrigins: readonly string[]): Promise<string> {
  const server = createPlainServer();
  const counted = Object.create(apollo, {
    executeHTTPGraphQLRequest: {
      value: (request: Parameters<typeof apollo.executeHTTPGraphQLRequest>[0]) => {
        throughApollo++;
        return apollo.executeHTTPGraphQLRequest(request);
      },
    },
  }) as typeof apollo;
  const secrets = [{ kid: shopKey.kid, secret: Buffer.from(shopKey.secret) }];
  const keys = { secrets, jwksFile: null, jwksUrl: null, audience: "pricelane", company: null };
  const graphql = createGraphQLEndpoint({
    ...{ apollo: counted, knownPages, trustProxy: 0, clock: world.clock, metrics },
    authenticator: createAuthenticator({ ...keys, clock: wallClock, log: logger }),
    createContext: ({ caller, noteAnswer }) => world.contextFor(caller, noteAnswer),
  });
  const rest = {
    quoteKeys: () => undefined,
    feeds: {},
    metrics,
    servesMetrics: true,
    page: null,
    isReady: () => true,
    logger,
  };
  serveRoutes(server, { graphql, corsOrigins, ...rest });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  servers.push(server);
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
}

beforeAll(async () => {
  metrics = createMetrics({ processMetrics: false });
  const knownPages = new KnownPages({
    schema,
    refuseOperation: (operation) => refuseOperation(operation, 20),
    writeFresh: (definition, coerced, asker) =>
      world.pages.writeFresh(definition, coerced, { ...asker, rules: world.rules }, world.reader),
  });
  apollo = createApolloServer({
    ...{ schema, knownPages, logger, metrics, httpServer: createPlainServer(), drainMs: 10 },
    ...{ isProduction: false, maxDocumentTokens: 200, documentRules: [limitDocument] },
    refuseOperation: (operation) => refuseOperation(operation, 20),
    writePage: async ({ definition, fragments, variableValues }, context) =>
      world.pages.write(definition, fragments, variableValues, context),
  });
  await apollo.start();
  const origins = ["https://shop.example.com"];
  urls = { known: await listen(knownPages, origins), apollo: await listen(null, origins) };
});

afterAll(async () => {
  for (const server of servers) server.closeAllConnections();
  for (const server of servers) server.close();
  await apollo.stop();
});

interface Sent {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

async function send(url: string, { method = "POST", headers = {}, body = { query, variables } }: Sent = {}) {
  const response = await fetch(url, {
    method,
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  const { date: _, ...told } = Object.fromEntries(response.headers);
  return { status: response.status, headers: told, text: await response.text() };
}

/** Whether Apollo was asked, and whether it would have said the same. */
async function compare(sent: Sent) {
  const before = throughApollo;
  const answer = await send(urls.known, sent);
  const wentThroughApollo = throughApollo > before;
  expect(answer).toEqual(await send(urls.apollo, sent));
  return { ...answer, wentThroughApollo };
}

/** Until the page is proven, known, and in memory for all who ask below. */
async function learn(): Promise<void> {
  for (const token of [undefined, buyer("C1"), buyer("C2")]) {
    const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
    for (let time = 0; time < 4; time++) await send(urls.known, { headers });
  }
}

beforeEach(learn);

describe("a request for a page that is known", () => {
  test.each<[string, Sent]>([
    ["without a token", {}],
    ["with a token", { headers: { authorization: `Bearer ${buyer("C1")}` } }],
    ["with its operation's name", { body: { query, variables, operationName: "Page" } }],
    ["with nulls for what it does not give", { body: { query, variables, operationName: null, extensions: null } }],
    ["with other SKUs in memory, and doubles", { body: { query, variables: { skus: ["BB", "A", "BB"] } } }],
    ["with a single SKU for a list", { body: { query, variables: { skus: "A" } } }],
    ["with a variable that the document has not", { body: { query, variables: { ...variables, other: 1 } } }],
    ["with a charset", { headers: { "content-type": "application/json; charset=utf-8" } }],
    ["from a page of another origin", { headers: { origin: "https://shop.example.com" } }],
  ])("is answered as Apollo answers it, and without it: %s", async (_what, sent) => {
    const answer = await compare(sent);
    expect(answer.status).toBe(200);
    expect(answer.wentThroughApollo).toBe(false);
  });

  test.each<[string, Sent, number]>([
    ["another operation's name", { body: { query, variables, operationName: "Other" } }, 400],
    ["extensions, as of persisted queries", { body: { query, variables, extensions: { persistedQuery: {} } } }, 400],
    ["a batch", { body: [{ query, variables }] }, 400],
    ["an SKU that memory does not know", { body: { query, variables: { skus: ["NEW"] } } }, 200],
    ["no variables", { body: { query } }, 400],
    ["variables of another kind", { body: { query, variables: { skus: [[]] } } }, 400],
    ["variables that are none", { body: { query, variables: "{}" } }, 400],
    [
      "more than may be asked at once",
      { body: { query, variables: { skus: Array.from("ABCDEFGHIJKLMNOPQRSTUVWXYZ") } } },
      400,
    ],
    ["an SKU that can be none", { body: { query, variables: { skus: [""] } } }, 200],
    ["a token that is none", { headers: { authorization: "Bearer x" } }, 401],
    [
      "a token that has expired",
      { headers: { authorization: `Bearer ${mintToken({ sub: "C1", expiresIn: -900 })}` } },
      401,
    ],
    ["a body that is not JSON", { headers: { "content-type": "text/plain" } }, 400],
    ["an Accept that nobody sent before", { headers: { accept: "text/event-stream" } }, 406],
    ["another document", { body: { query: "{ viewer { audience } }" } }, 200],
  ])("goes through Apollo with %s", async (_what, sent, status) => {
    const answer = await compare(sent);
    expect([answer.status, answer.wentThroughApollo]).toEqual([status, true]);
  });

  test("is told in the words of its Accept header once Apollo was seen to", async () => {
    const headers = { accept: "application/graphql-response+json" };
    expect((await compare({ headers })).wentThroughApollo).toBe(true);
    const answer = await compare({ headers });
    expect(answer.headers["content-type"]).toMatch(/^application\/graphql-response\+json/);
    expect(answer.wentThroughApollo).toBe(false);
  });

  test("tells each caller its own prices, whoever asked before on the connection", async () => {
    const amounts: unknown[] = [];
    for (const who of ["C1", "C2", null, "C1"]) {
      const headers: Record<string, string> = who === null ? {} : { authorization: `Bearer ${buyer(who)}` };
      const answer = await compare({ headers });
      expect(answer.wentThroughApollo).toBe(false);
      amounts.push(JSON.parse(answer.text).data.products[0].price.net.amount);
    }
    expect(new Set(amounts).size).toBe(3);
    expect(amounts[3]).toBe(amounts[0]);
  });

  test("is refused once its token has expired, though the connection knows it", async () => {
    const headers = { authorization: `Bearer ${mintToken({ sub: "C1", expiresIn: 60 })}` };
    for (let time = 0; time < 3; time++) expect((await send(urls.known, { headers })).status).toBe(200);
    await wallClock.advance(120_000);
    expect((await compare({ headers })).status).toBe(401);
  });

  test("is asked anew after an invalidation, and grows older until then", async () => {
    const before = await compare({});
    await world.clock.advance(1_500);
    const later = await compare({});
    expect(later.text).not.toBe(before.text);
    world.erp.rise += 1;
    world.priceCache.forget(({ sku }) => sku === "A", { sku: new Set(["A"]) });
    await world.clock.advance(1);
    const after = await send(urls.known);
    expect(JSON.parse(after.text).data.products[0].price.net.amount).not.toBe(
      JSON.parse(later.text).data.products[0].price.net.amount,
    );
    expect((await compare({})).wentThroughApollo).toBe(false);
  });

  test("counts as a request that went well", async () => {
    const read = async () => {
      const line = /^pricelane_requests_total\{lane="storefront",outcome="ok"\} (\d+)$/m.exec(await metrics.text());
      return Number(line?.[1]);
    };
    const before = await read();
    await send(urls.known);
    expect(await read()).toBe(before + 1);
  });
});

test("a document with several operations is no known page: its text does not say which is meant", async () => {
  const body = { query: `${query} query Other { viewer { audience } }`, operationName: "Page", variables };
  for (let time = 0; time < 4; time++) expect((await compare({ body })).wentThroughApollo).toBe(true);
});
