import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createLoaders, type Sources } from "../loaders/loaders.js";
import { createSchema } from "../schema/build-schema.js";
import type { SchemaRules } from "../schema/context.js";
import { limitDocument } from "../schema/document-limits.js";
import { countErpKeys } from "../schema/key-count.js";
import { CachedSource } from "./cache/cached-source.js";
import type { Windows } from "./cache/freshness.js";
import { LadderSource } from "./cache/ladder-source.js";
import type { Clock } from "./clock.js";
import { believedKeys } from "./demo-key.js";
import { Breaker } from "./dispatch/breaker.js";
import { CallSlots } from "./dispatch/call-slots.js";
import { Dispatcher, type FinishedCall } from "./dispatch/dispatcher.js";
import { type DemoErp, startDemoErp } from "./erp/demo/demo-erp.js";
import { createPortConnector } from "./erp/port/port-connector.js";
import { createTrytonConnector } from "./erp/tryton/tryton-connector.js";
import { ErpError, ErpUnavailable } from "./errors.js";
import { createApolloServer } from "./http/apollo.js";
import { createAuthenticator } from "./http/authentication.js";
import { type CreateContext, createGraphQLEndpoint } from "./http/graphql-endpoint.js";
import { createPlainServer, serveMetrics, serveRoutes } from "./http/http-server.js";
import type { LandingPage } from "./http/page/landing-page.js";
import type { Connector } from "./pricing/connector.js";
import type { AnswerKind, Ask, ErpSource, Key, Lane } from "./pricing/source.js";
import type { Settings } from "./settings.js";
import type { Logger } from "./telemetry/logger.js";
import type { Metrics } from "./telemetry/metrics.js";

/** How long what was accepted may take to be answered once the gateway stops, in ms. */
const drainMs = 5_000;

/** How long the ERP's word that it knows no such thing is believed, and a failure answered again, in ms. */
const unknownMs = 30_000;
const failureMs = 1_000;

