import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  /** 1 internal, 2 server, 3 client. */
  readonly kind: number;
  readonly attributes: readonly { key: string; value: Record<string, unknown> }[];
  readonly links?: readonly { traceId: string; spanId: string }[];
  /** Code 2 is an error. */
  readonly status: { code: number; message?: string };
}

interface Batch {
  readonly resource: { attributes: ReceivedSpan["attributes"] };
  readonly scopeSpans: readonly { spans: readonly ReceivedSpan[] }[];
}

export interface OtlpReceiver {
  readonly endpoint: string;
  /** In the order received. */
  readonly spans: readonly ReceivedSpan[];
  readonly resource: Record<string, unknown>;
  close(): Promise<void>;
}

/** A collector that keeps what it is sent. @param answers false for one that accepts connections and then keeps silent */
export async function startOtlpReceiver({ answers = true } = {}): Promise<OtlpReceiver> {
  const spans: ReceivedSpan[] = [];
  const resource: Record<string, unknown> = {};
  const server = createServer(async (request, response) => {
    if (!answers) return;
    const { resourceSpans } = JSON.parse(await text(request)) as { resourceSpans: readonly Batch[] };
    for (const batch of request.url === "/v1/traces" ? resourceSpans : []) {
      Object.assign(resource, toRecord(batch.resource.attributes));
      spans.push(...batch.scopeSpans.flatMap((scope) => scope.spans));
    }
    response.setHeader("content-type", "application/json").end("{}");
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    resource,
    async close() {
      server.closeAllConnections();
      await once(server.close(), "close");
    },
  };
}

export function toRecord(attributes: ReceivedSpan["attributes"]): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}
