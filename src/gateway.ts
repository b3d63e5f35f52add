import { randomBytes, randomUUID } from "node:crypto";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createFreshReader } from "../loaders/fresh-reader.js";
import { createSchema } from "../schema/build-schema.js";
import { limitDocument } from "../schema/document-limits.js";
import { toFeedRecord } from "../schema/feed-record.js";
import { refuseOperation } from "../schema/operation-limits.js";
import { Pages } from "../schema/page/pages.js";
import type { Clock } from "./clock.js";
import { createConnector } from "./create-connector.js";
import { believedKeys } from "./demo-key.js";
import { type DemoErp, startDemoErp } from "./erp/demo/demo-erp.js";
import { openJournal } from "./feed/open-journal.js";
import { ValkeyStore } from "./fleet/valkey-store.js";
import { createApolloServer } from "./http/apollo.js";
import { createAuthenticator } from "./http/authentication.js";
import { createFeedRoutes } from "./http/feeds/feed-routes.js";
import { FeedStreams } from "./http/feeds/feed-streams.js";
import { createGraphQLEndpoint } from "./http/graphql-endpoint.js";
import { createPlainServer, serveMetrics, serveRoutes } from "./http/http-server.js";
import { KnownPages } from "./http/known-pages.js";
import type { RefuseOperation } from "./http/operation.js";
import type { LandingPage } from "./http/page/landing-page.js";
import { createQuoteKeysRoute } from "./http/quote-keys-route.js";
import { type LayerParts, stackLayers } from "./layers.js";
import { type LastKnownRule, usualCharges } from "./pricing/cart/cart.js";
import type { JudgeRules } from "./pricing/cart/judge-cart.js";
import type { Connector } from "./pricing/connector.js";
import { readQuoteKeys } from "./pricing/quote-key-file.js";
import { createQuotes } from "./pricing/quote-signing.js";
import { LoopTurns } from "./pricing/turns.js";
import { createJournalRecord } from "./replicas.js";
import { createContextFactory, schemaRulesOf } from "./request-context.js";
import type { Settings } from "./settings.js";
import type { Logger } from "./telemetry/logger.js";
import type { Metrics } from "./telemetry/metrics.js";

/** How long what was accepted may take to be answered once the gateway stops, in ms. */
const drainMs = 5_000;

/** What a gateway is made of. */
export interface GatewayParts extends LayerParts {
  /** Judges the dates in tokens, which others wrote by their own clocks. */
  readonly wallClock: Clock;
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
    clock: parts.wallClock,
    log: logger,
  });
  const quoteKeys = await readQuoteKeys(
    { keyFile: settings.quoteKeyFile, oldKeysFile: settings.quoteOldKeysFile },
    logger,
  );
  const quotes = createQuotes({
    keys: quoteKeys,
    company: settings.erpCompany,
    lifetimeMs: settings.quoteMs,
    createId: () => randomBytes(16).toString("base64url"),
  });
  const demo = settings.connector === "demo" ? await startDemoErp({ clock }) : null;
  const turns = new LoopTurns();
  const connector = createConnector(settings, demo, clock, logger, turns);
  const endSetupCheck = reportSetup(connector, parts);
  const { journalFile, journalMaxSkus: maxSkus } = settings;
  const store = createStore(parts);
  const journal = await openJournal(
    { file: journalFile, shared: createJournalRecord({ ...parts, store }), onFailed: metrics.journalWriteFailed },
    { maxSkus, clock, epoch: randomUUID(), logger },
  );
  metrics.observe("journal_skus", () => journal.size);
  metrics.observe("journal_unsaved_skus", () => journal.unsaved);
  metrics.observe("journal_head", () => journal.newest);
  metrics.observe("journal_horizon", () => journal.horizon);
  const layers = stackLayers(connector, journal, { ...parts, store, turns });
  store?.start();
  const cart: JudgeRules = { charges: connector.charges ?? usualCharges, lastKnown: lastKnownRuleOf(settings) };

  const server = createPlainServer();
  const schema = await createSchema(settings.federation);
  const pages = new Pages(schema);
  const rules = schemaRulesOf(settings);
  const reader = createFreshReader(layers.sources);
  const refuse: RefuseOperation = (operation) => refuseOperation(operation, settings.maxKeysPerRequest);
  const knownPages = new KnownPages({
    schema,
    refuseOperation: refuse,
    writeFresh: (definition, variables, asker) => pages.writeFresh(definition, variables, { ...asker, rules }, reader),
  });
  const apollo = createApolloServer({
    schema,
    httpServer: server,
    isProduction: settings.environment === "production",
    maxDocumentTokens: settings.maxDocumentTokens,
    documentRules: [limitDocument],
    refuseOperation: refuse,
    async writePage({ definition, fragments, variableValues }, context) {
      const text = pages.writeFresh(definition, variableValues, context, reader);
      return text === null ? pages.write(definition, fragments, variableValues, context) : { text, prove: null };
    },
    knownPages,
    drainMs,
    logger,
    metrics,
  });
  await apollo.start();

  let isStopping = false;
  const feedStreams = new FeedStreams(settings.feedMaxStreams);
  const createContext = createContextFactory(layers, journal, cart, quotes, parts);
  serveRoutes(server, {
    graphql: createGraphQLEndpoint({
      apollo,
      knownPages,
      authenticator,
      trustProxy: settings.trustProxy,
      createContext,
      clock,
      metrics,
    }),
    quoteKeys: createQuoteKeysRoute(quoteKeys.jwks),
    feeds: createFeedRoutes({
      feed: layers.feed,
      authenticator,
      toRecord: (item, { scopes }, now, toError) => {
        const lowestNetsOf = (sku: string, currency: string) => journal.lowestNetsOf(sku, currency);
        const terms = { showsPriceList: scopes.has("ops"), stockLowAt: settings.stockLowAt, lowestNetsOf, now };
        return toFeedRecord(item, terms, toError);
      },
      streams: feedStreams,
      safetyStock: settings.feedSafetyStock,
      ...{ clock, logger, metrics, turns },
    }),
    metrics,
    servesMetrics: settings.metricsPort === null,
    page: await createPage(demo),
    corsOrigins: settings.corsOrigins,
    isReady: () => !isStopping && layers.isReady(),
    logger,
  });
  const url = await listen(server, settings.host, settings.port);
  const metricsServer = await startMetricsServer(settings, metrics, logger);

  return {
    url,
    demo,
    async stop() {
      isStopping = true;
      endSetupCheck();
      feedStreams.stop(); // a run takes longer than a stop may; it goes on elsewhere from its last cursor
      await apollo.stop();
      metricsServer?.close();
      await layers.close();
      await journal.close();
      store?.close();
      await connector.close();
      await demo?.stop();
    },
  };
}