export interface GatewayParts {
  readonly settings: Settings;
  readonly clock: Clock;
  /** From 0 up to 1. */
  readonly random: () => number;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

export interface Gateway {
  /** Where it listens. */
  readonly url: URL;
  /** The embedded ERP, where that is the one asked. */
  readonly demo: DemoErp | null;
  /** Answers what was accepted, within {@link drainMs}, and closes everything. */
  stop(): Promise<void>;
}

/**
 * Stacks the layers and starts to listen.
 * @param createPage makes the landing page once the demonstration ERP runs; gives null for none
 * @throws {Error} where the port is taken or a key file cannot be read
 */
export async function startGateway(
  parts: GatewayParts,
  createPage: (demo: DemoErp | null) => Promise<LandingPage | null>,
): Promise<Gateway> {
  const { settings, clock, logger, metrics } = parts;
  const authenticator = createAuthenticator({
    secrets: believedKeys(settings),
    jwksFile: settings.authJwksFile,
    jwksUrl: settings.authJwksUrl,
    audience: settings.authAudience,
    company: settings.erpCompany,
    clock,
    log: logger,
  });
  const demo = settings.connector === "demo" ? await startDemoErp({ clock }) : null;
  const connector = createConnector(settings, demo, clock);
  const stack = stackSources(connector, parts);

  const server = createPlainServer();
  const apollo = createApolloServer({
    schema: await createSchema(),
    httpServer: server,
    isProduction: settings.environment === "production",
    maxDocumentTokens: settings.maxDocumentTokens,
    maxKeysPerRequest: settings.maxKeysPerRequest,
    documentRules: [limitDocument],
    countErpKeys,
    drainMs,
    logger,
    metrics,
  });
  await apollo.start();

  let isReady = true;
  const createContext = createContextFactory(stack.sources, settings, clock);
  serveRoutes(server, {
    graphql: createGraphQLEndpoint({ apollo, authenticator, createContext, clock, metrics }),
    metrics,
    servesMetrics: settings.metricsPort === null,
    page: await createPage(demo),
    corsOrigins: settings.corsOrigins,
    isReady: () => isReady,
    logger,
  });
  const url = await listen(server, settings.host, settings.port);
  const metricsServer = await startMetricsServer(settings, metrics, logger);

  return {
    url,
    demo,
    async stop() {
      isReady = false;
      await apollo.stop();
      metricsServer?.close();
      stack.close();
      await connector.close();
      await demo?.stop();
    },
  };
}

function createConnector(settings: Settings, demo: DemoErp | null, clock: Clock): Connector {
  const { connector, erpUrl, erpToken, erpMaxConcurrency, erpTimeoutMs: timeoutMs } = settings;
  const url = demo?.url ?? erpUrl;
  if (url === null) throw new Error("ERP_URL is missing, and the settings let it pass");
  switch (connector) {
    case "demo":
    case "port":
      return createPortConnector({
        name: connector,
        url,
        token: erpToken,
        maxConcurrency: erpMaxConcurrency ?? 8,
        timeoutMs,
        clock,
      });
    case "tryton":
      return createTrytonConnector({
        url,
        database: settings.trytonDatabase ?? "",
        user: settings.trytonUser ?? "",
        password: settings.trytonPassword ?? "",
        company: settings.trytonCompany,
        maxConcurrency: erpMaxConcurrency ?? 2,
        timeoutMs,
        clock,
      });
  }
}

interface Stack {
  readonly sources: Sources;
  close(): void;
}

/** cache → dispatch → connector, once for each kind of question; one limit on calls for all of them. */
function stackSources(connector: Connector, parts: GatewayParts): Stack {
  const { settings, metrics } = parts;
  const slots = new CallSlots(connector.maxConcurrency);
  metrics.observe("erp_in_flight", () => slots.inFlight);
  metrics.observe("erp_concurrency_limit", () => slots.limit);
  const breakers: Breaker[] = [];

  function stack<K extends Key, Answer>(
    kind: AnswerKind,
    erp: ErpSource<K, Answer>,
    windows: Pick<Windows, "freshMs" | "staleMs">,
    validUntil: (answer: Answer) => number | null,
  ): CachedSource<K, Answer> {
    const breaker = createBreaker(kind, parts);
    breakers.push(breaker);
    const onCall = (call: FinishedCall) => reportCall(call, parts);
    const dispatcher = new Dispatcher(erp, {
      kind,
      slots,
      breaker,
      clock: parts.clock,
      timeoutMs: settings.erpTimeoutMs,
      onCall,
    });
    const cached = new CachedSource(dispatcher, {
      windows: { ...windows, unknownMs, failureMs },
      maxEntries: settings.cacheMaxEntries,
      clock: parts.clock,
      random: parts.random,
      validUntil,
      revalidateMs: settings.deadlineFeedMs,
      onLookup: (outcome, lane) => metrics.cacheOutcome(kind, lane, outcome, 1),
    });
    metrics.observe("erp_waiting_keys", () => dispatcher.waitingKeys, { kind });
    metrics.observe("cache_entries", () => cached.size, { kind });
    return cached;
  }

  const { priceFreshMs, priceStaleMs, stockFreshMs, stockStaleMs, customerFreshMs, customerStaleMs } = settings;
  const prices = stack(
    "price",
    connector.prices,
    { freshMs: priceFreshMs, staleMs: priceStaleMs },
    (ladder) => ladder.validUntil,
  );
  const stock = stack("stock", connector.stock, { freshMs: stockFreshMs, staleMs: stockStaleMs }, () => null);
  const customers = stack(
    "customer",
    connector.customers,
    { freshMs: customerFreshMs, staleMs: customerStaleMs },
    () => null,
  );
  return {
    sources: { prices: new LadderSource(prices), stock, customers },
    close() {
      for (const breaker of breakers) breaker.shutdown();
    },
  };
}

function createBreaker(kind: AnswerKind, { clock, logger, metrics }: GatewayParts): Breaker {
  metrics.setBreaker(kind, "closed");
  return new Breaker({
    failuresInARow: 5,
    firstOpenMs: 1_000,
    longestOpenMs: 10_000,
    now: () => clock.now(),
    onState(state) {
      metrics.setBreaker(kind, state);
      logger.warn({ kind, state }, "the circuit breaker changed its state");
    },
  });
}

function reportCall(call: FinishedCall, { logger, metrics }: GatewayParts): void {
  const { kind, keys, seconds, outcome, error, keyErrors } = call;
  metrics.erpCallDone(kind, outcome, keys, seconds);
  if (error !== null) {
    const isOurs = !(error instanceof ErpError) || (error instanceof ErpUnavailable && !error.countsAsFailure);
    logger[isOurs ? "error" : "warn"]({ kind, keys, err: error }, "an ERP call failed");
  } else if (keyErrors.length > 0) {
    logger.warn({ kind, keys, badKeys: keyErrors.length, err: keyErrors[0] }, "the ERP answered some keys badly");
  }
}

function createContextFactory(sources: Sources, settings: Settings, clock: Clock): CreateContext {
  const rules: SchemaRules = {
    maxSkus: settings.maxSkus,
    stockPublicDetail: settings.stockPublicDetail,
    stockLowAt: settings.stockLowAt,
  };
  const deadlineMs: Record<Lane, number> = {
    checkout: settings.deadlineCheckoutMs,
    storefront: settings.deadlineStorefrontMs,
    feed: settings.deadlineFeedMs,
  };
  return ({ caller, arrivedAt, noteAnswer }) => {
    const { lane } = caller;
    const deadline = arrivedAt + deadlineMs[lane];
    const createAsk = (maxAgeMs: number | null): Ask => ({ lane, askedAt: arrivedAt, deadline, maxAgeMs });
    return { caller, rules, noteAnswer, now: () => clock.now(), loaders: createLoaders(sources, caller, createAsk) };
  };
}

async function startMetricsServer(
  { host, metricsPort }: Settings,
  metrics: Metrics,
  logger: Logger,
): Promise<Server | null> {
  if (metricsPort === null) return null;
  const server = createPlainServer();
  serveMetrics(server, metrics, logger);
  await listen(server, host, metricsPort);
  return server;
}

function listen(server: Server, host: string, port: number): Promise<URL> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) =>
      reject(new Error(`cannot listen on ${host}:${port}: ${error.message}`, { cause: error })),
    );
    server.listen(port, host, () => {
      const { address, port: taken, family } = server.address() as AddressInfo;
      resolve(new URL(`http://${family === "IPv6" ? `[${address}]` : address}:${taken}`));
    });
  });
}
