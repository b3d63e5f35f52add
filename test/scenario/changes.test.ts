import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startDemoErp } from "../../src/erp/demo/demo-erp.js";
import { eventually } from "../support/eventually.js";
import { GatewayProcess } from "../support/gateway-process.js";
import { GraphQLClient } from "../support/graphql-client.js";
import { json, problem } from "../support/port-answers.js";
import { PortFake } from "../support/port-fake.js";
import { fillBook, skus } from "./book.js";
import { type Scenario, startScenario } from "./scenario.js";

const page = "query ($skus: [ID!]!) { products(skus: $skus) { sku price { net { amount } freshness { source } } } }";

describe("an ERP that tells what changed", () => {
  let erp: PortFake;
  let scenario: Scenario;
  let head = 1;
  let isCursorLost = false;
  const changed: { kind: string; sku: string }[] = [];
  const polls = (end: string) => erp.calls.filter(({ path }) => path.startsWith("/v1/changes") && path.endsWith(end));
  beforeAll(async () => {
    // Its own ERP, since it must know what changed before the gateway begins to follow it.
    erp = await PortFake.start();
    fillBook(erp);
    erp.answer("other", ({ path }) => {
      const since = new URL(path, "http://erp").searchParams.get("since");
      if (since !== null && isCursorLost) {
        isCursorLost = false;
        return problem(410);
      }
      return json({ changes: since === null ? [] : changed.slice(Number(since) - 1), next: String(head), more: false });
    });
    scenario = await startScenario({ ERP_URL: erp.url, CHANGES_POLL_SECONDS: "1" });
  });
  afterAll(async () => {
    await scenario.stop();
    await erp.stop();
  });

  async function view() {
    const answer = await scenario.ask(page, { variables: { skus: skus(3) } });
    expect(answer.errors).toEqual([]);
    return [0, 1, 2].map((index) => answer.at(`products.${index}.price.net.amount`));
  }
  const pricesAsked = () => erp.calls.flatMap(({ lines }) => lines.map(({ sku }) => sku));

  test("has that SKU alone asked again with the next view, and where its cursor is lost, everything", async () => {
    await eventually("a cursor to go on from", () => polls("since=1").length > 0);
    expect(await view()).toEqual(["1001.00", "1002.00", "1003.00"]);
    erp.prices.set("|SKU-2", { unitPrice: "2.22", taxRate: "20", tiers: [] });
    expect(await view()).toEqual(["1001.00", "1002.00", "1003.00"]);
    erp.forgetCalls();
    changed.push({ kind: "price", sku: "SKU-2" });
    head += 1;
    await eventually("the change to be told", () => polls("since=2").length > 0);
    expect(await view()).toEqual(["1001.00", "2.22", "1003.00"]);
    expect(pricesAsked()).toEqual(["SKU-2"]);
    erp.forgetCalls();
    isCursorLost = true;
    await eventually("following anew", () => polls("since=2").length > 1);
    await view();
    expect(pricesAsked()).toEqual(skus(3));
    expect(erp.peakInFlight).toBe(1);
  });
});

test("an ERP that keeps no changes is asked for them once, and the log says so once", async () => {
  const scenario = await startScenario({ CHANGES_POLL_SECONDS: "1" });
  await new Promise((resolve) => setTimeout(resolve, 2_500));
  expect(scenario.erp.calls.map(({ path }) => path.split("?")[0])).toEqual(["/v1/changes"]);
  expect(scenario.gateway.logs.filter(({ msg }) => String(msg).includes("keeps no changes"))).toHaveLength(1);
  await scenario.stop();
});

test("with CHANGES_POLL_SECONDS=0 nobody asks", async () => {
  const scenario = await startScenario({ CHANGES_POLL_SECONDS: "0" });
  await scenario.ask("{ viewer { audience } }");
  expect(scenario.erp.calls).toEqual([]);
  await scenario.stop();
});

test("of the demonstration ERP, the SKUs whose stock moved are asked again, and the others answered from memory", async () => {
  const demo = await startDemoErp({ stepMs: 400 });
  const gateway = await GatewayProcess.start({
    ERP_CONNECTOR: "port",
    ERP_URL: String(demo.url),
    CHANGES_POLL_SECONDS: "1",
    STOCK_FRESH_SECONDS: "600",
  });
  const client = new GraphQLClient(gateway.url);
  const listed = await fetch(new URL("/v1/products?limit=200", demo.url));
  const { skus: known } = (await listed.json()) as { skus: string[] };
  const query = "query ($skus: [ID!]!) { products(skus: $skus) { stock { freshness { source } } } }";
  const view = async () => {
    const answer = await client.ask(query, { variables: { skus: known } });
    expect(answer.errors).toEqual([]);
    const sources = known.map((_sku, index) => answer.at(`products.${index}.stock.freshness.source`));
    return {
      read: sources.filter((source) => source === "ERP").length,
      kept: sources.filter((source) => source === "CACHE").length,
    };
  };
  await view();
  const mixed = await eventually("a change to be followed", async () => {
    const seen = await view();
    return seen.read > 0 && seen.kept > 0 ? seen : null;
  });
  expect(mixed.read + mixed.kept).toBe(known.length);
  expect(await gateway.stop()).toBe(0);
  await demo.stop();
});