function createStore({ settings, clock, random, logger }: GatewayParts): ValkeyStore | null {
  const { valkeyUrl: url, valkeyTimeoutMs: timeoutMs } = settings;
  return url === null ? null : new ValkeyStore({ url, timeoutMs, clock, random, logger });
}

/** Nobody waits for the check of the set-up: it outlasts an ERP that is cold, or a login that may take several calls' time, in ms. */
const setupMs = 60_000;

/**
 * Tells what is wrong with how the connector was set up, without waiting for it: an ERP that is away must not stop the start.
 * @returns ends it
 */
function reportSetup(connector: Connector, { settings, clock, logger }: LayerParts): () => void {
  const leaving = new AbortController();
  const cancel = clock.after(Math.max(settings.erpTimeoutMs, setupMs), () => leaving.abort());
  let isEnded = false;
  const report = (mistakes: readonly string[]) => {
    if (isEnded) return;
    for (const mistake of mistakes)
      logger.error({ connector: connector.name, mistake }, "the connector is not set up well");
  };
  connector
    .checkSetup?.(leaving.signal)
    .then(report, (error: unknown) => logger.error({ err: error }, "the connector's set-up could not be checked"))
    .finally(cancel);
  return () => {
    isEnded = true;
    leaving.abort();
  };
}

function lastKnownRuleOf({ checkoutLastKnownMs, checkoutLastKnownMaxTotal }: Settings): LastKnownRule | null {
  return checkoutLastKnownMs === 0 ? null : { maxAgeMs: checkoutLastKnownMs, maxTotals: checkoutLastKnownMaxTotal };
}

async function startMetricsServer(
  { host, metricsPort }: Settings,
  metrics: Metrics,
  logger: Logger,
): Promise<Server | null> {
  if (metricsPort === null) return null;
  const server = createPlainServer();
  serveMetrics(server, metrics, logger);
  const url = await listen(server, host, metricsPort);
  logger.info({ url: new URL("/metrics", url).href }, "metrics are served");
  return server;
}

function listen(server: Server, host: string, port: number): Promise<URL> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause) => {
      const mend = "see that HOST is an address of this machine and that PORT and METRICS_PORT are free";
      reject(new Error(`cannot listen on ${host}:${port} (${cause.message}): ${mend}`, { cause }));
    });
    server.listen(port, host, () => {
      const { address, port: taken, family } = server.address() as AddressInfo;
      resolve(new URL(`http://${family === "IPv6" ? `[${address}]` : address}:${taken}`));
    });
  });
}
