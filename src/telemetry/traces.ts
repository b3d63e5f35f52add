import {
  type Attributes,
  context,
  INVALID_SPAN_CONTEXT,
  type Link,
  ProxyTracerProvider,
  propagation,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  type SpanOptions,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import { GatewayError } from "../errors.js";

export type { SpanContext };

// Everything here speaks to the API alone: until `startTracing` has registered an SDK, each call ends in a no-op.

const noProvider = new ProxyTracerProvider().getDelegate();
const noSpan = trace.wrapSpanContext(INVALID_SPAN_CONTEXT);

/** Whether anybody registered an SDK. Asked for anew each time, since that may happen at any time; it costs next to nothing. */
function isTracing(): boolean {
  const provider = trace.getTracerProvider();
  return !(provider instanceof ProxyTracerProvider && provider.getDelegate() === noProvider);
}

const kinds = { server: SpanKind.SERVER, client: SpanKind.CLIENT, internal: SpanKind.INTERNAL } as const;

export interface SpanSettings {
  /** "server" for the request, "client" for the ERP call. */
  readonly kind?: keyof typeof kinds;
  /**
   * The spans on whose behalf this one runs: the first becomes its parent, the others are linked. For a call that several
   * requests share. Absent: the span that is active now, if any.
   */
  readonly causes?: readonly SpanContext[];
}

/**
 * Runs `run` inside a span, which ends when the promise settles; what it throws is recorded by code and thrown on.
 * @param attributes of the span; never a price, a token or a customer's name
 */
export function withSpan<Result>(
  name: string,
  attributes: Attributes,
  run: (span: Span) => Promise<Result>,
  settings: SpanSettings = {},
): Promise<Result> {
  // The no-op of the API makes a span, a context and a few closures, each time.
  if (!isTracing()) return run(noSpan);
  // Asked for anew each time: a tracer that is kept stays with the SDK it first met, also when that was stopped.
  const tracer = trace.getTracer("pricelane");
  const { causes } = settings;
  const options = { kind: kinds[settings.kind ?? "internal"], attributes };
  if (causes === undefined) return tracer.startActiveSpan(name, options, (span) => runInside(span, run));
  const [parent, ...others] = causes;
  const under = parent === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, parent);
  return tracer.startActiveSpan(name, linked(options, others), under, (span) => runInside(span, run));
}

function linked(options: SpanOptions, others: readonly SpanContext[]): SpanOptions {
  const links: Link[] = others.map((spanContext) => ({ context: spanContext }));
  return links.length === 0 ? options : { ...options, links };
}

async function runInside<Result>(span: Span, run: (span: Span) => Promise<Result>): Promise<Result> {
  try {
    return await run(span);
  } catch (error) {
    recordFailure(span, error);
    throw error;
  } finally {
    span.end();
  }
}

/** Marks the span as failed, by code. Not by message: that names hosts, and may quote what the ERP said. */
export function recordFailure(span: Span, error: unknown): void {
  const code = error instanceof GatewayError ? error.code : "INTERNAL_SERVER_ERROR";
  span.setAttribute("error.type", code);
  span.setStatus({ code: SpanStatusCode.ERROR, message: code });
}

/** The span that is active now, to be named among the `causes` of a later one; undefined without tracing. */
export function activeSpan(): SpanContext | undefined {
  return trace.getSpanContext(context.active());
}

/** What a call to the ERP sends along so that the ERP's own spans hang under ours. Empty without tracing. */
export function traceHeaders(): Record<string, string> {
  const headers: Record<string, string> = {};
  propagation.inject(context.active(), headers);
  return headers;
}

type IncomingHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** Runs `run` under the span that the caller's `traceparent` names, if it names one. */
export function withRemoteParent<Result>(headers: IncomingHeaders, run: () => Result): Result {
  const { traceparent, tracestate } = headers;
  if (traceparent === undefined || !isTracing()) return run();
  // These two alone: a caller's baggage would be handed on to the ERP.
  return context.with(propagation.extract(ROOT_CONTEXT, { traceparent, tracestate }), run);
}
