import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ErpTimeout } from "../../src/errors.js";
import { startTracing, type Tracing } from "../../src/telemetry/start-tracing.js";
import { activeSpan, traceHeaders, withRemoteParent, withSpan } from "../../src/telemetry/traces.js";
import { type OtlpReceiver, type ReceivedSpan, startOtlpReceiver, toRecord } from "./otlp-receiver.js";

const remoteTrace = "0af7651916cd43dd8448eb211c80319c";
const remoteSpan = "b7ad6b7169203331";
const traceparent = `00-${remoteTrace}-${remoteSpan}-01`;

describe("without a collector", () => {
  test("work runs, results and errors pass, and nothing is sent along", async () => {
    const { stop } = await startTracing({ endpoint: null, serviceVersion: "1.2.3" });
    const error = new ErpTimeout("late");
    const headers = await withRemoteParent({ traceparent }, () => withSpan("request", {}, async () => traceHeaders()));
    expect(headers).toEqual({});
    expect(await withSpan("request", {}, async () => activeSpan())).toBeUndefined();
    await expect(withSpan("erp call", {}, () => Promise.reject(error), { causes: [] })).rejects.toBe(error);
    await stop();
  });
});

describe("with a collector", () => {
  let receiver: OtlpReceiver;
  let tracing: Tracing;

  beforeEach(async () => {
    receiver = await startOtlpReceiver();
    tracing = await startTracing({ endpoint: `${receiver.endpoint}/`, serviceVersion: "1.2.3" });
  });

  afterEach(async () => {
    await tracing.stop();
    await receiver.close();
  });

  async function received(name: string): Promise<ReceivedSpan> {
    await tracing.stop();
    return receiver.spans.find((span) => span.name === name)!;
  }

  test("a request's spans arrive on stop, under the caller's trace, with their attributes", async () => {
    await withRemoteParent({ traceparent }, () =>
      withSpan("request", { lane: "checkout" }, askErp, { kind: "server" }),
    );
    const [request, call] = [await received("request"), await received("erp call")];
    expect(request).toMatchObject({ traceId: remoteTrace, parentSpanId: remoteSpan, kind: 2 });
    expect(call).toMatchObject({ traceId: remoteTrace, parentSpanId: request.spanId, kind: 3 });
    expect(toRecord(request.attributes)).toEqual({ lane: "checkout" });
    expect(toRecord(call.attributes)).toEqual({ kind: "price", keys: 24 });
    expect(receiver.resource).toMatchObject({ "service.name": "pricelane", "service.version": "1.2.3" });
  });

  function askErp(): Promise<void> {
    return withSpan("erp call", { kind: "price", keys: 24 }, async () => {}, { kind: "client" });
  }

  test("the ERP is told the trace and the calling span, and none of the caller's baggage", async () => {
    const headers = await withRemoteParent({ traceparent, tracestate: "shop=1", baggage: "customer=C1" }, () =>
      withSpan("erp call", {}, async () => traceHeaders()),
    );
    const call = await received("erp call");
    expect(headers).toEqual({ traceparent: `00-${remoteTrace}-${call.spanId}-01`, tracestate: "shop=1" });
  });

  test("a request without a traceparent begins a trace of its own", async () => {
    await withRemoteParent({}, () => withSpan("request", {}, async () => {}));
    const request = await received("request");
    expect(request.traceId).not.toBe(remoteTrace);
    expect(request.parentSpanId).toBeUndefined();
  });

  test("a call that several requests share hangs under the first and is linked to the others", async () => {
    const first = await withSpan("first", {}, async () => activeSpan()!);
    const second = await withSpan("second", {}, async () => activeSpan()!);
    await withSpan("unrelated", {}, () => withSpan("erp call", {}, async () => {}, { causes: [first, second] }));
    const call = await received("erp call");
    expect(call).toMatchObject({ traceId: first.traceId, parentSpanId: first.spanId });
    expect(call.links).toMatchObject([{ traceId: second.traceId, spanId: second.spanId }]);
  });

  test("a call that nobody caused is no child of whatever runs around it", async () => {
    await withSpan("unrelated", {}, () => withSpan("erp call", {}, async () => {}, { causes: [] }));
    expect((await received("erp call")).parentSpanId).toBeUndefined();
  });

  test("a failure is recorded by its code, and its message stays here", async () => {
    const call = withSpan("erp call", {}, () => Promise.reject(new ErpTimeout("erp.internal kept silent")));
    await expect(call).rejects.toThrow("erp.internal");
    const span = await received("erp call");
    expect(span.status).toEqual({ code: 2, message: "ERP_TIMEOUT" });
    expect(toRecord(span.attributes)).toEqual({ "error.type": "ERP_TIMEOUT" });
    expect(JSON.stringify(span)).not.toContain("erp.internal");
  });

  test("a failure that nobody foresaw is an internal one", async () => {
    await expect(withSpan("request", {}, () => Promise.reject(new TypeError("boom")))).rejects.toThrow("boom");
    expect((await received("request")).status).toEqual({ code: 2, message: "INTERNAL_SERVER_ERROR" });
  });
});

describe("with a collector that is ill", () => {
  const options = { serviceVersion: "1.2.3", exportTimeoutMs: 100 };

  test("stopping is over within the time of one export, and the log tells why", async () => {
    const receiver = await startOtlpReceiver({ answers: false });
    const warn = vi.fn();
    const tracing = await startTracing({ ...options, endpoint: receiver.endpoint, logger: { warn } });
    await withSpan("request", {}, async () => {});
    const from = performance.now();
    await tracing.stop();
    expect(performance.now() - from).toBeLessThan(2000);
    expect(warn).toHaveBeenCalled();
    await receiver.close();
  });

  test("refused connections fail no request", async () => {
    const receiver = await startOtlpReceiver();
    await receiver.close();
    const warn = vi.fn();
    const tracing = await startTracing({ ...options, endpoint: receiver.endpoint, logger: { warn } });
    expect(await withSpan("request", {}, async () => 42)).toBe(42);
    await tracing.stop();
    expect(warn).toHaveBeenCalled();
  });
});

test("of traces begun here the share asked for is kept, and a caller's decision is followed", async () => {
  const receiver = await startOtlpReceiver();
  const tracing = await startTracing({ endpoint: receiver.endpoint, serviceVersion: "1.2.3", ratio: 0 });
  await withSpan("ours", {}, async () => {});
  await withRemoteParent({ traceparent }, () => withSpan("theirs", {}, async () => {}));
  await tracing.stop();
  expect(receiver.spans.map(({ name }) => name)).toEqual(["theirs"]);
  await receiver.close();
});
