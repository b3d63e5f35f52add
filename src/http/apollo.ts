import type { Server } from "node:http";
import { ApolloServer, type ApolloServerPlugin, HeaderMap } from "@apollo/server";
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
} from "@apollo/server/plugin/disabled";
import { ApolloServerPluginDrainHttpServer } from "@apollo/server/plugin/drainHttpServer";
import {
  type DocumentNode,
  type FormattedExecutionResult,
  type GraphQLSchema,
  Kind,
  type ValidationRule,
} from "graphql";
import type { Logger } from "../telemetry/logger.js";
import type { RequestOutcome } from "../telemetry/metric-names.js";
import type { Metrics } from "../telemetry/metrics.js";
import { coerceVariables } from "./coerce-variables.js";
import { createDocumentStore, ownTexts } from "./document-memory.js";
import type { GraphQLContext } from "./exchange.js";
import { formatErrorFor, toGraphQLError } from "./format-error.js";
import type { KnownPages } from "./known-pages.js";
import type { Fragments, RefuseOperation, WritePage } from "./operation.js";

export interface ApolloOptions {
  readonly schema: GraphQLSchema;
  readonly httpServer: Server;
  readonly isProduction: boolean;
  readonly maxDocumentTokens: number;
  readonly documentRules: readonly ValidationRule[];
  readonly refuseOperation: RefuseOperation;
  readonly writePage: WritePage;
  /** Told of the pages that need not come by again; null where every request is to come. */
  readonly knownPages: KnownPages | null;
  /** How long what was accepted may take to be answered once the server stops, in ms. */
  readonly drainMs: number;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

export function createApolloServer(options: ApolloOptions): ApolloServer<GraphQLContext> {
  const { schema, httpServer, isProduction, maxDocumentTokens, documentRules, drainMs, logger } = options;
  return new ApolloServer<GraphQLContext>({
    schema,
    introspection: !isProduction,
    // Suggestions in errors ("Did you mean …") would tell the schema that introspection keeps.
    hideSchemaDetailsFromClientErrors: isProduction,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    parseOptions: { maxTokens: maxDocumentTokens },
    documentStore: createDocumentStore(),
    validationRules: [...documentRules],
    formatError: formatErrorFor((error) => logger.error({ err: error }, "a request met a bug")),
    logger,
    stringifyResult,
    // A known page meets none of these (see known-pages.ts), and what they do for it is done there. A plugin that must see every request
    // needs `knownPages` null, here and at the endpoint.
    plugins: [
      ApolloServerPluginDrainHttpServer({ httpServer, stopGracePeriodMillis: drainMs }),
      // It would wrap every field of every answer; our own header is made once per response.
      ApolloServerPluginCacheControlDisabled(),
      // As a subgraph Apollo would have every field timed, and the answer carry it, for whoever sends a header: traces go by OpenTelemetry.
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      ownTexts,
      limitOperations(options),
      recordOutcome(options),
      answerPages(options),
    ],
  });
}

/** Refuses an operation that asks for too much, before anything is asked. */
function limitOperations({ schema, refuseOperation }: ApolloOptions): ApolloServerPlugin<GraphQLContext> {
  return {
    async requestDidStart() {
      return {
        async didResolveOperation({ document, operation: definition, request, contextValue }) {
          if (definition === undefined) return; // Apollo says that there is none
          const coerced = coerceVariables(schema, definition, request.variables ?? {});
          if (coerced === null) return; // the execution names what is wrong with the variables
          contextValue.exchange.variableValues = coerced;
          const scope = { fragments: fragmentsOf(document), variableValues: coerced };
          const refusal = refuseOperation({ schema, definition, caller: contextValue.caller, ...scope });
          if (refusal !== null) throw toGraphQLError(refusal, { status: 400 });
        },
      };
    },
  };
}

/** By the parsed document, of which there is one for each text as long as Apollo remembers it. */
const fragmentsByDocument = new WeakMap<DocumentNode, Fragments>();

function fragmentsOf(document: DocumentNode): Fragments {
  const known = fragmentsByDocument.get(document);
  if (known !== undefined) return known;
  const nodes = document.definitions.filter((node) => node.kind === Kind.FRAGMENT_DEFINITION);
  const fragments = Object.fromEntries(nodes.map((node) => [node.name.value, node]));
  fragmentsByDocument.set(document, fragments);
  return fragments;
}

/** `data` that is JSON text already, in the place of the object that Apollo would make into one. */
class WrittenData {
  [field: string]: unknown;
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** As Apollo does it, but for what is text already; beside that there is nothing, since no plugin adds `extensions`. */
function stringifyResult(result: FormattedExecutionResult): string {
  const { data } = result;
  return data instanceof WrittenData ? `{"data":${data.text}}\n` : `${JSON.stringify(result)}\n`;
}

/** @see docs/decisions/0014-pages-are-written.md */
function answerPages({ writePage, knownPages, logger }: ApolloOptions): ApolloServerPlugin<GraphQLContext> {
  return {
    async requestDidStart() {
      return {
        async responseForOperation({ operation: definition, document, source, contextValue, queryHash }) {
          const { exchange } = contextValue;
          if (exchange.variableValues === null) return null;
          const { variableValues } = exchange;
          const fragments = fragmentsOf(document);
          const page = await writePage({ definition, fragments, variableValues }, contextValue);
          if (page === null) return null;
          const { prove } = page;
          if (prove === null) {
            const operations = document.definitions.length - Object.keys(fragments).length;
            knownPages?.learnPage(source, { definition, fragments }, operations);
            const singleResult = { data: new WrittenData(page.text) };
            return { http: { headers: new HeaderMap() }, body: { kind: "single", singleResult } };
          }
          exchange.prove = (data) => {
            if (!prove(data))
              logger.error({ queryHash }, "a page was written otherwise than graphql-js answers it: a bug");
          };
          return null;
        },
        async willSendResponse({ response, contextValue }) {
          if (response.body.kind !== "single") return;
          const { data, errors } = response.body.singleResult;
          if (errors === undefined) contextValue.exchange.prove?.(data);
        },
      };
    },
  };
}

function recordOutcome({ metrics }: ApolloOptions): ApolloServerPlugin<GraphQLContext> {
  return {
    async requestDidStart() {
      return {
        async willSendResponse({ response, contextValue }) {
          if (response.body.kind !== "single") return;
          const { errors, data } = response.body.singleResult;
          const sent = contextValue.exchange.hasLeft ? [] : (errors ?? []); // nobody is there to be sent any
          for (const { extensions } of sent) metrics.errorSent(String(extensions?.code));
          contextValue.exchange.outcome = outcomeOf(errors, data);
        },
      };
    },
  };
}

function outcomeOf(errors: readonly unknown[] | undefined, data: unknown): RequestOutcome {
  if (errors === undefined || errors.length === 0) return "ok";
  if (data === undefined) return "refused"; // turned away before it was executed
  return data === null ? "failed" : "partial";
}
