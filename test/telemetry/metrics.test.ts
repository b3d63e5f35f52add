import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { maxCodes } from "../../src/telemetry/metric-series.js";
import { createMetrics, type Metrics } from "../../src/telemetry/metrics.js";

function createOwnMetrics(): Metrics {
  return createMetrics({ processMetrics: false });
}

/** The value of one series; undefined where there is no such series. */
async function read(metrics: Metrics, series: string): Promise<number | undefined> {
  const line = (await metrics.text()).split("\n").find((text) => text.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
}

async function namesOf(metrics: Metrics): Promise<string[]> {
  return [...(await metrics.text()).matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name!);
}

test("a request counts once under its lane and outcome, and in its lane's bucket", async () => {
  const metrics = createOwnMetrics();
  metrics.requestDone("checkout", "partial", 0.07);
  metrics.requestDone("storefront", "ok", 0.001);
  expect(await read(metrics, 'pricelane_requests_total{lane="checkout",outcome="partial"}')).toBe(1);
  expect(await read(metrics, 'pricelane_requests_total{lane="checkout",outcome="ok"}')).toBe(0);
  expect(await read(metrics, 'pricelane_request_seconds_bucket{le="0.05",lane="checkout"}')).toBe(0);
  expect(await read(metrics, 'pricelane_request_seconds_bucket{le="0.1",lane="checkout"}')).toBe(1);
  expect(await read(metrics, 'pricelane_request_seconds_sum{lane="checkout"}')).toBe(0.07);
});

test("an ERP call counts itself, the keys it carried and how long it took", async () => {
  const metrics = createOwnMetrics();
  metrics.erpCallDone("price", "success", 24, 0.05);
  metrics.erpCallDone("price", "dropped", 6, 5);
  expect(await read(metrics, 'pricelane_erp_calls_total{kind="price",outcome="success"}')).toBe(1);
  expect(await read(metrics, 'pricelane_erp_calls_total{kind="price",outcome="dropped"}')).toBe(1);
  expect(await read(metrics, 'pricelane_erp_keys_total{kind="price"}')).toBe(30);
  expect(await read(metrics, 'pricelane_erp_call_seconds_count{kind="price"}')).toBe(2);
  expect(await read(metrics, 'pricelane_erp_call_keys_bucket{le="10",kind="price"}')).toBe(1);
  expect(await read(metrics, 'pricelane_erp_keys_total{kind="stock"}')).toBe(0);
});

test("cache outcomes count keys, not look-ups", async () => {
  const metrics = createOwnMetrics();
  metrics.cacheOutcome("stock", "feed", "failed_recently", 20);
  metrics.cacheOutcome("stock", "feed", "failed_recently", 4);
  const series = 'pricelane_cache_outcomes_total{kind="stock",lane="feed",outcome="failed_recently"}';
  expect(await read(metrics, series)).toBe(24);
});

test("what budgets paid and refused counts keys by the kind of caller", async () => {
  const metrics = createOwnMetrics();
  metrics.keysCharged("customer", 20, 4);
  metrics.keysCharged("customer", 1, 0);
  expect(await read(metrics, 'pricelane_caller_keys_total{caller="customer",outcome="charged"}')).toBe(21);
  expect(await read(metrics, 'pricelane_caller_keys_total{caller="customer",outcome="refused"}')).toBe(4);
  expect(await read(metrics, 'pricelane_caller_keys_total{caller="anonymous",outcome="charged"}')).toBe(0);
});

test("a decision of dispatch counts under its kind, lane and name", async () => {
  const metrics = createOwnMetrics();
  metrics.dispatchDecided("price", "storefront", "shed");
  metrics.dispatchDecided("price", "storefront", "shed");
  const series = (decision: string) =>
    `pricelane_dispatch_decisions_total{kind="price",lane="storefront",decision="${decision}"}`;
  expect([await read(metrics, series("shed")), await read(metrics, series("waited"))]).toEqual([2, 0]);
});

test("reading twice counts nothing twice", async () => {
  const metrics = createOwnMetrics();
  metrics.errorSent("ERP_TIMEOUT");
  await metrics.text();
  expect(await read(metrics, 'pricelane_errors_total{code="ERP_TIMEOUT"}')).toBe(1);
});

test("codes without end become one series, and the known ones still count", async () => {
  const metrics = createOwnMetrics();
  metrics.errorSent("ERP_TIMEOUT");
  for (let number = 0; number < 1000; number++) metrics.errorSent(`CODE_${number}`);
  metrics.errorSent("ERP_TIMEOUT");
  const series = (await metrics.text()).match(/^pricelane_errors_total\{/gm);
  expect(series).toHaveLength(maxCodes + 1);
  expect(await read(metrics, 'pricelane_errors_total{code="ERP_TIMEOUT"}')).toBe(2);
  expect(await read(metrics, 'pricelane_errors_total{code="OTHER"}')).toBe(1000 - (maxCodes - 1));
});

test("a breaker is in one state at a time, closed to begin with", async () => {
  const metrics = createOwnMetrics();
  const states = () =>
    Promise.all(
      ["closed", "open", "half-open"].map((state) =>
        read(metrics, `pricelane_breaker_state{kind="price",state="${state}"}`),
      ),
    );
  expect(await states()).toEqual([1, 0, 0]);
  metrics.setBreaker("price", "open");
  expect(await states()).toEqual([0, 1, 0]);
  metrics.setBreaker("price", "half-open");
  expect(await states()).toEqual([0, 0, 1]);
  expect(await read(metrics, 'pricelane_breaker_state{kind="stock",state="closed"}')).toBe(1);
});

describe("a gauge", () => {
  test("tells the value at the time of reading", async () => {
    const metrics = createOwnMetrics();
    let inFlight = 3;
    metrics.observe("erp_in_flight", () => inFlight);
    expect(await read(metrics, "pricelane_erp_in_flight")).toBe(3);
    inFlight = 5;
    expect(await read(metrics, "pricelane_erp_in_flight")).toBe(5);
  });

  test("has one reader for each kind, and the last one named is asked", async () => {
    const metrics = createOwnMetrics();
    metrics.observe("cache_entries", () => 1, { kind: "price" });
    metrics.observe("cache_entries", () => 2, { kind: "stock" });
    metrics.observe("cache_entries", () => 7, { kind: "price" });
    expect(await read(metrics, 'pricelane_cache_entries{kind="price"}')).toBe(7);
    expect(await read(metrics, 'pricelane_cache_entries{kind="stock"}')).toBe(2);
    expect(await read(metrics, 'pricelane_cache_entries{kind="customer"}')).toBeUndefined();
  });
});

test("two sets of metrics in one process share nothing", async () => {
  const [one, other] = [createMetrics(), createMetrics()];
  one.requestDone("feed", "ok", 1);
  expect(await read(other, 'pricelane_requests_total{lane="feed",outcome="ok"}')).toBe(0);
  expect(await read(other, "process_cpu_seconds_total")).toBeGreaterThan(0);
  expect(one.contentType).toMatch(/^text\/plain; version=0\.0\.4/);
});

test("docs/operations.md lists every metric that there is, and no other", async () => {
  const page = readFileSync(new URL("../../docs/operations.md", import.meta.url), "utf8");
  const listed = [...page.matchAll(/^\| `(pricelane_\w+)/gm)].map(([, name]) => name!);
  expect(listed.toSorted()).toEqual((await namesOf(createOwnMetrics())).toSorted());
});
