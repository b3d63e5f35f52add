import { context, DiagLogLevel, diag, propagation, trace } from "@opentelemetry/api";
import type { Logger } from "./logger.js";

export interface TracingOptions {
  /** The collector's OTLP/HTTP address, without `/v1/traces`; null leaves tracing off and loads nothing. */
  readonly endpoint: string | null;
  readonly serviceVersion: string;
  /** The share of traces begun here that are kept, 0 to 1; a caller's own decision is followed. All of them where absent. */
  readonly ratio?: number;
  /** Told when the collector cannot be reached. */
  readonly logger?: Pick<Logger, "warn">;
  /** How long one export may take, retries included; keep it below the time that draining has. 3000 where absent. */
  readonly exportTimeoutMs?: number;
}

export interface Tracing {
  /** Sends what is still held, as far as the collector takes it, and takes the SDK out. */
  stop(): Promise<void>;
}

/** Registers the OpenTelemetry SDK, process-wide. The SDK is loaded only here, as it takes memory and time to start. */
export async function startTracing(options: TracingOptions): Promise<Tracing> {
  if (options.endpoint === null) return { stop: async () => {} };
  const { logger } = options;
  if (logger !== undefined) diag.setLogger(toDiagLogger(logger), { logLevel: DiagLogLevel.WARN });
  const provider = await createProvider({ ...options, endpoint: options.endpoint });
  provider.register();
  return {
    async stop() {
      try {
        await provider.shutdown();
      } catch (error) {
        logger?.warn({ err: error }, "the last spans could not be sent");
      }
      for (const part of [trace, context, propagation, diag]) part.disable();
    },
  };
}

async function createProvider(options: TracingOptions & { readonly endpoint: string }) {
  const [sdk, { OTLPTraceExporter }, { resourceFromAttributes }] = await Promise.all([
    import("@opentelemetry/sdk-trace-node"),
    import("@opentelemetry/exporter-trace-otlp-http"),
    import("@opentelemetry/resources"),
  ]);
  const { endpoint, serviceVersion, ratio = 1, exportTimeoutMs = 3000 } = options;
  const exporter = new OTLPTraceExporter({ url: tracesUrl(endpoint), timeoutMillis: exportTimeoutMs });
  return new sdk.NodeTracerProvider({
    resource: resourceFromAttributes({ "service.name": "pricelane", "service.version": serviceVersion }),
    sampler: new sdk.ParentBasedSampler({ root: new sdk.TraceIdRatioBasedSampler(ratio) }),
    spanProcessors: [new sdk.BatchSpanProcessor(exporter, { exportTimeoutMillis: exportTimeoutMs })],
  });
}

function tracesUrl(endpoint: string): string {
  return `${endpoint.replace(/\/+$/, "")}/v1/traces`;
}

/** Errors of the exporter are warnings of ours: no request suffers from them. */
function toDiagLogger(logger: Pick<Logger, "warn">) {
  const warn = (message: string) => logger.warn(`tracing: ${message}`);
  return { error: warn, warn, info() {}, debug() {}, verbose() {} };
}
